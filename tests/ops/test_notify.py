"""Telling people: a topic and a webhook, and never at the cost of the work that was done."""

from typing import Any

import boto3
import httpx
import pytest
from moto import mock_aws

from ops.errors import OpsError
from ops.notify import check, notify

HOOK = "https://hooks.example.com/secret-path"


@mock_aws
def test_a_topic_and_a_webhook_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    sns = boto3.client("sns", region_name="ap-northeast-2")
    topic = sns.create_topic(Name="ops")["TopicArn"]
    sqs = boto3.client("sqs", region_name="ap-northeast-2")
    queue = sqs.create_queue(QueueName="heard")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    posted: list[Any] = []

    def post(address: str, **given: Any) -> httpx.Response:
        posted.append((address, given["json"]["text"]))
        return httpx.Response(200, request=httpx.Request("POST", address))

    monkeypatch.setattr(httpx, "post", post)
    assert notify([topic, HOOK], "release of shop" + "x" * 200, "4 s") == []
    [message] = sqs.receive_message(QueueUrl=queue)["Messages"]
    assert "release of shop" in message["Body"]
    [(address, text)] = posted
    assert (address, text.endswith("\n4 s")) == (HOOK, True)


def test_a_failure_is_a_line_without_the_secret_address(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([httpx.Response(500, request=httpx.Request("POST", HOOK)), httpx.ConnectError("no route")])

    def post(_address: str, **_given: Any) -> httpx.Response:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(httpx, "post", post)
    assert notify([HOOK, HOOK], "s", "t") == ["webhook 1: answered 500", "webhook 2: ConnectError"]


def test_an_address_of_another_kind_is_refused_before_the_work() -> None:
    check([HOOK, "arn:aws:sns:ap-northeast-2:123456789012:ops"])
    with pytest.raises(OpsError) as error:
        check(["http://hooks.example.com/secret-path"])
    assert "secret-path" not in error.value.message
