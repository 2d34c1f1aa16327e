"""One view of the source for all workers, and the proof that an older view of a range is still the same.

A session holds every table against changes of its structure (ACCESS SHARE, which blocks no reader and no
writer), then exports its snapshot; workers import it. The locks come before the snapshot: a TRUNCATE or a
rewrite between the two would otherwise make a table look empty.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import psycopg
from psycopg import sql

from ops.errors import Exit, OpsError
from ops.migrate import catalog
from ops.migrate.catalog import Identity, Table
from ops.migrate.connect import Connection, Endpoint

LOCK_TIMEOUT_SECONDS = 30
FLUSH_SECONDS = 5
LOCK_BATCH = 500
XID_SPACE = 2**32


@dataclass(frozen=True)
class Snapshot:
    """``xmin``: all older is decided; ``xmax``: nothing from here on is seen (64-bit transaction ids)."""

    xmin: int
    xmax: int
    identity: Identity
    durable: bool
    """All that it sees is on the source's disk: a crash cannot take it back and give its ids to other rows.
    """

    @property
    def reusable(self) -> bool:
        return self.durable and bool(self.identity.system)

    def unchanged_until(self, later: "Snapshot") -> bool:
        """True where no transaction of the whole server has written anything in between."""
        return self.comparable(later) and self.xmin == self.xmax == later.xmax

    def comparable(self, later: "Snapshot") -> bool:
        return (
            self.reusable
            and self.identity.system == later.identity.system
            and self.identity.timeline == later.identity.timeline
            and self.identity.database == later.identity.database
            and 0 <= later.xmax - self.xmin < XID_SPACE // 2
        )

    def json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Snapshot":
        return cls(value["xmin"], value["xmax"], Identity(**value["identity"]), value["durable"])


def written_since(earlier: Snapshot, later: Snapshot) -> sql.Composed:
    """True for a row version that ``earlier`` may not have seen.

    A row version is never changed in place. So the rows that ``later`` sees and that were written before
    ``earlier`` are a part of what ``earlier`` saw; if none was written since and there are as many, they are
    the same rows. Ids of subtransactions are in no snapshot's list, so the list is not looked at: whatever is
    not older than the oldest transaction of then counts as written since.
    """
    return sql.SQL("((xmin::text::bigint - {} + {}) % {}) < {}").format(
        sql.Literal(earlier.xmin % XID_SPACE),
        sql.Literal(XID_SPACE),
        sql.Literal(XID_SPACE),
        sql.Literal(later.xmax - earlier.xmin),
    )


class Holder:
    """Keeps locks and snapshot until it is closed. ``name`` is what workers import."""

    name: str
    snapshot: Snapshot
    tables: list[Table]

    def __init__(self, source: Endpoint) -> None:
        self._role = source.role
        self._connection = source.connect("snapshot")

    def __enter__(self) -> Self:
        try:
            self._take()
        except BaseException:
            self._connection.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def alive(self) -> bool:
        """False once the session, and with it the snapshot, is gone."""
        try:
            self._connection.execute("select 1")
        except psycopg.Error:
            return False
        return True

    @property
    def connection(self) -> Connection:
        """The session itself, inside its transaction: it reads what the workers read."""
        return self._connection

    def _take(self) -> None:
        for _ in range(5):
            known = catalog.tables(self._connection)
            self._connection.execute("begin isolation level repeatable read, read only")
            self._lock(known)
            self.snapshot = take(self._connection)
            self.tables = catalog.tables(self._connection)
            if [(table.oid, str(table)) for table in self.tables] == [(t.oid, str(t)) for t in known]:
                row = self._connection.execute("select pg_catalog.pg_export_snapshot()").fetchone()
                assert row is not None  # noqa: S101 (a function of one row)
                self.name = row[0]
                return
            self._connection.execute("rollback")
        raise OpsError(
            f"tables appear or vanish on the {self._role} faster than they can be listed",
            fix="stop what creates tables there, then run the command again",
            exit_code=Exit.REFUSED,
        )

    def _lock(self, tables: Sequence[Table]) -> None:
        self._connection.execute(f"set local lock_timeout = '{LOCK_TIMEOUT_SECONDS}s'".encode())
        try:
            for start in range(0, len(tables), LOCK_BATCH):
                named = sql.SQL(", ").join(
                    sql.SQL("only {}").format(table.identifier)
                    for table in tables[start : start + LOCK_BATCH]
                )
                self._connection.execute(sql.SQL("lock table {} in access share mode").format(named))
        except psycopg.errors.LockNotAvailable as error:
            raise OpsError(
                f"a table of the {self._role} is locked elsewhere for over {LOCK_TIMEOUT_SECONDS} s: {error}",
                fix="find the session in pg_stat_activity and pg_locks, let it end, then run the command"
                " again",
                exit_code=Exit.REFUSED,
            ) from error
        except psycopg.errors.UndefinedTable:
            self._connection.execute("rollback")
            self._connection.execute("begin isolation level repeatable read, read only")
        except psycopg.errors.InsufficientPrivilege as error:
            raise OpsError(
                f"the {self._role}'s user may not read every table: {error}",
                fix="grant it SELECT, or membership in pg_read_all_data (14 and newer) or in the owners'"
                " roles",
                exit_code=Exit.REFUSED,
            ) from error


def take(connection: Connection) -> Snapshot:
    """The snapshot of the transaction that ``connection`` is in."""
    row = connection.execute(
        "select pg_catalog.txid_snapshot_xmin(s), pg_catalog.txid_snapshot_xmax(s),"
        " pg_catalog.pg_is_in_recovery()"
        " from pg_catalog.txid_current_snapshot() s"
    ).fetchone()
    assert row is not None  # noqa: S101 (a function of one row)
    durable = not row[2] and _flushed(connection)
    return Snapshot(xmin=row[0], xmax=row[1], identity=Identity.of(connection), durable=durable)


def _flushed(connection: Connection) -> bool:
    """Commits of sessions with synchronous_commit off are seen before they are on disk: wait for those."""
    end = time.monotonic() + FLUSH_SECONDS
    row = connection.execute("select pg_catalog.pg_current_wal_insert_lsn()::text").fetchone()
    assert row is not None  # noqa: S101 (a function of one row)
    while time.monotonic() < end:
        done = connection.execute(
            "select pg_catalog.pg_current_wal_flush_lsn() >= %s::pg_lsn", row
        ).fetchone()
        if done is not None and done[0]:
            return True
        time.sleep(0.1)
    return False


def adopt(connection: Connection, name: str) -> None:
    """Begin a transaction in an exported snapshot. Raises psycopg.Error if its holder is gone."""
    connection.execute("begin isolation level repeatable read, read only")
    connection.execute(sql.SQL("set transaction snapshot {}").format(sql.Literal(name)))
