"""What is looked for on the source alone: a query that lists names, and what such a name means for a copy."""

from dataclasses import dataclass
from typing import Literal, LiteralString

RELATIONS: LiteralString = (
    "select n.nspname || '.' || c.relname from pg_catalog.pg_class c"
    " join pg_catalog.pg_namespace n on n.oid = c.relnamespace and n.nspname !~ '^pg_'"
    " and n.nspname not in ('information_schema', 'ops_migrate') where c.relpersistence <> 't' and "
)


@dataclass(frozen=True)
class Probe:
    """``what`` may name ``{count}`` and ``{names}``; ``oldest`` and ``newest`` are major versions."""

    code: str
    severity: Literal["blocker", "warning"]
    query: LiteralString
    what: str
    why: str
    fix: str
    oldest: int = 0
    newest: int = 10_000


PROBES = (
    Probe(
        "unreadable", "blocker",
        RELATIONS + "c.relkind in ('r', 'S') and not case c.relkind when 'r'"
        " then has_table_privilege(c.oid, 'select') else has_sequence_privilege(c.oid, 'select') end order"
        " by 1",
        "the source's user may not read {names}", "its rows could not be copied",
        "grant it SELECT, or membership in pg_read_all_data (14 and newer)",
    ),
    Probe(
        "row-security", "blocker",
        RELATIONS + "c.relkind = 'r' and c.relrowsecurity and not exists (select from pg_catalog.pg_roles r"
        " where r.rolname = current_user and (r.rolsuper or r.rolbypassrls))"
        " and (c.relforcerowsecurity or not pg_catalog.pg_has_role(c.relowner, 'usage')) order by 1",
        "row-level security of {names} hides rows from the source's user", "hidden rows would not be copied",
        "alter role ... bypassrls, or connect as the owner where the policy is not forced",
    ),
    Probe(
        "with-oids", "blocker", RELATIONS + "c.relkind = 'r' and c.relhasoids order by 1",
        "{names} have hidden oid columns (WITH OIDS)", "versions from 12 on do not have them, so they would"
                                                       " be lost",
        "alter table ... set without oids, once nothing uses them", newest=11,
    ),
    Probe(
        "removed-type", "blocker",
        "select distinct c.relname || '.' || a.attname from pg_catalog.pg_attribute a"
        " join pg_catalog.pg_class c on c.oid = a.attrelid and c.oid >= 16384 join pg_catalog.pg_type t on"
        " t.oid = a.atttypid"
        " where t.typname in ('abstime', 'reltime', 'tinterval') and not a.attisdropped order by 1",
        "{names} have types that versions from 12 on do not know", "the schema cannot be made there",
        "alter the columns to timestamptz, interval or tstzrange", newest=11,
    ),
    Probe(
        "unlogged-standby", "blocker",
        RELATIONS + "c.relkind = 'r' and c.relpersistence = 'u' and pg_catalog.pg_is_in_recovery() order"
                    " by 1",
        "unlogged tables cannot be read on a standby: {names}", "they are empty there",
        "copy from the primary",
    ),
    Probe(
        "standby", "warning", "select current_database() where pg_catalog.pg_is_in_recovery()",
        "the source is a standby", "what an interrupted copy had done cannot be proven there, and is done"
                                   " again",
        "copy from the primary, if it can bear the load",
    ),
    Probe(
        "unlogged", "warning", RELATIONS + "c.relkind = 'r' and c.relpersistence = 'u' order by 1",
        "{count} unlogged tables: {names}", "their rows are copied, and lost again when the target crashes or"
                                            " fails over",
        "alter table ... set logged, if the rows matter",
    ),
    Probe(
        "foreign-table", "warning", RELATIONS + "c.relkind = 'f' order by 1",
        "{count} foreign tables: {names}", "they are made again without rows; user mappings are not copied"
                                           " with passwords",
        "see that the target reaches the foreign server",
    ),
    Probe(
        "extension-rows", "warning",
        "select distinct e.extname || ': ' || x.id::regclass from pg_catalog.pg_extension e,"
        " unnest(e.extconfig) x(id)"
        " order by 1",
        "extensions keep settings in tables: {names}", "rows that were added there are not copied",
        "compare those tables by hand, and add what is missing",
    ),
    Probe(
        "invalid-index", "warning",
        "select i.indexrelid::regclass::text from pg_catalog.pg_index i where not i.indisvalid"
        " and exists (select from pg_catalog.pg_class c where c.oid = i.indrelid and c.relkind in ('r', 'm'))"
        " order by 1",
        "invalid indexes: {names}", "they are left out", "drop them, or reindex",
    ),
    Probe(
        "not-validated", "warning",
        "select conrelid::regclass || ': ' || conname from pg_catalog.pg_constraint where not convalidated"
        " order by 1",
        "constraints that were never validated:"
        " {names}", "they are copied as such", "alter table ... validate constraint",
    ),
    Probe(
        "c-function", "warning",
        "select p.oid::regprocedure::text from pg_catalog.pg_proc p join pg_catalog.pg_language l on l.oid ="
        " p.prolang"
        " where l.lanname = 'c' and p.oid >= 16384 and not exists (select from pg_catalog.pg_depend d"
        " where d.objid = p.oid and d.deptype = 'e') order by 1",
        "functions in C outside of an extension: {names}", "a managed server has no place for their"
                                                           " libraries",
        "replace them",
    ),
    Probe(
        "event-trigger", "warning", "select evtname from pg_catalog.pg_event_trigger order by 1",
        "event triggers: {names}", "only a superuser, or rds_superuser, may create"
                                   " them", "be that on the target",
    ),
    Probe(
        "publication", "warning", "select pubname from pg_catalog.pg_publication order by 1",
        "publications: {names}", "they are made again; their subscribers still read from the source",
        "drop them on the target if nobody subscribes",
    ),
    Probe(
        "subscription", "warning", "select datname from pg_catalog.pg_database where datname ="
                                   " current_database()"
        " and exists (select from pg_catalog.pg_stat_subscription)",
        "{names} subscribes to another database", "subscriptions are left out: two would read the same slot",
        "create the subscription on the target after the switch",
    ),
    Probe(
        "setting", "warning",
        "select array_to_string(s.setconfig, ', ') from pg_catalog.pg_db_role_setting s join"
        " pg_catalog.pg_database d"
        " on d.oid = s.setdatabase where d.datname = current_database() order by 1",
        "settings of the database or of roles in it: {names}", "pg_dump leaves them out",
        "alter database ... set, or alter role ... in database ... set, on the target",
    ),
    Probe(
        "tablespace", "warning", RELATIONS + "c.reltablespace <> 0 and c.oid >= 16384 order by 1",
        "in a tablespace of their own: {names}", "everything goes to the target's"
                                                 " default", "nothing on a managed server",
    ),
    Probe(
        "prepared-transaction", "warning", "select gid from pg_catalog.pg_prepared_xacts where database ="
                                           " current_database()",
        "prepared transactions: {names}", "what they did is not seen until they"
                                          " commit", "commit them or roll them back first",
    ),
)  # fmt: skip
