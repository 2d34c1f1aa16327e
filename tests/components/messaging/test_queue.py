"""A message is hidden long enough, tried a few times, and kept when it fails."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.compute.lambda_args import LambdaFunctionArgs, ZipCode
from components.compute.lambda_function import LambdaFunction
from components.messaging import queue_plan
from components.messaging.queue import Queue, QueueArgs, QueueConsumer, QueueConsumerArgs, QueueSender
from tests.harness import Deployment, deploy

KEY = "arn:aws:kms:ap-northeast-2:123456789012:key/messages"
QUEUE = "aws:sqs/queue:Queue"
DAY = 24 * 3600


def build(**changes: Any) -> Deployment:
    args: dict[str, Any] = {"kms_key_arn": KEY, "visibility_timeout_seconds": 900, **changes}
    return deploy(lambda: Queue("jobs", QueueArgs(**args)))


def test_sesamis_numbers() -> None:
    result = build(
        queue_name="sesami-analysis-jobs",
        retention_seconds=14 * DAY,
        max_receives=3,
        dead_letter_retention_seconds=14 * DAY,
    )
    queue, dead = result.one(QUEUE, "jobs-queue"), result.one(QUEUE, "jobs-dead-letters")

    assert queue.inputs["name"] == "sesami-analysis-jobs"
    assert queue.inputs["visibilityTimeoutSeconds"] == 900
    assert queue.inputs["messageRetentionSeconds"] == dead.inputs["messageRetentionSeconds"] == 1_209_600
    assert json.loads(queue.inputs["redrivePolicy"]) == {
        "deadLetterTargetArn": dead.outputs["arn"],
        "maxReceiveCount": 3,
    }


def test_both_encrypted_and_deaf_to_plain_http() -> None:
    result = build()
    queues = {each.outputs["arn"]: each for each in result.of_type(QUEUE)}
    policies = [json.loads(each["policy"]) for each in result.of_type("aws:sqs/queuePolicy:QueuePolicy")]

    assert {each["kmsMasterKeyId"] for each in queues.values()} == {KEY}
    assert {each["receiveWaitTimeSeconds"] for each in queues.values()} == {20}
    assert {each["Statement"][0]["Resource"][0] for each in policies} == set(queues)
    for policy in policies:
        (denial,) = policy["Statement"]
        assert (denial["Effect"], denial["Action"], denial["Principal"]) == ("Deny", ["sqs:*"], "*")
        assert denial["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_failures_come_from_this_queue_alone() -> None:
    result = build()
    allowance = result.one("aws:sqs/redriveAllowPolicy:RedriveAllowPolicy")

    assert allowance["queueUrl"] == result.one(QUEUE, "jobs-dead-letters").outputs["url"]
    assert json.loads(allowance["redriveAllowPolicy"]) == {
        "redrivePermission": "byQueue",
        "sourceQueueArns": [result.one(QUEUE, "jobs-queue").outputs["arn"]],
    }


def test_a_service_sends_for_one_resource() -> None:
    rule = "arn:aws:events:ap-northeast-2:123456789012:rule/job-failed"
    result = build(
        dead_letter_senders=[QueueSender(service="events.amazonaws.com", source_arn=rule, key="FailedJobs")]
    )
    policy = result.one("aws:sqs/queuePolicy:QueuePolicy", "jobs-dead-letters-policy")
    allowed = json.loads(policy["policy"])["Statement"][1]

    assert allowed["Action"] == ["sqs:SendMessage"]
    assert allowed["Principal"] == {"Service": ["events.amazonaws.com"]}
    assert allowed["Condition"] == {"ArnEquals": {"aws:SourceArn": rule}}
    assert allowed["Resource"] == [result.one(QUEUE, "jobs-dead-letters").outputs["arn"]]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "package.zip"
    path.write_bytes(b"PK\x05\x06" + b"\0" * 18)
    return path


def consumer(package: Path, *, timeout_seconds: int, **changes: Any) -> Deployment:
    def program() -> None:
        queue = Queue("jobs", QueueArgs(kms_key_arn=KEY, visibility_timeout_seconds=900))
        args = LambdaFunctionArgs(
            code=ZipCode(path=package, handler="handler.handler", runtime="python3.13"),
            description="Analysis",
            memory_mb=512,
            timeout_seconds=timeout_seconds,
            kms_key_arn="arn:aws:kms:ap-northeast-2:123456789012:key/functions",
            log_retention_days=30,
        )
        function = LambdaFunction("analysis", args)
        QueueConsumer("analysis-jobs", QueueConsumerArgs(queue=queue, function=function, **changes))

    return deploy(program)


def test_the_consumer_calls_the_alias_and_reports_each_failure(package: Path) -> None:
    result = consumer(package, timeout_seconds=150, max_concurrency=5)
    mapping = result.one("aws:lambda/eventSourceMapping:EventSourceMapping")

    assert mapping["functionName"].endswith(":live")
    assert mapping["eventSourceArn"] == result.one(QUEUE, "jobs-queue").outputs["arn"]
    assert mapping["batchSize"] == 10
    assert mapping["functionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["scalingConfig"] == {"maximumConcurrency": 5}
    assert result.one("aws:iam/rolePolicy:RolePolicy", "analysis-jobs-grant").urn in mapping.dependencies


def test_the_consumer_may_consume_this_queue_alone(package: Path) -> None:
    result = consumer(package, timeout_seconds=150)
    grant = json.loads(result.one("aws:iam/rolePolicy:RolePolicy", "analysis-jobs-grant")["policy"])
    receive, decrypt = grant["Statement"]

    assert receive["Action"] == [
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ReceiveMessage",
    ]
    assert receive["Resource"] == [result.one(QUEUE, "jobs-queue").outputs["arn"]]
    assert (decrypt["Action"], decrypt["Resource"]) == (["kms:Decrypt"], [KEY])


def test_a_slow_consumer_is_refused(package: Path) -> None:
    with pytest.raises(ValueError, match="at least 906, six times that"):
        consumer(package, timeout_seconds=151)


@given(timeout=st.integers(1, 900), visibility=st.integers(0, 43_200))
def test_six_times_is_the_line(timeout: int, visibility: int) -> None:
    if visibility >= 6 * timeout:
        queue_plan.check_consumer(visibility_timeout_seconds=visibility, function_timeout_seconds=timeout)
        return
    with pytest.raises(ValueError, match="visibility_timeout_seconds"):
        queue_plan.check_consumer(visibility_timeout_seconds=visibility, function_timeout_seconds=timeout)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"visibility_timeout_seconds": 43_201}, "allows 0 to 43200"),
        ({"retention_seconds": 59}, "allows 60 to 1209600"),
        ({"max_receives": 0}, "allows 1 to 1000"),
        ({"retention_seconds": 3_600}, "never reaches the dead-letter queue"),
        ({"dead_letter_retention_seconds": 3_600}, "keeps its age"),
        ({"dead_letter_retention_seconds": 15 * DAY}, "allows 60 to 1209600"),
    ],
)
def test_what_sqs_or_the_rules_refuse(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build(**changes)


@pytest.mark.parametrize(
    ("batch", "window", "concurrency", "message"),
    [
        (0, 0, None, "allows 1 to 10000"),
        (11, 0, None, "without a window"),
        (10, 301, None, "allows 0 to 300"),
        (10, 0, 1, "allows 2 to 1000"),
    ],
)
def test_what_lambda_refuses(batch: int, window: int, concurrency: int | None, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        queue_plan.check_batch(batch_size=batch, batching_window_seconds=window, max_concurrency=concurrency)
