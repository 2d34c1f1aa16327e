"""How many tasks a service runs, and how one revision takes over from the last."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

Name: TypeAlias = Any
"""A ``str``, or the engine's promise of one."""


@dataclass(frozen=True, kw_only=True)
class FixedCount:
    """As many tasks, always."""

    tasks: int

    def __post_init__(self) -> None:
        if self.tasks < 0:
            raise ValueError(f"tasks: got {self.tasks}; 0 or more")


@dataclass(frozen=True, kw_only=True)
class Autoscaled:
    """Between two bounds, after the average CPU and, where given, the average memory of the tasks.

    Several targets scale out when any asks for it and in when all agree. Cooldowns: a minute out, since users
    wait; five in, so that a lull between two waves does not take away what the next one needs.
    """

    min_tasks: int
    max_tasks: int
    cpu_percent: float = 70
    memory_percent: float | None = 75
    scale_in_cooldown_seconds: int = 300
    scale_out_cooldown_seconds: int = 60

    def __post_init__(self) -> None:
        if not 0 <= self.min_tasks <= self.max_tasks or self.max_tasks < 1:
            raise ValueError(
                f"tasks: got {self.min_tasks} to {self.max_tasks}; from 0, the lower bound first, and one at "
                "most is no scaling: use FixedCount"
            )
        for field, value in (("cpu_percent", self.cpu_percent), ("memory_percent", self.memory_percent)):
            if value is not None and not 10 <= value <= 95:
                raise ValueError(f"{field}: got {value:g}; 10 to 95: at 100 there is nothing left to measure")
        for field, value in (
            ("scale_in_cooldown_seconds", self.scale_in_cooldown_seconds),
            ("scale_out_cooldown_seconds", self.scale_out_cooldown_seconds),
        ):
            if value < 0:
                raise ValueError(f"{field}: got {value}; 0 or more")


Capacity: TypeAlias = FixedCount | Autoscaled


def first_count(capacity: Capacity) -> int:
    """How many tasks the service starts with."""
    match capacity:
        case FixedCount(tasks=tasks):
            return tasks
        case Autoscaled(min_tasks=tasks):
            return tasks


def tracking_targets(scaling: Autoscaled) -> dict[str, tuple[str, float]]:
    """Application Auto Scaling's metric and its target in percent, by role."""
    targets = {"cpu": ("ECSServiceAverageCPUUtilization", scaling.cpu_percent)}
    if scaling.memory_percent is not None:
        targets["memory"] = ("ECSServiceAverageMemoryUtilization", scaling.memory_percent)
    return targets


@dataclass(frozen=True, kw_only=True)
class Rolling:
    """New tasks beside the old ones, which go when the new are healthy.

    ``alarm_names``: any of these that fires during a deployment takes it back. They must not depend on the
    service, which names them: those of its load balancer do.
    """

    minimum_healthy_percent: int = 100
    maximum_percent: int = 200
    alarm_names: Sequence[Name] = ()

    def __post_init__(self) -> None:
        low, high = self.minimum_healthy_percent, self.maximum_percent
        if not 0 <= low <= 100 or not 100 <= high <= 400 or low == high:
            raise ValueError(
                f"deployment: got {low} to {high} percent; minimum 0 to 100, maximum 100 to 400, and not "
                "both 100, or no task could ever be replaced"
            )


@dataclass(frozen=True, kw_only=True)
class BlueGreen:
    """All new tasks behind the alternate target group, then all traffic at once, and back within the bake
    time when an alarm fires.

    ECS does it itself, by the weights of the listener rule. The old tasks stay for ``bake_time_minutes``, so
    the way back is one change of weights.
    """

    bake_time_minutes: int = 10
    alarm_names: Sequence[Name]

    def __post_init__(self) -> None:
        if not 0 <= self.bake_time_minutes <= 1440:
            raise ValueError(f"bake_time_minutes: got {self.bake_time_minutes}; ECS allows 0 to 1440")
        if not self.alarm_names:
            raise ValueError(
                "alarm_names: got none; a bake time that no alarm can end only delays: name the balancer's"
            )


Deployment: TypeAlias = Rolling | BlueGreen
