"""A worker process: takes tasks from its pipe, one transaction of the target each, and says how far it is.

Processes, so that encryption and the handling of rows use every core, and so that one that dies takes nothing
with it.
"""

import os
import time
from multiprocessing.connection import Connection as Pipe
from typing import Any

import psycopg
from psycopg import sql

from ops.errors import OpsError
from ops.migrate import large_objects, snapshot
from ops.migrate.catalog import Table, names
from ops.migrate.connect import Connection
from ops.migrate.journal import Chunk
from ops.migrate.tasks import Message, Setup, Task

BUFFER = 256 * 1024
"""Bytes of rows that are gathered before they go to the target: COPY gives them one row at a time."""

REPORT_SECONDS = 0.5
ATTEMPTS = 4
"""Of one task, when a connection breaks: after 1, 2 and 4 s."""

TRANSIENT = (psycopg.OperationalError, psycopg.InterfaceError)
FINAL = (psycopg.errors.DiskFull, psycopg.errors.ConfigurationLimitExceeded, psycopg.errors.OutOfMemory)


class ParentGoneError(Exception):
    """The coordinator was killed; nothing more may be committed."""


class Worker:
    """Holds one session to each side, and makes new ones when they break."""

    def __init__(self, setup: Setup, pipe: Pipe) -> None:
        self._setup = setup
        self._pipe = pipe
        self._parent = os.getppid()
        self._source: Connection | None = None
        self._target: Connection | None = None
        self._task = 0
        self._bytes = 0
        self._reported = 0.0

    def serve(self) -> None:
        """Until the pipe closes."""
        while True:
            try:
                task: Task = self._pipe.recv()
            except EOFError:
                return
            self._pipe.send(self._attempt(task))

    def _attempt(self, task: Task) -> Message:
        for attempt in range(1, ATTEMPTS + 1):
            self._task, self._bytes = task.id, 0
            try:
                return Message("done", task.id, result=self._do(task))
            except ParentGoneError:
                raise
            except (psycopg.Error, OpsError) as error:
                self._hang_up()
                deadlock = isinstance(error, psycopg.errors.DeadlockDetected)
                broken = isinstance(error, TRANSIENT) and not isinstance(error, FINAL)
                gone = isinstance(error, OpsError)
                if attempt < ATTEMPTS and (deadlock or broken or gone):
                    time.sleep(2 ** (attempt - 1))
                    continue
                code = getattr(error, "sqlstate", None) or ("connection" if broken or gone else "")
                return Message("failed", task.id, error=str(error).strip(), code=code)
        raise AssertionError

    def _do(self, task: Task) -> Any:
        if task.kind == "copy":
            return self._copy(task)
        if task.kind == "prove":
            return self._prove(task)
        if task.kind == "statement":
            return self._statement(task.id)
        self.target().execute(sql.SQL("analyze {}").format(sql.Identifier(*task.relation)))
        return None

    def source(self) -> Connection:
        """A session in the snapshot. Raises psycopg.Error if the snapshot is gone."""
        if self._source is None:
            connection = self._setup.source.connect("reader")
            try:
                snapshot.adopt(connection, self._setup.snapshot or "")
            except psycopg.Error:
                connection.close()
                raise
            self._source = connection
        return self._source

    def target(self) -> Connection:
        if self._target is None:
            connection = self._setup.target.connect("worker")
            connection.execute(self._setup.preamble.encode())
            self._target = connection
        return self._target

    def _hang_up(self) -> None:
        for connection in (self._source, self._target):
            if connection is not None:
                connection.close()
        self._source = self._target = None

    def _copy(self, task: Task) -> tuple[int, int]:
        chunk = task.chunk
        assert chunk is not None  # noqa: S101 (made by the coordinator with one)
        source, target = self.source(), self.target()
        started = time.monotonic()
        with target.transaction():
            if not self._claim("chunk", chunk.id):
                return 0, 0
            if chunk.kind == "table":
                assert task.table is not None  # noqa: S101 (as above)
                rows = self._stream(source, target, chunk, task.table)
            else:
                rows, _ = large_objects.copy(
                    source,
                    target,
                    chunk.range,
                    self._progress,
                    owners=self._setup.owners,
                    privileges=self._setup.privileges,
                )
            self._check_parent()
            target.execute(
                "update ops_migrate.chunk set state = 'done', snapshot = %s, filenode = %s, rows = %s, bytes"
                " = %s,"
                " seconds = %s, finished_at = clock_timestamp() where id = %s",
                [
                    task.snapshot,
                    task.table.filenode if task.table else 0,
                    rows,
                    self._bytes,
                    time.monotonic() - started,
                    chunk.id,
                ],
            )
        return rows, self._bytes

    def _claim(self, what: str, number: int) -> bool:
        """Lock the line of the journal; False if it is done, by a commit whose answer was lost.

        A session that was thought dead may be committing: this waits for it, and then reads the truth.
        """
        row = (
            self.target()
            .execute(
                sql.SQL("select state from ops_migrate.{} where id = %s for update").format(
                    sql.Identifier(what)
                ),
                [number],
            )
            .fetchone()
        )
        return row is not None and row[0] != "done"

    def _stream(self, source: Connection, target: Connection, chunk: Chunk, table: Table) -> int:
        form = "format binary" if table.binary else "format text"
        freeze = ""
        if chunk.range.whole:
            # Nobody sees the rows before the commit, and they need no second visit to be marked as old.
            target.execute(sql.SQL("truncate only {}").format(table.identifier))
            freeze = ", freeze"
        reading = sql.SQL(
            "copy (select {columns} from only {table} where {condition}) to stdout ({form})"
        ).format(
            columns=names(table.stored),
            table=table.identifier,
            condition=chunk.range.condition(),
            form=sql.SQL(form),
        )
        writing = sql.SQL("copy {table}{columns} from stdin ({form}{freeze})").format(
            table=table.identifier,
            columns=sql.SQL("({})").format(names(table.stored)) if table.stored else sql.SQL(""),
            form=sql.SQL(form),
            freeze=sql.SQL(freeze),
        )
        reader, writer = source.cursor(), target.cursor()
        with writer.copy(writing) as sink, reader.copy(reading) as rows:
            parts: list[bytes | bytearray | memoryview] = []
            size = 0
            for row in rows:
                parts.append(row)
                size += len(row)
                if size >= BUFFER:
                    sink.write(b"".join(parts))
                    self._progress(size)
                    parts, size = [], 0
            sink.write(b"".join(parts))
            self._progress(size)
        if reader.rowcount != writer.rowcount:
            raise psycopg.DataError(
                f"{chunk}: {reader.rowcount} rows were sent and {writer.rowcount} arrived"
            )
        return writer.rowcount

    def _prove(self, task: Task) -> bool:
        """Whether the rows of a chunk are still those that were copied (see snapshot.written_since)."""
        chunk, table, then, now = task.chunk, task.table, task.then, task.now
        assert chunk is not None  # noqa: S101 (made by the coordinator with all of them)
        assert table is not None  # noqa: S101 (as above)
        assert then is not None  # noqa: S101 (as above)
        assert now is not None  # noqa: S101 (as above)
        row = (
            self.source()
            .execute(
                sql.SQL("select count(*), count(*) filter (where {}) from only {} where {}").format(
                    snapshot.written_since(then, now),
                    table.identifier,
                    chunk.range.condition(),
                )
            )
            .fetchone()
        )
        self._check_parent()
        return row is not None and row[0] == chunk.rows and row[1] == 0

    def _statement(self, number: int) -> None:
        target = self.target()
        started = time.monotonic()
        with target.transaction():
            if not self._claim("statement", number):
                return
            row = target.execute("select sql from ops_migrate.statement where id = %s", [number]).fetchone()
            assert row is not None  # noqa: S101 (claimed above)
            target.execute(row[0].encode())
            self._check_parent()
            target.execute(
                "update ops_migrate.statement set state = 'done', seconds = %s, finished_at ="
                " clock_timestamp()"
                " where id = %s",
                [time.monotonic() - started, number],
            )

    def _progress(self, amount: int) -> None:
        self._bytes += amount
        now = time.monotonic()
        if now - self._reported > REPORT_SECONDS:
            self._reported = now
            self._check_parent()
            self._pipe.send(Message("progress", self._task, amount=self._bytes))

    def _check_parent(self) -> None:
        if os.getppid() != self._parent:
            raise ParentGoneError


def main(setup: Setup, pipe: Pipe) -> None:
    """The entry of a worker process."""
    try:
        Worker(setup, pipe).serve()
    except (ParentGoneError, BrokenPipeError, KeyboardInterrupt):
        os._exit(1)
