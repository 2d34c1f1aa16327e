"""What each gate lets through; and the new origin, asked over real TLS."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ops.cutover.emergency import PLAN
from ops.cutover.gates import AlarmsGate, ClockGate, MigrationGate, OriginGate, RequestsGate
from ops.cutover.origin import Answer, Origin
from ops.cutover.target import parse
from ops.errors import OpsError
from ops.evidence import Evidence
from ops.rollout.clock import SystemClock
from ops.rollout.ports import AlarmState, PortError
from tests.ops.cutover.offline_cutover import https_origin
from tests.ops.cutover.world import FakeClock

NAME = "api-safework2.jclee.me"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.mark.parametrize(
    ("hours", "passed", "ok"),
    [(0, True, True), (24, True, True), (24.1, True, False), (1, False, False), (-1, True, False)],
)
def test_the_copied_data_is_verified_and_fresh(
    clock: FakeClock, hours: float, passed: bool, ok: bool
) -> None:
    found = Evidence(
        key="k",
        passed=passed,
        time=clock.now() - timedelta(hours=hours),
        digest="0123456789abcdef",
        operator="me",
    )
    reading = MigrationGate(newest=lambda: found, hours=24, clock=clock).read("0", "25", None)
    assert reading.ok is ok
    assert "digest 0123456789ab" in reading.value


def test_without_a_verdict_there_is_no_step(clock: FakeClock) -> None:
    reading = MigrationGate(newest=lambda: None, hours=24, clock=clock).read("0", "25", None)
    assert (reading.ok, reading.value) == (False, "never verified: ops migrate verify")


class States:
    def __init__(self, *states: str) -> None:
        self._states = states

    def read(self) -> Sequence[AlarmState]:
        return [AlarmState(name=f"alarm-{number}", state=state) for number, state in enumerate(self._states)]


@pytest.mark.parametrize(
    ("states", "ok"),
    [
        (("OK", "OK"), True),
        (("OK", "ALARM"), False),
        (("INSUFFICIENT_DATA",), False),
        (("MISSING",), False),
        ((), False),
    ],
)
def test_every_alarm_is_ok(states: tuple[str, ...], ok: bool) -> None:
    assert AlarmsGate(alarms=States(*states)).read("0", "25", None).ok is ok


@pytest.mark.parametrize(
    ("stage", "count", "known", "ok"),
    [("0", 0, True, True), ("25", 499, True, False), ("25", 500, True, True), ("50", 900, False, False)],
)
def test_enough_requests_reached_the_new_side(
    clock: FakeClock, stage: str, count: int, known: bool, ok: bool
) -> None:
    gate = RequestsGate(count=lambda _since, _until: count, minimum=500, plan=PLAN, clock=clock)
    assert gate.read(stage, "50", clock.now() if known else None).ok is ok


@pytest.mark.parametrize(("off", "ok"), [(0, True), (29, True), (31, False), (-31, False)])
def test_the_clock_agrees_with_that_of_aws(clock: FakeClock, off: float, ok: bool) -> None:
    theirs = clock.now() - timedelta(seconds=off)
    assert ClockGate(server_time=lambda: theirs, clock=clock).read("0", "25", None).ok is ok
    assert not ClockGate(server_time=lambda: None, clock=clock).read("0", "25", None).ok


@pytest.mark.parametrize(("status", "days", "ok"), [(200, 20, True), (503, 20, False), (200, 13, False)])
def test_the_origin_answers_with_a_certificate_that_lasts(
    clock: FakeClock, status: int, days: int, ok: bool
) -> None:
    answer = Answer(status=status, certificate_until=clock.now() + timedelta(days=days))
    assert OriginGate(ask=lambda: answer, clock=clock).read("0", "25", None).ok is ok


def test_a_real_request_reads_the_certificate_and_the_answer(tmp_path: Path) -> None:
    with https_origin(tmp_path, NAME, days=30) as (port, context):
        answer = Origin(
            hostname=NAME,
            address="127.0.0.1",
            path="/health",
            port=port,
            context=context,
            public_url=f"https://127.0.0.1:{port}",
        ).ask()
    assert answer.status == 200
    assert timedelta(days=29) < answer.certificate_until - datetime.now(UTC) <= timedelta(days=30)


def test_a_certificate_for_another_name_does_not_count(tmp_path: Path) -> None:
    with https_origin(tmp_path, "other.jclee.me") as (port, context):
        origin = Origin(hostname=NAME, address="127.0.0.1", path="/health", port=port, context=context)
        with pytest.raises(PortError, match=f"no valid certificate for {NAME}"):
            origin.ask()


def test_a_certificate_of_an_unknown_authority_does_not_count(tmp_path: Path) -> None:
    with https_origin(tmp_path, NAME) as (port, _), pytest.raises(PortError, match="no valid certificate"):
        Origin(hostname=NAME, address="127.0.0.1", path="/health", port=port).ask()


def test_a_certificate_that_has_ended_does_not_count(tmp_path: Path) -> None:
    with https_origin(tmp_path, NAME, days=-1) as (port, context), pytest.raises(PortError, match="expired"):
        Origin(hostname=NAME, address="127.0.0.1", path="/health", port=port, context=context).ask()


def test_no_origin_is_said() -> None:
    with pytest.raises(PortError, match="ConnectionRefusedError"):
        Origin(hostname=NAME, address="127.0.0.1", path="/health", port=9).ask()


def test_time_goes_faster_for_a_demonstration() -> None:
    clock = SystemClock(speed=100)
    begun = clock.monotonic()
    clock.sleep(5)
    assert 5 <= clock.monotonic() - begun < 60


@pytest.mark.parametrize("exported", [None, {}, {"cutover": {"stage": "0"}}])
def test_a_stack_without_a_cutover_is_named(exported: object) -> None:
    with pytest.raises(OpsError, match="stack prod") as error:
        parse(exported, system="safework", stack="prod")
    assert "pulumi up" in str(error.value.fix)
