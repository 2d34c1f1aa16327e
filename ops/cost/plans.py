"""What owners planned to spend, and what breaks it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from ops.cost.estimate import Estimate
from ops.cost.report import listed, money

PLANS = Path(__file__).with_name("plans.yaml")


def owners_plan(system: str, stack: str, profile: str) -> tuple[float, float] | None:
    """From and to, in USD a month; None where the owner made no plan."""
    plans: Mapping[str, Any] = yaml.safe_load(PLANS.read_text(encoding="utf-8"))
    found = plans.get(system, {}).get(stack, {}).get(profile)
    return (found[0], found[1]) if found else None


def row(found: Estimate, system: str, stack: str, profile: str) -> str:
    """One line of the table on a system's page."""
    part = found.of(system)
    standing = sum(line.usd for line in part.lines if line.fixed)
    planned = owners_plan(system, stack, profile)
    if planned is None:
        plan, verdict = "none", "largest: " + listed(list(part.by_item().items())[:3])
    else:
        plan = f"{planned[0]:g} to {planned[1]:g}"
        broken = part.breaking(planned[1])
        verdict = f"broken by {listed(broken)}" if broken else "kept"
    alert = f"{part.budgets[system]:,.0f}" if system in part.budgets else "none"
    return f"| {stack}, {profile} | {money(standing)} | {money(part.total)} | {alert} | {plan} | {verdict} |"


HEADER = (
    "| stack, profile | standing | USD a month | budget alert | the owner's plan | |",
    "| --- | ---: | ---: | ---: | ---: | --- |",
)
