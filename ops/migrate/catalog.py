"""What a database holds, as its catalog has it: the tables that carry rows, their columns and keys."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from psycopg import sql

from ops.migrate.connect import Connection

JOURNAL_SCHEMA = "ops_migrate"

NOT_OURS = (
    "n.nspname !~ '^pg_' and n.nspname not in ('information_schema', '" + JOURNAL_SCHEMA + "')"
    " and not exists (select from pg_catalog.pg_depend d where d.classid = 'pg_catalog.pg_class'::regclass"
    " and d.objid = c.oid and d.deptype = 'e')"
)
"""Leaves out the system's schemas, the journal, and what belongs to an extension."""

RANGE_TYPES = frozenset({"int2", "int4", "int8", "oid", "uuid", "date", "timestamp", "timestamptz"})
"""Key types of which both servers agree on the order, whatever their collations."""

BINARY_TYPES = frozenset(
    {
        "bool",
        "bytea",
        "int2",
        "int4",
        "int8",
        "float4",
        "float8",
        "numeric",
        "text",
        "varchar",
        "bpchar",
        "date",
        "time",
        "timetz",
        "timestamp",
        "timestamptz",
        "interval",
        "uuid",
        "json",
        "jsonb",
        "inet",
        "cidr",
        "macaddr",
        "bit",
        "varbit",
        "oid",
        "name",
    }
)
"""Base types whose COPY BINARY form is the same in every version from 10 on. A type that carries other types'
ids (arrays, composites, ranges, enums) may have other ids on the target, and goes as text."""


@dataclass(frozen=True)
class Column:
    """``type_name`` is the base type's name, ``type_schema`` its schema; a domain is shown as what it is
    over."""

    name: str
    type_name: str
    type_schema: str
    type_kind: str
    generated: bool
    collatable: bool


@dataclass(frozen=True)
class Table:
    """A relation that holds rows: an ordinary table or the leaf of a partitioned one."""

    schema: str
    name: str
    oid: int
    filenode: int
    size: int
    """Bytes on disk with TOAST, without indexes."""
    rows: int
    """The planner's estimate."""
    persistence: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    """Columns of the primary key, or of a unique index over columns that are not null; empty without one."""
    key_is_primary: bool
    correlation: float
    """How far the order on disk follows the first key column, 1 is fully, 0 not at all or unknown."""

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def identifier(self) -> sql.Identifier:
        return sql.Identifier(self.schema, self.name)

    @property
    def stored(self) -> tuple[Column, ...]:
        """The columns that COPY writes: a generated one is computed by the target."""
        return tuple(column for column in self.columns if not column.generated)

    @property
    def binary(self) -> bool:
        return bool(self.stored) and all(
            column.type_schema == "pg_catalog"
            and column.type_kind == "b"
            and column.type_name in BINARY_TYPES
            for column in self.stored
        )

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def json(self) -> dict[str, Any]:
        return asdict(self)


TABLES = """
select n.nspname, c.relname, c.oid::bigint, coalesce(pg_catalog.pg_relation_filenode(c.oid), 0)::bigint,
       pg_catalog.pg_table_size(c.oid), greatest(c.reltuples, 0)::bigint, c.relpersistence::text,
       coalesce((
         select json_agg(json_build_array(a.attname, b.typname, bn.nspname, b.typtype, {generated},
                                          a.attcollation <> 0)
                         order by a.attnum)
           from pg_catalog.pg_attribute a
           join pg_catalog.pg_type t on t.oid = a.atttypid
           join pg_catalog.pg_type b on b.oid = case when t.typtype = 'd' then {base} else t.oid end
           join pg_catalog.pg_namespace bn on bn.oid = b.typnamespace
          where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), '[]'),
       k.keys, coalesce(k.indisprimary, false), coalesce(k.correlation, 0)
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  left join lateral (
    select i.indisprimary,
           (select array_agg(a.attname::text order by p.ord)
              from unnest(i.indkey::int2[]) with ordinality p(attnum, ord)
              join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = p.attnum
             where p.ord <= {keyed}) keys,
           (select abs(s.correlation) from pg_catalog.pg_stats s
             join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
            where s.schemaname = n.nspname and s.tablename = c.relname and s.attname = a.attname
              and not s.inherited limit 1) correlation
      from pg_catalog.pg_index i
     where i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indimmediate
       and i.indpred is null and i.indexprs is null
       and not exists (select from unnest(i.indkey::int2[]) with ordinality p(attnum, ord)
                         join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = p.attnum
                        where p.ord <= {keyed} and not a.attnotnull)
     order by i.indisprimary desc, i.indnatts, i.indexrelid limit 1) k on true
 where c.relkind = 'r' and c.relpersistence <> 't' and {ours}
 order by n.nspname, c.relname
"""


def version(connection: Connection) -> int:
    """The major version."""
    return connection.info.server_version // 10000


def tables(connection: Connection) -> list[Table]:
    """Every table with rows to copy, by schema and name."""
    major = version(connection)
    text = TABLES.format(
        generated="a.attgenerated <> ''" if major >= 12 else "false",
        keyed="i.indnkeyatts" if major >= 11 else "i.indnatts",
        ours=NOT_OURS,
        base="(with recursive d(id) as (select t.typbasetype union all select x.typbasetype from d"
        " join pg_catalog.pg_type x on x.oid = d.id where x.typtype = 'd')"
        " select d.id from d join pg_catalog.pg_type x on x.oid = d.id where x.typtype <> 'd')",
    )
    rows = connection.execute(text.encode()).fetchall()
    return [
        Table(
            *row[:7],
            columns=tuple(Column(*column) for column in row[7]),
            key=tuple(row[8] or ()),
            key_is_primary=row[9],
            correlation=float(row[10]),
        )
        for row in rows
    ]


def with_statistics(connection: Connection) -> list[tuple[tuple[str, str], int]]:
    """What ANALYZE is told, with sizes: tables, materialized views, partitioned tables for their parts."""
    rows = connection.execute(
        "select n.nspname, c.relname, pg_catalog.pg_table_size(c.oid)"  # noqa: S608 (constants)
        " from pg_catalog.pg_class c"
        " join pg_catalog.pg_namespace n on n.oid = c.relnamespace"
        " where c.relkind in ('r', 'p', 'm') and not c.relispartition and c.relpersistence <> 't' and "
        + NOT_OURS
    ).fetchall()
    return [((row[0], row[1]), row[2]) for row in rows]


def names(columns: Sequence[Column]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(column.name) for column in columns)


@dataclass(frozen=True)
class Identity:
    """Which server and database this is, so that a journal is never continued from another one."""

    system: str
    """The cluster's own number; empty where the role may not read it."""
    timeline: int
    database: int
    name: str
    version: int

    @classmethod
    def of(cls, connection: Connection) -> "Identity":
        row = connection.execute(
            "select d.oid::bigint, d.datname,"
            " has_function_privilege('pg_catalog.pg_control_system()', 'execute')"
            " and has_function_privilege('pg_catalog.pg_control_checkpoint()', 'execute')"
            " from pg_catalog.pg_database d where d.datname = current_database()"
        ).fetchone()
        assert row is not None  # noqa: S101 (every session is in a database)
        system, timeline = "", 0
        if row[2]:
            control = connection.execute(
                "select system_identifier::text, timeline_id"
                " from pg_catalog.pg_control_system(), pg_catalog.pg_control_checkpoint()"
            ).fetchone()
            assert control is not None  # noqa: S101 (a function of one row)
            system, timeline = control
        return cls(system, timeline, row[0], row[1], connection.info.server_version)
