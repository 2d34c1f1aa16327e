"""What was changed after a copy is found, and named."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from offline.postgres_server import Server
from ops.errors import Exit, OpsError
from ops.migrate import report as pages
from ops.migrate.connect import Endpoint
from tests.ops.migrate.support import execute, run_copy, run_verify

Database = Callable[..., Endpoint]

CHANGES = {
    "one byte of a text": (
        "update app.every_type set t = overlay(t placing 'X' from 1) where id = 150",
        "id=150: changed in t",
    ),
    "one byte of a bytea": (
        "update app.every_type set bin = set_byte(bin, 1, 254) where id = 9", "id=9: changed in bin"),
    "a generated column": (
        "alter table app.every_type alter doubled drop expression; update app.every_type set doubled = 1"
        " where id = 4",
        "id=4: changed in doubled",
    ),
    "null for the empty text": (
        "update app.every_type set t = null where t = ''", "id=301: changed in t"),
    "a lost row": ("delete from app.self where id = 3", "id=3: lost"),
    "an extra row": ("insert into text_key values ('new', 1)", "k=new: extra"),
    "a lost row without a key": (
        "delete from no_key where ctid = (select min(ctid) from no_key where b = 'twin')",
        "(2 in the source, 1 in the target)",
    ),
    "a doubled row without a key": ("insert into no_key values (1,"
                                    " 'twin')", "(2 in the source, 3 in the target)"),
    "a doubled row whose key is gone": (
        "alter table composite_key drop constraint composite_key_pkey;"
        " insert into composite_key select * from composite_key where a = 33",
        "a=33, c=2024-02-03: doubled",
    ),
    "a row in another partition's table": (
        "alter table app.hashed detach partition app.hashed_0; delete from app.hashed_0 where id = 1",
        "table app.hashed_0",
    ),
    "rows without columns": ("insert into no_columns default values", "table public.no_columns: 2 rows in the"
                                                                      " source, 3"),
    "an empty table": ("insert into empty_table values (1)", "id=1: extra"),
    "a sequence": ("select setval('unused_sequence', 78, false)", "sequence position public.unused_sequence:"
                                                                  " changed"),
    "a sequence by use": ("select setval('unused_sequence', 77,"
                          " true)", "sequence position public.unused_sequence"),
    "an identity": ("select nextval('identities_a_seq')", "sequence position public.identities_a_seq:"
                                                          " changed"),
    "an index": ("drop index app.event_kind", "index app.event_kind: missing"),
    "an index's definition": (
        "drop index app.every_type_lower; create index every_type_lower on app.every_type (lower(t))",
        "index app.every_type_lower: changed",
    ),
    "a foreign key": ("alter table app.egg drop constraint"
                      " egg_chicken_fkey", "constraint app.egg egg_chicken_fkey: missing"),
    "a check": ("alter table app.child drop constraint"
                " child_extra_check", "constraint app.child child_extra_check: missing"),
    "a domain's check": ("alter domain app.percent drop constraint"
                         " in_range", "domain constraint app.percent in_range: missing"),
    "a primary key": ("alter table text_key drop constraint"
                      " text_key_pkey", "constraint public.text_key text_key_pkey: missing"),
    "not null": ("alter table unique_only alter a drop not null", "column public.unique_only.a: changed"),
    "a default": ("alter table dropped_column alter b set"
                  " default 8", "column public.dropped_column.b: changed"),
    "a column": ("alter table dropped_column drop column c", "column public.dropped_column.c: missing"),
    "a column's type": ("alter table dropped_column alter b type"
                        " bigint", "column public.dropped_column.b: changed"),
    "a table": ("drop table composite_key", "table public.composite_key: not comparable: the target has no"
                                            " such table"),
    "a strange table": ("create table strange (a int)", "table public.strange: not comparable"),
    "a trigger": ("drop trigger chicken_log on app.chicken", "trigger app.chicken chicken_log: missing"),
    "a trigger's state": ("alter table app.chicken enable trigger"
                          " chicken_log", "trigger app.chicken chicken_log: changed"),
    "a policy": ("drop policy own_rows on app.tenant_data", "policy app.tenant_data own_rows: missing"),
    "row security": ("alter table app.tenant_data disable row level"
                     " security", "relation app.tenant_data: changed"),
    "an extension": ("drop extension pg_trgm cascade", "extension pg_trgm: missing"),
    "a view": ("create or replace view app.joined as select 1 as id, 2::bigint"
               " as n", "view app.joined: changed"),
    "a materialized view": ("refresh materialized view app.counts_again with no"
                            " data", "populated materialized view"),
    "a function": (
        "create or replace function app.add(int, int default 2) returns int language sql immutable strict as"
        " 'select $1'",
        "function app.add(integer,integer): changed",
    ),
    "an enum": ("alter type app.mood rename value 'so-so' to 'meh'", "type app.mood: changed"),
    "a large object's byte": ("select lo_put(70003, 2999999, '\\x01')", "large object 70003: changed"),
    "a lost large object": ("select lo_unlink(70002)", "large object 70002: missing"),
    "a grant": ("revoke insert on app.tenant_data from"
                " reader", "privilege relation app.tenant_data: changed"),
    "an owner": ("alter table app.parent owner to stranger", "owner relation app.parent: changed"),
    "a comment": ("comment on column app.every_type.t is 'other'", "comment table column app.every_type.t:"
                                                                   " changed"),
    "odd names": (
        'update "Quoted ""Schema"""."한글 테이블" set "quo""te" = \'다\' where "키" = 5',
        '키=5: changed in quo"te',
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def copied(rich: Endpoint, new: Server, pg_bin: Path) -> Iterator[str]:
    """The name of a finished copy, from which databases are made."""
    new.create_database("copied")
    run_copy(rich, Endpoint("target", new.parameters("copied")), pg_bin)
    yield "copied"
    new.drop_database("copied")


