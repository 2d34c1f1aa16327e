"""Minutes away and minutes lost, from planned resources."""

from dataclasses import replace
from typing import Any

import pytest

from policies import tokens as t
from policies.evaluation import evaluate
from policies.model import Graph, Record, Resource
from policies.recovery import NEVER, interval_minutes, loss_minutes, recovery_minutes
from policies.rule import all_rules
from policies.settings import PackConfig
from tests.policies.scene import TAGS, res

RULES = [rule for rule in all_rules() if rule.id.startswith("recovery-")]
OBJECTIVES = {"x": {"rtoMinutes": 60.0, "rpoMinutes": 15.0}}


def _graph(*records: Record) -> tuple[Resource, Graph]:
    resources = [Resource(record) for record in records]
    return resources[0], Graph(resources)


@pytest.mark.parametrize(
    ("schedule", "minutes"),
    [
        ("cron(0 * * * ? *)", 60),
        ("cron(0 */6 * * ? *)", 360),
        ("cron(0 0/12 * * ? *)", 720),
        ("cron(0 3 * * ? *)", 1440),
        ("cron(0 1,13 * * ? *)", 720),
        ("cron(0 1,5 * * ? *)", 1200),
        ("cron(0 3 ? * SUN *)", 10080),
        ("cron(0 3 1 * ? *)", 44640),
        ("whenever", NEVER),
    ],
)
def test_the_longest_time_between_two_backups(schedule: str, minutes: float) -> None:
    assert interval_minutes(schedule) == minutes


@pytest.mark.parametrize(
    ("token", "inputs", "minutes"),
    [
        (t.DB, {"backupRetentionPeriod": 7}, 5),
        (t.DB, {"backupRetentionPeriod": 0}, NEVER),
        (t.DB, {}, NEVER),
        (t.DB_CLUSTER, {}, 5),
        (t.DYNAMODB, {"pointInTimeRecovery": {"enabled": True}}, 5),
        (t.DYNAMODB, {}, NEVER),
    ],
)
def test_what_is_lost(token: str, inputs: dict[str, Any], minutes: float) -> None:
    assert loss_minutes(*_graph(res(token, "store", inputs))) == minutes


def test_a_backup_plan_loses_up_to_its_interval() -> None:
    store, graph = _graph(
        res(t.DYNAMODB, "store"),
        res(t.BACKUP_PLAN, "plan", {"rules": [{"schedule": "cron(0 */4 * * ? *)"}]}),
        res(t.BACKUP_SELECTION, "some", {"planId": "plan-id", "resources": ["arn:store"]}),
    )
    assert loss_minutes(store, graph) == 240


@pytest.mark.parametrize(
    ("inputs", "zone"),
    [
        ({"multiAz": True, "backupRetentionPeriod": 7, "allocatedStorage": 200}, 2),
        ({"backupRetentionPeriod": 7, "allocatedStorage": 200}, 40),
        ({"backupRetentionPeriod": 7, "allocatedStorage": 200, "maxAllocatedStorage": 1000}, 80),
        ({}, NEVER),
    ],
)
def test_how_long_an_instance_is_away(inputs: dict[str, Any], zone: float) -> None:
    assert dict(recovery_minutes(*_graph(res(t.DB, "store", inputs))))["zone"] == zone


def test_a_cluster_without_a_reader_makes_a_new_writer() -> None:
    one = res(t.DB_CLUSTER_INSTANCE, "one", {"clusterIdentifier": "store-id"})
    two = replace(one, urn=f"{one.urn}2", name="two")
    assert dict(recovery_minutes(*_graph(res(t.DB_CLUSTER, "store"), one)))["zone"] == 10
    assert dict(recovery_minutes(*_graph(res(t.DB_CLUSTER, "store"), one, two)))["zone"] == 1


def test_objectives_come_from_the_tag_or_from_the_settings() -> None:
    weak = res(t.DB, "store", {"backupRetentionPeriod": 0})
    assert evaluate([weak], PackConfig(), rules=RULES).failed == []
    assert len(evaluate([weak], PackConfig(recovery_objectives=OBJECTIVES), rules=RULES).failed) == 2
    tagged = res(t.DB, "store", {"backupRetentionPeriod": 0, "tags": {**TAGS, "rpo-minutes": "5"}})
    assert [v.rule for v in evaluate([tagged], PackConfig(), rules=RULES).failed] == ["recovery-point-met"]


def test_a_replica_is_its_source_s_business() -> None:
    replica = res(t.DB, "store", {"replicateSourceDb": "other"})
    assert evaluate([replica], PackConfig(recovery_objectives=OBJECTIVES), rules=RULES).failed == []
