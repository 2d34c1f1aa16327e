"""Alerts in a chat: by AWS's integration or by the relay; and functions that events call."""

import json

import pytest

from components.compute.lambda_args import LambdaFunctionArgs, ZipCode
from components.compute.lambda_function import LambdaFunction
from components.messaging.chat_relay import READ_ONLY, ChatRelay, ChatRelayArgs, SlackChannel, Target, Webhook
from components.messaging.event_calls import EventCall, EventCallArgs
from components.messaging.event_notices import EventNotices, EventNoticesArgs, Notice
from tests.contracts import given
from tests.harness import Deployment, deploy

SECRET = f"arn:aws:secretsmanager:{given.REGION}:{given.ACCOUNT}:secret:webhook-AbCdEf"


def relay(target: Target, topics: dict[str, str] | None = None) -> Deployment:
    args = ChatRelayArgs(
        account_id=given.ACCOUNT,
        target=target,
        topic_arns={"warning": given.TOPIC_ARN} if topics is None else topics,
        kms_key_arn=given.KEY_ARN,
        log_retention_days=30,
    )
    return deploy(lambda: ChatRelay("chat", args))


def test_the_webhook_is_read_by_the_function_and_is_nowhere_else() -> None:
    deployment = relay(Webhook(secret_arn=SECRET, package=given.package(), runtime="python3.13"))
    function = deployment.one("aws:lambda/function:Function")
    assert function["environment"]["variables"] == {"WEBHOOK_SECRET_ARN": SECRET}
    subscription = deployment.one("aws:sns/topicSubscription:TopicSubscription")
    assert (subscription["protocol"], subscription["topic"]) == ("lambda", given.TOPIC_ARN)
    permission = deployment.one("aws:lambda/permission:Permission")
    assert (permission["principal"], permission["sourceArn"]) == ("sns.amazonaws.com", given.TOPIC_ARN)
    assert permission.urn in subscription.dependencies


def test_slack_hears_and_may_only_look() -> None:
    deployment = relay(SlackChannel(team_id="T0123456789", channel_id="C0123456789"))
    channel = deployment.one("aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration")
    assert channel["guardrailPolicyArns"] == [READ_ONLY]
    assert channel["snsTopicArns"] == [given.TOPIC_ARN]
    assert not deployment.of_type("aws:lambda/function:Function")


def test_a_relay_without_a_topic_is_refused() -> None:
    with pytest.raises(ValueError, match="topic_arns"):
        relay(SlackChannel(team_id="T0123456789", channel_id="C0123456789"), {})


def test_an_event_calls_the_alias_with_its_message() -> None:
    def build() -> None:
        function = LambdaFunction(
            "follower",
            LambdaFunctionArgs(
                code=ZipCode(path=given.package(), handler="handler.handler", runtime="python3.13"),
                description="Example",
                memory_mb=128,
                timeout_seconds=5,
                kms_key_arn=given.KEY_ARN,
                log_retention_days=30,
            ),
        )
        EventCall(
            "called",
            EventCallArgs(
                description="Example",
                pattern={"source": ["aws.ecs"]},
                function=function,
                message={"cluster": function.function_name},
            ),
        )

    deployment = deploy(build)
    target = deployment.one("aws:cloudwatch/eventTarget:EventTarget")
    assert target["arn"] == deployment.one("aws:lambda/alias:Alias").outputs["arn"]
    assert json.loads(target["input"]) == {"cluster": "follower-function-" + target["input"][-9:-2]}
    permission = deployment.one("aws:lambda/permission:Permission")
    assert permission["principal"] == "events.amazonaws.com"
    assert permission.urn in target.dependencies


def test_a_notice_tells_its_topic() -> None:
    notice = Notice(description="Example", pattern={"source": ["aws.ecs"]}, topic_arn=given.TOPIC_ARN)
    deployment = deploy(lambda: EventNotices("news", EventNoticesArgs(notices={"done": notice})))
    rule = deployment.one("aws:cloudwatch/eventRule:EventRule")
    assert json.loads(rule["eventPattern"]) == {"source": ["aws.ecs"]}
    assert deployment.one("aws:cloudwatch/eventTarget:EventTarget")["arn"] == given.TOPIC_ARN
