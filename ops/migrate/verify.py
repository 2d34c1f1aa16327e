"""Is the target what the source is? Rows by digests, everything else by its definition."""

import datetime as dt
import hashlib
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from psycopg import sql

from ops.errors import Exit, OpsError
from ops.migrate import catalog, chunks, journal, large_objects, objects
from ops.migrate.catalog import Table
from ops.migrate.compare import Comparison, Side, TableResult
from ops.migrate.connect import Connection, Endpoint
from ops.migrate.digest import Dialect
from ops.migrate.objects import ObjectDifference
from ops.migrate.snapshot import Holder
from ops.progress import Reporter

OBJECT_PIECE = 32 * 1024 * 1024
"""Bytes of a large object that a server digests, and holds in memory, at a time."""

UNDER_WAY = 4
"""Tables begun ahead for each job, so that no session waits."""


@dataclass(frozen=True)
class Options:
    """What the operator decides about a verification."""

    jobs: int = 2
    """Sessions on each side."""
    range_bytes: int = 16 * 1024 * 1024
    """Of a table on disk, digested in one value: the memory that a session of the server needs a few times.
    """


@dataclass
class Report:
    """What a change request wants to know."""

    source: str
    target: str
    source_version: str
    target_version: str
    source_database: str
    target_database: str
    started_at: str
    finished_at: str = ""
    seconds: float = 0.0
    digest: str = ""
    """Over all tables' digests of the source: two reports of the same rows have the same."""
    objects: int = 0
    large_objects: int = 0
    tables: list[TableResult] = field(default_factory=list[TableResult])
    object_differences: list[ObjectDifference] = field(default_factory=list[ObjectDifference])
    owners_compared: bool = True
    privileges_compared: bool = True
    copy_id: str | None = None
    notes: list[str] = field(default_factory=list[str])

    @property
    def equal(self) -> bool:
        return not self.object_differences and all(table.equal for table in self.tables)

    @property
    def rows(self) -> int:
        return sum(table.source_rows for table in self.tables)

    def json(self) -> dict[str, Any]:
        return {"equal": self.equal, "rows": self.rows, **asdict(self)}

    def problems(self) -> list[str]:
        """One line for each difference."""
        lines = [str(difference) for difference in self.object_differences]
        for table in self.tables:
            if table.error:
                lines.append(f"table {table.name}: not comparable: {table.error}")
            elif not table.equal:
                lines.append(
                    f"table {table.name}: {table.source_rows} rows in the source, {table.target_rows} in the"
                    f" target,"
                    f" {table.different_ranges} of {table.ranges} ranges differ"
                )
                lines += [f"  {difference}" for difference in table.differences]
        return lines


def verify(source: Endpoint, target: Endpoint, options: Options, reporter: Reporter) -> Report:
    """Reads both sides in one snapshot each. Raises OpsError where a side cannot be read."""
    started = time.monotonic()
    with Holder(source) as left, Holder(target) as right, target.connect("verify") as writing:
        run = journal.read_run(writing)
        if run is not None and run.phase != "done":
            raise OpsError(
                f"the copy in the target is not finished: it is at {run.phase!r}",
                fix="run `copy` again: it goes on where it stopped",
                exit_code=Exit.REFUSED,
            )
        report = Report(
            str(source),
            str(target),
            _version(left.connection),
            _version(right.connection),
            left.snapshot.identity.name,
            right.snapshot.identity.name,
            _now(),
            owners_compared=run.owners if run else True,
            privileges_compared=run.privileges if run else True,
            copy_id=run.id if run else None,
        )
        report.notes = _notes(report)
        dialect = Dialect(min(catalog.version(left.connection), catalog.version(right.connection)))
        sides = Side(source, left.name, options.jobs), Side(target, right.name, options.jobs)
        try:
            report.tables = _tables((left, right), sides, dialect, options, reporter)
            _large_objects(report, left, right, sides, dialect)
        finally:
            for side in sides:
                side.close()
        _objects(report, left, right, writing)
        report.digest = whole_digest(report.tables)
        report.finished_at = _now()
        report.seconds = time.monotonic() - started
        journal.record_verification(writing, report.json(), equal=report.equal)
    return report


