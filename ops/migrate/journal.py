"""What has been done, kept in the target: each step commits together with its line here.

So there is no moment in which the rows of a chunk are there and the journal does not know, or the reverse,
whatever is killed. One row of ``run`` is the copy; a second copy into the same database is refused.
"""

import json
import time
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import psycopg

from ops.errors import Exit, OpsError
from ops.migrate.catalog import JOURNAL_SCHEMA, Identity
from ops.migrate.chunks import Range
from ops.migrate.connect import Connection, Endpoint, application
from ops.migrate.schema import Schema, Statement
from ops.migrate.snapshot import Snapshot

LOCK_KEY = 7_236_554_001
"""An advisory lock of the target database: one copy at a time."""

LOCK_SECONDS = 5
"""A killed copy's session ends within moments; longer means that it lives, or that its machine is cut off."""

TABLES = """
create schema ops_migrate;
create table ops_migrate.run (
  single boolean primary key default true check (single), id uuid not null, source jsonb not null,
  origin text not null, owners boolean not null, privileges boolean not null, preamble text not null,
  phase text not null default 'schema', started_at timestamptz not null default now(),
  finished_at timestamptz);
create table ops_migrate.snapshot (
  id integer primary key, taken_at timestamptz not null default now(), view jsonb not null);
create table ops_migrate.chunk (
  id integer primary key, kind text not null, schema text not null, name text not null,
  field text, lower text, upper text, weight bigint not null,
  state text not null default 'pending', snapshot integer, filenode bigint,
  rows bigint, bytes bigint, seconds double precision, finished_at timestamptz);
create table ops_migrate.statement (
  id integer primary key, section text not null, kind text not null, name text not null, sql text not null,
  state text not null default 'pending', seconds double precision, finished_at timestamptz);
create table ops_migrate.verification (
  id uuid primary key, finished_at timestamptz not null default now(), equal boolean not null,
  report jsonb not null);
"""

PHASES = ("schema", "rows", "sequences", "indexes", "statistics", "done")


@dataclass(frozen=True)
class Chunk:
    """A part of the rows that is copied in one transaction. ``kind``: ``table`` or ``large objects``."""

    id: int
    kind: str
    schema: str
    name: str
    range: Range
    weight: int
    """Its share of the work, in bytes on the source's disk."""
    state: str = "pending"
    snapshot: int | None = None
    filenode: int = 0
    rows: int = 0

    def __str__(self) -> str:
        return (
            f"{self.schema}.{self.name} ({self.range})"
            if self.kind == "table"
            else f"large objects ({self.range})"
        )


@dataclass(frozen=True)
class Run:
    """The copy that the target holds, finished or not."""

    id: str
    source: Identity
    origin: str
    phase: str
    preamble: str
    owners: bool
    privileges: bool


