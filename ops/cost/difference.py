"""What a change adds: two estimates, item by item."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ops.cost.estimate import Estimate
from ops.cost.report import SMALL, change, money


@dataclass(frozen=True, kw_only=True)
class Moved:
    """One item of one system that costs something else now, in USD a month."""

    system: str
    item: str
    before: float
    after: float

    @property
    def by(self) -> float:
        return self.after - self.before


@dataclass(frozen=True, kw_only=True)
class Difference:
    before: Estimate
    after: Estimate
    moved: tuple[Moved, ...]
    """The largest change first."""

    @property
    def by(self) -> float:
        return self.after.total - self.before.total

    @property
    def newly_unpriced(self) -> tuple[str, ...]:
        known = {(each.system, each.item) for each in self.before.unpriced}
        return tuple(
            f"{each.system}: {each.item}: {each.reason}"
            for each in self.after.unpriced
            if (each.system, each.item) not in known
        )

    def exceeds(self, percent: float) -> bool:
        """Whether the sum grows by more than ``percent`` of what it was."""
        return self.by > self.before.total * percent / 100 and self.by >= SMALL


def compare(before: Estimate, after: Estimate) -> Difference:
    moved: list[Moved] = []
    for system in sorted({*before.systems, *after.systems}):
        was, now = before.of(system).by_item(), after.of(system).by_item()
        for item in sorted({*was, *now}):
            each = Moved(system=system, item=item, before=was.get(item, 0.0), after=now.get(item, 0.0))
            if abs(each.by) >= SMALL:
                moved.append(each)
    moved.sort(key=lambda each: (-abs(each.by), each.system, each.item))
    return Difference(before=before, after=after, moved=tuple(moved))


def markdown(found: Difference) -> str:
    """For a pull request: one line that says it, then what moved."""
    head = (
        f"**{found.after.stack}: {change(found.by)} USD a month** "
        f"({money(found.before.total)} to {money(found.after.total)})"
    )
    lines = [head]
    if found.moved:
        lines += ["", "| system | item | before | after | change |", "| --- | --- | ---: | ---: | ---: |"]
        lines += [
            f"| {each.system} | {each.item} "
            f"| {money(each.before)} | {money(each.after)} | {change(each.by)} |"
            for each in found.moved
        ]
    lines += [f"- unpriced: {line}" for line in found.newly_unpriced]
    return "\n".join(lines) + "\n"


def document(found: Difference) -> Mapping[str, Any]:
    return {
        "stack": found.after.stack,
        "before": round(found.before.total, 2),
        "after": round(found.after.total, 2),
        "change": round(found.by, 2),
        "moved": [
            {
                "system": each.system,
                "item": each.item,
                "before": round(each.before, 2),
                "after": round(each.after, 2),
            }
            for each in found.moved
        ],
        "newlyUnpriced": list(found.newly_unpriced),
    }
