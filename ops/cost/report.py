"""An estimate for people, for a pull request, and for programs."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from ops.cost.estimate import Estimate
from ops.cost.prices import PriceList

GLOBAL_REGION = "us-east-1"
"""Where certificates and web ACLs of CloudFront live, whose prices are the same everywhere."""

SMALL = 0.005
"""USD that a cent rounds to nothing."""


def money(usd: float) -> str:
    return f"{usd:,.2f}"


def change(usd: float) -> str:
    return f"{usd:+,.2f}" if abs(usd) >= SMALL else "0.00"


def listed(items: Iterable[tuple[str, float]]) -> str:
    """Items with their USD, in words."""
    return ", ".join(f"{item} {usd:,.0f}" for item, usd in items)


def _budget(part: Estimate, system: str) -> str:
    return money(part.budgets[system]) if system in part.budgets else "none"


def show(console: Console, found: Estimate, prices: PriceList, *, items: bool) -> None:
    """Tables of ``found``: systems, and with ``items`` what each of them pays for."""
    if items:
        for system in found.systems:
            console.print(_items(found.of(system), system))
    table = Table(title=f"{found.stack}: USD a month in {prices.region}", title_justify="left")
    table.add_column("system")
    for heading in ("standing", "by use", "total", "budget"):
        table.add_column(heading, justify="right")
    for system in found.systems:
        part = found.of(system)
        standing = sum(line.usd for line in part.lines if line.fixed)
        table.add_row(
            system, money(standing), money(part.total - standing), money(part.total), _budget(part, system)
        )
    table.add_section()
    standing = sum(line.usd for line in found.lines if line.fixed)
    table.add_row("total", money(standing), money(found.total - standing), money(found.total), "")
    console.print(table)
    for line in footnotes(found, prices):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _items(part: Estimate, system: str) -> Table:
    table = Table(title=system, title_justify="left")
    table.add_column("item")
    table.add_column("USD a month", justify="right")
    for item, usd in part.by_item().items():
        table.add_row(item, money(usd))
    return table


def footnotes(found: Estimate, prices: PriceList) -> Iterable[str]:
    """What the reader must know before believing a total."""
    total = found.total or 1.0
    unconfirmed = sum(line.usd for line in found.lines if not line.confirmed)
    yield (
        f"On-demand, without tax, discounts and free tiers; prices of {prices.oldest} or later; "
        f"{100 * unconfirmed / total:.0f} percent of the sum stands on prices from web pages, not from the "
        "AWS Price List. Standing: paid whether anybody comes or not. Use: ops/cost/usage.yaml."
    )
    elsewhere = sorted(found.regions - {prices.region, GLOBAL_REGION})
    if elsewhere:
        yield f"What stands in {', '.join(elsewhere)} is counted at the prices of {prices.region}."
    for system, limit in sorted(found.budgets.items()):
        part = found.of(system)
        if broken := part.breaking(limit):
            yield (
                f"OVER BUDGET: {system} by {money(part.total - limit)} USD; "
                f"it would fit without {listed(broken)}"
            )
    if found.unpriced:
        yield f"UNPRICED, not in the total ({len(found.unpriced)}):"
        for each in found.unpriced:
            yield f"  {each.system}: {each.item}: {each.reason}"


def markdown(found: Estimate, prices: PriceList) -> str:
    """The tables of ``show`` for a page or a comment."""
    lines = ["| system | standing | by use | USD a month | budget |", "| --- | ---: | ---: | ---: | ---: |"]
    for system in found.systems:
        part = found.of(system)
        standing = sum(line.usd for line in part.lines if line.fixed)
        lines.append(
            f"| {system} | {money(standing)} | {money(part.total - standing)} | {money(part.total)} "
            f"| {_budget(part, system)} |"
        )
    lines.append(f"| **{found.stack}** | | | **{money(found.total)}** | |")
    return "\n".join([*lines, "", *footnotes(found, prices)]) + "\n"


def document(found: Estimate, prices: PriceList) -> Mapping[str, Any]:
    """The estimate as JSON: every line, and what is unpriced."""
    return {
        "stack": found.stack,
        "region": prices.region,
        "pricesFrom": prices.oldest.isoformat(),
        "usdPerMonth": round(found.total, 2),
        "systems": {system: round(found.of(system).total, 2) for system in found.systems},
        "budgets": dict(found.budgets),
        "overBudget": {
            system: [item for item, _ in broken]
            for system, limit in found.budgets.items()
            if (broken := found.of(system).breaking(limit))
        },
        "lines": [
            {
                "system": line.system,
                "item": line.item,
                "price": line.price,
                "quantity": line.quantity,
                "usd": round(line.usd, 4),
                "standing": line.fixed,
                "confirmed": line.confirmed,
            }
            for line in found.lines
        ],
        "unpriced": [
            {"system": each.system, "item": each.item, "reason": each.reason} for each in found.unpriced
        ],
    }


def write_json(console: Console, content: Mapping[str, Any]) -> None:
    console.print(json.dumps(content, indent=1), markup=False, highlight=False, soft_wrap=True)
