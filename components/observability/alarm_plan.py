"""Alarms as data: what is watched, when it is bad, how bad, and what to do about it."""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from components.observability.metric import Metric

Severity: TypeAlias = Literal["critical", "warning"]
Comparison: TypeAlias = Literal[
    "GreaterThanThreshold",
    "GreaterThanOrEqualToThreshold",
    "LessThanThreshold",
    "LessThanOrEqualToThreshold",
]
MissingData: TypeAlias = Literal["notBreaching", "breaching", "ignore", "missing"]

MAX_EVALUATION_SECONDS = 86_400
"""An alarm with periods under an hour looks back one day at most (PutMetricAlarm)."""

_METRIC_ID = re.compile(r"[a-z][A-Za-z0-9_]*")


@dataclass(frozen=True, kw_only=True)
class AlarmRule(ABC):
    """What a plain alarm and a metric-math alarm share."""

    summary: str
    """One sentence a person reads at night: what is wrong, in words and numbers."""
    runbook: str
    """The runbook's page and heading, below the caller's base address: ``safework#functions``."""
    threshold: float
    comparison: Comparison = "GreaterThanThreshold"
    evaluation_periods: int = 1
    datapoints_to_alarm: int | None = None
    """How many of the periods must be bad; all of them unless said."""
    treat_missing_data: MissingData = "notBreaching"
    """Most services send nothing when nothing happens. ``notBreaching`` makes an idle system OK rather than
    INSUFFICIENT_DATA, which a gate would have to refuse."""
    severity: Severity = "warning"
    gate: bool = False
    """Whether a cutover step waits for this alarm and rolls back on it."""

    def __post_init__(self) -> None:
        wanted = self.datapoints_to_alarm
        if self.evaluation_periods < 1:
            raise ValueError(f"evaluation_periods: got {self.evaluation_periods}; at least 1")
        if wanted is not None and not 1 <= wanted <= self.evaluation_periods:
            raise ValueError(
                f"datapoints_to_alarm: got {wanted}; 1 to evaluation_periods ({self.evaluation_periods})"
            )
        span = self.evaluation_periods * self.period_seconds
        if self.period_seconds < 3600 and span > MAX_EVALUATION_SECONDS:
            raise ValueError(f"evaluation_periods: {span} s in all; CloudWatch looks back one day at most")

    @property
    @abstractmethod
    def period_seconds(self) -> int:
        """The width of one evaluation period."""


@dataclass(frozen=True, kw_only=True)
class MetricAlarm(AlarmRule):
    """An alarm on one metric."""

    metric: Metric

    @property
    def period_seconds(self) -> int:
        return self.metric.period_seconds


@dataclass(frozen=True, kw_only=True)
class MathAlarm(AlarmRule):
    """An alarm on an expression over several metrics, keyed by the names the expression uses."""

    expression: str
    label: str
    metrics: Mapping[str, Metric]

    def __post_init__(self) -> None:
        for metric_id in self.metrics:
            if not _METRIC_ID.fullmatch(metric_id):
                raise ValueError(
                    f"metric id: got {metric_id!r}; letters, digits and underscores, lower case first"
                )
            if not re.search(rf"\b{metric_id}\b", self.expression):
                raise ValueError(
                    f"expression: {self.expression!r} does not use the metric {metric_id!r}: drop it"
                )
        periods = {metric.period_seconds for metric in self.metrics.values()}
        if len(periods) != 1:
            raise ValueError(f"metrics: periods {sorted(periods)}; an expression needs one period for all")
        if len(self.metrics) > 9:
            raise ValueError(f"metrics: got {len(self.metrics)}; at most 9 beside the expression")
        super().__post_init__()

    @property
    def period_seconds(self) -> int:
        return next(iter(self.metrics.values())).period_seconds


@dataclass(frozen=True, kw_only=True)
class QueryAlarm(AlarmRule):
    """An alarm on the largest value that a metric has in a namespace, whatever its dimensions.

    For metrics whose dimensions nobody can know before. CloudWatch charges it by the metrics that it reads.
    """

    namespace: str
    metric_name: str
    query_seconds: int = 300

    def __post_init__(self) -> None:
        if not re.fullmatch(r"\w+", self.metric_name):
            raise ValueError(f"metric_name: got {self.metric_name!r}; the name of one metric")
        super().__post_init__()

    @property
    def query(self) -> str:
        """In the language of CloudWatch Metrics Insights."""
        return f'SELECT MAX({self.metric_name}) FROM "{self.namespace}"'  # noqa: S608 - no database reads it

    @property
    def period_seconds(self) -> int:
        return self.query_seconds


Alarm: TypeAlias = MetricAlarm | MathAlarm | QueryAlarm


def percentage(part: str, whole: str) -> str:
    """Metric math for ``part`` in percent of ``whole``; zero while ``whole`` is zero: no call is no fault."""
    return f"IF({whole} > 0, 100 * FILL({part}, 0) / {whole}, 0)"


def merge(**groups: Mapping[str, Alarm]) -> dict[str, Alarm]:
    """One set from several, each key prefixed by its group (``auth`` and ``errors`` give ``auth-errors``)."""
    return {
        f"{group.replace('_', '-')}-{key}": alarm
        for group, alarms in groups.items()
        for key, alarm in alarms.items()
    }
