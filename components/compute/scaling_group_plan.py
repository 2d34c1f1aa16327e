"""What an Auto Scaling group is planned from: its image, its pace, and the metrics it scales by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

HOST_METRIC: Final = "cpu_usage_active"
"""The processor's busy share, as the CloudWatch agent calls it."""

HOST_METRIC_SECONDS: Final = 10
"""The shortest period that target tracking reads (Auto Scaling user guide, high-resolution metrics)."""

ALARM_DATAPOINTS: Final = 3
"""Data points in a row that the scale-out alarm of target tracking waits for."""

SCALE_OUT_SECONDS: Final = HOST_METRIC_SECONDS * ALARM_DATAPOINTS
"""From the load to the decision: half a minute. EC2's own metric, once a minute, would take three."""

FORECAST_PERIOD_SECONDS: Final = 300
"""Predictive scaling reads its metrics at five minutes; detailed monitoring has five points in that."""

POINTS_IN_PERIOD: Final = FORECAST_PERIOD_SECONDS // 60

_INSTANCE_LIMIT = 10_000
_NAME_LIMIT = 255


@dataclass(frozen=True)
class AmiParameter:
    """The image that an SSM parameter names when a host starts. A refresh with it cannot roll back by itself:
    AWS has no older image to return to (Auto Scaling user guide, rollback considerations)."""

    name: str


@dataclass(frozen=True)
class AmiId:
    """One image."""

    image_id: str


Ami: TypeAlias = AmiParameter | AmiId


@dataclass(frozen=True)
class NoWarmPool:
    """A host starts from nothing."""


@dataclass(frozen=True, kw_only=True)
class StoppedPool:
    """``hosts`` that have been set up wait, stopped, and return there on scale-in."""

    hosts: int


WarmPool: TypeAlias = NoWarmPool | StoppedPool


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """How many hosts: at least, at most, and at the beginning. Later counts are the scaling's."""

    least: int
    most: int
    desired: int

    def __post_init__(self) -> None:
        if not 0 <= self.least <= self.desired <= self.most <= _INSTANCE_LIMIT:
            raise ValueError(
                f"capacity: got {self.least} <= {self.desired} <= {self.most}; in that order, from 0 to "
                f"{_INSTANCE_LIMIT}"
            )


@dataclass(frozen=True, kw_only=True)
class ScalingTarget:
    """What both scalings aim at, in percent of the processor, and how much earlier than its hour the forecast
    starts a host."""

    cpu_percent: float = 50
    forecast_buffer_seconds: int = 600
    metric_namespace: str
    """Where the hosts' agents publish ``cpu_usage_active`` by ``AutoScalingGroupName``."""
    twin_group_names: Sequence[str] = ()
    """Both groups of a blue/green pair, this one included: the load is looked at in sum, or a group that has
    just taken over would have no history to forecast from."""

    def __post_init__(self) -> None:
        if not 1 <= self.cpu_percent <= 100:
            raise ValueError(f"cpu_percent: got {self.cpu_percent}; allowed 1 to 100")
        if not 0 <= self.forecast_buffer_seconds <= 3_600:
            raise ValueError(f"forecast_buffer_seconds: got {self.forecast_buffer_seconds}; 0 to 3600")
        if len(self.twin_group_names) == 1:
            raise ValueError("twin_group_names: got one; a pair has two: name both, or none")


@dataclass(frozen=True, kw_only=True)
class Query:
    """One line of predictive scaling's metric math: a metric of one group, or an expression."""

    id: str
    expression: str | None = None
    namespace: str = ""
    metric: str = ""
    statistic: str = ""
    group_name: str = ""
    returned: bool = False


def forecast_queries(group_names: Sequence[str]) -> Mapping[str, tuple[Query, ...]]:
    """Load, capacity and utilisation over several groups, as predictive scaling asks for them.

    The load is the sum of every host's processor over five one-minute points; divided by the hosts and the
    points it is the average that the target is about.
    """
    load = _sum("load", "AWS/EC2", "CPUUtilization", "Sum", group_names)
    hosts = _sum("hosts", "AWS/AutoScaling", "GroupInServiceInstances", "Average", group_names)
    average = Query(
        id="average", expression=f"total_load / (total_hosts * {POINTS_IN_PERIOD})", returned=True
    )
    return {
        "load": (*load[:-1], _returned(load[-1])),
        "capacity": (*hosts[:-1], _returned(hosts[-1])),
        "scaling": (*load, *hosts, average),
    }


def image_id(ami: Ami) -> str:
    """What a launch template's image field takes."""
    match ami:
        case AmiParameter(name):
            return f"resolve:ssm:{name}"
        case AmiId(image):
            return image


def rolls_back(ami: Ami) -> bool:
    """Whether a failed refresh can return to the image before."""
    return isinstance(ami, AmiId)


def check_group_name(name: str) -> None:
    """Raise ValueError for a name that Auto Scaling rejects."""
    if not 1 <= len(name) <= _NAME_LIMIT or ":" in name:
        raise ValueError(f"group_name: got {name!r}; 1 to {_NAME_LIMIT} characters without a colon")


def _sum(
    key: str, namespace: str, metric: str, statistic: str, group_names: Sequence[str]
) -> tuple[Query, ...]:
    parts = tuple(
        Query(id=f"{key}_{place}", namespace=namespace, metric=metric, statistic=statistic, group_name=name)
        for place, name in enumerate(group_names)
    )
    filled = ", ".join(f"FILL({part.id}, 0)" for part in parts)
    return (*parts, Query(id=f"total_{key}", expression=f"SUM([{filled}])"))


def _returned(query: Query) -> Query:
    return Query(id=query.id, expression=query.expression, returned=True)
