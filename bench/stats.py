"""The arithmetic: medians with their spread, ratios, and the cost of one more."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """The median of several measurements, the smallest and the largest."""

    median: float
    low: float
    high: float
    count: int

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Raises ValueError where nothing was measured."""
        if not values:
            raise ValueError("no measurements; there must be at least one")
        return cls(statistics.median(values), min(values), max(values), len(values))

    def text(self, digits: int = 2) -> str:
        shown = f"{self.median:.{digits}f}"
        return shown if self.count == 1 else f"{shown} ({self.low:.{digits}f}-{self.high:.{digits}f})"

    def json(self) -> dict[str, float]:
        return {"median": self.median, "min": self.low, "max": self.high, "count": self.count}


def ratios(values: Sequence[float], floor: Sequence[float]) -> Spread:
    """Each measurement against the floor of its own round: what slows a whole round cancels out."""
    return Spread.of([value / base for value, base in zip(values, floor, strict=True)])


def linearity(counts: Sequence[int], seconds: Sequence[float]) -> list[float]:
    """Seconds a unit, relative to the first: 1.0 everywhere is linear growth, more is worse than linear."""
    first = seconds[0] / counts[0]
    return [second / count / first for count, second in zip(counts, seconds, strict=True)]


def line(counts: Sequence[int], seconds: Sequence[float]) -> tuple[float, float]:
    """Seconds at the start, and seconds for each unit more (least squares)."""
    slope, start = statistics.linear_regression(counts, seconds)
    return start, slope
