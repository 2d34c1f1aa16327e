"""What a copy would meet is said before it meets it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from offline.postgres_server import Server
from ops.errors import Exit, OpsError
from ops.migrate import plan
from ops.migrate.connect import Endpoint
from tests.ops.migrate.support import execute, run_copy

Database = Callable[..., Endpoint]


def examine(source: Endpoint, target: Endpoint, tools: int | None = 17) -> plan.Plan:
    with source.connect("test") as reading, target.connect("test") as writing:
        return plan.examine(reading, writing, tools)


def test_one_of_everything(rich: Endpoint, database: Database) -> None:
    found = examine(rich, database())
    assert found.blockers == []
    assert {finding.code for finding in found.findings} == {
        "no-primary-key", "unlogged", "not-validated", "publication",
    }  # fmt: skip
    assert (found.source.version, found.target.version) == ("12.22", "17.10")
    assert found.large_objects == 3
    formats = {table["name"]: table["format"] for table in found.json()["tables"]}
    assert formats["public.text_key"] == "binary"
    assert formats["app.every_type"] == "text"
    keys = {str(table): table.key for table in found.tables}
    assert keys["public.composite_key"] == ("b", "a", "c")
    assert keys["public.unique_only"] == ("a",)
    assert keys["public.no_key"] == ()
    for finding in found.findings:
        assert finding.what
        assert finding.why
        assert finding.fix


SCRIPTS = {
    "create table t (id int primary key); alter table t owner to only_there": "role-missing",
    "create extension xml2": "extension-missing",
    "create unlogged table t (a int primary key)": "unlogged",
    "create table t (id int primary key, v int not null); alter table t add check (v > 0) not"
    " valid": "not-validated",
    "create extension postgres_fdw; create server s foreign data wrapper postgres_fdw; create foreign table f"
    " (a int) server s":
        "foreign-table",
    "do $$ begin execute format('alter database %I set work_mem = ''5MB''', current_database()); end"
    " $$": "setting",
}  # fmt: skip


@pytest.mark.parametrize("script", list(SCRIPTS))
def test_findings(script: str, old: Server, database: Database) -> None:
    if "only_there" in script and not old.execute("select 1 from pg_roles where rolname = 'only_there'"):
        old.execute("create role only_there")
    source = database(script, server=old, role="source")
    assert SCRIPTS[script] in {finding.code for finding in examine(source, database()).findings}


def test_blockers_stop_a_copy_before_it_writes(old: Server, database: Database, pg_bin: Path) -> None:
    source = database("create extension xml2", server=old, role="source")
    target = database()
    with pytest.raises(OpsError, match="extension-missing") as caught:
        run_copy(source, target, pg_bin)
    assert caught.value.exit_code == Exit.REFUSED
    assert execute(target, "select count(*) from pg_namespace where nspname = 'ops_migrate'") == [(0,)]


def test_a_target_in_use(rich: Endpoint, database: Database) -> None:
    target = database("create table mine (a int)")
    assert [finding.code for finding in examine(rich, target).blockers] == ["target-not-empty"]


@pytest.mark.parametrize(
    ("tools", "code"), [(None, "no-pg-dump"), (11, "pg-dump-version"), (18, "pg-dump-version")]
)
def test_client_programs(tools: int | None, code: str, rich: Endpoint, database: Database) -> None:
    assert [finding.code for finding in examine(rich, database(), tools).blockers] == [code]


def test_backwards(rich: Endpoint, database: Database) -> None:
    codes = {finding.code for finding in examine(database(role="source"), rich).blockers}
    assert {"target-older", "target-not-empty"} <= codes


def test_encodings(old: Server, database: Database, rich: Endpoint) -> None:
    ascii_ = "encoding 'SQL_ASCII' lc_collate 'C' lc_ctype 'C' template template0"
    source = database("select 1", server=old, role="source", options=ascii_)
    found = {finding.code: finding for finding in examine(source, database()).findings}
    assert found["encoding"].severity == "blocker"
    assert found["collation"].severity == "warning"
    latin = database(options="encoding 'LATIN1' lc_collate 'C' lc_ctype 'C' template template0")
    assert {finding.code: finding.severity for finding in examine(rich, latin).findings}[
        "encoding"
    ] == "blocker"


def test_a_role_that_rows_are_hidden_from(old: Server, database: Database) -> None:
    source = database(
        "create table t (a int primary key); alter table t enable row level security;"
        " create table closed (a int primary key); grant select on t to stranger",
        server=old, role="source",
    )  # fmt: skip
    old.execute(f"alter role stranger password '{old.password}'")
    reader = Endpoint("source", {**source.parameters, "user": "stranger"})
    blockers = {finding.code: finding.what for finding in examine(reader, database()).blockers}
    assert "public.t" in blockers["row-security"]
    assert "public.closed" in blockers["unreadable"]
