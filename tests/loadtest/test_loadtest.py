"""The load test itself: its stages, its judgement, and whole runs against a small local server."""

import importlib.util
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from loadtest.judgement import STAGES, Figures, breaches, missed_targets, peak, users_at

ROOT = Path(__file__).parents[2]
SERVER = Path(__file__).with_name("workshop_server.py")


def figures(**changes: object) -> Figures:
    base = {
        "requests": 1_000,
        "failures": 0,
        "p95_ms": {"api": 100.0, "page": 200.0, "websocket": 50.0},
        "sessions_at_once": 50,
    }
    return Figures(**{**base, **changes})  # pyright: ignore[reportArgumentType]


def test_stages_are_those_of_the_plan() -> None:
    assert [stage.users for stage in STAGES] == [10, 30, 50, 50, 0]
    assert sum(stage.minutes for stage in STAGES) == 24
    ends = [sum(stage.minutes for stage in STAGES[: place + 1]) * 60 for place in range(len(STAGES))]
    assert [users_at(end - 0.001) for end in ends] == [10, 30, 50, 50, 0]
    assert users_at(24 * 60) is None
    assert peak() == 50


def test_users_never_jump() -> None:
    counts = [users_at(second) or 0 for second in range(24 * 60)]
    assert max(abs(after - before) for before, after in pairwise(counts)) <= 1


def test_a_good_run_passes() -> None:
    assert breaches(figures(), wanted_sessions=50) == []
    assert missed_targets(figures()) == []


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"requests": 0}, "no request"),
        ({"failures": 10}, "1.00 percent"),
        ({"p95_ms": {"api": 2_000.0}}, "api: p95"),
        ({"p95_ms": {"websocket": 5_000.0}}, "websocket: p95"),
        ({"sessions_at_once": 49}, "49 WebSockets"),
    ],
)
def test_each_threshold_fails_the_run(changes: dict[str, object], word: str) -> None:
    found = breaches(figures(**changes), wanted_sessions=50)
    assert len(found) == 1
    assert word in found[0]


def test_thresholds_are_strict_below_and_not_at() -> None:
    assert breaches(figures(failures=9), wanted_sessions=50) == []
    assert breaches(figures(p95_ms={"api": 1_999.0}), wanted_sessions=50) == []


def test_targets_are_tighter_than_thresholds() -> None:
    missed = missed_targets(figures(failures=5, p95_ms={"api": 1_200.0, "page": 3_100.0}))
    assert len(missed) == 3
    assert breaches(figures(failures=5, p95_ms={"api": 1_200.0}), wanted_sessions=50) == []


@contextmanager
def server(*, delay: float = 0, failing: bool = False) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, str(SERVER), str(port), str(delay), "failing" if failing else "well"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def run(host: str) -> subprocess.CompletedProcess[str]:
    """The plan's stages at a tenth of the users, a minute in a third of a second."""
    return subprocess.run(
        [sys.executable, "-m", "locust", "-f", "loadtest/locustfile.py", "--headless", "--host", host],
        cwd=ROOT,
        env={
            **os.environ,
            "SECONDS_PER_MINUTE": "0.35",
            "USERS_SHARE": "0.1",
            "SOCKET_EVENT": "echo",
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_locust_is_installed() -> None:
    assert importlib.util.find_spec("locust")


def test_a_healthy_server_passes_with_its_websockets() -> None:
    with server() as host:
        done = run(host)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "p95 websocket" in done.stdout
    assert "5 WebSockets at once" in done.stdout
    assert done.stdout.rstrip().endswith("passed") or "passed" in done.stdout


def test_failing_requests_fail_the_run() -> None:
    with server(failing=True) as host:
        done = run(host)
    assert done.returncode == 1
    assert "THRESHOLD BROKEN" in done.stdout
    assert "percent of requests failed" in done.stdout


def test_a_slow_server_fails_the_run() -> None:
    with server(delay=2.2) as host:
        done = run(host)
    assert done.returncode == 1
    assert "api: p95" in done.stdout
