"""What a copy would meet: everything that stops it, and everything that somebody should know before."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ops.migrate import catalog, large_objects
from ops.migrate import plan_checks as checks
from ops.migrate.catalog import Table
from ops.migrate.connect import Connection
from ops.migrate.plan_checks import Finding, Side, column, names
from ops.migrate.plan_probes import PROBES


@dataclass(frozen=True)
class Plan:
    """``tables``: every table that carries rows."""

    source: Side
    target: Side
    tables: list[Table]
    sequences: int
    large_objects: int
    findings: list[Finding]

    @property
    def blockers(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity == "blocker"]

    def json(self) -> dict[str, Any]:
        return {
            "source": asdict(self.source),
            "target": asdict(self.target),
            "tables": [
                {
                    "name": str(table), "bytes": table.size, "rows": table.rows, "key": list(table.key),
                    "format": "binary" if table.binary else "text",
                }
                for table in self.tables
            ],
            "sequences": self.sequences,
            "largeObjects": self.large_objects,
            "findings": [asdict(finding) for finding in self.findings],
        }  # fmt: skip


def examine(
    source: Connection,
    target: Connection,
    tools_major: int | None,
    *,
    owners: bool = True,
    privileges: bool = True,
) -> Plan:
    """Reads both; writes nothing. ``tools_major``: of pg_dump, None where it is not installed here."""
    tables = catalog.tables(source)
    left, right = _side(source), _side(target)
    findings = [
        *checks.versions(source, target, tools_major),
        *checks.target(target),
        *checks.encodings(left, right),
        *checks.extensions(left, target),
        *checks.collations(source, target),
        *(checks.roles(source, target) if owners or privileges else []),
        *_keys(tables),
        *_probed(source),
    ]
    return Plan(left, right, tables, _sequences(source), large_objects.count(source), findings)


def _side(connection: Connection) -> Side:
    row = connection.execute(
        "select current_setting('server_version'), datname, pg_catalog.pg_encoding_to_char(encoding),"
        " datcollate,"
        " datctype, pg_catalog.pg_database_size(oid) from pg_catalog.pg_database where datname ="
        " current_database()"
    ).fetchone()
    assert row is not None  # noqa: S101 (every session is in a database)
    installed = connection.execute(
        "select extname, extversion from pg_catalog.pg_extension order by 1"
    ).fetchall()
    return Side(*row, extensions={name: version for name, version in installed})  # noqa: C416 (typed)


def _sequences(connection: Connection) -> int:
    row = connection.execute("select count(*) from pg_catalog.pg_sequences").fetchone()
    return int(row[0]) if row else 0


def _keys(tables: Sequence[Table]) -> list[Finding]:
    without = [str(table) for table in tables if not table.key]
    if not without:
        return []
    return [
        Finding("no-primary-key", "warning", f"{len(without)} tables have no key: {names(without)}",
                "they are verified as multisets: a difference is found, but it is named by its content's"
                " digest",
                "nothing for a copy; change capture (DMS) needs a key")
    ]  # fmt: skip


def _probed(source: Connection) -> list[Finding]:
    found: list[Finding] = []
    major = catalog.version(source)
    for probe in PROBES:
        if not probe.oldest <= major <= probe.newest:
            continue
        held = column(source, probe.query)
        if held:
            what = probe.what.format(count=len(held), names=names(held))
            found.append(Finding(probe.code, probe.severity, what, probe.why, probe.fix))
    return found
