"""The tool is killed, loses answers, meets throttling, wrong clocks, other operators, flapping pools.

After each: the next run finishes the move or takes it back, and what is live is what is recorded.
"""

import functools
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from ops.cutover.emergency import PLAN
from ops.cutover.target import LEGACY, NEW
from ops.errors import Exit, OpsError
from ops.rollout.ports import LockHeldError, LockLostError
from ops.rollout.record import Kind, Reading, fold
from tests.ops.cutover.world import KilledError, Operator, World

FAULTS = ("kill-before", "kill-after", "lost", "timeout")
MUST_BE_BACK_SECONDS = 60


def at_rest(world: World) -> str:
    """The stage, after asserting that journal, config, state and balancer agree on it."""
    status = world.operator().rollout.status()
    assert status.unread == ()
    assert status.problems == ()
    assert status.record.move is None
    stage = status.record.stage
    assert stage is not None
    assert (status.configured, status.deployed) == (stage, stage)
    assert world.edge() == pytest.approx(dict(normal(stage)))
    assert world.violations == []
    return stage


def normal(stage: str) -> dict[str, float]:
    shares = PLAN.shares[stage]
    return {side: weight / sum(shares.values()) for side, weight in shares.items()}


def to(world: World, stage: str) -> None:
    """Bring a new world to a stage, without faults."""
    while world.store.entries == [] or fold(PLAN, world.store.entries).stage != stage:
        assert world.operator().rollout.forward().exit_code is Exit.OK


def settle(world: World) -> None:
    """What the runbook says after a killed run: watch, and if that is refused, rollback."""
    outcome = world.operator().rollout.watch()
    assert outcome.exit_code in (Exit.OK, Exit.ROLLED_BACK)


def test_all_stages_and_the_commit() -> None:
    world = World()
    stages = [world.operator().rollout.forward().stage for _ in range(4)]
    assert stages == ["25", "50", "100", "committed"]
    assert at_rest(world) == "committed"
    kinds = [entry.kind for entry in world.store.entries]
    assert kinds == [Kind.ADOPTED, *[Kind.BEGUN, Kind.APPLIED, Kind.BAKED] * 3, Kind.BEGUN, Kind.APPLIED]
    begun = [entry for entry in world.store.entries if entry.kind is Kind.BEGUN]
    assert all({reading.gate for reading in entry.gates} == {"pools", "alarms"} for entry in begun)
    assert all(entry.operator.startswith("operator-") for entry in world.store.entries)


def test_nothing_leaves_the_commit() -> None:
    world = World("committed")
    with pytest.raises(OpsError, match="not a way back") as refused:
        world.operator().rollout.back(reason="too late")
    assert refused.value.exit_code is Exit.REFUSED
    assert world.edge() == {NEW: 1.0}


def test_a_commit_that_has_begun_is_only_finished() -> None:
    world = fresh("100")()
    world.stack.fails = "late"
    ends(world.operator(), lambda operator: operator.rollout.forward())
    world.stack.fails = ""
    world.faults = {world.calls + 20: "kill-before"}
    world.store.entries = [
        e for e in world.store.entries if not (e.kind is Kind.APPLIED and e.end == "committed")
    ]
    with pytest.raises(OpsError, match="not a way back") as refused:
        world.operator().rollout.back(reason="too late")
    assert refused.value.exit_code is Exit.REFUSED
    world.faults.clear()
    settle(world)
    assert at_rest(world) == "committed"


@functools.cache
def calls_of(name: str) -> int:
    world = MOVES[name][0]()
    MOVES[name][1](world.operator())
    return world.calls


def fresh(stage: str) -> Callable[[], World]:
    def make() -> World:
        world = World()
        if stage != "0":
            to(world, stage)
        world.calls = 0
        world.names.clear()
        return world

    return make


