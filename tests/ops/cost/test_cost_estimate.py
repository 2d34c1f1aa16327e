"""Estimates of the shipped stacks, and of small plans whose sum can be done by hand."""

import functools
from pathlib import Path
from typing import Any

import pytest

from ops.cost.difference import compare
from ops.cost.estimate import BUDGET, HOURS, Estimate, estimate
from ops.cost.free import FREE
from ops.cost.plan import UNKNOWN, Plan, read_plan
from ops.cost.plans import owners_plan
from ops.cost.prices import load_prices
from ops.cost.report import document, footnotes
from ops.cost.services import PRICERS
from ops.cost.usage import METRICS, Assumptions, load_usage
from ops.errors import OpsError
from tests.harness import program, run_program, with_system
from tests.ops.cost.plans_of_stacks import estimate_of, plan_of

SYSTEM = "urn:pulumi:prod::p::platform:system:Shop"
NAT = "aws:ec2/natGateway:NatGateway"
SERVICE = "aws:ecs/service:Service"
TASK = "aws:ecs/taskDefinition:TaskDefinition"
TARGET = "aws:appautoscaling/target:Target"
INSTANCE = "aws:rds/instance:Instance"


@functools.cache
def shipped(stack: str) -> Estimate:
    return estimate_of(program(stack).resources)


def resource(type_: str, name: str, inputs: dict[str, Any], **depends: str) -> dict[str, Any]:
    return {
        "op": "create",
        "newState": {
            "urn": f"{SYSTEM}${type_}::{name}",
            "type": type_,
            "inputs": inputs,
            "propertyDependencies": {key: [f"{SYSTEM}${urn}"] for key, urn in depends.items()},
        },
    }


def plan(*steps: dict[str, Any]) -> Plan:
    system = {
        "op": "create",
        "newState": {"urn": f"{SYSTEM}::shop", "type": "platform:system:Shop", "inputs": {}},
    }
    return read_plan({"steps": [system, *steps]}, "a plan")


def priced(*steps: dict[str, Any], **usage: float) -> Estimate:
    assumptions = Assumptions({"shop": {"prod": usage}})
    return estimate(plan(*steps), load_prices(), assumptions, pricers=PRICERS, free=FREE)


def usd(found: Estimate, item: str) -> float:
    return sum(line.usd for line in found.lines if line.item == item)


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_everything_that_a_shipped_stack_holds_has_a_price(stack: str) -> None:
    assert [f"{each.system}: {each.item}: {each.reason}" for each in shipped(stack).unpriced] == []


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_every_resource_belongs_to_a_system_of_the_stack(stack: str) -> None:
    systems = {record.name for record in program(stack) if record.type.startswith("platform:system:")}
    assert set(shipped(stack).systems) <= systems | {"account"}


def test_nothing_is_free_and_priced_at_once() -> None:
    both = {
        type_: beginning
        for type_ in PRICERS
        for beginning in FREE
        if type_.startswith(beginning) and beginning.endswith(":")
    }
    assert both == {}


def test_every_assumption_in_the_file_is_asked_for() -> None:
    asked: set[str] = set()

    class Recorder(dict[str, float]):
        def __getitem__(self, metric: str) -> float:
            asked.add(metric)
            return super().__getitem__(metric)

    recording = {
        system: {stack: Recorder(values) for stack, values in stacks.items()}
        for system, stacks in load_usage().by_system.items()
    }
    for stack in ("dev", "prod"):
        estimate(
            plan_of(program(stack).resources),
            load_prices(),
            Assumptions(recording),
            pricers=PRICERS,
            free=FREE,
        )
    written = {metric for stacks in recording.values() for values in stacks.values() for metric in values}
    assert written - asked == set()
    assert asked <= set(METRICS)


