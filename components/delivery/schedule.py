"""Services that are ready in the hours they are used, and stand at their floor otherwise."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import pulumi
from pulumi_aws import appautoscaling

Day: TypeAlias = Literal["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]

DAYS: tuple[Day, ...] = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")

_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


@dataclass(frozen=True, kw_only=True)
class Hours:
    """When the service is used: from ``opens`` to ``closes`` (``HH:MM``) on ``days``, by the clock of
    ``timezone`` (``Asia/Seoul``).

    Raises ValueError for a time that no clock shows, hours that end before they begin, or no day at all.
    """

    opens: str
    closes: str
    days: Sequence[Day]
    timezone: str

    def __post_init__(self) -> None:
        for field, text in (("opens", self.opens), ("closes", self.closes)):
            if not _CLOCK.fullmatch(text):
                raise ValueError(f"{field}: got {text!r}; write it as HH:MM on a 24-hour clock, as 08:30")
        if self.opens >= self.closes:
            raise ValueError(f"closes: got {self.closes}; later than opens ({self.opens}) on the same day")
        if not self.days or set(self.days) - set(DAYS):
            raise ValueError(f"days: got {list(self.days)}; one or more of {', '.join(DAYS)}")

    def at(self, clock: str) -> str:
        """A cron expression of Application Auto Scaling for ``clock`` on these days."""
        hour, minute = clock.split(":")
        days = ",".join(day for day in DAYS if day in self.days)
        return f"cron({int(minute)} {int(hour)} ? * {days} *)"


@dataclass(frozen=True, kw_only=True)
class ScheduledService:
    """``resource_id`` is that of the scalable target: ``service/<cluster>/<service>``."""

    resource_id: pulumi.Input[str]
    open_min: int
    open_max: int
    floor: int

    def __post_init__(self) -> None:
        if not 0 <= self.floor <= self.open_min <= self.open_max:
            raise ValueError(
                f"floor: got {self.floor} with {self.open_min} to {self.open_max} tasks when open; it must "
                "be 0 or more, and no more than the fewest when open"
            )


@dataclass(frozen=True, kw_only=True)
class ScalingScheduleArgs:
    """``services`` by a stable key."""

    hours: Hours
    services: Mapping[str, ScheduledService]


class ScalingSchedule(pulumi.ComponentResource):
    """Two scheduled actions for each service: its range when open, its floor when closed.

    They move the limits of Application Auto Scaling and not the desired count, which target tracking would
    put back. EventBridge Scheduler is left out for the same job: it would need a role that may change any
    limit, and does nothing more. Stopping databases is left out: RDS starts a stopped one again after seven
    days, and cannot stop one that has a replica.
    """

    actions: dict[str, appautoscaling.ScheduledAction]

    def __init__(
        self, name: str, args: ScalingScheduleArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("platform:delivery:ScalingSchedule", name, None, opts)
        self._name = name
        self._hours = args.hours
        self.actions = {}
        for key, service in args.services.items():
            self.actions[f"{key}-open"] = self._build_action(
                f"{key}-open", service, args.hours.opens, (service.open_min, service.open_max)
            )
            self.actions[f"{key}-close"] = self._build_action(
                f"{key}-close", service, args.hours.closes, (service.floor, service.floor)
            )
        self.register_outputs({"actionArns": {key: action.arn for key, action in self.actions.items()}})

    def _build_action(
        self, key: str, service: ScheduledService, clock: str, limits: tuple[int, int]
    ) -> appautoscaling.ScheduledAction:
        return appautoscaling.ScheduledAction(
            f"{self._name}-{key}",
            name=f"{self._name}-{key}",
            service_namespace="ecs",
            resource_id=service.resource_id,
            scalable_dimension="ecs:service:DesiredCount",
            schedule=self._hours.at(clock),
            timezone=self._hours.timezone,
            scalable_target_action=appautoscaling.ScheduledActionScalableTargetActionArgs(
                min_capacity=limits[0], max_capacity=limits[1]
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
