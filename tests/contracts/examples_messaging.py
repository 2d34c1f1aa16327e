"""The least that each component of the group needs."""

from typing import Any

import pulumi

from components.messaging.alert_topics import AlertTopics, AlertTopicsArgs, EmailEndpoint
from tests.contracts import given

Options = pulumi.ResourceOptions | None


def _alert_topics(name: str, opts: Options) -> AlertTopics:
    args = AlertTopicsArgs(
        account_id=given.ACCOUNT,
        kms_key_arn=given.KEY_ARN,
        subscriptions={"critical": [EmailEndpoint("someone@example.com")]},
    )
    return AlertTopics(name, args, opts)


EXAMPLES: dict[str, Any] = {"AlertTopics": _alert_topics}