def _tables(
    held: tuple[Holder, Holder],
    sides: tuple[Side, Side],
    dialect: Dialect,
    options: Options,
    reporter: Reporter,
) -> list[TableResult]:
    results: list[TableResult] = []
    left, right = held
    there = {str(table): table for table in right.tables}
    stage = reporter.stage("rows", sum(table.size + 1 for table in left.tables))
    waiting: list[tuple[int, Comparison]] = []
    ordered = sorted(left.tables, key=lambda table: -table.size)

    def settle(limit: int) -> None:
        while len(waiting) > limit:
            number, comparison = waiting.pop(0)
            results.append(comparison.finish())
            size = comparison.table.size
            stage.done(number, size + 1, size)

    for number, table in enumerate(ordered):
        problem = _incomparable(table, there.get(str(table)))
        if problem:
            results.append(TableResult(str(table), "none", error=problem))
            continue
        ranges = chunks.divide_by_key(left.connection, table, options.range_bytes)
        comparison = Comparison(*sides, dialect, table, ranges)
        comparison.begin()
        waiting.append((number, comparison))
        settle(options.jobs * UNDER_WAY)
    settle(0)
    results += [
        TableResult(name, "none", error="the source has no such table")
        for name in there
        if name not in _names(left.tables)
    ]
    return sorted(results, key=lambda result: result.name)


def _names(tables: Sequence[Table]) -> set[str]:
    return {str(table) for table in tables}


def _incomparable(table: Table, other: Table | None) -> str:
    if other is None:
        return "the target has no such table"
    missing = {column.name for column in table.columns} - {column.name for column in other.columns}
    return f"the target's table has no column {', '.join(sorted(missing))}" if missing else ""


def _large_objects(
    report: Report, left: Holder, right: Holder, sides: tuple[Side, Side], dialect: Dialect
) -> None:
    report.large_objects = large_objects.count(left.connection)
    if report.large_objects or large_objects.count(right.connection):
        mine, theirs = (_digests_of_objects(side, dialect) for side in sides)
        report.object_differences += objects.compare(mine, theirs, right.connection)


def _digests_of_objects(side: Side, dialect: Dialect) -> dict[tuple[str, str], str]:
    """Length and digest of each piece of each object: those that fill a piece are asked for the next."""
    digests: dict[tuple[str, str], str] = {}
    going_on: list[int] | None = None
    piece = 0
    while going_on is None or going_on:
        query = sql.SQL(
            "select oid::bigint, pg_catalog.length(p), pg_catalog.encode({digest}, 'hex')"
            " from (select oid, pg_catalog.lo_get(oid, {start}::bigint, {size}) p"
            " from pg_catalog.pg_largeobject_metadata where {which}) s"
        ).format(
            digest=dialect.hash(sql.SQL("p")),
            start=sql.Literal(piece * OBJECT_PIECE),
            size=sql.Literal(OBJECT_PIECE),
            which=sql.SQL("true")
            if going_on is None
            else sql.SQL("oid = any({}::oid[])").format(sql.Literal(going_on)),
        )
        going_on = []
        for oid, length, digest in side.submit(query).result():
            name = ("large object", str(oid))
            digests[name] = f"{digests.get(name, '')}{length} bytes, {digest}; "
            if length == OBJECT_PIECE:
                going_on.append(oid)
        piece += 1
    return digests


def _objects(report: Report, left: Holder, right: Holder, writing: Connection) -> None:
    owners, privileges = report.owners_compared, report.privileges_compared
    mine = objects.read(left.connection, owners=owners, privileges=privileges)
    theirs = objects.read(right.connection, owners=owners, privileges=privileges)
    report.objects = len(mine)
    report.object_differences += objects.compare(mine, theirs, writing)


def _version(connection: Connection) -> str:
    row = connection.execute("show server_version").fetchone()
    return str(row[0]) if row else ""


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")


def _notes(report: Report) -> list[str]:
    notes = ["The versions of extensions and the contents of materialized views are not compared."]
    if not report.owners_compared:
        notes.append("Owners are not compared: the copy was made without them.")
    if not report.privileges_compared:
        notes.append("Privileges are not compared: the copy was made without them.")
    return notes


def whole_digest(tables: Sequence[TableResult]) -> str:
    """SHA-256 over names and digests of all tables."""
    lines = "\n".join(f"{table.name} {table.source_rows} {table.digest}" for table in tables)
    return hashlib.sha256(lines.encode()).hexdigest()
