"""Alarms reach the people who asked, encrypted, from known publishers."""

import json
from typing import Any

import pytest

from components.messaging.alert_topics import (
    AlertTopics,
    AlertTopicsArgs,
    EmailEndpoint,
    FunctionEndpoint,
    HttpsEndpoint,
    QueueEndpoint,
)
from tests.harness import Deployment, deploy

ACCOUNT = "111122223333"
KEY_ARN = f"arn:aws:kms:ap-northeast-2:{ACCOUNT}:key/00000000-0000-4000-8000-000000000000"


def _topics(**fields: Any) -> Deployment:
    args = AlertTopicsArgs(account_id=ACCOUNT, kms_key_arn=KEY_ARN, **fields)
    return deploy(lambda: AlertTopics("alerts", args))


def test_a_topic_for_each_severity() -> None:
    topics = _topics().of_type("aws:sns/topic:Topic")
    assert {each.name for each in topics} == {"alerts-critical", "alerts-warning", "alerts-info"}
    assert {each["kmsMasterKeyId"] for each in topics} == {KEY_ARN}
    assert {each["signatureVersion"] for each in topics} == {2}


def test_only_named_services_of_this_account_publish() -> None:
    result = _topics(publishers=("cloudwatch", "budgets"))
    for policy in result.of_type("aws:sns/topicPolicy:TopicPolicy"):
        statements = {each["Sid"]: each for each in json.loads(policy["policy"])["Statement"]}
        assert set(statements) == {"DenyPlainHttp", "PublishBudgets", "PublishCloudwatch"}
        assert statements["DenyPlainHttp"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        for sid in ("PublishBudgets", "PublishCloudwatch"):
            assert statements[sid]["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
            assert statements[sid]["Resource"] == [policy["arn"]]


def test_subscriptions() -> None:
    base = f"ap-northeast-2:{ACCOUNT}"
    result = _topics(
        subscriptions={
            "critical": [
                EmailEndpoint("Ops@example.com"),
                HttpsEndpoint("https://hooks.example.com/1", key="pager"),
            ],
            "info": [
                QueueEndpoint(f"arn:aws:sqs:{base}:alerts", key="queue"),
                FunctionEndpoint(f"arn:aws:lambda:{base}:function:chat", key="chat"),
            ],
        }
    )
    made = {
        each.name: each["protocol"] for each in result.of_type("aws:sns/topicSubscription:TopicSubscription")
    }
    assert made == {
        "alerts-critical-ops-example-com": "email",
        "alerts-critical-pager": "https",
        "alerts-info-queue": "sqs",
        "alerts-info-chat": "lambda",
    }


@pytest.mark.parametrize(
    ("endpoint", "words"),
    [
        (EmailEndpoint("nobody"), "address: got 'nobody'"),
        (HttpsEndpoint("http://x.example", key="x"), "only https"),
    ],
)
def test_bad_endpoints(endpoint: EmailEndpoint | HttpsEndpoint, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        _topics(subscriptions={"info": [endpoint]})