MOVES: dict[str, tuple[Callable[[], World], Callable[[Operator], object]]] = {
    "first step": (fresh("0"), lambda operator: operator.rollout.forward()),
    "second step": (fresh("25"), lambda operator: operator.rollout.forward()),
    "rollback": (fresh("50"), lambda operator: operator.rollout.back(reason="test")),
    "rollback to 25": (fresh("50"), lambda operator: operator.rollout.back("25", reason="test")),
    "commit": (fresh("100"), lambda operator: operator.rollout.forward()),
}


def ends(operator: Operator, do: Callable[[Operator], object]) -> BaseException | None:
    """Run until the process has ended; with what."""
    try:
        do(operator)
    except (KilledError, OpsError) as error:
        return error
    finally:
        operator.end()
    return None


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("move", MOVES)
def test_a_fault_at_any_call_leaves_what_the_next_run_settles(move: str, fault: str) -> None:
    make, do = MOVES[move]
    for call in range(1, calls_of(move) + 1):
        world = make()
        world.faults = {call: fault}
        operator = world.operator()
        lost = ends(operator, do)
        assert not isinstance(lost, LockLostError), (call, world.names[call - 1])
        acknowledged = list(world.store.entries)
        settle(world)
        stage = at_rest(world)
        assert world.store.entries[: len(acknowledged)] == acknowledged
        if move.startswith("rollback"):
            assert stage in ("0", "25", "50"), (call, world.names[call - 1])


@pytest.mark.parametrize("fault", ["kill-before", "kill-after"])
def test_a_killed_run_can_be_rolled_back_as_well(fault: str) -> None:
    for call in range(1, calls_of("second step") + 1):
        world = fresh("25")()
        world.faults = {call: fault}
        ends(world.operator(), lambda operator: operator.rollout.forward())
        assert world.operator().rollout.back(reason="killed").exit_code is Exit.ROLLED_BACK
        assert at_rest(world) == "0"


def alarm_at(world: World, seconds: float, do: Callable[[], None]) -> Callable[[], float]:
    """Raise an alarm later; returns how long the new side still had traffic after it."""
    begun = world.clock.time + seconds
    world.clock.at(begun, do)
    back: list[float] = []

    def look() -> None:
        if world.edge() == {LEGACY: 1.0} and not back:
            back.append(world.clock.time)
        if not back:
            world.clock.at(world.clock.time + 0.5, look)

    world.clock.at(begun, look)
    return lambda: (back[0] if back else float("inf")) - begun


@pytest.mark.parametrize("seconds", range(0, 45, 3))
@pytest.mark.parametrize("slow", [0.2, 2.0])
def test_traffic_is_back_within_a_minute_of_an_alarm(seconds: int, slow: float) -> None:
    """At any moment of a step, update included, even where every call takes two seconds."""
    world = fresh("25")()
    world.latency = slow
    world.stack.update_seconds = 30
    measured = alarm_at(world, seconds, lambda: world.alarms.update({"api-5xx": "ALARM"}))
    # An alarm that comes first is refused by its gate, and nobody else moves the traffic.
    if ends(world.operator(bake=120), lambda operator: operator.rollout.forward()):
        world.operator().rollout.back(reason="refused")
    assert measured() <= MUST_BE_BACK_SECONDS
    assert at_rest(world) == "0"


@pytest.mark.parametrize("fault", ["timeout", "lost"])
def test_traffic_is_back_within_a_minute_though_a_call_fails(fault: str) -> None:
    for offset in range(1, 40):
        world = fresh("25")()
        before = world.calls
        world.faults = {before + 30 + offset: fault}
        measured = alarm_at(world, 20, lambda world=world: world.alarms.update({"api-5xx": "ALARM"}))
        try:
            world.operator(bake=120).rollout.forward()
        except OpsError:
            settle(world)
        assert measured() <= MUST_BE_BACK_SECONDS, offset


def test_a_hanging_update_does_not_delay_the_emergency_write() -> None:
    world = fresh("25")()
    world.stack.update_seconds = 600
    measured = alarm_at(world, 320, lambda: world.alarms.update({"api-5xx": "ALARM"}))
    assert world.operator().rollout.forward().exit_code is Exit.ROLLED_BACK
    assert measured() <= MUST_BE_BACK_SECONDS
    assert at_rest(world) == "0"


