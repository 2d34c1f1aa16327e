"""What a load test has to show: its stages, and the figures that decide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

P95_LIMIT_MS = 2_000
FAILURE_LIMIT_PERCENT = 1.0
"""Thresholds of the plan: past them the test fails."""

TARGETS_MS: Mapping[str, float] = {"api": 1_000, "page": 3_000}
TARGET_FAILURE_PERCENT = 0.1
"""Targets of the plan, p95 by kind of request: they are reported, and worth an issue when missed."""


@dataclass(frozen=True)
class Stage:
    """``minutes`` long; the number of users moves evenly to ``users`` in that time."""

    minutes: float
    users: int


STAGES = (Stage(2, 10), Stage(5, 30), Stage(5, 50), Stage(10, 50), Stage(2, 0))
"""10, 30, 50, 50, 0 over 24 minutes. A workshop of 50 team leaders fills up, works, and leaves."""


def users_at(seconds: float, *, seconds_per_minute: float = 60, share: float = 1) -> int | None:
    """How many users there are at a moment; None when the test is over. ``share`` of each stage's users."""
    start, before = 0.0, 0.0
    for stage in STAGES:
        length, target = stage.minutes * seconds_per_minute, stage.users * share
        if seconds < start + length:
            return round(before + (target - before) * (seconds - start) / length)
        start, before = start + length, target
    return None


def peak(share: float = 1) -> int:
    """The most users at once."""
    return round(max(stage.users for stage in STAGES) * share)


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What was measured. ``p95_ms`` by kind of request: ``api``, ``page``, ``websocket``."""

    requests: int
    failures: int
    p95_ms: Mapping[str, float]
    sessions_at_once: int

    @property
    def failure_percent(self) -> float:
        return 100 * self.failures / self.requests if self.requests else 100.0


def breaches(figures: Figures, *, wanted_sessions: int) -> list[str]:
    """Why the test has failed; nothing when it has passed. A test that measured nothing has failed."""
    if not figures.requests:
        return ["no request was made"]
    found = [
        f"{kind}: p95 {p95:.0f} ms; allowed below {P95_LIMIT_MS} ms"
        for kind, p95 in sorted(figures.p95_ms.items())
        if p95 >= P95_LIMIT_MS
    ]
    if figures.failure_percent >= FAILURE_LIMIT_PERCENT:
        found.append(
            f"{figures.failure_percent:.2f} percent of requests failed; "
            f"allowed below {FAILURE_LIMIT_PERCENT:g}"
        )
    if figures.sessions_at_once < wanted_sessions:
        found.append(f"{figures.sessions_at_once} WebSockets at once; the design load is {wanted_sessions}")
    return found


def missed_targets(figures: Figures) -> list[str]:
    """Targets of the plan that this run has missed."""
    found = [
        f"{kind}: p95 {figures.p95_ms[kind]:.0f} ms; the target is below {limit:g} ms"
        for kind, limit in TARGETS_MS.items()
        if figures.p95_ms.get(kind, 0) >= limit
    ]
    if figures.failure_percent >= TARGET_FAILURE_PERCENT:
        found.append(
            f"{figures.failure_percent:.2f} percent failed; the target is below {TARGET_FAILURE_PERCENT:g}"
        )
    return found


def report(figures: Figures, failed: Sequence[str], missed: Sequence[str]) -> str:
    """What a person reads at the end."""
    lines = [
        f"{figures.requests} requests, {figures.failure_percent:.2f} percent failed, "
        f"{figures.sessions_at_once} WebSockets at once",
        *(f"p95 {kind}: {p95:.0f} ms" for kind, p95 in sorted(figures.p95_ms.items())),
        *(f"target missed: {each}" for each in missed),
        *(f"THRESHOLD BROKEN: {each}" for each in failed),
        "failed" if failed else "passed",
    ]
    return "\n".join(lines)