class Journal:
    """Reads and writes on one session of the coordinator; workers write their own lines (see worker.py)."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def lock(self, *, take_over: bool) -> None:
        """Be the only copy. Raises OpsError naming the session that is."""
        end = time.monotonic() + LOCK_SECONDS
        while True:
            row = self.connection.execute("select pg_catalog.pg_try_advisory_lock(%s)", [LOCK_KEY]).fetchone()
            if row is not None and row[0]:
                break
            holder = self._holder()
            if holder is not None and take_over:
                self.connection.execute("select pg_catalog.pg_terminate_backend(%s)", [holder[0]])
                take_over = False
            if time.monotonic() > end:
                who = (
                    "session {} from {}, since {}".format(*holder)
                    if holder
                    else "a session that cannot be seen"
                )
                raise OpsError(
                    f"another copy into this database is under way: {who}",
                    fix="let it go on; if its machine is gone, add --take-over, which ends that session",
                    exit_code=Exit.REFUSED,
                )
            time.sleep(0.2)
        self._end_orphans()

    def _holder(self) -> tuple[Any, ...] | None:
        return self.connection.execute(
            "select a.pid, coalesce(host(a.client_addr), 'local'), a.backend_start::timestamptz(0)"
            " from pg_catalog.pg_locks l join pg_catalog.pg_stat_activity a on a.pid = l.pid"
            " join pg_catalog.pg_database d on d.oid = l.database and d.datname = current_database()"
            " where l.locktype = 'advisory' and l.granted and (l.classid::bigint << 32) + l.objid::bigint ="
            " %s",
            [LOCK_KEY],
        ).fetchone()

    def _end_orphans(self) -> None:
        """Workers of a copy that is gone must not commit after this one has read what is done."""
        end = time.monotonic() + 30
        name = application("worker")
        query = (
            "select count(*), count(*) filter (where pg_catalog.pg_terminate_backend(pid))"
            " from pg_catalog.pg_stat_activity where datname = current_database() and application_name = %s"
        )
        while (row := self.connection.execute(query, [name]).fetchone()) is not None and row[0]:
            if time.monotonic() > end:
                raise OpsError(
                    f"{row[0]} sessions of an earlier copy do not end on the target", exit_code=Exit.REFUSED
                )
            time.sleep(0.1)

    def exists(self) -> bool:
        return exists(self.connection)

    def run(self) -> Run | None:
        return read_run(self.connection)

    def begin(
        self,
        source: Endpoint,
        snapshot: Snapshot,
        schema: Schema,
        chunks: Iterable[Chunk],
        *,
        owners: bool,
        privileges: bool,
    ) -> None:
        """Everything that is to be done, in one transaction."""
        with self.connection.transaction():
            self.connection.execute(TABLES)
            self.connection.execute(
                "insert into ops_migrate.run (id, source, origin, preamble, owners, privileges)"
                " values (%s, %s, %s, %s, %s, %s)",
                [
                    uuid.uuid4(),
                    json.dumps(asdict(snapshot.identity)),
                    str(source),
                    schema.preamble,
                    owners,
                    privileges,
                ],
            )
            self.add_snapshot(snapshot)
            with self.connection.cursor() as cursor:
                cursor.executemany(
                    "insert into ops_migrate.statement (id, section, kind, name, sql) values (%s, %s, %s, %s,"
                    " %s)",
                    [(n, s.section, s.kind, s.name, s.text) for n, s in enumerate(schema.statements)],
                )
                cursor.executemany(
                    "insert into ops_migrate.chunk (id, kind, schema, name, field, lower, upper, weight,"
                    " filenode)"
                    " values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
                    [
                        (
                            c.id,
                            c.kind,
                            c.schema,
                            c.name,
                            c.range.column,
                            c.range.lower,
                            c.range.upper,
                            c.weight,
                            c.filenode,
                        )
                        for c in chunks
                    ],
                )

    def add_snapshot(self, snapshot: Snapshot) -> int:
        row = self.connection.execute(
            "insert into ops_migrate.snapshot (id, view)"
            " select coalesce(max(id), 0) + 1, %s from ops_migrate.snapshot returning id",
            [json.dumps(snapshot.json())],
        ).fetchone()
        assert row is not None  # noqa: S101 (an insert of one row)
        return row[0]

    def snapshots(self) -> dict[int, Snapshot]:
        rows = self.connection.execute("select id, view from ops_migrate.snapshot order by id").fetchall()
        return {row[0]: Snapshot.from_json(row[1]) for row in rows}

    def chunks(self) -> list[Chunk]:
        return read_chunks(self.connection)

    def statements(self, section: str | None = None) -> list[tuple[int, Statement, bool]]:
        """``(id, statement, done)`` in the order of the archive."""
        rows = self.connection.execute(
            "select id, section, kind, name, sql, state = 'done' from ops_migrate.statement"
            " where %s::text is null or section = %s order by id",
            [section, section],
        ).fetchall()
        return [(row[0], Statement(*row[1:5]), row[5]) for row in rows]

    def advance(self, phase: str) -> None:
        self.connection.execute(
            "update ops_migrate.run set phase = %s, finished_at = case when %s = 'done' then now() end",
            [phase, phase],
        )

    def keep(self, chunks: Sequence[Chunk], snapshot: int, filenodes: dict[tuple[str, str], int]) -> None:
        """These were proven to be the same in a later snapshot."""
        with self.connection.cursor() as cursor:
            cursor.executemany(
                "update ops_migrate.chunk set snapshot = %s, filenode = %s where id = %s",
                [(snapshot, filenodes.get((c.schema, c.name), c.filenode), c.id) for c in chunks],
            )


def exists(connection: Connection) -> bool:
    row = connection.execute("select to_regclass(%s) is not null", [f"{JOURNAL_SCHEMA}.run"]).fetchone()
    return bool(row and row[0])


def read_run(connection: Connection) -> Run | None:
    """The copy in this database; None where there was none."""
    if not exists(connection):
        return None
    row = connection.execute(
        "select id::text, source, origin, phase, preamble, owners, privileges from ops_migrate.run"
    ).fetchone()
    return Run(row[0], Identity(**row[1]), *row[2:]) if row else None


def read_chunks(connection: Connection) -> list[Chunk]:
    rows = connection.execute(
        "select id, kind, schema, name, field, lower, upper, weight, state, snapshot, filenode,"
        " coalesce(rows, 0)"
        " from ops_migrate.chunk order by id"
    ).fetchall()
    return [Chunk(row[0], row[1], row[2], row[3], Range(*row[4:7]), *row[7:]) for row in rows]


def record_verification(connection: Connection, report: dict[str, Any], *, equal: bool) -> None:
    """Keep a report beside the journal, where there is one."""
    try:
        if exists(connection):
            connection.execute(
                "insert into ops_migrate.verification (id, equal, report) values (%s, %s, %s)",
                [uuid.uuid4(), equal, json.dumps(report, default=str)],
            )
    except psycopg.Error as error:
        raise OpsError(f"the report cannot be kept in the target: {error}") from error
