"""How a table is divided: ranges that together hold every row that is or will be there, each once."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from psycopg import sql

from ops.migrate import catalog
from ops.migrate.catalog import Table
from ops.migrate.connect import Connection

FOLLOWS_KEY = 0.9
"""Correlation from which reading a key range reads about as many pages as it holds. Below it each range would
read most of the table."""

TID_SCAN_MAJOR = 14
"""From this version a range of row addresses reads these pages alone; before, it reads the whole table."""

SAMPLES_PER_CHUNK = 200
PAGE = 8192


@dataclass(frozen=True)
class Range:
    """Rows with ``lower <= column < upper``; None leaves a side open. ``column`` None: the whole table."""

    column: str | None = None
    lower: str | None = None
    upper: str | None = None

    @property
    def whole(self) -> bool:
        return self.lower is None and self.upper is None

    @property
    def by_address(self) -> bool:
        return self.column == "ctid"

    def condition(self) -> sql.Composable:
        parts: list[sql.Composable] = []
        for form, bound in ((sql.SQL("{} >= {}{}"), self.lower), (sql.SQL("{} < {}{}"), self.upper)):
            if bound is not None and self.column is not None:
                cast = sql.SQL("::tid") if self.by_address else sql.SQL("")
                parts.append(form.format(sql.Identifier(self.column), sql.Literal(bound), cast))
        return sql.SQL(" and ").join(parts) if parts else sql.SQL("true")

    def __str__(self) -> str:
        if self.whole:
            return "all"
        return f"{self.column} from {self.lower or 'the start'} to {self.upper or 'the end'}"


def between(column: str, bounds: Sequence[str]) -> list[Range]:
    """The ranges that distinct, ordered bounds cut: open at both ends."""
    edges: list[str | None] = [None, *bounds, None]
    return [Range(column, lower, upper) for lower, upper in pairwise(edges)]


def key_column(table: Table) -> str | None:
    """The column whose ranges read pages in order and mean the same on both servers, if there is one."""
    if not table.key or table.correlation < FOLLOWS_KEY:
        return None
    first = table.column(table.key[0])
    usable = first.type_schema == "pg_catalog" and first.type_name in catalog.RANGE_TYPES
    return first.name if usable else None


def divide(connection: Connection, table: Table, chunk_bytes: int) -> list[Range]:
    """Ranges of about ``chunk_bytes`` on disk; one for a table that is smaller or cannot be divided."""
    count = math.ceil(table.size / chunk_bytes)
    column = key_column(table)
    if count < 2:
        return [Range()]
    if column is not None:
        bounds = _quantiles(connection, table, column, count)
        return between(column, bounds) if bounds else [Range()]
    if catalog.version(connection) >= TID_SCAN_MAJOR:
        return between("ctid", _addresses(connection, table, count))
    return [Range()]


def divide_by_key(connection: Connection, table: Table, chunk_bytes: int) -> list[Range] | None:
    """As ``divide`` for comparing, where row addresses mean nothing: None for a large table without such a
    key."""
    if table.key and table.size <= chunk_bytes:
        return [Range()]
    column = key_column(table)
    if column is None:
        return None
    bounds = _quantiles(connection, table, column, math.ceil(table.size / chunk_bytes))
    return between(column, bounds) if bounds else [Range()]


def _quantiles(connection: Connection, table: Table, column: str, count: int) -> list[str]:
    percent = min(100.0, 100.0 * count * SAMPLES_PER_CHUNK / max(table.rows, 1))
    row = connection.execute(
        sql.SQL(
            "select percentile_disc({fractions}::float8[]) within group (order by {column})::text[]"
            " from only {table} tablesample system ({percent}) repeatable (1)"
        ).format(
            fractions=sql.Literal([number / count for number in range(1, count)]),
            column=sql.Identifier(column),
            table=table.identifier,
            percent=sql.Literal(percent),
        )
    ).fetchone()
    found: list[str] = (row[0] if row else None) or []
    return list(dict.fromkeys(found))


def _addresses(connection: Connection, table: Table, count: int) -> list[str]:
    row = connection.execute(
        sql.SQL("select pg_catalog.pg_relation_size({}::oid) / {}").format(
            sql.Literal(table.oid), sql.Literal(PAGE)
        )
    ).fetchone()
    pages = int(row[0]) if row else 0
    steps = sorted({pages * number // count for number in range(1, count)} - {0})
    return [f"({page},0)" for page in steps]
