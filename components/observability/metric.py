"""One CloudWatch metric, as alarms and dashboards name it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Name: TypeAlias = Any
"""A ``str``, or the engine's promise of one: physical names are known only once AWS has made the resource."""

VALID_PERIODS_SECONDS = (10, 30)
"""High-resolution periods; every other period is a multiple of 60."""


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A metric with the statistic and period to read it at.

    CloudWatch matches a metric by its exact set of dimensions: one too many or too few and there is no data.
    """

    namespace: str
    name: str
    dimensions: Mapping[str, Name]
    statistic: str = "Sum"
    """``Sum``, ``Average``, ``Minimum``, ``Maximum``, ``SampleCount`` or a percentile (``p95``, ``tm99``)."""
    period_seconds: int = 300

    def __post_init__(self) -> None:
        period = self.period_seconds
        if period not in VALID_PERIODS_SECONDS and (period <= 0 or period % 60):
            raise ValueError(f"{self.name}: period_seconds: got {period}; use 10, 30 or a multiple of 60")

    @property
    def is_plain_statistic(self) -> bool:
        """Whether the statistic is one of CloudWatch's five; percentiles go in another field of an alarm."""
        return self.statistic in {"Sum", "Average", "Minimum", "Maximum", "SampleCount"}
