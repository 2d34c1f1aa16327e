"""How traffic moves from one version of a function to the next."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

MAX_INTERVAL_MINUTES = 2880
"""CodeDeploy's limit for the time between two shifts: two days."""

_MANAGED_MINUTES = {
    ("Lambda", "Canary"): frozenset({5, 10, 15, 30}),
    ("Lambda", "Linear"): frozenset({1, 2, 3, 10}),
    ("ECS", "Canary"): frozenset({5, 15}),
    ("ECS", "Linear"): frozenset({1, 3}),
}
"""The intervals of the 10 percent configurations that CodeDeploy ships."""


@dataclass(frozen=True)
class AllAtOnce:
    """The alias follows each published version as soon as it is deployed."""


@dataclass(frozen=True, kw_only=True)
class Canary:
    """A share of the traffic first, all the rest after the interval."""

    percent: int = 10
    interval_minutes: int = 5

    def __post_init__(self) -> None:
        _check(self.percent, self.interval_minutes)


@dataclass(frozen=True, kw_only=True)
class Linear:
    """The same share again after each interval, until all is moved."""

    percent: int = 10
    interval_minutes: int = 1

    def __post_init__(self) -> None:
        _check(self.percent, self.interval_minutes)


Shift: TypeAlias = Canary | Linear
Rollout: TypeAlias = AllAtOnce | Shift


def managed_config_name(shift: Shift, platform: Literal["Lambda", "ECS"]) -> str | None:
    """The configuration that CodeDeploy ships for this shift; None where one of our own is needed."""
    kind = type(shift).__name__
    minutes = shift.interval_minutes
    if shift.percent != 10 or minutes not in _MANAGED_MINUTES[platform, kind]:
        return None
    every = "Every" if kind == "Linear" else ""
    unit = "Minute" if minutes == 1 else "Minutes"
    return f"CodeDeployDefault.{platform}{kind}10Percent{every}{minutes}{unit}"


def _check(percent: int, interval_minutes: int) -> None:
    if not 1 <= percent <= 99:
        raise ValueError(f"percent: got {percent}; allowed 1 to 99. For all at once use AllAtOnce()")
    if not 1 <= interval_minutes <= MAX_INTERVAL_MINUTES:
        raise ValueError(f"interval_minutes: got {interval_minutes}; allowed 1 to {MAX_INTERVAL_MINUTES}")
