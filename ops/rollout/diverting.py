"""The emergency write: all new sessions to the old side, and nothing else until that is seen."""

from typing import Protocol

from ops.errors import Exit, OpsError
from ops.rollout.plan import Plan, normal
from ops.rollout.ports import Clock, Traffic

_SAY_SECONDS = 10.0
"""Cloudflare may refuse for 300 s: a line for every try would hide all others."""


class Say(Protocol):
    """A line for the operator."""

    def __call__(self, text: str, *, level: str = "info") -> None: ...


def divert(traffic: Traffic, plan: Plan, clock: Clock, limit: float, say: Say) -> None:
    """The emergency write, until it is seen to have worked. Raises OpsError after ``limit`` seconds."""
    deadline = clock.monotonic() + limit
    said = float("-inf")
    while True:
        try:
            traffic.divert()
            live = traffic.read()
        except OpsError as error:
            problem = error.message
        else:
            if set(normal(live.shares)) == {plan.old} and not live.sticky:
                say(f"all new sessions go to the {plan.old} side", level="good")
                return
            problem = f"live: {dict(live.shares)}"
        if clock.monotonic() > deadline:
            raise OpsError(
                f"the emergency write did not work for {limit:.0f} s: {problem}",
                fix="move the traffic by hand, as the runbook says; then rollback",
                exit_code=Exit.INCOMPLETE,
            )
        if clock.monotonic() - said >= _SAY_SECONDS:
            said = clock.monotonic()
            say(f"emergency write, again every second: {problem}", level="bad")
        clock.sleep(1)
