"""The stages of a rollout: the share of each side, the legal moves, and whether live traffic matches."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

Shares = Mapping[str, float]
"""Side to its share of new sessions; a side that is not named has none."""

_TOLERANCE = 1e-6


@dataclass(frozen=True, kw_only=True)
class Live:
    """What the balancer does now, as read from it."""

    shares: Shares
    sticky: bool = False
    """Whether clients are held on the side they drew first."""
    fallback: str | None = None
    """The side that gets everything where no side is healthy; None for a balancer without one."""
    problems: Sequence[str] = ()
    """What else is not as the program makes it, such as a side that is switched off."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Stages in order, from all on the old side to all on the new one, and a final stage without return.

    Raises ValueError for stages that cannot be a rollout.
    """

    stages: Sequence[str]
    """Reversible stages, in order."""
    shares: Mapping[str, Shares]
    """For each of them, and for ``final`` if there is one."""
    old: str
    new: str
    final: str | None = None
    """The stage that follows the last and has no way back."""
    sticky: bool | None = None
    """Whether mixed stages hold clients on their side; None: not looked at."""
    names: Sequence[str] = field(init=False, default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", (*self.stages, *([self.final] if self.final else [])))
        if len(self.stages) < 2 or len(set(self.names)) != len(self.names):
            raise ValueError(f"stages: got {list(self.names)}; at least two, each once")
        if missing := [name for name in self.names if name not in self.shares]:
            raise ValueError(f"shares: none for {', '.join(missing)}")
        at_first = normal(self.shares[self.first])
        if at_first.get(self.new, 0) or not at_first.get(self.old, 0):
            raise ValueError(f"shares: stage {self.first} must send everything to {self.old}")

    @property
    def first(self) -> str:
        return self.stages[0]

    @property
    def last(self) -> str:
        return self.stages[-1]

    def place(self, stage: str) -> int:
        """Raises ValueError for a name that is no stage."""
        if stage not in self.names:
            raise ValueError(f"stage: got {stage!r}; one of {', '.join(self.names)}")
        return self.names.index(stage)

    def next(self, stage: str) -> str | None:
        """The stage one step forward, the final one included."""
        place = self.place(stage)
        return self.names[place + 1] if place + 1 < len(self.names) else None

    def legal(self, start: str, end: str) -> bool:
        """One step forward, or back to any lower stage; nothing leaves the final one."""
        if start == self.final:
            return False
        return end == self.next(start) or self.place(end) < self.place(start)

    def mixed(self, stage: str) -> bool:
        return len(normal(self.shares[stage])) > 1

    def share(self, stage: str, side: str) -> float:
        return normal(self.shares[stage]).get(side, 0.0)

    def differences(self, stage: str, live: Live) -> list[str]:
        """In what the balancer differs from a stage; empty where it agrees."""
        return list(self._differences(stage, live))

    def matching(self, live: Live) -> str | None:
        """The stage that the live traffic is at, if it is at one."""
        return next((name for name in self.names if not self.differences(name, live)), None)

    def _differences(self, stage: str, live: Live) -> Iterator[str]:
        wanted, got = normal(self.shares[stage]), normal(live.shares)
        for side in sorted({*wanted, *got}):
            if abs(wanted.get(side, 0) - got.get(side, 0)) > _TOLERANCE:
                has, needs = got.get(side, 0), wanted.get(side, 0)
                yield f"{side} has {has:.1%} of new sessions; stage {stage} is {needs:.1%}"
        if live.sticky and not self.mixed(stage):
            yield f"sessions are held on their side; at stage {stage} they must not be"
        if self.sticky and self.mixed(stage) and not live.sticky:
            yield f"sessions are not held on their side; at stage {stage} they must be"
        fallback = self.new if stage == self.final else self.old
        if live.fallback not in (None, fallback):
            yield f"the fallback is {live.fallback}; at stage {stage} it must be {fallback}"
        yield from live.problems


def normal(shares: Shares) -> dict[str, float]:
    """Weights as shares of 1, without the sides that have none."""
    total = sum(shares.values())
    return {side: weight / total for side, weight in shares.items() if weight > 0} if total else {}
