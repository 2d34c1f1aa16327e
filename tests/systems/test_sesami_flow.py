"""A message's way from the API to the log of its job: each hop is allowed, and nothing more is."""

import json
from typing import Any

import pytest

from components.messaging.pipe import BatchPipe, BatchPipeArgs
from tests.contracts.examples_compute import worker
from tests.contracts.given import KEY_ARN
from tests.harness import Deployment, deploy
from tests.systems.sesami import allowed, arn, grants, planned, statements, trusts

STACKS = ("dev", "prod")
over_stacks = pytest.mark.parametrize("stack", STACKS)


def account(deployment: Deployment) -> str:
    return arn(deployment.one("aws:batch/jobQueue:JobQueue")).split(":")[4]


def task(deployment: Deployment) -> dict[str, Any]:
    (container,) = json.loads(deployment.one("aws:ecs/taskDefinition:TaskDefinition")["containerDefinitions"])
    return container


def job(deployment: Deployment) -> dict[str, Any]:
    return json.loads(deployment.one("aws:batch/jobDefinition:JobDefinition")["containerProperties"])


def key(deployment: Deployment) -> str:
    return arn(deployment.one("aws:kms/key:Key", "sesami-key-key"))


@over_stacks
def test_the_api_is_told_of_the_queue_and_may_only_send_to_it(stack: str) -> None:
    deployment = planned(stack)
    queue = deployment.one("aws:sqs/queue:Queue", "sesami-analysis-jobs-queue")
    environment = {each["name"]: each["value"] for each in task(deployment)["environment"]}
    assert environment["SQS_QUEUE_URL"] == (queue.outputs or {})["url"]
    role = deployment.one("aws:ecs/taskDefinition:TaskDefinition")["taskRoleArn"]
    assert allowed(deployment, role, "sqs:SendMessage", arn(queue))
    given = list(grants(deployment, role))
    assert {action for action, _ in given} == {
        "kms:Decrypt",
        "kms:GenerateDataKey",
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetSecretValue",
        "sqs:GetQueueAttributes",
        "sqs:SendMessage",
    }
    assert {each for action, each in given if action.startswith("sqs:")} == {arn(queue)}
    assert {each for action, each in given if action.startswith("kms:")} == {key(deployment)}


@over_stacks
def test_the_api_reads_its_own_secrets_and_no_token(stack: str) -> None:
    deployment = planned(stack)
    definition = deployment.one("aws:ecs/taskDefinition:TaskDefinition")
    own = {
        arn(deployment.one("aws:secretsmanager/secret:Secret", f"sesami-{role}-secret"))
        for role in ("encryption-keys", "github-oauth")
    }
    assert {
        each
        for action, each in grants(deployment, definition["taskRoleArn"])
        if action == "secretsmanager:GetSecretValue"
    } == own
    token = (
        f"arn:aws:secretsmanager:ap-northeast-2:{account(deployment)}:secret:sesami/github-token-kim-AbCdEf"
    )
    for role in (definition["taskRoleArn"], definition["executionRoleArn"]):
        assert not allowed(deployment, role, "secretsmanager:GetSecretValue", token)
    assert allowed(deployment, job(deployment)["jobRoleArn"], "secretsmanager:GetSecretValue", token)


@over_stacks
def test_the_pipe_takes_from_this_queue_and_submits_this_job(stack: str) -> None:
    deployment = planned(stack)
    pipe = deployment.one("aws:pipes/pipe:Pipe")
    queue = deployment.one("aws:sqs/queue:Queue", "sesami-analysis-jobs-queue")
    jobs = deployment.one("aws:batch/jobQueue:JobQueue")
    definition = deployment.one("aws:batch/jobDefinition:JobDefinition")
    assert pipe["source"] == arn(queue)
    assert pipe["target"] == arn(jobs)
    assert pipe["targetParameters"]["batchJobParameters"]["jobDefinition"] == arn(definition)
    assert sorted(grants(deployment, pipe["roleArn"])) == sorted(
        [
            ("batch:SubmitJob", arn(definition)),
            ("batch:SubmitJob", arn(jobs)),
            ("kms:Decrypt", key(deployment)),
            ("sqs:DeleteMessage", arn(queue)),
            ("sqs:GetQueueAttributes", arn(queue)),
            ("sqs:ReceiveMessage", arn(queue)),
        ]
    )


@over_stacks
def test_only_this_pipe_can_take_its_role(stack: str) -> None:
    deployment = planned(stack)
    pipe = deployment.one("aws:pipes/pipe:Pipe")
    trust = trusts(deployment, pipe["roleArn"])
    assert trust["Principal"] == {"Service": ["pipes.amazonaws.com"]}
    assert trust["Condition"] == {
        "ArnLike": {"aws:SourceArn": arn(pipe)},
        "StringEquals": {"aws:SourceAccount": account(deployment)},
    }


@over_stacks
def test_the_job_queue_leads_to_the_spot_fleet(stack: str) -> None:
    deployment = planned(stack)
    (order,) = deployment.one("aws:batch/jobQueue:JobQueue")["computeEnvironmentOrders"]
    assert order["computeEnvironment"] == arn(
        deployment.one("aws:batch/computeEnvironment:ComputeEnvironment")
    )


