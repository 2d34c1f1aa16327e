"""Adds up a plan: one line for each thing that is billed, and one for each that could not be priced."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ops.cost.plan import Plan, Resource
from ops.cost.prices import PriceList
from ops.cost.usage import Assumptions, Usage

HOURS = 730.0
"""Hours in a month as AWS's own calculator counts them: 365 days / 12."""

BUDGET = "aws:budgets/budget:Budget"


@dataclass(frozen=True, kw_only=True)
class Line:
    """``quantity`` units of ``price``, for one system, in USD a month."""

    system: str
    item: str
    price: str
    quantity: float
    usd: float
    fixed: bool
    """True for what is paid whether anybody comes or not."""
    confirmed: bool


@dataclass(frozen=True, kw_only=True)
class Unpriced:
    """What costs something that this estimate does not know."""

    system: str
    item: str
    reason: str


Quantity = float | Callable[[], float]
"""A number, or how to find it: finding it may show that something is not known."""


@dataclass(frozen=True)
class Group:
    """All resources of one type in one system: prices are added to it, and what cannot be priced is noted."""

    plan: Plan
    system: str
    resources: tuple[Resource, ...]
    usage: Usage
    prices: PriceList
    lines: list[Line] = field(default_factory=list[Line])
    unpriced: list[Unpriced] = field(default_factory=list[Unpriced])

    @property
    def count(self) -> int:
        return len(self.resources)

    def fixed(self, item: str, price: str | Callable[[], str], quantity: Quantity) -> None:
        """What is paid whether anybody comes or not."""
        self._add(item, price, quantity, fixed=True)

    def used(self, item: str, price: str | Callable[[], str], quantity: Quantity) -> None:
        """What is paid by use."""
        self._add(item, price, quantity, fixed=False)

    def hours(self, item: str, price: str | Callable[[], str], count: Quantity) -> None:
        """``count`` of something for every hour of the month."""
        self.fixed(item, price, lambda: (count() if callable(count) else count) * HOURS)

    def _add(self, item: str, price: str | Callable[[], str], quantity: Quantity, *, fixed: bool) -> None:
        try:
            name = price() if callable(price) else price
            units = quantity() if callable(quantity) else quantity
            found = self.prices[name]
        except LookupError as error:
            self.unpriced.append(Unpriced(system=self.system, item=item, reason=str(error.args[0])))
            return
        self.lines.append(
            Line(
                system=self.system,
                item=item,
                price=name,
                quantity=units,
                usd=units * found.usd,
                fixed=fixed,
                confirmed=found.confirmed,
            )
        )


Pricer = Callable[[Group], None]


@dataclass(frozen=True)
class Estimate:
    """USD a month of one stack."""

    stack: str
    lines: tuple[Line, ...]
    unpriced: tuple[Unpriced, ...]
    regions: frozenset[str] = frozenset()
    """Where its resources stand, as far as they say so."""
    budgets: Mapping[str, float] = field(default_factory=dict[str, float])
    """System to the USD a month that its ``aws.budgets`` alert allows."""

    @property
    def total(self) -> float:
        return sum(line.usd for line in self.lines)

    @property
    def systems(self) -> list[str]:
        return sorted({line.system for line in self.lines} | {each.system for each in self.unpriced})

    def of(self, system: str) -> "Estimate":
        return Estimate(
            self.stack,
            tuple(line for line in self.lines if line.system == system),
            tuple(each for each in self.unpriced if each.system == system),
            budgets={name: limit for name, limit in self.budgets.items() if name == system},
        )

    def by_item(self) -> Mapping[str, float]:
        """USD by item, the largest first."""
        items: dict[str, float] = {}
        for line in self.lines:
            items[line.item] = items.get(line.item, 0.0) + line.usd
        return dict(sorted(items.items(), key=lambda pair: (-pair[1], pair[0])))

    def breaking(self, limit: float) -> list[tuple[str, float]]:
        """The largest items without which the sum would fit ``limit`` USD; empty where it fits."""
        over = self.total - limit
        items: list[tuple[str, float]] = []
        for item, usd in self.by_item().items():
            if over <= 0:
                break
            items.append((item, usd))
            over -= usd
        return items


def estimate(
    plan: Plan,
    prices: PriceList,
    assumptions: Assumptions,
    *,
    pricers: Mapping[str, Pricer],
    free: Mapping[str, str],
) -> Estimate:
    """Price every resource of ``plan``. A type in ``pricers`` is priced; one that begins with a key of
    ``free`` costs nothing by itself, for the reason given there; any other is unpriced."""
    lines: list[Line] = []
    unpriced: list[Unpriced] = []
    groups: dict[tuple[str, str], list[Resource]] = {}
    for resource in plan.resources:
        if resource.type.startswith(("platform:", "pulumi:")):
            continue
        groups.setdefault((resource.system, resource.type), []).append(resource)
    for (system, type_), resources in sorted(groups.items()):
        pricer = pricers.get(type_)
        if pricer is None:
            if type_.startswith(tuple(free)):
                continue
            unpriced.append(Unpriced(system=system, item=type_, reason="no pricing rule for this type"))
            continue
        group = Group(plan, system, tuple(resources), assumptions.of(system, plan.stack), prices)
        pricer(group)
        lines += group.lines
        unpriced += group.unpriced
    regions = frozenset(
        resource.inputs["region"] for resource in plan.resources if "region" in resource.inputs
    )
    budgets = {
        resource.system: resource.number("limitAmount")
        for resource in plan.resources
        if resource.type == BUDGET and resource.inputs.get("timeUnit") == "MONTHLY"
    }
    return Estimate(plan.stack, tuple(lines), tuple(unpriced), regions, budgets)
