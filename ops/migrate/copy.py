"""The copy: schema, rows, sequences, indexes, statistics, each step in the journal as it happens."""

import time
from dataclasses import dataclass, field
from pathlib import Path

from psycopg import sql

from ops.errors import Exit, OpsError
from ops.migrate import catalog, chunks, journal, large_objects, plan, schema
from ops.migrate.connect import Endpoint
from ops.migrate.finish import finish
from ops.migrate.journal import Chunk, Journal, Run
from ops.migrate.pool import Pool
from ops.migrate.resume import carry_over
from ops.migrate.snapshot import Holder
from ops.migrate.steps import Steps
from ops.migrate.tasks import Setup, Task
from ops.progress import Reporter

BATCH = 200
"""Statements of the schema that share a transaction: each creates a few locks, and a server has about 6,400.
"""

SEQUENCE_BATCH = 200


@dataclass(frozen=True)
class Options:
    """What the operator decides about a copy."""

    jobs: int = 4
    chunk_bytes: int = 64 * 1024 * 1024
    owners: bool = True
    privileges: bool = True
    statistics: bool = True
    take_over: bool = False
    pg_bin: Path | None = None


@dataclass
class Outcome:
    """What a run of the command did: rows and bytes are its own, ``total_rows`` those of the whole copy."""

    resumed: bool
    tables: int = 0
    rows: int = 0
    bytes: int = 0
    total_rows: int = 0
    redone: list[str] = field(default_factory=list[str])
    """Tables that were copied again, since the source had changed them after the copy was interrupted."""
    seconds: dict[str, float] = field(default_factory=dict[str, float])


