"""A world for the cutover: a clock, the local Cloudflare, a stack, a journal, and faults at any remote call.

Time is faked, Cloudflare's rules are those of the local server, and an update of the stack goes on by itself
when the tool that started it is killed.
"""

import heapq
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import httpx

from offline.cloudflare_model import CloudflareModel
from ops.cutover.cloudflare import Cloudflare, Reply
from ops.cutover.emergency import PLAN
from ops.cutover.gates import AlarmsGate, PoolsGate
from ops.cutover.target import LEGACY, NEW
from ops.cutover.traffic import CloudflareTraffic, Place
from ops.rollout.plan import Plan
from ops.rollout.ports import AlarmState, Gate, LockHeldError, LockLostError, PortError, Side, View
from ops.rollout.record import Entry, Reading
from ops.rollout.runner import Rollout
from ops.rollout.seen import SeenTraffic
from ops.rollout.watching import Limits, Ports

T = TypeVar("T")
ACCOUNT, ZONE, TOKEN = "a" * 32, "b" * 32, "token-of-the-tests"
BAKE_SECONDS = 30.0
LEASE_SECONDS = 60.0
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class KilledError(BaseException):
    """The process is gone: nothing of it runs any more."""


class FakeClock:
    """Time that moves when somebody sleeps or calls; what is due happens on the way."""

    def __init__(self) -> None:
        self.time = 0.0
        self.skew = 0.0
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._count = itertools.count()

    def now(self) -> datetime:
        return EPOCH + timedelta(seconds=self.time + self.skew)

    def monotonic(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.advance(seconds)

    def at(self, time: float, do: Callable[[], None]) -> None:
        heapq.heappush(self._due, (time, next(self._count), do))

    def advance(self, seconds: float) -> None:
        end = self.time + seconds
        while self._due and self._due[0][0] <= end:
            time, _, do = heapq.heappop(self._due)
            self.time = max(self.time, time)
            do()
        self.time = end


@dataclass
class Store:
    """The journal table."""

    lock: dict[str, Any] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)


@dataclass
class Stack:
    """Config and state; ``busy_until``: an update holds it."""

    config: str
    state: str
    busy_until: float = 0.0
    update_seconds: float = 12.0
    fails: str = ""


class World:
    """Everything outside of the tool."""

    def __init__(self, stage: str = "0") -> None:
        self.clock = FakeClock()
        self.model = CloudflareModel(
            account_id=ACCOUNT, zone_id=ZONE, zone="jclee.me", token=TOKEN, now=self.clock.monotonic
        )
        self.store = Store()
        self.stack = Stack(config=stage, state=stage)
        self.alarms: dict[str, str] = {"api-5xx": "OK", "auth-errors": "OK"}
        self.latency = 0.2
        self.calls = 0
        self.names: list[str] = []
        self.faults: dict[int, str] = {}
        self.dead: set[str] = set()
        self.violations: list[str] = []
        self.forced = False
        self._operators = itertools.count(1)
        self.place = self._build(stage)

    def _build(self, stage: str) -> Place:
        monitor = self._make("monitors", {"type": "https", "path": "/health", "expected_codes": "200"})
        pools = {
            side: self._make(
                "pools",
                {
                    "name": f"safework2-jclee-me-{side}",
                    "origins": [{"name": side, "address": address, "header": {"Host": [host]}}],
                    "monitor": monitor,
                },
            )
            for side, address, host in (
                (LEGACY, "221.153.20.249", "safework.jclee.me"),
                (NEW, "d-1.execute-api.ap-northeast-2.amazonaws.com", "api-safework2.jclee.me"),
            )
        }
        body = balancer(stage, pools)
        place = Place(
            account_id=ACCOUNT,
            zone_id=ZONE,
            load_balancer_id=self._make("balancers", body),
            legacy_pool_id=pools[LEGACY],
            new_pool_id=pools[NEW],
        )
        self.pools = pools
        return place

    def _make(self, kind: str, body: Mapping[str, Any]) -> str:
        paths = {
            "balancers": f"/zones/{ZONE}/load_balancers",
            "pools": f"/accounts/{ACCOUNT}/load_balancers/pools",
            "monitors": f"/accounts/{ACCOUNT}/load_balancers/monitors",
        }
        answer = self.model.handle("POST", paths[kind], dict(body), f"Bearer {TOKEN}")
        assert answer.status == 200, answer.body
        return answer.body["result"]["id"]

    def remote(self, name: str, operator: str, do: Callable[[], T]) -> T:
        """One call to something outside, with the fault that waits for it."""
        if operator in self.dead:
            raise KilledError
        self.calls += 1
        self.names.append(name)
        fault = self.faults.pop(self.calls, "")
        self.clock.advance(5.0 if fault in ("timeout", "lost") else self.latency)
        if fault == "kill-before":
            self.dead.add(operator)
            raise KilledError
        if fault == "timeout":
            raise PortError(f"{name}: no answer")
        result = do()
        if fault == "kill-after":
            self.dead.add(operator)
            raise KilledError
        if fault == "lost":
            raise PortError(f"{name}: the answer was lost")
        return result

    def set_live(self, stage: str, *, pools_on: bool) -> None:
        """What an update of the stack writes; under the token of Pulumi, at no cost of calls here."""
        self.model.objects["balancers"][self.place.load_balancer_id].update(balancer(stage, self.pools))
        if stage == PLAN.final:
            self.model.objects["pools"].pop(self.pools[LEGACY], None)
        elif pools_on:
            for pool in self.pools.values():
                self.model.objects["pools"][pool]["enabled"] = True

    def edge(self) -> dict[str, float]:
        """Where new sessions really go, by side."""
        names = {pool: side for side, pool in self.pools.items()}
        return {names[each]: share for each, share in self.model.shares(self.place.load_balancer_id).items()}

    def health(self, side: str, healthy: bool | None) -> None:
        self.model.pool_health[self.pools[side]] = healthy

    def operator(self, plan: Plan = PLAN, **limits: float) -> "Operator":
        return Operator(
            self, f"operator-{next(self._operators)}", plan, Limits(**{"bake": BAKE_SECONDS, **limits})
        )