def test_a_nat_gateway_is_paid_by_the_hour_and_by_what_passes() -> None:
    found = priced(resource(NAT, "a", {}), resource(NAT, "b", {}), natGb=10)
    assert usd(found, "NAT gateways") == pytest.approx(2 * 730 * 0.059)
    assert usd(found, "NAT traffic") == pytest.approx(10 * 0.059)
    assert {line.system for line in found.lines} == {"shop"}


def test_a_missing_assumption_is_unpriced_and_never_zero() -> None:
    found = priced(resource(NAT, "a", {}))
    assert [(each.item, each.reason) for each in found.unpriced] == [
        ("NAT traffic", "usage.yaml: shop.prod.natGb (GB through NAT gateways, a month)")
    ]
    assert usd(found, "NAT gateways") > 0, "what is known is still counted"


def test_a_type_without_a_rule_is_unpriced() -> None:
    found = priced(resource("aws:redshift/cluster:Cluster", "warehouse", {}))
    assert [(each.item, each.reason) for each in found.unpriced] == [
        ("aws:redshift/cluster:Cluster", "no pricing rule for this type")
    ]


def test_an_instance_class_without_a_price_is_unpriced() -> None:
    inputs = {"engine": "postgres", "instanceClass": "db.x9.huge", "allocatedStorage": 10}
    found = priced(resource(INSTANCE, "db", inputs), backupGb=0)
    assert [each.reason for each in found.unpriced] == ["prices.yaml has no rds.postgres.db.x9.huge.hour"]


def test_a_value_that_is_unknown_before_the_update_is_unpriced() -> None:
    inputs = {"engine": "postgres", "instanceClass": UNKNOWN, "allocatedStorage": 10}
    found = priced(resource(INSTANCE, "db", inputs), backupGb=0)
    assert [each.reason for each in found.unpriced] == ["instanceClass of db is not known before the update"]


def test_a_standby_doubles_a_database_and_its_storage() -> None:
    inputs = {"engine": "postgres", "instanceClass": "db.t4g.medium", "allocatedStorage": 100}
    single = priced(resource(INSTANCE, "db", inputs), backupGb=0)
    double = priced(resource(INSTANCE, "db", {**inputs, "multiAz": True}), backupGb=0)
    assert usd(single, "database instances") == pytest.approx(730 * 0.102)
    assert double.total == pytest.approx(2 * single.total)


def test_a_replica_is_priced_as_its_primary() -> None:
    inputs = {"engine": "postgres", "instanceClass": "db.t4g.medium", "allocatedStorage": 100}
    replica = resource(
        INSTANCE, "replica", {"instanceClass": "db.t4g.medium"}, replicateSourceDb=f"{INSTANCE}::db"
    )
    alone = priced(resource(INSTANCE, "db", inputs), backupGb=0)
    both = priced(resource(INSTANCE, "db", inputs), replica, backupGb=0)
    assert both.unpriced == ()
    assert both.total == pytest.approx(2 * alone.total)


def test_a_service_is_paid_at_its_floor_and_above_it_by_load() -> None:
    definition = resource(
        TASK, "task", {"cpu": "2048", "memory": "4096", "runtimePlatform": {"cpuArchitecture": "ARM64"}}
    )
    service = resource(SERVICE, "web", {"desiredCount": 2}, taskDefinition=f"{TASK}::task")
    target = resource(TARGET, "scaling", {"minCapacity": 2, "maxCapacity": 6}, resourceId=f"{SERVICE}::web")
    task = HOURS * (2 * 0.03725 + 4 * 0.00409)
    found = priced(definition, service, target, taskLoad=0.25)
    assert usd(found, "Fargate at the floor") == pytest.approx(2 * task)
    assert usd(found, "Fargate above the floor") == pytest.approx(0.25 * 4 * task)
    fixed = priced(definition, service, taskLoad=0.25)
    assert usd(fixed, "Fargate above the floor") == 0


def test_a_budget_names_the_largest_items_that_break_it() -> None:
    found = priced(resource(NAT, "a", {}), resource(NAT, "b", {}), natGb=100)
    assert found.breaking(20) == [("NAT gateways", pytest.approx(86.14))]
    assert found.breaking(200) == []