@pytest.mark.parametrize("half", [0, 1])
def test_many_changes_at_once_are_all_named(
    half: int, rich: Endpoint, copied: str, database: Database
) -> None:
    """Every other one, since some are to the same object."""
    target = database(options=f"template {copied}")
    chosen = [name for number, name in enumerate(CHANGES) if number % 2 == half]
    for name in chosen:
        execute(target, CHANGES[name][0])
    problems = run_verify(rich, target).problems()
    missing = [name for name in chosen if not any(CHANGES[name][1] in line for line in problems)]
    assert missing == [], problems


@pytest.mark.slow
@pytest.mark.parametrize("change", list(CHANGES))
def test_a_change_is_found_and_named(change: str, rich: Endpoint, copied: str, database: Database) -> None:
    target = database(options=f"template {copied}")
    statement, named = CHANGES[change]
    execute(target, statement)
    report = run_verify(rich, target)
    assert not report.equal
    assert any(named in line for line in report.problems()), report.problems()
    assert len(report.problems()) < 12, "nothing else is blamed"


def test_all_else_is_equal(rich: Endpoint, copied: str, database: Database) -> None:
    target = database(options=f"template {copied}")
    execute(target, "delete from app.self where id = 3")
    report = run_verify(rich, target)
    assert [table.name for table in report.tables if not table.equal] == ["app.self"]
    assert report.object_differences == []


def test_the_report_is_kept_and_shown(rich: Endpoint, copied: str, database: Database) -> None:
    target = database(options=f"template {copied}")
    execute(target, "update text_key set k = '<script>' where v = 3")
    report = run_verify(rich, target)
    page = pages.html(report)
    assert "Not equal" in page
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
    assert "http" not in page, "one file, no outside parts"
    ((equal, kept),) = execute(target, "select equal, report from ops_migrate.verification")
    assert equal is False
    assert kept == json.loads(json.dumps(report.json(), default=str))
    again = run_verify(rich, target)
    assert again.digest == report.digest, "the same rows, the same digest"


def test_an_unfinished_copy_is_not_verified(rich: Endpoint, copied: str, database: Database) -> None:
    target = database(options=f"template {copied}")
    execute(target, "update ops_migrate.run set phase = 'indexes'")
    with pytest.raises(OpsError, match="is not finished") as caught:
        run_verify(rich, target)
    assert caught.value.exit_code == Exit.REFUSED


def test_ranges_of_a_large_table(database: Database, old: Server, pg_bin: Path) -> None:
    script = (
        "create table big as select g id, md5(g::text) v from generate_series(1, 60000) g;"
        " alter table big add primary key (id); analyze"
    )
    source, target = database(script, server=old, role="source"), database()
    run_copy(source, target, pg_bin, chunk_bytes=1024 * 1024)
    assert execute(target, "select count(*) > 3 from ops_migrate.chunk") == [(True,)]
    execute(
        target, "update big set v = 'x' where id in (1, 30000, 60000); insert into big values (60001, 'new')"
    )
    (table,) = run_verify(source, target, range_bytes=1024 * 1024).tables
    assert table.ranges > 3
    assert table.different_rows == 4
    found = {(int(d.key["id"]), d.what) for d in table.differences}
    assert found == {(1, "changed"), (30000, "changed"), (60000, "changed"), (60001, "extra")}


def test_a_large_table_in_no_order_is_a_multiset(database: Database, old: Server, pg_bin: Path) -> None:
    script = (
        "create table u as select md5(g::text)::uuid id, g v from generate_series(1, 60000) g;"
        " alter table u add primary key (id); analyze"
    )
    source, target = database(script, server=old, role="source"), database()
    run_copy(source, target, pg_bin)
    execute(target, "update u set v = -1 where v = 5")
    (table,) = run_verify(source, target, range_bytes=1024 * 1024).tables
    assert table.method == "SHA-256, multiset"
    assert len(table.differences) == 2, "the row as it was is lost, the row as it is now is extra"
    assert {d.what for d in table.differences} == {"lost", "extra"}
