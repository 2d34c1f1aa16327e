"""One digest for a range of rows, computed by each server, equal if and only if the rows are.

SHA-256 over the rows' texts. A row's text is that of PostgreSQL's composite type, which quotes so that no two
rows share one (NULL and the empty text differ). Session settings are pinned (connect.py); types whose text
depends on the version or the locale are taken in their binary form; ordering goes by bytes, never by a
collation.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql

from ops.migrate.catalog import Column, Table
from ops.migrate.chunks import Range

SHA256_MAJOR = 11
SHORTEST_FLOAT_MAJOR = 12

FLOAT_SENDERS = {
    "float4": "float4send", "float8": "float8send", "_float4": "array_send", "_float8": "array_send",
    "point": "point_send", "line": "line_send", "lseg": "lseg_send", "box": "box_send", "path": "path_send",
    "polygon": "poly_send", "circle": "circle_send",
}  # fmt: skip
"""Before version 12 floating-point numbers were printed otherwise."""


@dataclass(frozen=True)
class Dialect:
    """What both servers can do."""

    oldest: int
    """The smaller major version of the two."""

    @property
    def name(self) -> str:
        return "SHA-256" if self.oldest >= SHA256_MAJOR else "MD5"

    def hash(self, text: sql.Composable) -> sql.Composed:
        """Digest of a bytea as a bytea."""
        if self.oldest >= SHA256_MAJOR:
            return sql.SQL("pg_catalog.sha256({})").format(text)
        return sql.SQL("pg_catalog.decode(pg_catalog.md5({}), 'hex')").format(text)

    def column(self, column: Column) -> sql.Composable:
        """A column in a form that prints alike on both."""
        name = sql.Identifier(column.name)
        if column.type_schema != "pg_catalog":
            return name
        if column.type_name == "money":
            return sql.SQL("pg_catalog.cash_send({})").format(name)
        if column.type_name == "bytea":
            return self.hash(name)
        if self.oldest < SHORTEST_FLOAT_MAJOR and column.type_name in FLOAT_SENDERS:
            return sql.SQL("pg_catalog.{}({})").format(sql.Identifier(FLOAT_SENDERS[column.type_name]), name)
        return name

    def row(self, columns: Sequence[Column]) -> sql.Composed:
        return sql.SQL("row({})::text").format(sql.SQL(", ").join(self.column(column) for column in columns))

    def ordered(self, table: Table, within: Range) -> sql.Composed:
        """``(rows, digest)`` of a range, in the order of the key."""
        return sql.SQL(
            "select count(*), pg_catalog.encode({digest}, 'hex') from"
            " (select {row} r from only {table} where {condition} order by {key}) s"
        ).format(
            digest=self.hash(
                sql.SQL("pg_catalog.convert_to(coalesce(pg_catalog.string_agg(r, E'\\n'), ''), 'UTF8')")
            ),
            row=self.row(table.columns),
            table=table.identifier,
            condition=within.condition(),
            key=key_order(table),
        )

    def buckets(self, table: Table) -> sql.Composed:
        """``(bucket, rows, digest)``: rows as a multiset, divided by the first byte of each row's digest."""
        return sql.SQL(
            "select pg_catalog.get_byte(h, 0), count(*),"
            " pg_catalog.encode({digest}, 'hex') from (select {row} h from only {table}) s group by 1 order"
            " by 1"
        ).format(
            digest=self.hash(sql.SQL("pg_catalog.string_agg(h, ''::bytea order by h)")),
            row=self.row_hash(table),
            table=table.identifier,
        )

    def row_hash(self, table: Table) -> sql.Composed:
        return self.hash(sql.SQL("pg_catalog.convert_to({}, 'UTF8')").format(self.row(table.columns)))

    def rows(self, table: Table, within: Range, bucket: int | None) -> sql.Composed:
        """``(key, digest, address)`` of each row: what a difference is narrowed down by."""
        return sql.SQL(
            "select k, pg_catalog.encode(h, 'hex'), a from (select {key} k, {hash} h, ctid::text a from only"
            " {table}"
            " where {condition}) s where {bucket}"
        ).format(
            key=sql.SQL("array[{}]::text[]").format(
                sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in table.key)
            ),
            hash=self.row_hash(table),
            table=table.identifier,
            condition=within.condition(),
            bucket=sql.SQL("true")
            if bucket is None
            else sql.SQL("pg_catalog.get_byte(h, 0) = {}").format(sql.Literal(bucket)),
        )

    def columns_of(self, table: Table, key: Sequence[str]) -> sql.Composed:
        """One row's digest, column by column, by its key."""
        return sql.SQL("select {columns} from only {table} where {condition}").format(
            columns=sql.SQL(", ").join(
                sql.SQL("pg_catalog.md5(row({})::text)").format(self.column(column))
                for column in table.columns
            ),
            table=table.identifier,
            condition=sql.SQL(" and ").join(
                sql.SQL("{} = {}").format(sql.Identifier(name), sql.Literal(value))
                for name, value in zip(table.key, key, strict=True)
            ),
        )


def key_order(table: Table) -> sql.Composable:
    """By bytes where a column has a collation; a row's text decides among equals, if the key has lost its
    index."""
    parts = [
        sql.SQL('{} collate "C"').format(sql.Identifier(name))
        if table.column(name).collatable
        else sql.Identifier(name)
        for name in table.key
    ]
    return sql.SQL(", ").join(parts) if parts else sql.SQL("1")
