"""What a change does to the monthly cost, held against the limits of its stack."""

from ops.cost.difference import Difference
from ops.cost.report import money
from ops.review.limits import Limit
from ops.review.model import Stop

_SHOWN = 3


def stops(found: Difference, limit: Limit) -> list[tuple[Stop, float]]:
    """A line for each system that grows beyond the limit, with its growth in USD a month."""
    over: list[tuple[Stop, float]] = []
    for system in sorted({*found.before.systems, *found.after.systems}):
        before, after = found.before.of(system).total, found.after.of(system).total
        by = after - before
        broken = _broken(before, by, limit)
        if broken:
            line = (
                f"{system} would cost {money(after)} instead of {money(before)} USD a month "
                f"({_growth(before, by)}); allowed without approval: {broken}; "
                f"most of it: {_most(found, system)}"
            )
            over.append((Stop(kind="cost", id=f"cost:{system}", line=line), by))
    return over


def _broken(before: float, by: float, limit: Limit) -> str:
    """The limits that growth breaks. A system that is new has nothing to be a percentage of."""
    if by <= 0 or by < limit.negligible_usd:
        return ""
    broken: list[str] = []
    if before > 0 and by > before * limit.percent / 100:
        broken.append(f"{limit.percent:g} percent more")
    if by > limit.usd:
        broken.append(f"{money(limit.usd)} USD more")
    return " and ".join(broken)


def _growth(before: float, by: float) -> str:
    return f"+{money(by)}" + (f", +{100 * by / before:.0f} percent" if before > 0 else ", new")


def _most(found: Difference, system: str) -> str:
    grown = [each for each in found.moved if each.system == system and each.by > 0]
    return ", ".join(f"{each.item} +{money(each.by)}" for each in grown[:_SHOWN]) or "many small items"


def unpriced(found: Difference) -> list[Stop]:
    """A line for each system that gains something without a price: no limit can hold what is in no sum."""
    new: dict[str, list[str]] = {}
    known = {(each.system, each.item) for each in found.before.unpriced}
    for each in found.after.unpriced:
        if (each.system, each.item) not in known:
            new.setdefault(each.system, []).append(f"{each.item} ({each.reason})")
    return [
        Stop(
            kind="cost",
            id=f"cost:{system}:unpriced",
            line=f"{system} gains what has no price: {', '.join(items[:_SHOWN])}"
            + (f" and {len(items) - _SHOWN} more" if len(items) > _SHOWN else "")
            + "; add it to ops/cost, or approve the unknown",
        )
        for system, items in new.items()
    ]
