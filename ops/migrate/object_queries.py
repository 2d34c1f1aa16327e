"""Everything of a schema besides rows, as ``(name, definition)`` lists that two servers can be compared by.

Names and definitions are texts with an empty search path. Catalog columns that not every version has are read
through ``to_jsonb``.
"""

from typing import LiteralString

OURS: LiteralString = "n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'ops_migrate')"

MEMBER: LiteralString = (
    "exists (select from pg_catalog.pg_depend d where d.deptype in ({kinds}) and d.objid = {oid}"
    " and d.classid = 'pg_catalog.{catalog}'::regclass)"
)


def _free(oid: LiteralString, catalog: LiteralString) -> LiteralString:
    """Not a member of an extension, nor made with a type (constructors of ranges). An identity column's
    sequence is made with the column, and is compared."""
    kinds = "'e'" if catalog == "pg_class" else "'e', 'i'"
    return "not " + MEMBER.replace("{kinds}", kinds).replace("{oid}", oid).replace("{catalog}", catalog)


RELATION: LiteralString = (
    "pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace and "
    + OURS + " and c.relpersistence <> 't' and " + _free("c.oid", "pg_class") + " "
)  # fmt: skip

NAME: LiteralString = "format('%I.%I', n.nspname, c.relname)"

GRANTS: LiteralString = (
    "select coalesce(string_agg(case when x.grantee = 0 then 'public' else pg_get_userbyid(x.grantee)::text"
    " end"
    " || ' ' || x.privilege_type || case when x.is_grantable then ' with grant option' else '' end, ', '"
    ' order by pg_get_userbyid(x.grantee)::text collate "C", x.privilege_type collate "C"), \'\')'
    " from pg_catalog.aclexplode(%acl%) x where x.grantee <> %owner% and x.privilege_type <> 'MAINTAIN'"
)


def _grants(acl: LiteralString, kind: LiteralString, owner: LiteralString) -> LiteralString:
    default = "coalesce(" + acl + ", pg_catalog.acldefault(" + kind + ", " + owner + "))"
    return "(" + GRANTS.replace("%acl%", default).replace("%owner%", owner) + ")"