def balancer(stage: str, pools: Mapping[str, str]) -> dict[str, Any]:
    """The load balancer as the component makes it at a stage."""
    weights = PLAN.shares[stage]
    mixed = PLAN.mixed(stage)
    order = (
        [NEW]
        if stage == PLAN.final
        else [LEGACY, NEW]
        if weights.get(NEW, 0) <= weights.get(LEGACY, 0)
        else [NEW, LEGACY]
    )
    total = 1 if not mixed else {"25": 10, "50": 1}[stage]
    tenths = {side: round(weights.get(side, 0) / total, 1) for side in order}
    return {
        "name": "safework2.jclee.me",
        "enabled": True,
        "default_pools": [pools[side] for side in order],
        "fallback_pool": pools[NEW if stage == PLAN.final else LEGACY],
        "steering_policy": "random",
        "random_steering": {
            "default_weight": 0,
            "pool_weights": {pools[side]: tenths[side] for side in order},
        },
        "session_affinity": "cookie" if mixed else "none",
        "session_affinity_ttl": 1800,
    }


class Operator:
    """One run of the tool: the real rollout over ports of the world."""

    def __init__(self, world: World, name: str, plan: Plan, limits: Limits) -> None:
        self.world = world
        self.name = name
        self.token = ""
        self.said: list[str] = []
        self.seen_health: Mapping[str, Side] = {}
        traffic = CloudflareTraffic(Cloudflare(self._send, world.clock), world.place)
        self.ports = Ports(
            clock=world.clock,
            lock=_Lock(self),
            journal=_Journal(self),
            traffic=SeenTraffic(_Traffic(self, traffic)),
            alarms=_Alarms(self),
            deployment=_Deployment(self),
            gates=[],
            screen=_Screen(self),
        )
        gates: list[Gate] = [
            PoolsGate(traffic=self.ports.traffic, sides=[LEGACY, NEW]),
            AlarmsGate(alarms=self.ports.alarms),
        ]
        self.ports = Ports(**{**vars(self.ports), "gates": gates})
        self.rollout = Rollout(plan, self.ports, limits, operator=name)

    def end(self) -> None:
        """The process has ended, whatever it left."""
        self.world.dead.add(self.name)

    def remote(self, name: str, do: Callable[[], T]) -> T:
        return self.world.remote(name, self.name, do)

    def _send(self, method: str, path: str, body: Mapping[str, Any] | None) -> Reply:
        what = "health" if path.endswith("/health") else path.rsplit("/", 2)[1]

        def call() -> Reply:
            answer = self.world.model.handle(method, path, dict(body) if body else None, f"Bearer {TOKEN}")
            return Reply(answer.status, answer.body, answer.headers)

        try:
            return self.remote(f"{method} {what}", call)
        except PortError as error:
            raise httpx.ReadTimeout(error.message) from error


