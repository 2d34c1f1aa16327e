"""What the two databases, side by side, mean for a copy."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, LiteralString

from ops.migrate import catalog, journal
from ops.migrate.connect import Connection

OLDEST_SOURCE = 10
SHOWN = 5


@dataclass(frozen=True)
class Finding:
    """A ``blocker`` stops the copy; a ``warning`` is for a person to decide."""

    code: str
    severity: Literal["blocker", "warning"]
    what: str
    why: str
    fix: str


@dataclass(frozen=True)
class Side:
    """A database as the plan shows it."""

    version: str
    database: str
    encoding: str
    collation: str
    ctype: str
    size: int
    extensions: dict[str, str]


def names(found: Sequence[object]) -> str:
    """The first few of a list and how many more there are."""
    shown = ", ".join(str(name) for name in found[:SHOWN])
    return shown if len(found) <= SHOWN else f"{shown} and {len(found) - SHOWN} more"


def column(connection: Connection, query: LiteralString, *parameters: object) -> list[str]:
    return [str(row[0]) for row in connection.execute(query, parameters or None).fetchall()]


def versions(source: Connection, target: Connection, tools: int | None) -> list[Finding]:
    old, new = catalog.version(source), catalog.version(target)
    found: list[Finding] = []
    if old < OLDEST_SOURCE:
        found.append(
            Finding("source-too-old", "blocker", f"the source is PostgreSQL {old}; from {OLDEST_SOURCE} on it"
                                                 f" is allowed",
                    "identity columns, snapshots on standbys and this tool's queries begin there",
                    "upgrade the source with pg_upgrade, or move by pg_dump")
        )  # fmt: skip
    if new < old:
        found.append(
            Finding("target-older", "blocker", f"the target is PostgreSQL {new}, the source {old}",
                    "an older server does not know a newer one's"
                    " schema", f"a target of version {old} or newer")
        )  # fmt: skip
    if tools is None:
        found.append(
            Finding("no-pg-dump", "blocker", "pg_dump and pg_restore are not installed here",
                    "they move the schema", "install PostgreSQL's client programs, or name their folder with"
                                            " --pg-bin")
        )  # fmt: skip
    elif not old <= tools <= new:
        found.append(
            Finding("pg-dump-version", "blocker", f"pg_dump is {tools}; allowed is {old} to {new}",
                    "an older pg_dump refuses the source; a newer one writes what the target does not"
                    " understand",
                    f"install the client programs of version {new}, and name their folder with --pg-bin")
        )  # fmt: skip
    return found


def target(target: Connection) -> list[Finding]:
    found: list[Finding] = []
    if journal.exists(target):
        return found
    held = column(
        target,
        "select n.nspname || '.' || c.relname from pg_catalog.pg_class c"
        " join pg_catalog.pg_namespace n on n.oid = c.relnamespace"
        " where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f') and n.nspname !~ '^pg_'"
        " and n.nspname <> 'information_schema' and not exists (select from pg_catalog.pg_depend d"
        " where d.objid = c.oid and d.deptype = 'e') order by 1",
    )
    if held:
        found.append(
            Finding("target-not-empty", "blocker", f"the target holds {names(held)}",
                    "a copy into a database that is in use would mix two systems'"
                    " rows", "an empty database as target")
        )  # fmt: skip
    allowed = target.execute("select has_database_privilege(current_database(), 'create')").fetchone()
    if not (allowed and allowed[0]):
        found.append(
            Finding("target-privilege", "blocker", "the target's user may not create schemas",
                    "schema and journal are made by it", "grant create on database ... to it, or use the"
                                                         " owner")
        )  # fmt: skip
    return found


def encodings(source: Side, target: Side) -> list[Finding]:
    found: list[Finding] = []
    if source.encoding != target.encoding:
        safe = target.encoding == "UTF8" and source.encoding != "SQL_ASCII"
        found.append(
            Finding("encoding", "warning" if safe else "blocker",
                    f"the source is {source.encoding}, the target {target.encoding}",
                    "text is converted, and what does not convert stops the copy" if safe else
                    "the target cannot hold every text of the source, or the source does not say how it is"
                    " encoded",
                    "nothing, if the longest texts still fit" if safe else "a target with encoding UTF8, or"
                                                                           " the source's")
        )  # fmt: skip
    if (source.collation, source.ctype) != (target.collation, target.ctype):
        found.append(
            Finding("collation", "warning",
                    f"texts sort by {source.collation} ({source.ctype}) there, by {target.collation}"
                    f" ({target.ctype}) here",
                    "order by, comparisons and case of text can differ; rows are copied and verified"
                    " independently of it",
                    "create the target database with the source's locale, if the application relies on order")
        )  # fmt: skip
    return found


def extensions(source: Side, target: Connection) -> list[Finding]:
    offered: dict[str, list[str]] = {}
    for name, version in target.execute(
        "select name, version from pg_catalog.pg_available_extension_versions"
    ).fetchall():
        offered.setdefault(name, []).append(version)
    found: list[Finding] = []
    missing = [name for name in source.extensions if name not in offered]
    if missing:
        found.append(
            Finding("extension-missing", "blocker", f"the target does not offer {names(missing)}",
                    "types, functions and indexes of the schema come from it",
                    "choose a target version that offers it, or remove it from the source")
        )  # fmt: skip
    other = [f"{n} {v}" for n, v in source.extensions.items() if n in offered and v not in offered[n]]
    if other:
        found.append(
            Finding("extension-version", "warning", f"the target has other versions of {names(other)}",
                    "the target's default version is installed", "read the extension's notes on that step")
        )  # fmt: skip
    return found


def collations(source: Connection, target: Connection) -> list[Finding]:
    used = column(
        source,
        "select distinct c.collname from pg_catalog.pg_collation c join pg_catalog.pg_namespace n"
        " on n.oid = c.collnamespace and n.nspname = 'pg_catalog' where c.collname <> 'default' and (exists"
        " (select from pg_catalog.pg_attribute a where a.attcollation = c.oid and a.attrelid >= 16384) or"
        " exists"
        " (select from pg_catalog.pg_type t where t.typcollation = c.oid and t.oid >= 16384)) order by 1",
    )
    known = set(column(target, "select collname from pg_catalog.pg_collation"))
    missing = [name for name in used if name not in known]
    if not missing:
        return []
    return [
        Finding("collation-missing", "blocker", f"the target has no collation {names(missing)}",
                "columns name it", "create it on the target's template, or change those columns")
    ]  # fmt: skip


def roles(source: Connection, target: Connection) -> list[Finding]:
    needed = column(
        source,
        "select distinct pg_catalog.pg_get_userbyid(d.refobjid) from pg_catalog.pg_shdepend d"
        " where d.refclassid = 'pg_catalog.pg_authid'::regclass and d.deptype in ('o', 'a', 'r')"
        " and d.dbid = (select oid from pg_catalog.pg_database where datname = current_database()) order"
        " by 1",
    )
    known = set(column(target, "select rolname from pg_catalog.pg_roles"))
    missing = [name for name in needed if name not in known]
    if missing:
        return [
            Finding("role-missing", "blocker", f"the target has no role {names(missing)}",
                    "it owns something, or was granted something",
                    "create the role on the target, or copy with --no-owner and --no-privileges")
        ]  # fmt: skip
    closed = column(
        target,
        "select r from unnest(%s::text[]) r where not pg_catalog.pg_has_role(current_user, r::name,"
        " 'member')",
        needed,
    )
    if not closed:
        return []
    return [
        Finding("role-membership", "blocker", f"the target's user is no member of {names(closed)}",
                "it must be, to give an object to that role", "grant the role to it, or copy with --no-owner")
    ]  # fmt: skip
