"""A schedule that may start one revision in one cluster, and keeps what it could not start."""

import dataclasses
import json
from typing import Any

import pytest

from components.delivery.scheduled_task import ScheduledTask, ScheduledTaskArgs
from tests.contracts import examples_containers as containers
from tests.contracts import given
from tests.harness import Deployment, deploy

FAILURES = "arn:aws:sqs:ap-northeast-2:123456789012:failures"


def build(**changes: Any) -> Deployment:
    def program() -> None:
        args = ScheduledTaskArgs(
            cluster=containers.cluster("cluster", None),
            task=containers.task_args(),
            schedule="cron(*/5 * * * ? *)",
            description="Every five minutes",
            vpc_id=given.VPC_ID,
            subnet_ids=given.SUBNET_IDS,
            failure_queue_arn=FAILURES,
            failure_queue_key_arn=given.KEY_ARN,
            kms_key_arn=given.KEY_ARN,
        )
        ScheduledTask("job", dataclasses.replace(args, **changes))

    return deploy(program)


def test_the_schedule() -> None:
    result = build()
    schedule = result.one("aws:scheduler/schedule:Schedule", "job-schedule")
    target = schedule["target"]
    ecs = target["ecsParameters"]

    assert schedule["scheduleExpression"] == "cron(*/5 * * * ? *)"
    assert (schedule["scheduleExpressionTimezone"], schedule["kmsKeyArn"]) == ("Asia/Seoul", given.KEY_ARN)
    assert schedule["flexibleTimeWindow"] == {"mode": "OFF"}
    assert target["arn"] == result.one("aws:ecs/cluster:Cluster", "cluster-cluster").outputs["arn"]
    assert target["deadLetterConfig"] == {"arn": FAILURES}
    assert target["retryPolicy"] == {"maximumEventAgeInSeconds": 120, "maximumRetryAttempts": 3}
    assert (ecs["launchType"], ecs["taskCount"]) == ("FARGATE", 1)
    assert ecs["networkConfiguration"]["assignPublicIp"] is False
    assert ecs["networkConfiguration"]["subnets"] == list(given.SUBNET_IDS)


def test_the_role_may_start_this_revision_in_this_cluster_alone() -> None:
    result = build()
    definition = result.one("aws:ecs/taskDefinition:TaskDefinition", "job-run-task-definition")
    cluster = result.one("aws:ecs/cluster:Cluster", "cluster-cluster").outputs["arn"]
    policy = json.loads(result.one("aws:iam/rolePolicy:RolePolicy", "job-role-policy")["policy"])
    by_action = {action: each for each in policy["Statement"] for action in each["Action"]}

    run = by_action["ecs:RunTask"]
    assert run["Resource"] == [definition.outputs["arn"]]
    assert run["Condition"] == {"ArnEquals": {"ecs:cluster": cluster}}
    passed = by_action["iam:PassRole"]
    assert passed["Resource"] == [definition["executionRoleArn"], definition["taskRoleArn"]]
    assert passed["Condition"] == {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
    assert by_action["sqs:SendMessage"]["Resource"] == [FAILURES]
    assert all(resource != "*" for each in policy["Statement"] for resource in each["Resource"])


def test_the_role_is_assumed_for_its_group_alone() -> None:
    result = build()
    trust = json.loads(result.one("aws:iam/role:Role", "job-role-role")["assumeRolePolicy"])["Statement"][0]
    group = result.one("aws:scheduler/scheduleGroup:ScheduleGroup", "job-group")

    assert trust["Principal"] == {"Service": ["scheduler.amazonaws.com"]}
    assert trust["Condition"]["ArnLike"] == {"aws:SourceArn": group.outputs["arn"]}
    assert ":schedule-group/" in str(group.outputs["arn"])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"schedule": "*/5 * * * *"}, "schedule: got"),
        ({"max_age_seconds": 30}, "max_age_seconds: got 30"),
    ],
)
def test_what_scheduler_would_refuse(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build(**changes)