QUERIES: dict[str, LiteralString] = {
    "schema": "select quote_ident(nspname), '' from pg_catalog.pg_namespace n where " + OURS,
    "extension": "select extname::text, '' from pg_catalog.pg_extension",
    "relation": "select " + NAME + ", json_build_object('kind', c.relkind, 'persistence', c.relpersistence,"
    " 'row security', c.relrowsecurity, 'forced', c.relforcerowsecurity, 'replica identity', c.relreplident,"
    " 'options', c.reloptions, 'partition key', pg_get_partkeydef(c.oid),"
    " 'partition bound', pg_get_expr(c.relpartbound, c.oid), 'inherits',"
    " (select array_agg(i.inhparent::regclass::text order by i.inhseqno) from pg_catalog.pg_inherits i"
    " where i.inhrelid = c.oid))::text from " + RELATION + "where c.relkind in ('r', 'p', 'v', 'm', 'f',"
                                                           " 'c')",
    "column": "select " + NAME + " || '.' || quote_ident(a.attname), json_build_object("
    "'type', format_type(a.atttypid, a.atttypmod), 'not null', a.attnotnull, 'identity', a.attidentity,"
    " 'generated', coalesce(to_jsonb(a) ->> 'attgenerated', ''), 'default', pg_get_expr(e.adbin, e.adrelid),"
    " 'collation', (select l.collname from pg_catalog.pg_collation l, pg_catalog.pg_type t where t.oid ="
    " a.atttypid"
    " and l.oid = a.attcollation and a.attcollation <> t.typcollation))::text from " + RELATION
    + "join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped"
    " left join pg_catalog.pg_attrdef e on e.adrelid = c.oid and e.adnum = a.attnum"
    " where c.relkind in ('r', 'p', 'v', 'm', 'f', 'c')",
    "index": "select format('%I.%I', n.nspname, i.relname), json_build_object('definition',"
             " pg_get_indexdef(i.oid),"
    " 'valid', x.indisvalid, 'clustered', x.indisclustered)::text from " + RELATION
    + "join pg_catalog.pg_index x on x.indrelid = c.oid join pg_catalog.pg_class i on i.oid = x.indexrelid"
    " where x.indisvalid",
    "constraint": "select " + NAME + " || ' ' || quote_ident(k.conname), json_build_object("
    "'definition', pg_get_constraintdef(k.oid), 'validated', k.convalidated)::text from " + RELATION
    + "join pg_catalog.pg_constraint k on k.conrelid = c.oid where k.contype not in ('n', 't')",
    "domain constraint": "select k.contypid::regtype::text || ' ' || quote_ident(k.conname),"
    " pg_get_constraintdef(k.oid) from pg_catalog.pg_constraint k join pg_catalog.pg_type t on t.oid ="
    " k.contypid"
    " join pg_catalog.pg_namespace n on n.oid = t.typnamespace where k.contype <> 'n' and " + OURS
    + " and " + _free("t.oid", "pg_type"),
    "trigger": "select " + NAME + " || ' ' || quote_ident(t.tgname), json_build_object('definition',"
    " replace(pg_get_triggerdef(t.oid), 'EXECUTE PROCEDURE', 'EXECUTE FUNCTION'), 'enabled',"
    " t.tgenabled)::text from "
    + RELATION + "join pg_catalog.pg_trigger t on t.tgrelid = c.oid and not t.tgisinternal"
    " and coalesce(to_jsonb(t) ->> 'tgparentid', '0') = '0'",
    "rule": "select " + NAME + " || ' ' || quote_ident(r.rulename), pg_get_ruledef(r.oid) from " + RELATION
    + "join pg_catalog.pg_rewrite r on r.ev_class = c.oid and r.rulename <> '_RETURN'",
    "policy": "select " + NAME + " || ' ' || quote_ident(p.polname), json_build_object('command', p.polcmd,"
    " 'permissive', p.polpermissive, 'using', pg_get_expr(p.polqual, c.oid),"
    " 'check', pg_get_expr(p.polwithcheck, c.oid), 'roles', (select array_agg(case when r = 0 then 'public'"
    " else"
    " pg_get_userbyid(r)::text end order by 1) from unnest(p.polroles) r))::text from " + RELATION
    + "join pg_catalog.pg_policy p on p.polrelid = c.oid",
    "statistics": "select s.stxnamespace::regnamespace || '.' || quote_ident(s.stxname),"
    " pg_get_statisticsobjdef(s.oid) from pg_catalog.pg_statistic_ext s",
    "view": "select " + NAME + ", pg_get_viewdef(c.oid) from " + RELATION + "where c.relkind = 'v'",
    "materialized view": "select " + NAME + ", pg_get_viewdef(c.oid)"
                                            " from " + RELATION + "where c.relkind = 'm'",
    "populated materialized view": "select " + NAME + ", '' from " + RELATION
    + "where c.relkind = 'm' and c.relispopulated",
    "function": "select p.oid::regprocedure::text, case when to_jsonb(p) ->> 'prokind' = 'a'"
    " or to_jsonb(p) ->> 'proisagg' = 'true' then 'aggregate' else pg_get_functiondef(p.oid) end"
    " from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace where " + OURS
    + " and " + _free("p.oid", "pg_proc"),
    "type": "select t.oid::regtype::text, json_build_object('kind', t.typtype, 'base',"
    " case when t.typtype = 'd' then format_type(t.typbasetype, t.typtypmod) end, 'not null', t.typnotnull,"
    " 'default', t.typdefault, 'labels', (select array_agg(e.enumlabel::text order by e.enumsortorder)"
    " from pg_catalog.pg_enum e where e.enumtypid = t.oid), 'subtype', (select r.rngsubtype::regtype::text"
    " from pg_catalog.pg_range r where r.rngtypid = t.oid))::text from pg_catalog.pg_type t"
    " join pg_catalog.pg_namespace n on n.oid = t.typnamespace where t.typtype in ('d', 'e', 'r') and " + OURS
    + " and " + _free("t.oid", "pg_type"),
    "sequence": "select " + NAME + ", json_build_object('type', s.seqtypid::regtype, 'start', s.seqstart,"
    " 'increment', s.seqincrement, 'min', s.seqmin, 'max', s.seqmax, 'cache', s.seqcache, 'cycle',"
    " s.seqcycle,"
    " 'of', (select d.refobjid::regclass::text || '.' || a.attname from pg_catalog.pg_depend d"
    " join pg_catalog.pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid"
    " where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype in ('a', 'i')"
    " and d.refobjsubid > 0 limit 1))::text from " + RELATION
    + "join pg_catalog.pg_sequence s on s.seqrelid = c.oid",
    "publication": "select pubname::text, (to_jsonb(p) - 'oid' - 'pubowner' - 'pubviaroot' -"
                   " 'pubgencols')::text"
    " from pg_catalog.pg_publication p",
    "event trigger": "select evtname::text, json_build_object('event', evtevent, 'function',"
                     " evtfoid::regproc,"
    " 'enabled', evtenabled, 'tags', evttags)::text from pg_catalog.pg_event_trigger e where "
    + _free("e.oid", "pg_event_trigger"),
    "comment": "select i.type || ' ' || i.identity, d.description from pg_catalog.pg_description d,"
    " pg_catalog.pg_identify_object(d.classoid, d.objoid, d.objsubid) i where d.objoid >= 16384"
    " and d.classoid not in ('pg_catalog.pg_extension'::regclass, 'pg_catalog.pg_database'::regclass)"
    " and i.identity is not null and coalesce(i.schema, '') !~ '^(pg_|information_schema|ops_migrate)'"
    " and i.identity !~ '^(pg_toast|ops_migrate)' and not exists (select from pg_catalog.pg_depend x"
    " where x.classid = d.classoid and x.objid = d.objoid and x.deptype = 'e')",
}  # fmt: skip