@dataclass
class _Lock:
    """As the lease in DynamoDB: a holder that is dead is taken over after one lease, a live one is not."""

    own: Operator

    def acquire(self, purpose: str) -> None:
        self.own.remote("lock acquire", lambda: self._acquire(purpose))

    def _acquire(self, purpose: str) -> None:
        held = self.own.world.store.lock
        if held and not held["released"] and held["token"] != self.own.token:
            if held["owner"] not in self.own.world.dead:
                raise LockHeldError(f"{held['owner']} is at work")
            self.own.world.clock.advance(LEASE_SECONDS)
        self._take(purpose)

    def _take(self, purpose: str) -> None:
        self.own.token = f"{self.own.name}/{self.own.world.calls}"
        self.own.world.store.lock = {
            "token": self.own.token,
            "owner": self.own.name,
            "purpose": purpose,
            "released": False,
        }

    def seize(self, purpose: str) -> None:
        self.own.remote("lock seize", lambda: self._take(purpose))

    def renew(self) -> None:
        def renew() -> None:
            held = self.own.world.store.lock
            if held.get("token") != self.own.token or held["released"]:
                raise LockLostError(f"{held.get('owner')} took over")

        self.own.remote("lock renew", renew)

    def release(self) -> None:
        def release() -> None:
            if self.own.world.store.lock.get("token") == self.own.token:
                self.own.world.store.lock["released"] = True

        self.own.remote("lock release", release)


@dataclass
class _Journal:
    own: Operator

    def entries(self) -> Sequence[Entry]:
        return self.own.remote("journal read", lambda: list(self.own.world.store.entries))

    def append(self, entry: Entry) -> None:
        def append() -> None:
            store = self.own.world.store
            if store.lock.get("token") != self.own.token or store.lock["released"]:
                raise LockLostError("somebody else took the lock")
            if len(store.entries) + 1 != entry.sequence:
                raise LockLostError("somebody else wrote")
            store.entries.append(entry)

        self.own.remote(f"journal {entry.kind}", append)


@dataclass
class _Traffic:
    own: Operator
    real: CloudflareTraffic

    def read(self) -> Any:
        return self.real.read()

    def health(self) -> Mapping[str, Side]:
        seen = self.real.health()
        self.own.seen_health = seen
        return seen

    def divert(self) -> None:
        seen = self.own.seen_health
        if (
            len(seen) == 2
            and seen[LEGACY].healthy is False
            and seen[NEW].healthy is True
            and not self.own.world.forced
        ):
            self.own.world.violations.append("all traffic was sent to an unhealthy side")
        self.real.divert()

    def target(self) -> Mapping[str, str]:
        return self.real.target()


@dataclass
class _Alarms:
    own: Operator

    def read(self) -> Sequence[AlarmState]:
        alarms = self.own.world.alarms
        return self.own.remote("alarms", lambda: [AlarmState(name=n, state=s) for n, s in alarms.items()])


@dataclass
class _Deployment:
    own: Operator

    def configured(self) -> str:
        return self.own.world.stack.config

    def deployed(self) -> str:
        return self.own.remote("state", lambda: self.own.world.stack.state)

    def check(self) -> None:
        """Nothing is uncommitted here."""

    def configure(self, stage: str) -> None:
        def write() -> None:
            self.own.world.stack.config = stage

        self.own.remote("config", write)

    def update(self, *, repair: bool) -> "_Update":
        return self.own.remote("update", lambda: _Update(self.own, repair=repair))


class _Update:
    """Holds the stack; writes to Cloudflare halfway; goes on if the tool is killed."""

    def __init__(self, own: Operator, *, repair: bool) -> None:
        self._own = own
        world = own.world
        stack, clock = world.stack, world.clock
        self._locked = stack.busy_until > clock.time
        self._failure, stack.fails = stack.fails, ""
        self.end = clock.time + (1 if self._locked or self._failure == "early" else stack.update_seconds)
        if self._locked or self._failure == "early":
            return
        stage, changed = stack.config, repair or stack.state != stack.config
        start = stack.state
        if not repair and stage != PLAN.final and PLAN.place(stage) > PLAN.place(start):
            seen = own.seen_health.get(NEW)
            if seen is None or not seen.healthy:
                world.violations.append(f"a step to {stage} began without a healthy new side")
        stack.busy_until = self.end

        def write() -> None:
            if changed:
                world.set_live(stage, pools_on=repair)

        def finish() -> None:
            if self._failure != "late":
                stack.state = stage

        clock.at(clock.time + stack.update_seconds / 2, write)
        clock.at(self.end, finish)

    def wait(self, seconds: float) -> bool:
        clock = self._own.world.clock
        if self._own.name in self._own.world.dead:
            return True
        clock.advance(max(0.0, min(seconds, self.end - clock.time)))
        return clock.time >= self.end

    def result(self) -> None:
        if self._locked:
            raise PortError("the stack is currently locked")
        if self._failure:
            raise PortError("the update failed")


@dataclass
class _Screen:
    own: Operator

    def say(self, text: str, *, level: str = "info") -> None:
        self.own.said.append(f"{level}: {text}")

    def gates(self, readings: Sequence[Reading]) -> None:
        """Nothing: the journal has them."""

    def view(self, view: View) -> None:
        """Nothing."""