def test_the_budget_is_the_alert_that_the_plan_holds() -> None:
    alert = resource(BUDGET, "alert", {"limitAmount": "20", "timeUnit": "MONTHLY"})
    found = priced(resource(NAT, "a", {}), alert, natGb=1)
    assert found.budgets == {"shop": 20}
    text = "\n".join(footnotes(found, load_prices()))
    assert "OVER BUDGET: shop by 23.13 USD; it would fit without NAT gateways 43" in text
    assert document(found, load_prices())["overBudget"] == {"shop": ["NAT gateways"]}
    assert "OVER BUDGET" not in "\n".join(footnotes(priced(resource(NAT, "a", {}), natGb=1), load_prices()))


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_alerts_are_the_owners_plan_or_a_little_above_what_is_reckoned(stack: str) -> None:
    found = shipped(stack)
    planned = {"safework": {65}, "work-redesign": {1170, 400}}
    for system, limit in found.budgets.items():
        total = found.of(system).total
        if system in planned:
            assert limit in planned[system]
        else:
            assert total < limit <= 1.4 * total, f"{system}: set monthlyBudgetUsd near {1.15 * total:.0f}"
    assert set(found.budgets) == set(found.systems) - {"account"}


def test_a_difference_is_told_item_by_item() -> None:
    before = priced(resource(NAT, "a", {}), natGb=1)
    after = priced(resource(NAT, "a", {}), resource(NAT, "b", {}), natGb=1)
    found = compare(before, after)
    assert [(each.system, each.item) for each in found.moved] == [("shop", "NAT gateways")]
    assert found.by == pytest.approx(730 * 0.059)
    assert found.exceeds(50)
    assert not found.exceeds(100)
    assert compare(before, before).moved == ()


def test_economy_keeps_to_its_owners_plan_in_dev() -> None:
    assert shipped("dev").of("safework").total <= 65


def test_standing_by_costs_what_the_owner_of_work_redesign_planned() -> None:
    planned = owners_plan("work-redesign", "prod", "idle")
    assert planned == (300, 400)
    idle = run_program(with_system("prod", "workRedesign", profile="idle"), stack="prod")
    assert planned[0] <= estimate_of(idle.resources).of("work-redesign").total <= planned[1]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("shop: 3\n", "shop: got 3; allowed: a mapping of environments"),
        ("shop: {prod: {natGB: 3}}\n", "shop.prod.natGB: no such metric"),
        ("shop: {prod: {natGb: -1}}\n", "shop.prod.natGb: got -1; allowed: a number, 0 or more"),
        (
            "shop: {prod: {natGb: many, s3Gb: yes}}\n",
            "shop.prod.s3Gb: got True; allowed: a number, 0 or more",
        ),
        ("[]\n", "got list; allowed: a mapping of systems"),
    ],
)
def test_a_wrong_usage_file_is_explained(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "usage.yaml"
    path.write_text(text)
    with pytest.raises(OpsError) as caught:
        load_usage(path)
    assert complaint in caught.value.message
    assert "natGb" in (caught.value.fix or "")


@pytest.mark.parametrize(
    ("price", "complaint"),
    [
        ("{usd: -1, unit: hour, source: s, asOf: 2026-01-01}", "prices.x.usd"),
        ("{usd: 1, unit: hour, asOf: 2026-01-01}", "needs either offer and usageType, or source"),
        ("{usd: 1, unit: hour, source: s}", "prices.x.asOf"),
    ],
)
def test_a_wrong_price_list_is_explained(tmp_path: Path, price: str, complaint: str) -> None:
    path = tmp_path / "prices.yaml"
    path.write_text(f"region: ap-northeast-2\nprices:\n  x: {price}\n")
    with pytest.raises(OpsError) as caught:
        load_prices(path)
    assert complaint in caught.value.message
