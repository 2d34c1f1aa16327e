"""What owners planned to spend, and what breaks it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ops.cost.estimate import Estimate
from ops.cost.report import money

PLANS = Path(__file__).with_name("plans.yaml")


@dataclass(frozen=True)
class Budget:
    """USD a month."""

    low: float
    high: float

    def breaks(self, found: Estimate) -> list[tuple[str, float]]:
        """The largest items without which ``found`` would fit, with their USD; empty where it fits."""
        over = found.total - self.high
        items: list[tuple[str, float]] = []
        for item, usd in found.by_item().items():
            if over <= 0:
                break
            items.append((item, usd))
            over -= usd
        return items


def budget(system: str, stack: str, profile: str) -> Budget | None:
    """The plan of the system's owner; None where there is none."""
    plans: Mapping[str, Any] = yaml.safe_load(PLANS.read_text(encoding="utf-8"))
    found = plans.get(system, {}).get(stack, {}).get(profile)
    return Budget(*found) if found else None


def row(found: Estimate, system: str, stack: str, profile: str) -> str:
    """One line of the table on a system's page."""
    part = found.of(system)
    standing = sum(line.usd for line in part.lines if line.fixed)
    planned = budget(system, stack, profile)
    if planned is None:
        plan, verdict = "none", "largest: " + _list(list(part.by_item().items())[:3])
    else:
        plan = f"{planned.low:g} to {planned.high:g}"
        broken = planned.breaks(part)
        verdict = f"broken by {_list(broken)}" if broken else "kept"
    return f"| {stack}, {profile} | {money(standing)} | {money(part.total)} | {plan} | {verdict} |"


HEADER = (
    "| stack, profile | standing | USD a month | the owner's plan | |",
    "| --- | ---: | ---: | ---: | --- |",
)


def _list(items: list[tuple[str, float]]) -> str:
    return ", ".join(f"{item} {usd:.0f}" for item, usd in items)