@over_stacks
def test_the_job_reads_tokens_and_writes_its_log_and_nothing_more(stack: str) -> None:
    deployment = planned(stack)
    container = job(deployment)
    (group,) = [
        record
        for record in deployment.of_type("aws:cloudwatch/logGroup:LogGroup")
        if record.id == container["logConfiguration"]["options"]["awslogs-group"]
    ]
    prefix = f"arn:aws:secretsmanager:ap-northeast-2:{account(deployment)}:secret:sesami/github-token-*"
    assert sorted(grants(deployment, container["jobRoleArn"])) == sorted(
        [
            ("kms:Decrypt", key(deployment)),
            ("logs:CreateLogStream", f"{arn(group)}:*"),
            ("logs:PutLogEvents", f"{arn(group)}:*"),
            ("secretsmanager:GetSecretValue", prefix),
        ]
    )
    assert group["kmsKeyId"] == key(deployment)
    assert trusts(deployment, container["jobRoleArn"])["Principal"] == {
        "Service": ["ecs-tasks.amazonaws.com"]
    }


@over_stacks
def test_the_agent_pulls_this_image_fetches_these_secrets_writes_this_log(stack: str) -> None:
    deployment = planned(stack)
    container = job(deployment)
    repository = deployment.one("aws:ecr/repository:Repository", "sesami-worker-images")
    assert container["image"].startswith(f"{(repository.outputs or {})['repositoryUrl']}@sha256:")
    given = list(grants(deployment, container["executionRoleArn"]))
    assert {each for action, each in given if each == "*"} == {"*"}
    assert [action for action, each in given if each == "*"] == ["ecr:GetAuthorizationToken"]
    assert {each for action, each in given if action == "ecr:BatchGetImage"} == {arn(repository)}
    assert {each for action, each in given if action == "secretsmanager:GetSecretValue"} == {
        secret["valueFrom"] for secret in container["secrets"]
    }


@over_stacks
def test_the_host_runs_the_agent_in_its_own_cluster_and_nothing_more(stack: str) -> None:
    deployment = planned(stack)
    fleet = deployment.one("aws:batch/computeEnvironment:ComputeEnvironment")
    (profile,) = [
        record
        for record in deployment.of_type("aws:iam/instanceProfile:InstanceProfile")
        if arn(record) == fleet["computeResources"]["instanceRole"]
    ]
    role = deployment.one("aws:iam/role:Role", "sesami-worker-host-role")
    assert profile["role"] == role.id
    cluster = (fleet.outputs or {})["ecsClusterArn"]
    hosts = f"{cluster.replace(':cluster/', ':container-instance/')}/*"
    for action, resource in grants(deployment, arn(role)):
        assert action.startswith("ecs:")
        assert resource in {cluster, hosts} or (action, resource) == ("ecs:DiscoverPollEndpoint", "*")


@over_stacks
def test_a_job_that_fails_for_good_reaches_the_queue_of_failed_jobs(stack: str) -> None:
    deployment = planned(stack)
    rule = deployment.one("aws:cloudwatch/eventRule:EventRule", "sesami-failed-jobs-failed")
    assert json.loads(rule["eventPattern"]) == {
        "source": ["aws.batch"],
        "detail-type": ["Batch Job State Change"],
        "detail": {"status": ["FAILED"], "jobQueue": [arn(deployment.one("aws:batch/jobQueue:JobQueue"))]},
    }
    queue = deployment.one("aws:sqs/queue:Queue", "sesami-failed-jobs-queue")
    target = deployment.one("aws:cloudwatch/eventTarget:EventTarget", "sesami-failed-jobs-failed-target")
    assert (target["rule"], target["arn"]) == (rule.id, arn(queue))
    policy = deployment.one("aws:sqs/queuePolicy:QueuePolicy", "sesami-failed-jobs-queue-policy")
    (allow,) = [each for each in statements(policy["policy"]) if each["Effect"] == "Allow"]
    assert allow["Action"] == ["sqs:SendMessage"]
    assert allow["Principal"] == {"Service": ["events.amazonaws.com"]}
    assert allow["Condition"]["ArnEquals"] == {"aws:SourceArn": arn(rule)}
    assert queue["kmsMasterKeyId"] == key(deployment)
    alarm = deployment.one("aws:cloudwatch/metricAlarm:MetricAlarm", "sesami-alarms-jobs-failed-jobs")
    assert alarm["dimensions"] == {"QueueName": queue.id.rsplit("/", 1)[-1]}
    assert alarm["threshold"] == 0
    assert len(alarm["alarmActions"]) == 2


def test_a_fair_share_queue_is_refused_by_the_pipe() -> None:
    def build() -> None:
        BatchPipe(
            "pipe",
            BatchPipeArgs(
                pipe_name="pipe",
                account_id="123456789012",
                region="ap-northeast-2",
                queue_arn="arn:aws:sqs:ap-northeast-2:123456789012:jobs",
                queue_key_arn=KEY_ARN,
                worker=worker("worker", None),
                kms_key_arn=KEY_ARN,
                log_retention_days=30,
                description="Example",
            ),
        )

    with pytest.raises(ValueError, match="fair-share"):
        deploy(build)
