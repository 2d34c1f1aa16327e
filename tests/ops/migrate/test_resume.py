"""Killed, cut off, out of disk: nothing is lost, nothing comes twice, and nobody is told otherwise."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import conninfo

from offline.postgres_server import Server
from ops.errors import Exit, OpsError
from ops.migrate import copy
from ops.migrate.connect import Endpoint
from ops.migrate.journal import Journal
from ops.migrate.pool import Pool
from ops.migrate.snapshot import Holder
from ops.migrate.tasks import Task
from tests.ops.migrate.conftest import Cluster
from tests.ops.migrate.proxy import Proxy
from tests.ops.migrate.support import execute, run_copy, run_verify

Database = Callable[..., Endpoint]
REPOSITORY = Path(__file__).parents[3]

LEDGER = """
create table ledger (id bigint primary key, at timestamptz, v text);
insert into ledger select g, now(), md5(g::text) from generate_series(1, {rows}) g;
create table loose (a int, b text);
insert into loose select g % 100, md5(g::text) from generate_series(1, {rows} / 2) g;
create table refers (id int primary key, ledger bigint references ledger);
insert into refers select g, g from generate_series(1, {rows} / 4) g;
create index ledger_v on ledger (v);
create index loose_b on loose (b);
select lo_from_bytea(90000 + g, decode(repeat('0a', 5000), 'hex')) from generate_series(1, 20) g;
create sequence numbers; select setval('numbers', 4711);
analyze;
"""
ROWS = 40_000
SMALL_CHUNKS = 512 * 1024


@pytest.fixture
def ledger(old: Server, database: Database) -> Endpoint:
    return database(LEDGER.format(rows=ROWS), server=old, role="source")


class Killable:
    """``ops migrate copy`` as a process group of its own, as a person starts it."""

    def __init__(self, source: Endpoint, target: Endpoint, pg_bin: Path, folder: Path, *extra: str) -> None:
        passwords = folder / "passfile"
        passwords.write_text("".join(f"*:*:*:*:{end.parameters['password']}\n" for end in (source,)))
        lines = [f"*:{e.parameters['port']}:*:*:{e.parameters['password']}" for e in (source, target)]
        passwords.write_text("\n".join(lines) + "\n")
        passwords.chmod(0o600)
        self.command = [
            sys.executable,
            "-m",
            "ops",
            "migrate",
            "copy",
            "--source",
            reference(source),
            "--target",
            reference(target),
            "--pg-bin",
            str(pg_bin),
            "--jobs",
            "2",
            "--chunk-mb",
            "1",
            "--json",
            *extra,
        ]
        self.environ = {**os.environ, "PGPASSFILE": str(passwords)}

    def start(self) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            self.command,
            cwd=REPOSITORY,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def finish(self) -> dict[str, object]:
        process = self.start()
        out, err = process.communicate(timeout=250)
        assert process.returncode == 0, err
        return json.loads(out)


def reference(endpoint: Endpoint) -> str:
    return conninfo.make_conninfo("", **{k: v for k, v in endpoint.parameters.items() if k != "password"})


def killed_and_resumed(
    job: Killable, source: Endpoint, target: Endpoint, *, kills: int, longest: float, seed: int
) -> None:
    """Kill ``kills`` times at random moments after it has connected; then let it finish, and compare."""
    dice = random.Random(seed)  # noqa: S311 (repeatable)
    for _ in range(kills):
        process = job.start()
        await_session(target, process)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(dice.uniform(0, longest))
        whole_group = dice.random() < 0.5
        if process.poll() is None:
            if whole_group:
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        process.communicate()
    job.finish()
    assert run_verify(source, target).problems() == []
    assert execute(target, "select count(*), sum(id) from ledger") == execute(
        source, "select count(*), sum(id) from ledger"
    )


def await_session(target: Endpoint, process: "subprocess.Popen[str]") -> None:
    """Until the tool has begun to talk to the target: before that a kill proves nothing."""
    query = "select count(*) from pg_stat_activity where application_name = 'ops-migrate coordinator'"
    end = time.monotonic() + 60
    while process.poll() is None and not execute(target, query)[0][0]:
        assert time.monotonic() < end
        time.sleep(0.02)


def test_killed_at_random_moments(ledger: Endpoint, database: Database, pg_bin: Path, tmp_path: Path) -> None:
    target = database()
    killed_and_resumed(
        Killable(ledger, target, pg_bin, tmp_path), ledger, target, kills=5, longest=2.0, seed=10
    )


@pytest.mark.slow
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("round_", range(5))
def test_killed_fifty_times(
    round_: int, old: Server, database: Database, pg_bin: Path, tmp_path: Path
) -> None:
    """Ten times each into five databases."""
    source = database(LEDGER.format(rows=400_000), server=old, role="source")
    target = database()
    killed_and_resumed(
        Killable(source, target, pg_bin, tmp_path), source, target, kills=10, longest=6.0, seed=round_
    )


@pytest.fixture
def half(ledger: Endpoint, database: Database, pg_bin: Path, monkeypatch: pytest.MonkeyPatch) -> Endpoint:
    """A target in which a copy stopped with some chunks done."""
    target = database()
    stop_in_the_middle(ledger, target, pg_bin, monkeypatch)
    return target


def stop_in_the_middle(
    source: Endpoint, target: Endpoint, pg_bin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Pool.run

    def run(self, tasks, progress, done):  # type: ignore[no-untyped-def]
        tasks = list(tasks)
        original(
            self, tasks[: len(tasks) // 2] if tasks and tasks[0].kind == "copy" else tasks, progress, done
        )
        if tasks and tasks[0].kind == "copy":
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Pool, "run", run)
        with pytest.raises(KeyboardInterrupt):
            run_copy(source, target, pg_bin, chunk_bytes=SMALL_CHUNKS)
    done = execute(target, "select count(*) filter (where state = 'done'), count(*) from ops_migrate.chunk")[
        0
    ]
    assert 2 <= done[0] < done[1]


def test_what_did_not_change_is_not_copied_again(ledger: Endpoint, half: Endpoint, pg_bin: Path) -> None:
    before = execute(
        half, "select sum(rows)::int from ops_migrate.chunk where state = 'done' and kind = 'table'"
    )[0][0]
    # Another transaction anywhere on the server: nothing may be taken for granted, each chunk is looked at.
    execute(ledger, "create temporary table elsewhere (a int); insert into elsewhere values (1)")
    outcome = run_copy(ledger, half, pg_bin)
    assert outcome.resumed
    assert outcome.redone in ([], ["large objects"])
    assert outcome.rows == outcome.total_rows - before
    assert run_verify(ledger, half).problems() == []


CHANGES = {
    "inserted": "insert into ledger values (-1, now(), 'new'), (999999, now(), 'new')",
    "updated": "update ledger set v = 'changed' where id in (1, 20000, 40000)",
    "deleted": "delete from refers where ledger in (1, 100, 10000); delete from ledger where id in (1, 100,"
    " 10000)",
    "deleted and inserted again": "delete from refers where ledger = 5; delete from ledger where id = 5;"
    " insert into ledger values (5, now(), 'again')",
    "updated in a subtransaction": "begin; savepoint s; update ledger set v = 'sub' where id = 3; release s;"
    " commit",
    "truncated": "truncate ledger cascade",
    "updated and vacuumed": "update ledger set v = 'x' where id = 2",
    "large objects": "select lo_put(90003, 100, 'changed')",
}


@pytest.mark.parametrize("change", list(CHANGES))
def test_what_changed_in_between_is_copied_again(
    change: str, ledger: Endpoint, half: Endpoint, pg_bin: Path
) -> None:
    execute(ledger, CHANGES[change])
    if "vacuum" in change:
        execute(ledger, "vacuum (freeze) ledger")
    outcome = run_copy(ledger, half, pg_bin)
    named = "large objects" if change == "large objects" else "public.ledger"
    done_before = named in outcome.redone
    assert run_verify(ledger, half).problems() == []
    assert done_before or change == "large objects", outcome


def test_written_by_a_transaction_that_was_open_at_the_snapshot(
    ledger: Endpoint, database: Database, pg_bin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = database()
    with ledger.connect("test") as writer:
        writer.execute(
            "begin; savepoint a; update public.ledger set v = 'late' where id in (1, 40000); release a"
        )
        stop_in_the_middle(ledger, target, pg_bin, monkeypatch)
        writer.execute("commit")
    assert "public.ledger" in run_copy(ledger, target, pg_bin).redone
    assert run_verify(ledger, target).problems() == []


def test_a_table_written_anew_on_the_source(ledger: Endpoint, half: Endpoint, pg_bin: Path) -> None:
    execute(ledger, "vacuum full ledger")
    run_copy(ledger, half, pg_bin)
    assert run_verify(ledger, half).problems() == []


SCHEMA_CHANGES = {
    "alter table ledger add column extra int": "TABLE ledger",
    "create table appeared (a int)": "new or changed: TABLE appeared",
    "drop index ledger_v": "gone or changed: INDEX ledger_v",
    "create function late() returns int language sql as 'select 1'": "new or changed: FUNCTION late()",
}


@pytest.mark.parametrize("change", list(SCHEMA_CHANGES))
def test_a_schema_changed_in_between(change: str, ledger: Endpoint, half: Endpoint, pg_bin: Path) -> None:
    execute(ledger, change)
    with pytest.raises(OpsError, match="schema was changed since the copy began") as caught:
        run_copy(ledger, half, pg_bin)
    assert SCHEMA_CHANGES[change] in caught.value.message
    assert caught.value.exit_code == Exit.INCOMPLETE


def test_a_schema_changed_while_rows_are_copied(
    ledger: Endpoint, database: Database, pg_bin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, original = database(), copy.Copy._sequences

    def changed(self, book, holder):  # type: ignore[no-untyped-def]
        execute(ledger, "create table appeared (a int)")
        original(self, book, holder)

    monkeypatch.setattr(copy.Copy, "_sequences", changed)
    with pytest.raises(OpsError, match="changed while the rows were copied") as caught:
        run_copy(ledger, target, pg_bin)
    assert "TABLE appeared" in caught.value.message


def test_tables_cannot_be_altered_under_the_snapshot(ledger: Endpoint) -> None:
    with Holder(ledger), ledger.connect("test") as other:
        other.execute("set lock_timeout = '200ms'")
        for change in (
            "truncate public.loose",
            "alter table public.loose add c int",
            "vacuum full public.loose",
        ):
            with pytest.raises(Exception, match="lock timeout"):
                other.execute(change)  # type: ignore[arg-type]
        other.execute("update public.loose set a = 1 where a = 2")


def test_another_source_is_refused(half: Endpoint, old: Server, database: Database, pg_bin: Path) -> None:
    other = database(LEDGER.format(rows=100), server=old, role="source")
    with pytest.raises(OpsError, match="which is another database") as caught:
        run_copy(other, half, pg_bin)
    assert caught.value.exit_code == Exit.REFUSED


def test_two_copies_at_once_are_refused(ledger: Endpoint, half: Endpoint, pg_bin: Path) -> None:
    with half.connect("coordinator") as connection:
        Journal(connection).lock(take_over=False)
        with pytest.raises(OpsError, match="another copy into this database is under way: session") as caught:
            run_copy(ledger, half, pg_bin)
        assert caught.value.exit_code == Exit.REFUSED
        run_copy(ledger, half, pg_bin, take_over=True)
    assert run_verify(ledger, half).problems() == []


@pytest.fixture
def own_source(cluster: Cluster) -> Iterator[Server]:
    """A server that a test may stop."""
    server = cluster.server("frail", 12)
    server.create_database("ledger")
    server.execute(LEDGER.format(rows=ROWS), "ledger")
    yield server
    server.drop_database("ledger")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT])
def test_the_source_restarts(
    how: signal.Signals, own_source: Server, database: Database, pg_bin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = Endpoint("source", own_source.parameters("ledger")), database()
    original, restarted = Pool.run, []

    def run(self, tasks, progress, done):  # type: ignore[no-untyped-def]
        def done_and_restart(task: Task, result: object) -> None:
            done(task, result)
            if task.kind == "copy" and not restarted:
                own_source.restart(how)
                restarted.append(task)

        original(self, tasks, progress, done_and_restart)

    monkeypatch.setattr(Pool, "run", run)
    with pytest.raises(OpsError) as caught:
        run_copy(source, target, pg_bin, chunk_bytes=SMALL_CHUNKS)
    assert caught.value.exit_code == Exit.INCOMPLETE
    assert "the same command" in str(caught.value.fix)
    outcome = run_copy(source, target, pg_bin)
    assert outcome.resumed
    assert run_verify(source, target).problems() == []


def test_the_targets_disk_is_full(cluster: Cluster, ledger: Endpoint, pg_bin: Path) -> None:
    full = cluster.server(
        "full",
        17,
        file_size_limit=20 * 1024 * 1024,
        settings={"max_wal_size": "32MB", "wal_level": "minimal", "max_wal_senders": "0"},
    )
    full.create_database("t")
    target = Endpoint("target", full.parameters("t"))
    execute(ledger, "alter table loose add c text; update loose set c = repeat(md5(a::text), 60)")
    with pytest.raises(OpsError) as caught:
        run_copy(ledger, target, pg_bin)
    assert caught.value.exit_code == Exit.INCOMPLETE
    assert "disk" in f"{caught.value.message} {caught.value.fix}"
    full.stop()
    full.file_size_limit = None
    full.start()
    assert run_copy(ledger, target, pg_bin).resumed
    assert run_verify(ledger, target).problems() == []


def test_the_network_is_cut_and_comes_back(ledger: Endpoint, database: Database, pg_bin: Path) -> None:
    """Twice, between tool and target: each chunk is tried again in a new session."""
    target = database()
    with Proxy(int(target.parameters["port"])) as proxy:
        through = Endpoint("target", {**target.parameters, "port": str(proxy.port)})
        cuts = threading.Thread(target=lambda: [(time.sleep(1.2), proxy.cut()) for _ in range(2)])
        cuts.start()
        for _ in range(8):
            with contextlib.suppress(OpsError, psycopg.OperationalError):
                run_copy(ledger, through, pg_bin, chunk_bytes=SMALL_CHUNKS)
                break
        cuts.join()
    assert run_verify(ledger, target).problems() == []