OTHERS: tuple[LiteralString, ...] = (
    "pg_operator", "pg_opclass", "pg_opfamily", "pg_cast", "pg_conversion", "pg_ts_config", "pg_ts_dict",
    "pg_collation", "pg_language", "pg_foreign_server", "pg_foreign_data_wrapper",
)  # fmt: skip
"""Kinds of which the name alone is compared."""

for _catalog in OTHERS:
    QUERIES[_catalog.removeprefix("pg_").replace("_", " ")] = (
        "select i.identity, '' from pg_catalog." + _catalog
        + " o, pg_catalog.pg_identify_object('pg_catalog." + _catalog + "'::regclass, o.oid, 0) i"
        " where o.oid >= 16384 and " + _free("o.oid", _catalog)
    )  # fmt: skip

OWNERS: dict[str, LiteralString] = {
    "owner": "select 'relation ' || " + NAME + ", pg_get_userbyid(c.relowner) from " + RELATION
    + "where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') union all select 'function ' || p.oid::regprocedure,"
    " pg_get_userbyid(p.proowner) from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid ="
    " p.pronamespace"
    " where " + OURS + " and " + _free("p.oid", "pg_proc")
    + " union all select 'schema ' || quote_ident(nspname), pg_get_userbyid(nspowner)"
    " from pg_catalog.pg_namespace n where nspname <> 'public' and " + OURS,
}  # fmt: skip

PRIVILEGES: dict[str, LiteralString] = {
    "privilege": "select 'relation ' || " + NAME + ", "
    + _grants("c.relacl", "case c.relkind when 'S' then 's' else 'r'"
                          " end::\"char\"", "c.relowner") + " from " + RELATION
    + "where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') union all select 'column ' || " + NAME
    + " || '.' || quote_ident(a.attname), "
    + _grants("a.attacl", "'c'", "c.relowner") + " from " + RELATION
    + "join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attacl is not null and not a.attisdropped"
    " union all select 'function ' || p.oid::regprocedure, " + _grants("p.proacl", "'f'", "p.proowner")
    + " from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace where " + OURS
    + " and " + _free("p.oid", "pg_proc")
    + " union all select 'schema ' || quote_ident(nspname), " + _grants("n.nspacl", "'n'", "n.nspowner")
    + " from pg_catalog.pg_namespace n where nspname <> 'public' and " + OURS,
}  # fmt: skip
"""Without what an owner may anyway. ``public`` is left out: from version 15 on a new database closes it to
all."""
