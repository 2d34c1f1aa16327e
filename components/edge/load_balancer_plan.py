"""Where an Application Load Balancer sends requests, and in which order it asks."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

MAX_CONDITION_VALUES = 5
"""Values in all conditions of one rule (quotas of Application Load Balancers)."""

_MAX_LOGICAL_NAME = 24
"""Names of load balancers and target groups have 32 characters, and automatic naming adds eight."""

_SLOTS = 80
"""Priorities of one band: 600 bands of 80 stay below 50,000, the highest that a listener takes."""

_LITERAL_LIMIT = 99
"""Longer literal beginnings rank alike."""


@dataclass(frozen=True, kw_only=True)
class TargetHealthCheck:
    """What the load balancer asks each target, in seconds and counts."""

    path: str
    interval_seconds: int = 30
    timeout_seconds: int = 5
    healthy_threshold: int = 2
    unhealthy_threshold: int = 3
    matcher: str = "200"
    """HTTP codes that count as healthy."""

    def __post_init__(self) -> None:
        if not self.path.startswith("/"):
            raise ValueError(f"health check path: got {self.path!r}; start it with /")
        for name, value, low, high in (
            ("interval_seconds", self.interval_seconds, 5, 300),
            ("timeout_seconds", self.timeout_seconds, 2, 120),
            ("healthy_threshold", self.healthy_threshold, 2, 10),
            ("unhealthy_threshold", self.unhealthy_threshold, 2, 10),
        ):
            if not low <= value <= high:
                raise ValueError(f"health check {name}: got {value}; allowed {low} to {high}")
        if self.timeout_seconds >= self.interval_seconds:
            raise ValueError(
                f"health check timeout_seconds: got {self.timeout_seconds}; below the interval "
                f"({self.interval_seconds})"
            )


@dataclass(frozen=True, kw_only=True)
class Target:
    """A group of targets and the requests that go there: any of ``hosts`` (all, when none is given) with any
    of ``paths``. ``*`` and ``?`` match as load balancers match them.
    """

    port: int
    health_check: TargetHealthCheck
    paths: Sequence[str] = ("/*",)
    hosts: Sequence[str] = ()
    target_type: Literal["ip", "instance"] = "ip"
    protocol: Literal["HTTP", "HTTPS"] = "HTTP"
    """From the load balancer to the target, inside the VPC."""
    stickiness_seconds: int | None = None
    """How long a client stays with one target, by the load balancer's cookie; None does not bind it."""
    slow_start_seconds: int = 0
    """A new target's share grows for this long; 0 gives it a full share at once."""
    deregistration_delay_seconds: int = 30
    """How long requests in flight, WebSockets among them, may finish on a target that leaves."""
    blue_green: bool = False
    """A second group for the next revision. Whoever releases moves the rule's weights between the two."""
    priority: int | None = None
    """In place of the one that follows from the patterns."""
    tags: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Of the target groups, beside the stack's own. A cluster may only fill groups that carry its name."""

    def __post_init__(self) -> None:
        _check_patterns(self)
        _check_numbers(self)


@dataclass(frozen=True)
class TargetPlan:
    """Rule priorities by target."""

    priorities: Mapping[str, int] = field(default_factory=dict[str, int])


def plan_targets(name: str, targets: Mapping[str, Target]) -> TargetPlan:
    """Priorities that depend on each target's own key and patterns alone: a new target moves no other.

    A named host comes before a wildcard host and that before none; then an exact path before a wildcard, and
    a longer literal beginning before a shorter one. So ``/api/*`` is asked before ``/*``, whatever the order
    of writing. Raises ``ValueError`` for two targets on one priority, and for names that would grow too long.
    """
    if not targets:
        raise ValueError(f"{name}: targets: got none; a load balancer without one only says 404")
    _check_names(name, targets)
    priorities = {key: target.priority or _priority(key, target) for key, target in targets.items()}
    by_priority: dict[int, str] = {}
    for key in sorted(targets):
        other = by_priority.setdefault(priorities[key], key)
        if other != key:
            raise ValueError(
                f"{name}: targets {other!r} and {key!r} both fall on priority {priorities[key]}: give one of "
                "them a priority of its own"
            )
    return TargetPlan(priorities=priorities)


def _priority(key: str, target: Target) -> int:
    host = min((1 if _is_wild(each) else 2 for each in target.hosts), default=0)
    exact = 0 if any(_is_wild(path) for path in target.paths) else 1
    literal = min(_LITERAL_LIMIT, *(_literal_length(path) for path in target.paths))
    band = ((2 - host) * 2 + (1 - exact)) * (_LITERAL_LIMIT + 1) + (_LITERAL_LIMIT - literal)
    return band * _SLOTS + zlib.crc32(key.encode()) % _SLOTS + 1


def _is_wild(pattern: str) -> bool:
    return "*" in pattern or "?" in pattern


def _literal_length(pattern: str) -> int:
    return next((at for at, character in enumerate(pattern) if character in "*?"), len(pattern))


def alternate_key(key: str) -> str:
    """The key of the second group of a blue/green target."""
    return f"{key}-b"


def _check_names(name: str, targets: Mapping[str, Target]) -> None:
    keys = [alternate_key(key) if target.blue_green else key for key, target in targets.items()]
    for child in (f"{name}-alb", *(f"{name}-{key}" for key in keys)):
        if len(child) > _MAX_LOGICAL_NAME:
            raise ValueError(
                f"name: {child!r} has {len(child)} characters; at most {_MAX_LOGICAL_NAME}, since AWS allows "
                "32 and automatic naming adds 8: shorten the load balancer's name or the target's key"
            )


def _check_patterns(target: Target) -> None:
    if not target.paths:
        raise ValueError("paths: got none; /* takes every path")
    values = [*target.hosts, *target.paths]
    if len(values) > MAX_CONDITION_VALUES:
        raise ValueError(
            f"paths and hosts: got {len(values)} values; a rule takes {MAX_CONDITION_VALUES}: use a "
            "wildcard, or a second target"
        )
    for path in target.paths:
        if not path.startswith("/") or len(path) > 128:
            raise ValueError(f"path: got {path!r}; start it with / and keep to 128 characters")


def _check_numbers(target: Target) -> None:
    if target.slow_start_seconds != 0 and not 30 <= target.slow_start_seconds <= 900:
        raise ValueError(f"slow_start_seconds: got {target.slow_start_seconds}; 0, or 30 to 900")
    if not 0 <= target.deregistration_delay_seconds <= 3600:
        raise ValueError(
            f"deregistration_delay_seconds: got {target.deregistration_delay_seconds}; 0 to 3600"
        )
    if target.stickiness_seconds is not None and not 1 <= target.stickiness_seconds <= 604_800:
        raise ValueError(
            f"stickiness_seconds: got {target.stickiness_seconds}; 1 to 604800 (7 days), or None for none"
        )
    if target.priority is not None and not 1 <= target.priority <= 50_000:
        raise ValueError(f"priority: got {target.priority}; 1 to 50000")
    if not 1 <= target.port <= 65535:
        raise ValueError(f"port: got {target.port}; 1 to 65535")
