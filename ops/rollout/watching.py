"""One look after another at alarms, sides and live weights, and what follows from what was seen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from ops.errors import OpsError
from ops.rollout.plan import Live, Plan
from ops.rollout.ports import (
    Alarms,
    AlarmState,
    Clock,
    Deployment,
    Gate,
    Journal,
    Lock,
    LockLostError,
    Screen,
    Side,
)
from ops.rollout.seen import SeenTraffic

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Ports:
    """The world of one rollout."""

    clock: Clock
    lock: Lock
    journal: Journal
    traffic: SeenTraffic
    alarms: Alarms
    deployment: Deployment
    gates: Sequence[Gate]
    screen: Screen


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Seconds."""

    bake: float
    """How long a stage is watched without a break."""
    poll: float = 10
    """Between two looks. With it an alarm has the traffic back within 60 s, slow answers included."""
    blind: float = 20
    """After this long without a full view of alarms and sides the traffic goes back: what cannot be seen may
    be burning."""
    update: float = 900
    """An update of the stack that takes longer has failed."""
    divert: float = 300
    """How long the emergency write is tried: Cloudflare blocks for as long when calls were too many."""
    hold: float = 1800
    """How long trouble is watched while there is no healthy side to go back to."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """What was seen at one moment."""

    alarms: Sequence[AlarmState] = ()
    sides: Mapping[str, Side] | None = None
    """As last seen, which may have been a look before."""
    live: Live | None = None
    troubles: Sequence[str] = ()
    """What is known to be wrong."""
    blind: Sequence[str] = ()
    """What could not be seen."""

    @property
    def clear(self) -> bool:
        return not self.troubles and not self.blind


@dataclass(kw_only=True)
class Watch:
    """Looks, and remembers since when it has not seen everything. Raises LockLostError from a look."""

    plan: Plan
    ports: Ports
    limits: Limits
    _seen: float = field(init=False)

    def __post_init__(self) -> None:
        self._seen = self.ports.clock.monotonic()

    def look(self, stage: str | None) -> Look:
        """``stage``: what the live weights must be; None while they are being changed."""
        troubles: list[str] = []
        blind: list[str] = []
        self._try(self.ports.lock.renew, "the lock", blind)
        alarms = self._try(self.ports.alarms.read, "alarms", blind) or ()
        troubles += [
            f"alarm {each.name}: {each.reason or each.state}" for each in alarms if each.state == "ALARM"
        ]
        blind += [f"alarm {each.name}: {each.state}" for each in alarms if each.state not in ("OK", "ALARM")]
        sides = self._try(self.ports.traffic.health, "health of the sides", blind)
        for side in (self.plan.old, self.plan.new) if sides is not None else ():
            seen = sides[side] if sides and side in sides else Side(healthy=None, detail="not reported")
            if stage == self.plan.final and side == self.plan.old:
                continue
            if seen.healthy is False:
                troubles.append(f"the {side} side is unhealthy: {seen.detail}")
            elif seen.healthy is None:
                blind.append(f"health of the {side} side is not known: {seen.detail}")
        live = self._try(self.ports.traffic.read, "live weights", blind)
        if live is not None and stage is not None:
            troubles += self.plan.differences(stage, live)
        now = self.ports.clock.monotonic()
        if not blind:
            self._seen = now
        elif now - self._seen >= self.limits.blind:
            troubles.append(f"not seen for {now - self._seen:.0f} s: {'; '.join(blind)}")
        return Look(alarms=alarms, sides=self.ports.traffic.sides, live=live, troubles=troubles, blind=blind)

    def _try(self, read: Callable[[], T], what: str, blind: list[str]) -> T | None:
        try:
            return read()
        except LockLostError:
            raise
        except OpsError as error:
            blind.append(f"{what}: {error.message}")
            return None


def way_out(plan: Plan, sides: Mapping[str, Side] | None) -> Literal["back", "hold"]:
    """Back to the old side, unless that is known to be down while the new one answers: a person decides then.

    Sides that cannot be seen do not stop a way back: the old side served everybody before.
    """
    if sides is None:
        return "back"
    old, new = sides.get(plan.old), sides.get(plan.new)
    if old is not None and old.healthy is False and new is not None and new.healthy is True:
        return "hold"
    return "back"
