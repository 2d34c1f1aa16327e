"""The least that each component of the group needs."""

from typing import Any

import pulumi

from components.messaging.alert_topics import AlertTopics, AlertTopicsArgs, EmailEndpoint
from components.messaging.chat_relay import ChatRelay, ChatRelayArgs, Webhook
from tests.contracts import given

Options = pulumi.ResourceOptions | None


def _alert_topics(name: str, opts: Options) -> AlertTopics:
    args = AlertTopicsArgs(
        account_id=given.ACCOUNT,
        kms_key_arn=given.KEY_ARN,
        subscriptions={"critical": [EmailEndpoint("someone@example.com")]},
    )
    return AlertTopics(name, args, opts)


def _chat_relay(name: str, opts: Options) -> ChatRelay:
    secret_arn = f"arn:aws:secretsmanager:{given.REGION}:{given.ACCOUNT}:secret:webhook-AbCdEf"
    args = ChatRelayArgs(
        account_id=given.ACCOUNT,
        target=Webhook(secret_arn=secret_arn, package=given.package(), runtime="python3.13"),
        topic_arns={"warning": given.TOPIC_ARN},
        kms_key_arn=given.KEY_ARN,
        log_retention_days=30,
    )
    return ChatRelay(name, args, opts)


EXAMPLES: dict[str, Any] = {"ChatRelay": _chat_relay, "AlertTopics": _alert_topics}
