"""The plan of a stack as `pulumi preview --json` would show it, from a recorded graph."""

from collections.abc import Iterable

from ops.cost.estimate import Estimate, estimate
from ops.cost.free import FREE
from ops.cost.plan import Plan, read_plan
from ops.cost.prices import load_prices
from ops.cost.services import PRICERS
from ops.cost.usage import load_usage
from tests.harness import Record


def plan_of(resources: Iterable[Record]) -> Plan:
    steps = [
        {
            "op": "create",
            "newState": {
                "urn": record.urn,
                "type": record.type,
                "inputs": dict(record.inputs),
                "propertyDependencies": {
                    key: list(urns) for key, urns in record.property_dependencies.items()
                },
            },
        }
        for record in resources
    ]
    return read_plan({"steps": steps}, "the recorded graph")


def estimate_of(resources: Iterable[Record]) -> Estimate:
    return estimate(plan_of(resources), load_prices(), load_usage(), pricers=PRICERS, free=FREE)