class Copy:
    """One run of ``ops migrate copy``."""

    def __init__(
        self, source: Endpoint, target: Endpoint, options: Options, reporter: Reporter, resume: str
    ) -> None:
        self.source = source
        self.target = target
        self.options = options
        self._steps = Steps(reporter, resume)
        self.outcome = Outcome(resumed=False)

    def run(self) -> Outcome:
        """Raises OpsError: REFUSED before anything is written, INCOMPLETE in the middle."""
        with self.target.connect("coordinator") as connection:
            book = Journal(connection)
            book.lock(take_over=self.options.take_over)
            run = book.run()
            self.outcome.resumed = run is not None
            if run is None or journal.PHASES.index(run.phase) < journal.PHASES.index("indexes"):
                run = self._rows(book, run)
            if run.phase != "done":
                setup = Setup(self.source, self.target, run.preamble, run.owners, run.privileges)
                with Pool(setup, self.options.jobs) as pool:
                    statistics = self.options.statistics
                    self.outcome.seconds |= finish(book, run, pool, self._steps, statistics=statistics)
            self.outcome.total_rows = sum(chunk.rows for chunk in book.chunks() if chunk.kind == "table")
        return self.outcome

    def _rows(self, book: Journal, run: Run | None) -> Run:
        tools = schema.find_tools(self.options.pg_bin)
        if run is None:
            self._refuse_blockers(tools.major)
        with Holder(self.source) as holder:
            owners = run.owners if run else self.options.owners
            privileges = run.privileges if run else self.options.privileges
            started = time.monotonic()
            read = schema.dump(self.source, tools, holder.name, owners=owners, privileges=privileges)
            if run is None:
                divided = self.divide(holder)
                book.begin(self.source, holder.snapshot, read, divided, owners=owners, privileges=privileges)
            else:
                self._same_source(run, holder)
                self._same_schema(book, read, "since the copy began")
            run = book.run()
            assert run is not None  # noqa: S101 (begun above, or found)
            self._schema(book, run)
            self.outcome.seconds["schema"] = time.monotonic() - started
            setup = Setup(self.source, self.target, run.preamble, owners, privileges, holder.name)
            self.outcome.tables = len(holder.tables)
            with Pool(setup, self.options.jobs) as pool:
                self._copy_chunks(book, holder, pool)
            started = time.monotonic()
            self._sequences(book, holder)
            now = schema.dump(self.source, tools, None, owners=owners, privileges=privileges)
            self._same_schema(book, now, "while the rows were copied")
            book.advance("indexes")
            self.outcome.seconds["sequences"] = time.monotonic() - started
        run = book.run()
        assert run is not None  # noqa: S101 (begun above)
        return run

    def _refuse_blockers(self, tools_major: int) -> None:
        with self.source.connect("plan") as reading, self.target.connect("plan") as writing:
            found = plan.examine(
                reading, writing, tools_major, owners=self.options.owners, privileges=self.options.privileges
            )
        if found.blockers:
            named = "\n".join(f"  {finding.code}: {finding.what}" for finding in found.blockers)
            raise OpsError(
                f"the plan has blockers:\n{named}",
                fix="`plan` explains each and how to mend it",
                exit_code=Exit.REFUSED,
            )

    def _same_source(self, run: Run, holder: Holder) -> None:
        now = holder.snapshot.identity
        if (run.source.system, run.source.database) != (now.system, now.database):
            raise OpsError(
                f"the target holds a copy begun from {run.origin}, which is another database than"
                f" {self.source}",
                fix="name the source it was begun from, or drop and create the target database to begin"
                " again",
                exit_code=Exit.REFUSED,
            )

    def _same_schema(self, book: Journal, read: schema.Schema, when: str) -> None:
        then = [(statement.title, statement.text) for _, statement, _ in book.statements()]
        changed = schema.differences(then, read.statements)
        if changed:
            listed = "\n".join(f"  {line}" for line in changed[:20])
            more = f"\n  and {len(changed) - 20} more" if len(changed) > 20 else ""
            raise OpsError(
                f"the source's schema was changed {when}:\n{listed}{more}",
                fix="undo the change on the source and run this again; or drop and create the target"
                " database, and"
                " begin again",
                exit_code=Exit.INCOMPLETE,
            )

    def divide(self, holder: Holder) -> list[Chunk]:
        parts: list[Chunk] = []
        for table in holder.tables:
            ranges = chunks.divide(holder.connection, table, self.options.chunk_bytes)
            weight = max(table.size // len(ranges), 1)
            parts += [
                Chunk(
                    len(parts) + number,
                    "table",
                    table.schema,
                    table.name,
                    part,
                    weight,
                    filenode=table.filenode,
                )
                for number, part in enumerate(ranges)
            ]
        objects = large_objects.divide(holder.connection)
        parts += [
            Chunk(len(parts) + number, "large objects", "", "", part, 1024 * 1024)
            for number, part in enumerate(objects)
        ]
        return parts

    def _schema(self, book: Journal, run: Run) -> None:
        """What comes before the rows, in the archive's order."""
        connection = book.connection
        waiting = [(number, statement) for number, statement, done in book.statements("pre-data") if not done]
        connection.execute(run.preamble.encode())
        for start in range(0, len(waiting), BATCH):
            batch = waiting[start : start + BATCH]
            with connection.transaction():
                for number, statement in batch:
                    self._steps.statement(connection, number, statement)
        if run.phase == "schema":
            book.advance("rows")

    def _copy_chunks(self, book: Journal, holder: Holder, pool: Pool) -> None:
        started = time.monotonic()
        tables = {(table.schema, table.name): table for table in holder.tables}
        number, self.outcome.redone = carry_over(
            book, holder.snapshot, tables, self._steps.on(pool, "checking")
        )
        waiting = [chunk for chunk in book.chunks() if chunk.state != "done"]
        tasks = [
            Task(
                "copy",
                chunk.id,
                str(chunk),
                chunk.weight,
                chunk,
                tables.get((chunk.schema, chunk.name)),
                number,
            )
            for chunk in waiting
        ]
        for task, (rows, size) in zip(tasks, self._steps.on(pool, "rows")(tasks), strict=True):
            self.outcome.rows += rows if task.table is not None else 0
            self.outcome.bytes += size
        self.outcome.seconds["rows"] = time.monotonic() - started

    def _sequences(self, book: Journal, holder: Holder) -> None:
        """After the rows: a sequence knows no snapshot, and one that is ahead of the rows gives no number
        twice."""
        book.advance("sequences")
        found = holder.connection.execute(
            "select n.nspname, c.relname from pg_catalog.pg_class c"  # noqa: S608 (constants)
            " join pg_catalog.pg_namespace n on n.oid = c.relnamespace"
            " where c.relkind = 'S' and c.relpersistence <> 't' and " + catalog.NOT_OURS + " order by 1, 2"
        ).fetchall()
        with book.connection.transaction():
            for start in range(0, len(found), SEQUENCE_BATCH):
                part = [sql.Identifier(*row) for row in found[start : start + SEQUENCE_BATCH]]
                query = sql.SQL(" union all ").join(
                    sql.SQL("select {}, last_value, is_called from {}").format(
                        sql.Literal(name.as_string()), name
                    )
                    for name in part
                )
                for name, value, called in holder.connection.execute(query).fetchall():
                    book.connection.execute(
                        "select pg_catalog.setval(%s::regclass, %s, %s)", [name, value, called]
                    )
