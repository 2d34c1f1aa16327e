"""The numbers at which somebody is told of a database, a cache or a queue."""

from typing import Any

import pytest

from components.observability.alarm_plan import Alarm, MathAlarm, MetricAlarm
from components.observability.alarms import Alarms, AlarmsArgs
from components.observability.queue_alarms import queue_alarms
from components.observability.rds_alarms import rds_alarms, replica_alarms
from components.observability.redis_alarms import redis_alarms
from tests.harness import deploy

GIB = 1024**3
NODES = ("redesign-0001-001", "redesign-0001-002", "redesign-0002-001", "redesign-0002-002")


def plain(alarm: Alarm) -> MetricAlarm:
    assert isinstance(alarm, MetricAlarm)
    return alarm


def rds(**changes: Any) -> dict[str, Alarm]:
    given: dict[str, Any] = {
        "identifier": "redesign",
        "memory_gib": 8,
        "allocated_storage_gb": 100,
        "runbook": "work-redesign#database",
        **changes,
    }
    return rds_alarms(**given)


def test_more_than_80_connections_for_2_minutes() -> None:
    alarm = plain(rds()["connections"])
    assert (alarm.threshold, alarm.evaluation_periods, alarm.period_seconds) == (80, 2, 60)
    assert alarm.comparison == "GreaterThanThreshold"
    assert (alarm.metric.name, alarm.metric.statistic) == ("DatabaseConnections", "Maximum")
    assert alarm.metric.dimensions == {"DBInstanceIdentifier": "redesign"}


@pytest.mark.parametrize(
    ("key", "name", "threshold", "comparison"),
    [
        ("cpu", "CPUUtilization", 80, "GreaterThanThreshold"),
        ("storage", "FreeStorageSpace", 10 * GIB, "LessThanThreshold"),
        ("memory", "FreeableMemory", int(0.8 * GIB), "LessThanThreshold"),
    ],
)
def test_an_instance_near_its_end(key: str, name: str, threshold: float, comparison: str) -> None:
    alarm = plain(rds()[key])
    assert (alarm.metric.name, alarm.threshold, alarm.comparison) == (name, threshold, comparison)
    assert alarm.evaluation_periods * alarm.period_seconds == 900


def test_a_replica_behind_or_standing_still() -> None:
    (alarm,) = replica_alarms(identifiers={"replica-1": "redesign-replica-1"}, runbook="r").values()
    assert isinstance(alarm, MathAlarm)
    assert alarm.expression == "IF(lag < 0, 1000000, lag)"
    assert alarm.metrics["lag"].dimensions == {"DBInstanceIdentifier": "redesign-replica-1"}
    assert (alarm.threshold, alarm.evaluation_periods, alarm.period_seconds) == (60, 5, 60)


@pytest.mark.parametrize(
    ("key", "name", "threshold"),
    [
        ("cpu", "CPUUtilization", 90),
        ("engine-cpu", "EngineCPUUtilization", 80),
        ("memory", "DatabaseMemoryUsagePercentage", 80),
        ("evictions", "Evictions", 0),
        ("replication-lag", "ReplicationLag", 10),
    ],
)
def test_the_worst_node_of_a_cache(key: str, name: str, threshold: float) -> None:
    alarm = redis_alarms(node_ids=NODES, runbook="r")[key]
    assert isinstance(alarm, MathAlarm)
    assert alarm.threshold == threshold
    assert [metric.dimensions for metric in alarm.metrics.values()] == [
        {"CacheClusterId": node} for node in NODES
    ]
    assert {metric.name for metric in alarm.metrics.values()} == {name}
    assert alarm.expression == f"MAX([{', '.join(alarm.metrics)}])"


@pytest.mark.parametrize("count", [0, 10])
def test_a_cache_that_one_alarm_cannot_watch(count: int) -> None:
    with pytest.raises(ValueError, match="1 to 9 fit one alarm"):
        redis_alarms(node_ids=[f"n-{number:03}" for number in range(count)], runbook="r")


def test_waiting_and_failed_messages() -> None:
    found = queue_alarms(
        queue_name="jobs", dead_letter_queue_name="jobs-dead", runbook="r", max_age_seconds=900
    )
    age, dead = plain(found["age"]), plain(found["dead-letters"])
    assert (age.metric.name, age.threshold) == ("ApproximateAgeOfOldestMessage", 900)
    assert age.metric.dimensions == {"QueueName": "jobs"}
    assert (dead.metric.name, dead.threshold) == ("ApproximateNumberOfMessagesVisible", 0)
    assert dead.metric.dimensions == {"QueueName": "jobs-dead"}
    assert dead.severity == "critical"


def test_cloudwatch_takes_them_all() -> None:
    alarms = {
        **rds(),
        **replica_alarms(identifiers={"replica-1": "redesign-replica-1"}, runbook="r"),
        **{f"cache-{key}": each for key, each in redis_alarms(node_ids=NODES, runbook="r").items()},
        **queue_alarms(
            queue_name="jobs", dead_letter_queue_name="jobs-dead", runbook="r", max_age_seconds=900
        ),
    }
    args = AlarmsArgs(
        alarms=alarms, alarm_actions=["arn:aws:sns:x:y:z"], runbook_url="https://example.com/runbooks"
    )
    result = deploy(lambda: Alarms("redesign", args))
    assert len(result.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")) == len(alarms) == 12
