"""Moving a database: against pg_dump and pg_restore, pgcopydb, and a single stream of COPY, in turn, on two
servers of this machine."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.engine import EngineMissingError
from bench.inputs import Inputs
from bench.process import REPOSITORY, MeasurementError
from bench.stats import Spread, ratios
from bench.table import Table
from offline import postgres_binaries
from offline.postgres_binaries import PostgresMissingError
from offline.postgres_server import Server
from offline.postgres_tls import Authority

JOBS = 2
ROWS = int(os.environ.get("BENCH_MIGRATE_ROWS", "2000000"))
"""Of the large table; 10,000,000 for the figure of the documentation."""

SOURCE, TARGET = 12, 17

SERVER_SETTINGS = {"shared_buffers": "512MB", "max_wal_size": "4GB", "maintenance_work_mem": "256MB"}

SCHEMA = """
create table large (id bigint primary key, email text not null, score int, amount numeric(12, 2),
  at timestamptz, note text, ratio float8);
insert into large select g, 'user' || g || '@example.com', g % 100, g * 1.01,
  timestamptz '2024-01-01+00' + g * interval '1 s', md5(g::text), g / 7.0 from generate_series(1, {rows}) g;
create index large_email on large (email);
create table answers (id uuid primary key, survey int, answer jsonb, tags text[]);
insert into answers select md5(g::text)::uuid, g % 500, jsonb_build_object('q', g, 'text', md5(g::text)),
  array['a', 'b' || g] from generate_series(1, {rows} / 5) g;