def test_a_late_write_of_the_update_cannot_bring_traffic_back() -> None:
    """The alarm comes before the update writes its weights, and the pool that is off keeps them idle."""
    world = fresh("0")()
    world.stack.update_seconds = 200
    world.clock.at(world.clock.time + 20, lambda: world.alarms.update({"api-5xx": "ALARM"}))
    seen: list[dict[str, float]] = []

    def look() -> None:
        seen.append(world.edge())
        world.clock.at(world.clock.time + 1, look) if len(seen) < 195 else None

    world.clock.at(world.clock.time, look)
    assert world.operator().rollout.forward().exit_code is Exit.ROLLED_BACK
    assert all(shares == {LEGACY: 1.0} for shares in seen)
    assert at_rest(world) == "0"


@pytest.mark.parametrize("state", ["INSUFFICIENT_DATA", "MISSING"])
def test_an_alarm_without_data_is_not_ok(state: str) -> None:
    world = fresh("0")()
    world.alarms["api-5xx"] = state
    with pytest.raises(OpsError, match=f"api-5xx {state}") as refused:
        world.operator().rollout.forward()
    assert refused.value.exit_code is Exit.REFUSED
    assert world.store.entries[-1].kind is Kind.REFUSED
    assert at_rest(world) == "0"


def test_an_alarm_that_loses_its_data_in_the_watch_takes_the_traffic_back() -> None:
    world = fresh("25")()
    measured = alarm_at(world, 25, lambda: world.alarms.update({"api-5xx": "INSUFFICIENT_DATA"}))
    assert world.operator(bake=120).rollout.forward().exit_code is Exit.ROLLED_BACK
    assert measured() <= MUST_BE_BACK_SECONDS
    assert "INSUFFICIENT_DATA" in world.store.entries[-1].reason + world.store.entries[-3].reason


def test_a_moment_without_data_is_borne() -> None:
    world = fresh("25")()
    world.clock.at(world.clock.time + 22, lambda: world.alarms.update({"api-5xx": "INSUFFICIENT_DATA"}))
    world.clock.at(world.clock.time + 30, lambda: world.alarms.update({"api-5xx": "OK"}))
    assert world.operator(bake=60).rollout.forward().exit_code is Exit.OK
    assert at_rest(world) == "50"


@pytest.mark.parametrize("second", range(16, 40, 2))
def test_a_pool_that_flaps_takes_the_traffic_back_or_is_refused(second: int) -> None:
    world = fresh("25")()
    for flap in range(3):
        world.clock.at(world.clock.time + second + flap * 14, lambda: world.health(NEW, False))
        world.clock.at(world.clock.time + second + flap * 14 + 11, lambda: world.health(NEW, True))
    assert world.operator(bake=120).rollout.forward().exit_code is Exit.ROLLED_BACK
    assert at_rest(world) == "0"


def test_no_way_back_to_a_side_that_is_down_while_the_other_answers() -> None:
    world = fresh("25")()
    world.clock.at(world.clock.time + 30, lambda: world.health(LEGACY, False))
    world.clock.at(world.clock.time + 200, lambda: world.health(LEGACY, True))
    assert world.operator(bake=60).rollout.forward().exit_code is Exit.OK
    assert Kind.HELD in [entry.kind for entry in world.store.entries]
    assert at_rest(world) == "50"


def test_a_hold_without_end_is_given_to_a_person() -> None:
    world = fresh("25")()
    world.clock.at(world.clock.time + 30, lambda: world.health(LEGACY, False))
    with pytest.raises(OpsError, match="held at 50") as held:
        world.operator(bake=60, hold=300).rollout.forward()
    assert held.value.exit_code is Exit.INCOMPLETE
    with pytest.raises(OpsError, match="unhealthy") as refused:
        world.operator().rollout.back(reason="by hand")
    assert refused.value.exit_code is Exit.REFUSED
    world.forced = True
    assert world.operator().rollout.back(reason="by hand", force=True).exit_code is Exit.ROLLED_BACK
    world.health(LEGACY, True)
    assert at_rest(world) == "0"


