"""1,000 random histories of steps, faults, alarms and hands: the rules hold in each.

No illegal transition, no traffic to an unhealthy side, no lost journal entry, and at rest what is live is
what is recorded. Cloudflare's rules are those of the local server; the clock is faked.
"""

import contextlib
from collections import Counter
from dataclasses import dataclass

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ops.cutover.cloudflare import Cloudflare, Reply, Send
from ops.cutover.emergency import PLAN
from ops.cutover.target import LEGACY, NEW
from ops.cutover.traffic import CloudflareTraffic
from ops.errors import Exit, OpsError
from ops.rollout.record import Entry, Kind, fold
from tests.ops.cutover.test_faults import at_rest
from tests.ops.cutover.world import TOKEN, KilledError, Operator, World

HISTORIES = 1_000


@dataclass(frozen=True)
class Act:
    """One run of the tool, with what happens meanwhile."""

    verb: str
    fault: str
    call: int
    event: str
    second: int


ACTS = st.builds(
    Act,
    verb=st.sampled_from(["forward", "forward", "forward", "watch", "back", "back to 25", "two at once"]),
    fault=st.sampled_from(["", "", "", "kill-before", "kill-after", "lost", "timeout"]),
    call=st.integers(1, 70),
    event=st.sampled_from(
        [
            "",
            "",
            "",
            "alarm",
            "no data",
            "flap",
            "legacy flap",
            "by hand",
            "fails",
            "slow",
            "skew",
            "throttled",
        ]
    ),
    second=st.integers(0, 60),
)


def arrange(world: World, act: Act) -> None:
    if act.fault:
        world.faults = {world.calls + act.call: act.fault}
    at = world.clock.time + act.second
    clock, alarms = world.clock, world.alarms

    def later(seconds: float, do: object) -> None:
        clock.at(at + seconds, do)  # pyright: ignore[reportArgumentType]

    match act.event:
        case "alarm" | "no data":
            state = "ALARM" if act.event == "alarm" else "INSUFFICIENT_DATA"
            later(0, lambda: alarms.update({"api-5xx": state}))
            later(90, lambda: alarms.update({"api-5xx": "OK"}))
        case "flap" | "legacy flap":
            side = NEW if act.event == "flap" else LEGACY
            for start in (0, 40):
                later(start, lambda: world.health(side, False))
                later(start + 15, lambda: world.health(side, True))
        case "by hand" if world.stack.state != PLAN.final:
            later(0, lambda: by_hand(world))
        case "fails":
            world.stack.fails = "late" if act.second % 2 else "early"
        case "slow":
            world.stack.update_seconds = 70
            later(100, lambda: setattr(world.stack, "update_seconds", 12))
        case "skew":
            world.clock.skew = act.second * 100 - 3_000
        case "throttled":
            later(0, lambda: world.model.spend(1_200))
        case _:
            pass


def by_hand(world: World) -> None:
    """Somebody sets the weights of stage 50 in the dashboard, as long as both pools are there."""
    if world.pools[LEGACY] in world.model.objects["pools"]:
        world.set_live("50", pools_on=True)


def run(world: World, act: Act) -> str:
    """How the run ended: an exit code's name, or KILLED."""
    operator = world.operator(divert=900)
    rollout = operator.rollout
    try:
        match act.verb:
            case "forward":
                outcome = rollout.forward()
            case "watch":
                outcome = rollout.watch()
            case "back":
                outcome = rollout.back(reason="history")
            case "back to 25":
                outcome = rollout.back("25", reason="history")
            case _:
                other = world.operator(divert=900)
                world.clock.at(world.clock.time + act.second, lambda: interfere(other))
                outcome = rollout.forward()
        ended = outcome.exit_code.name
    except OpsError as error:
        ended = error.exit_code.name
    except KilledError:
        ended = "KILLED"
    operator.end()
    return ended


def interfere(other: Operator) -> None:
    with contextlib.suppress(OpsError, KilledError):
        other.rollout.forward()
    other.end()


def check_rest(world: World) -> None:
    """At rest, with no update under way, journal, config, state and balancer agree."""
    record = fold(PLAN, world.store.entries)
    if record.at_rest and record.stage and world.stack.busy_until <= world.clock.time:
        live = CloudflareTraffic(Cloudflare(unlimited(world), world.clock), world.place).read()
        assert PLAN.differences(record.stage, live) == []
        assert (world.stack.config, world.stack.state) == (record.stage, record.stage)


def unlimited(world: World) -> Send:
    """Looks at Cloudflare as the test does: without a fault and without a limit."""

    def send(method: str, path: str, _body: object) -> Reply:
        world.model._recent.clear()
        world.model._blocked_until = 0.0
        answer = world.model.handle(method, path, None, f"Bearer {TOKEN}")
        return Reply(answer.status, answer.body)

    return send


def check_journal(before: list[Entry], world: World) -> None:
    after = world.store.entries
    assert after[: len(before)] == before, "a journal entry was lost or changed"
    assert [entry.sequence for entry in after] == list(range(1, len(after) + 1))
    fold(PLAN, after)
    stage: str | None = None
    for entry in after:
        if entry.kind is Kind.ADOPTED:
            stage = entry.end
        if entry.kind is Kind.APPLIED:
            assert stage is None or stage == entry.end or PLAN.legal(stage, entry.end), (
                "an illegal transition"
            )
            stage = entry.end


def recover(world: World) -> None:
    """Everything outside is well again; what the runbook says must lead to rest."""
    world.faults.clear()
    world.clock.advance(700)
    world.alarms.update(dict.fromkeys(world.alarms, "OK"))
    world.stack.fails, world.stack.update_seconds = "", 12
    record = fold(PLAN, world.store.entries)
    if PLAN.final in (record.stage, record.move.end if record.move else None):
        if record.move:
            assert world.operator().rollout.forward().exit_code is Exit.OK
        return
    outcome = world.operator().rollout.back(reason="recovery")
    assert outcome.exit_code is Exit.ROLLED_BACK


def test_histories() -> None:
    ended: Counter[str] = Counter()

    @settings(
        max_examples=HISTORIES, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
    )
    @given(acts=st.lists(ACTS, min_size=1, max_size=5), stage=st.sampled_from(["0", "0", "25", "50", "100"]))
    def history(acts: list[Act], stage: str) -> None:
        world = World(stage)
        by_hand = False
        for act in acts:
            before = list(world.store.entries)
            arrange(world, act)
            how = run(world, act)
            ended[how] += 1
            check_journal(before, world)
            assert world.violations == []
            # A run that says it is incomplete, or a hand, may leave what only the next run makes agree.
            by_hand = by_hand or act.event == "by hand" or how == "INCOMPLETE"
            if not by_hand:
                check_rest(world)
        recover(world)
        check_journal([], world)
        at_rest(world)

    history()
    assert all(
        ended[how] > HISTORIES / 20 for how in ("OK", "ROLLED_BACK", "REFUSED", "KILLED", "INCOMPLETE")
    )
