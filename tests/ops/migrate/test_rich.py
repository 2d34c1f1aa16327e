"""One of everything, from an old version to a new one: copied, and found equal."""

from collections.abc import Callable
from pathlib import Path

import pytest

from offline.postgres_server import Server
from ops.migrate.connect import Endpoint
from tests.ops.migrate.conftest import Cluster
from tests.ops.migrate.support import execute, run_copy, run_verify

Database = Callable[..., Endpoint]


def test_one_of_everything_is_copied_and_found_equal(
    rich: Endpoint, database: Database, pg_bin: Path
) -> None:
    target = database()
    outcome = run_copy(rich, target, pg_bin)
    assert not outcome.resumed
    report = run_verify(rich, target)
    assert report.problems() == []
    assert report.equal
    assert report.rows == outcome.total_rows > 2000
    assert report.large_objects == 3
    assert execute(target, "select count(*) from app.audit") == execute(
        rich, "select count(*) from app.audit"
    )
    assert execute(target, "select n from app.counts order by kind") == [(133,), (267,)], "refreshed"
    assert execute(target, "select doubled from app.every_type where id = 3") == [(6000,)]
    assert execute(target, "insert into identities default values returning a, b") == [(20, 3)]


def test_a_finished_copy_is_left_alone(rich: Endpoint, database: Database, pg_bin: Path) -> None:
    target = database()
    first = run_copy(rich, target, pg_bin)
    again = run_copy(rich, target, pg_bin)
    assert again.resumed
    assert (again.rows, again.total_rows) == (0, first.total_rows)
    assert run_verify(rich, target).equal


def test_without_owners_and_privileges(rich: Endpoint, database: Database, pg_bin: Path) -> None:
    target = database()
    run_copy(rich, target, pg_bin, owners=False, privileges=False)
    assert execute(
        target, "select relowner::regrole::text from pg_class where oid = 'app.parent'::regclass"
    ) == [("postgres",)]
    report = run_verify(rich, target)
    assert report.problems() == []
    assert any("Owners are not compared" in note for note in report.notes)


FLOATS = """
create table f (id int primary key, a float4, b float8, c float8[], p point, m money,
  at timestamptz, iv interval);
insert into f select g, g / 3.0, g / 7.0, array[g / 11.0, 'NaN'], point(g / 13.0, 0.1), g, now(),
  g * interval '1 day 1 hour' from generate_series(1, 500) g;
create table t (k text collate "ko-x-icu" primary key, v text collate "en-x-icu");
insert into t select chr(44032 + g * 7) || g, chr(97 + g % 26) from generate_series(1, 500) g;
"""


def test_the_widest_step_between_versions(cluster: Cluster, database: Database, pg_bin: Path) -> None:
    """Floating-point numbers are printed otherwise before 12, and SHA-256 is missing in 10."""
    oldest, newest = cluster.server("oldest", 10), cluster.server("newest", 18)
    source = database(FLOATS, server=oldest, role="source")
    target = database(server=newest)
    run_copy(source, target, pg_bin)
    report = run_verify(source, target)
    assert report.problems() == []
    assert {table.method for table in report.tables} == {"MD5, key ranges"}
    execute(target, "update f set b = b + 1e-13 where id = 77")
    (difference,) = next(table for table in run_verify(source, target).tables if not table.equal).differences
    assert (difference.key, difference.columns) == ({"id": "77"}, ["b"])


@pytest.mark.parametrize("encoding", ["LATIN1", "EUC_KR"])
def test_other_encodings_become_utf8(encoding: str, old: Server, database: Database, pg_bin: Path) -> None:
    word = "é" if encoding == "LATIN1" else "한글"
    options = f"encoding '{encoding}' lc_collate 'C' lc_ctype 'C' template template0"
    script = (
        "create table t (id int primary key, v text, a text[]);"  # noqa: S608
        f" insert into t values (1, '{word}', '{{{word}}}')"
    )
    source = database(script, server=old, role="source", options=options)
    target = database()
    run_copy(source, target, pg_bin)
    assert execute(target, "select v from t") == [(word,)]
    assert run_verify(source, target).problems() == []


def test_a_thousand_tables(old: Server, database: Database, pg_bin: Path) -> None:
    script = """do $$ begin for n in 1..1000 loop
      execute format('create table %I (id int primary key, v text)', 't' || n);
      execute format('insert into %I values (1, %L), (2, null)', 't' || n, 'v' || n);
    end loop; end $$"""
    source = database(script, server=old, role="source")
    target = database()
    outcome = run_copy(source, target, pg_bin)
    assert (outcome.tables, outcome.total_rows) == (1000, 2000)
    report = run_verify(source, target)
    assert report.equal
    assert len(report.tables) == 1000