def test_weights_that_somebody_changed_by_hand_stop_a_step_and_can_be_repaired() -> None:
    world = fresh("25")()
    world.set_live("50", pools_on=True)
    with pytest.raises(OpsError, match="stage 25 is not what is there") as refused:
        world.operator().rollout.forward()
    assert refused.value.exit_code is Exit.REFUSED
    assert world.operator().rollout.back("25", reason="repair").exit_code is Exit.ROLLED_BACK
    assert at_rest(world) == "25"


def test_weights_that_change_in_the_watch_take_the_traffic_back() -> None:
    world = fresh("25")()
    world.clock.at(world.clock.time + 40, lambda: world.set_live("100", pools_on=True))
    assert world.operator(bake=120).rollout.forward().exit_code is Exit.ROLLED_BACK
    assert at_rest(world) == "0"


def test_weights_other_than_the_update_was_to_write_are_a_failure() -> None:
    world = fresh("25")()
    wrong = world.clock.time + 11
    world.clock.at(wrong + 4, lambda: world.set_live("100", pools_on=True))
    assert world.operator().rollout.forward().exit_code is Exit.ROLLED_BACK
    assert at_rest(world) == "0"


@pytest.mark.parametrize("when", ["early", "late"])
def test_an_update_that_fails_is_taken_back(when: str) -> None:
    world = fresh("25")()
    world.stack.fails = when
    assert world.operator().rollout.forward().exit_code is Exit.ROLLED_BACK
    assert at_rest(world) == "0"


def test_an_update_that_never_ends_is_taken_back() -> None:
    world = fresh("25")()
    world.stack.update_seconds = 1500
    clear = world.clock.time + 1000
    world.clock.at(clear, lambda: setattr(world.stack, "update_seconds", 12))
    assert world.operator().rollout.forward().exit_code is Exit.ROLLED_BACK
    assert at_rest(world) == "0"


def test_two_operators_cannot_both_step() -> None:
    world = fresh("0")()
    first, second = world.operator(), world.operator()
    refused: list[OpsError] = []

    def interfere() -> None:
        with pytest.raises(LockHeldError) as error:
            second.rollout.forward()
        refused.append(error.value)

    world.clock.at(world.clock.time + 12, interfere)
    assert first.rollout.forward().exit_code is Exit.OK
    assert [error.exit_code for error in refused] == [Exit.REFUSED]
    assert at_rest(world) == "25"


@pytest.mark.parametrize("second", range(2, 60, 2))
def test_a_rollback_takes_over_from_whoever_is_at_work(second: int) -> None:
    """And the run that lost the lock writes nothing any more."""
    world = fresh("25")()
    first, other = world.operator(), world.operator()
    outcomes: list[Exit] = []
    world.clock.at(
        world.clock.time + second,
        lambda: outcomes.append(other.rollout.back(reason="by hand").exit_code),
    )
    lost = ends(first, lambda operator: operator.rollout.forward())
    world.clock.advance(60)
    assert lost is None or isinstance(lost, OpsError)
    assert outcomes == [Exit.ROLLED_BACK]
    assert at_rest(world) == "0"
    assert world.store.entries[-1].operator == other.name


@pytest.mark.parametrize("skew", [-86_400, -600, 600, 86_400])
def test_no_time_limit_is_read_off_a_wrong_clock(skew: float) -> None:
    world = fresh("0")()
    world.clock.at(world.clock.time + 20, lambda: setattr(world.clock, "skew", skew))
    assert world.operator().rollout.forward().exit_code is Exit.OK
    assert world.operator().rollout.forward().exit_code is Exit.OK
    assert at_rest(world) == "50"
    with pytest.raises(KilledError):
        kill_in_the_watch(world)
    settle(world)
    assert at_rest(world) == "100"


def kill_in_the_watch(world: World) -> None:
    world.faults = {world.calls + 45: "kill-before"}
    world.operator(bake=600).rollout.forward()