create table small_1 (id int primary key, v text);
insert into small_1 select g, 'v' from generate_series(1, 1000) g;
create table small_2 (id int primary key, v text);
insert into small_2 select g, 'v' from generate_series(1, 1000) g;
vacuum (analyze) large; vacuum (analyze) answers;
"""


@dataclass(frozen=True)
class Pair:
    """Two servers, and a folder for what goes through files."""

    source: Server
    target: Server
    folder: Path

    def fresh(self) -> None:
        self.target.drop_database("moved")
        self.target.create_database("moved")

    def reference(self, server: Server, dbname: str) -> str:
        kept = {key: value for key, value in server.parameters(dbname).items() if key != "password"}
        return " ".join(f"{key}={value}" for key, value in kept.items())

    def environ(self) -> dict[str, str]:
        passwords = self.folder / "passfile"
        lines = [f"*:{server.port}:*:*:{server.password}\n" for server in (self.source, self.target)]
        passwords.write_text("".join(lines), encoding="utf-8")
        passwords.chmod(0o600)
        return {**os.environ, "PGPASSFILE": str(passwords)}

    def run(self, *command: object) -> float:
        """Seconds of a process. Raises MeasurementError with the end of what it said."""
        started = time.perf_counter()
        done = subprocess.run(
            [str(part) for part in command],
            cwd=REPOSITORY,
            env=self.environ(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise MeasurementError(
                f"{command[0]}: exit {done.returncode}\n{(done.stdout + done.stderr)[-2000:]}"
            )
        return time.perf_counter() - started


@contextlib.contextmanager
def servers(rows: int) -> Generator[Pair]:
    """A source with rows, and an empty target."""
    with tempfile.TemporaryDirectory(prefix="bench-pg-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        authority = Authority.make(folder)
        made = [Server(major, folder / str(major), authority, SERVER_SETTINGS) for major in (SOURCE, TARGET)]
        try:
            for server in made:
                server.start()
            made[0].create_database("bench")
            for statement in SCHEMA.format(rows=rows).split(";"):
                made[0].execute(statement, "bench")
            yield Pair(made[0], made[1], folder)
        finally:
            for server in made:
                server.discard()


def tool(pair: Pair) -> float:
    """``ops migrate copy``, without ANALYZE, which pg_restore does not do either."""
    pair.fresh()
    return pair.run(
        sys.executable,
        "-m",
        "ops",
        "migrate",
        "copy",
        "--json",
        "--no-statistics",
        "--jobs",
        JOBS,
        *_ends(pair),
        "--pg-bin",
        _bin(),
    )


def verify(pair: Pair) -> float:
    """``ops migrate verify`` of the copy before it."""
    return pair.run(
        sys.executable,
        "-m",
        "ops",
        "migrate",
        "verify",
        "--json",
        "--jobs",
        JOBS,
        *_ends(pair),
        "--report",
        pair.folder / "report",
    )


def dump_and_restore(pair: Pair, compress: str) -> float:
    """``pg_dump -j`` into a folder, then ``pg_restore -j``."""
    pair.fresh()
    folder = pair.folder / "dump"
    shutil.rmtree(folder, ignore_errors=True)
    seconds = pair.run(
        _bin() / "pg_dump",
        "-Fd",
        "-j",
        JOBS,
        f"--compress={compress}",
        "-f",
        folder,
        f"--dbname={pair.reference(pair.source, 'bench')}",
    )
    return seconds + pair.run(
        _bin() / "pg_restore", "-j", JOBS, f"--dbname={pair.reference(pair.target, 'moved')}", folder
    )


def single_stream(pair: Pair) -> float:
    """The large table alone by one stream of psql to psql: no indexes, no journal."""
    pair.fresh()
    pair.target.execute(SCHEMA.split(";", maxsplit=1)[0].replace(" primary key", ""), "moved")
    reading, writing = (
        f"{_bin() / 'psql'} -X '{pair.reference(server, name)}' -c '\\copy large {way} with (format binary)'"
        for server, name, way in ((pair.source, "bench", "to pstdout"), (pair.target, "moved", "from pstdin"))
    )
    return pair.run("bash", "-c", f"set -o pipefail; {reading} | {writing}")


def _ends(pair: Pair) -> list[str]:
    return [
        "--source",
        pair.reference(pair.source, "bench"),
        "--target",
        pair.reference(pair.target, "moved"),
    ]


def _bin() -> Path:
    return postgres_binaries.find(postgres_binaries.CLIENT_MAJOR) / "bin"


def pgcopydb(pair: Pair) -> float:
    pair.fresh()
    return pair.run(
        "pgcopydb",
        "clone",
        "--table-jobs",
        JOBS,
        "--index-jobs",
        JOBS,
        "--no-acl",
        "--no-owner",
        "--source",
        pair.reference(pair.source, "bench"),
        "--target",
        pair.reference(pair.target, "moved"),
        "--dir",
        pair.folder / "pgcopydb",
        "--restart",
    )


def migrate(_: Inputs, repetitions: int) -> tuple[list[Table], dict[str, Any]]:
    """All ways in turn, then memory at three sizes."""
    ways: dict[str, Callable[[Pair], float]] = {
        "one COPY stream, large table alone": single_stream,
        "pg_dump -j, pg_restore -j, no compression": lambda pair: dump_and_restore(pair, "0"),
        "pg_dump -j, pg_restore -j": lambda pair: dump_and_restore(pair, "gzip"),
        "ops migrate copy": tool,
        "ops migrate verify": verify,
    }
    if shutil.which("pgcopydb"):
        ways["pgcopydb clone"] = pgcopydb
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    try:
        with servers(ROWS) as pair:
            for _round in range(repetitions):
                for name, way in ways.items():
                    seconds[name].append(way(pair))
    except PostgresMissingError as error:
        raise EngineMissingError(str(error)) from error
    table = Table(
        f"Moving {ROWS * 1.2:,.0f} rows from PostgreSQL {SOURCE} to {TARGET}, TLS, {JOBS} jobs",
        ("way", "seconds", "against ops migrate copy"),
        note=""
        if "pgcopydb clone" in ways
        else "pgcopydb: skipped, it is not installed (Debian has a package)",
    )
    for name, measured in seconds.items():
        ratio = ratios(measured, seconds["ops migrate copy"])
        table.add(name, Spread.of(measured).text(), ratio.text())
    memory = peaks()
    grown = Table("Memory of ops migrate copy as a table grows", ("rows", "peak MB of a process"))
    for rows, peak in memory.items():
        grown.add(f"{rows:,}", f"{peak:.0f}")
    saved: dict[str, Any] = {
        "rows": ROWS,
        "seconds": seconds,
        "peaks": {str(k): v for k, v in memory.items()},
    }
    return [table, grown], saved


def peaks() -> Mapping[int, float]:
    """The largest process of a copy at a tenth, a third and the whole of ROWS."""
    found: dict[int, float] = {}
    for rows in (ROWS // 10, ROWS // 3, ROWS):
        with servers(rows) as pair:
            pair.fresh()
            code = (
                "import json, resource, sys; from ops.__main__ import main; code = main(sys.argv[1:]);"
                " print(json.dumps([code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,"
                " resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss]))"
            )
            done = subprocess.run(
                [
                    sys.executable,
                    "-c",
                    code,
                    "migrate",
                    "copy",
                    "--json",
                    "--no-statistics",
                    "--jobs",
                    str(JOBS),
                    *_ends(pair),
                    "--pg-bin",
                    str(_bin()),
                ],
                cwd=REPOSITORY,
                env=pair.environ(),
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode or not done.stdout:
                raise MeasurementError(done.stderr[-2000:])
            code_, own, children = json.loads(done.stdout.strip().splitlines()[-1])
            if code_:
                raise MeasurementError(done.stderr[-2000:])
            found[rows] = max(own, children) / 1024
    return found
