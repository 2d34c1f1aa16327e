"""Compares rows: digests of ranges on both sides at once, then, where they differ, the rows themselves."""

import hashlib
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

from ops.migrate import snapshot
from ops.migrate.catalog import Table
from ops.migrate.chunks import Range
from ops.migrate.connect import Connection, Endpoint
from ops.migrate.digest import Dialect

NAMED = 100
"""Rows of one table that are named; all are counted."""

NARROWED = 50
"""Ranges of one table that are narrowed down to rows; the rest are counted as ranges."""

Digests = dict[int | None, tuple[int, str]]


@dataclass(frozen=True)
class RowDifference:
    """One row. ``what``: lost, extra, changed, or doubled (more often on one side)."""

    key: dict[str, str]
    what: str
    columns: list[str] = field(default_factory=list[str])
    digest: str = ""
    source_times: int = 0
    target_times: int = 0
    address: str = ""
    """Where it is now (ctid), on the target, or on the source if it is lost."""

    def __str__(self) -> str:
        key = ", ".join(f"{name}={value}" for name, value in self.key.items())
        named = key or f"digest {self.digest[:16]}"
        where = f" in {', '.join(self.columns)}" if self.columns else ""
        times = f"({self.source_times} in the source, {self.target_times} in the target)"
        return f"{named}: {self.what}{where} {times}"


@dataclass
class TableResult:
    """``error``: it could not be compared, which is a difference too."""

    name: str
    method: str
    source_rows: int = 0
    target_rows: int = 0
    digest: str = ""
    ranges: int = 0
    different_ranges: int = 0
    different_rows: int = 0
    differences: list[RowDifference] = field(default_factory=list[RowDifference])
    error: str = ""
    seconds: float = 0.0

    @property
    def equal(self) -> bool:
        return not self.error and not self.different_ranges and self.source_rows == self.target_rows


class Side:
    """Sessions of one server in one snapshot, one for each thread."""

    def __init__(self, endpoint: Endpoint, name: str, jobs: int) -> None:
        self._endpoint = endpoint
        self._snapshot = name
        self._local = threading.local()
        self._all: list[Connection] = []
        self._pool = ThreadPoolExecutor(jobs, thread_name_prefix=f"verify-{endpoint.role}")

    def submit(self, query: sql.Composed) -> "Future[list[tuple[Any, ...]]]":
        return self._pool.submit(self._fetch, query)

    def _fetch(self, query: sql.Composed) -> list[tuple[Any, ...]]:
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._endpoint.connect("verify")
            connection.execute("set work_mem = '64MB'; set max_parallel_workers_per_gather = 0")
            snapshot.adopt(connection, self._snapshot)
            self._local.connection = connection
            self._all.append(connection)
        connection.execute("savepoint query")
        try:
            return connection.execute(query).fetchall()
        except psycopg.errors.Error:
            connection.execute("rollback to savepoint query")
            raise

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)
        for connection in self._all:
            connection.close()


class Comparison:
    """One table: ``begin`` gives both servers their queries, ``finish`` waits and narrows down."""

    def __init__(
        self, source: Side, target: Side, dialect: Dialect, table: Table, ranges: list[Range] | None
    ) -> None:
        self.table = table
        self._source = source
        self._target = target
        self._dialect = dialect
        self._ranges = ranges
        method = "multiset" if ranges is None else "key ranges"
        self.result = TableResult(str(table), f"{dialect.name}, {method}")

    def begin(self) -> None:
        self._started = time.monotonic()
        queries = (
            [self._dialect.buckets(self.table)]
            if self._ranges is None
            else [self._dialect.ordered(self.table, part) for part in self._ranges]
        )
        self._left = [self._source.submit(query) for query in queries]
        self._right = [self._target.submit(query) for query in queries]

    def finish(self) -> TableResult:
        try:
            left, right = self._digests(self._left), self._digests(self._right)
            self._weigh(left, right)
        except psycopg.Error as error:
            self.result.error = str(error).strip()
        self.result.seconds = time.monotonic() - self._started
        return self.result

    def _digests(self, futures: "Sequence[Future[list[tuple[Any, ...]]]]") -> Digests:
        """By the number of the range, or by bucket."""
        if self._ranges is None:
            return {bucket: (rows, digest) for bucket, rows, digest in futures[0].result()}
        return {
            number: (rows, digest)
            for number, future in enumerate(futures)
            for rows, digest in future.result()
        }

    def _weigh(self, left: Digests, right: Digests) -> None:
        result = self.result
        result.source_rows = sum(rows for rows, _ in left.values())
        result.target_rows = sum(rows for rows, _ in right.values())
        result.ranges = len(left.keys() | right.keys())
        joined = "\n".join(f"{key} {value}" for key, value in sorted(left.items(), key=str))
        result.digest = hashlib.sha256(joined.encode()).hexdigest()
        different = [
            key for key in sorted(left.keys() | right.keys(), key=str) if left.get(key) != right.get(key)
        ]
        result.different_ranges = len(different)
        for key in different[:NARROWED]:
            self._narrow(key)

    def _narrow(self, number: int | None) -> None:
        within, bucket = (Range(), number) if self._ranges is None else (self._ranges[number or 0], None)
        query = self._dialect.rows(self.table, within, bucket)
        left, right = self._source.submit(query).result(), self._target.submit(query).result()
        if self.table.key:
            self._by_key(left, right)
        else:
            self._by_digest(left, right)

    def _by_key(self, left: list[tuple[Any, ...]], right: list[tuple[Any, ...]]) -> None:
        ours: dict[tuple[str, ...], list[tuple[str, str]]] = defaultdict(list)
        theirs: dict[tuple[str, ...], list[tuple[str, str]]] = defaultdict(list)
        for rows, side in ((left, ours), (right, theirs)):
            for key, digest, address in rows:
                side[tuple(key)].append((digest, address))
        for key in ours.keys() | theirs.keys():
            here, there = ours.get(key, []), theirs.get(key, [])
            if sorted(digest for digest, _ in here) == sorted(digest for digest, _ in there):
                continue
            self.result.different_rows += 1
            if len(self.result.differences) >= NAMED:
                continue
            what = "changed"
            if not there or not here:
                what = "lost" if here else "extra"
            elif len(here) != len(there):
                what = "doubled" if len(there) > len(here) else "lost"
            columns = self._changed_columns(key) if what == "changed" else []
            address = (there or here)[0][1]
            named = dict(zip(self.table.key, key, strict=True))
            self.result.differences.append(
                RowDifference(named, what, columns, (there or here)[0][0], len(here), len(there), address)
            )

    def _changed_columns(self, key: tuple[str, ...]) -> list[str]:
        query = self._dialect.columns_of(self.table, key)
        left, right = self._source.submit(query).result(), self._target.submit(query).result()
        if not left or not right:
            return []
        pairs = zip(self.table.columns, left[0], right[0], strict=True)
        return [column.name for column, here, there in pairs if here != there]

    def _by_digest(self, left: list[tuple[Any, ...]], right: list[tuple[Any, ...]]) -> None:
        ours, theirs = Counter(row[1] for row in left), Counter(row[1] for row in right)
        places = {row[1]: row[2] for row in (*left, *right)}
        for digest in ours.keys() | theirs.keys():
            here, there = ours[digest], theirs[digest]
            if here == there:
                continue
            self.result.different_rows += abs(here - there)
            if len(self.result.differences) >= NAMED:
                continue
            what = "lost" if here > there else "doubled" if here else "extra"
            self.result.differences.append(RowDifference({}, what, [], digest, here, there, places[digest]))