def test_throttling_in_the_watch_takes_the_traffic_back_once_calls_are_free() -> None:
    """Cloudflare answers nobody for five minutes: the tool cannot write, and says so until it can."""
    world = fresh("25")()
    operator = world.operator(bake=120)
    world.clock.at(world.clock.time + 30, lambda: world.model.spend(1_200))
    assert operator.rollout.forward().exit_code is Exit.ROLLED_BACK
    assert any("too many calls" in line for line in operator.said)
    assert at_rest(world) == "0"


@pytest.mark.parametrize("tenths", range(16, 400, 4))
def test_a_side_that_was_down_stays_down_while_cloudflare_does_not_answer(tenths: int) -> None:
    """The old side fails, and nothing can be seen from any moment on: no way back to what was down then."""
    world = fresh("25")()
    world.clock.at(world.clock.time + 1.5, lambda: world.health(LEGACY, False))
    world.clock.at(world.clock.time + tenths / 10, lambda: world.model.spend(1_200))
    operator = world.operator(hold=200)
    ends(operator, lambda operator: operator.rollout.forward())
    assert world.violations == []
    if operator.seen_health[LEGACY].healthy is False:
        assert world.edge()[NEW] > 0


def test_what_a_gate_saw_counts_for_the_way_back() -> None:
    """A killed step is resumed: the gate sees the old side down, and after it Cloudflare answers nobody."""
    world = fresh("25")()
    killed = world.operator()
    world.clock.at(world.clock.time + 5, killed.end)
    with pytest.raises(KilledError):
        killed.rollout.forward()
    world.clock.advance(60)
    world.health(LEGACY, False)
    operator = world.operator()
    gate = operator.ports.gates[0]

    def read(*step: Any) -> Reading:
        seen = gate.read(*step)
        world.model.spend(1_200)
        return seen

    operator.ports.gates[0] = SimpleNamespace(read=read)
    with pytest.raises(OpsError, match="is down, so nothing was moved") as held:
        operator.rollout.forward()
    assert held.value.exit_code is Exit.INCOMPLETE
    assert world.violations == []


def test_the_tool_itself_stays_far_from_the_limit() -> None:
    world = fresh("25")()
    world.model.log.clear()
    begun = world.clock.time
    world.operator(bake=1_800).rollout.forward()
    per_window = len(world.model.log) * 300 / (world.clock.time - begun)
    assert per_window < 1_200 / 4


def test_a_journal_that_does_not_answer_does_not_keep_the_traffic() -> None:
    world = fresh("50")()
    operator = world.operator()
    world.faults = {world.calls + call: "timeout" for call in (3, 4, 5)}
    with pytest.raises(OpsError) as error:
        operator.rollout.back(reason="night")
    assert error.value.exit_code is Exit.INCOMPLETE
    assert world.edge() == {LEGACY: 1.0}
    assert world.operator().rollout.back(reason="morning").exit_code is Exit.ROLLED_BACK
    assert at_rest(world) == "0"


def test_a_stage_that_was_not_watched_is_not_left() -> None:
    world = fresh("0")()
    assert world.operator().rollout.forward(watch=False).exit_code is Exit.OK
    with pytest.raises(OpsError, match="was not watched") as refused:
        world.operator().rollout.forward()
    assert refused.value.fix == "watch"
    assert world.operator().rollout.watch().exit_code is Exit.OK
    assert world.operator().rollout.forward().stage == "50"


@pytest.mark.parametrize("end", ["50", "100", "committed", "0"])
def test_only_one_step_at_a_time(end: str) -> None:
    with pytest.raises(OpsError, match="not a step forward"):
        fresh("0")().operator().rollout.forward(end)


def test_a_dry_run_changes_nothing() -> None:
    world = fresh("25")()
    before = (world.edge(), list(world.store.entries), dict(world.store.lock), world.stack.config)
    world.alarms["api-5xx"] = "ALARM"
    intent = world.operator().rollout.intent()
    assert (intent.start, intent.end, intent.allowed) == ("25", "50", False)
    assert before == (world.edge(), world.store.entries, world.store.lock, world.stack.config)
