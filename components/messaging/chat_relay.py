"""Alerts in a chat room: by AWS's own integration, or by a small function in front of a webhook."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pulumi
from pulumi_aws import chatbot, sns

from components.compute.lambda_args import VpcPlacement, ZipCode
from components.compute.lambda_function import LambdaFunction, LambdaFunctionArgs
from components.security.grants import kms_use, read_secret
from components.security.iam import Statement
from components.security.service_role import ServiceRole, ServiceRoleArgs

TIMEOUT_SECONDS = 15
"""Reading the secret, and one request that the function gives up after 5 seconds."""

READ_ONLY = "arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"
"""The most that the chat room may do, whatever role it works with."""


@dataclass(frozen=True, kw_only=True)
class SlackChannel:
    """A Slack workspace that somebody has authorised once in the console of Amazon Q Developer."""

    team_id: str
    channel_id: str


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """Any chat service that takes ``{"text": ...}`` over HTTPS. The address is a secret."""

    secret_arn: pulumi.Input[str]
    package: Path
    """``functions/chat_relay`` as ``package.build_package`` makes it."""
    runtime: str
    vpc: VpcPlacement | None = None
    """Private subnets with a way out: the caller opens it, on the function's security group."""
    failure_queue_arn: pulumi.Input[str] | None = None


Target: TypeAlias = SlackChannel | Webhook


@dataclass(frozen=True, kw_only=True)
class ChatRelayArgs:
    """``topic_arns`` by severity; each message of each topic goes to ``target``."""

    account_id: str
    target: Target
    topic_arns: Mapping[str, pulumi.Input[str]]
    kms_key_arn: pulumi.Input[str]
    log_retention_days: int


class ChatRelay(pulumi.ComponentResource):
    """What stands between topics and a chat service, which cannot confirm an SNS subscription itself.

    Commands from the chat room are left out: it hears, and may look at graphs at most.
    """

    function: LambdaFunction | None
    """None where AWS's own integration serves."""

    def __init__(self, name: str, args: ChatRelayArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:messaging:ChatRelay", name, None, opts)
        if not args.topic_arns:
            raise ValueError(f"{name}: topic_arns: got none; name at least one topic, or leave the relay out")
        self._name = name
        self._args = args
        match args.target:
            case SlackChannel() as channel:
                self.function = None
                configuration = self._build_channel(channel)
                self.register_outputs({"configurationArn": configuration.chat_configuration_arn})
            case Webhook() as webhook:
                self.function = self._build_function(webhook)
                for key, arn in args.topic_arns.items():
                    self._build_subscription(self.function, key, arn)
                self.register_outputs({"functionName": self.function.function_name})

    def _build_channel(self, channel: SlackChannel) -> chatbot.SlackChannelConfiguration:
        role = ServiceRole(
            f"{self._name}-role",
            ServiceRoleArgs(
                service="chatbot.amazonaws.com",
                description="Graphs of alarms in the chat room",
                statements=[_graphs()],
                source_account=self._args.account_id,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        return chatbot.SlackChannelConfiguration(
            f"{self._name}-channel",
            configuration_name=self._name,
            slack_team_id=channel.team_id,
            slack_channel_id=channel.channel_id,
            iam_role_arn=role.role_arn,
            guardrail_policy_arns=[READ_ONLY],
            sns_topic_arns=list(self._args.topic_arns.values()),
            logging_level="ERROR",
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_function(self, webhook: Webhook) -> LambdaFunction:
        args = self._args
        return LambdaFunction(
            f"{self._name}-relay",
            LambdaFunctionArgs(
                code=ZipCode(path=webhook.package, handler="handler.handler", runtime=webhook.runtime),
                description="Carries alerts to the chat webhook",
                memory_mb=128,
                timeout_seconds=TIMEOUT_SECONDS,
                kms_key_arn=args.kms_key_arn,
                log_retention_days=args.log_retention_days,
                environment={"WEBHOOK_SECRET_ARN": webhook.secret_arn},
                statements=[read_secret(webhook.secret_arn), kms_use(args.kms_key_arn)],
                vpc=webhook.vpc,
                failure_queue_arn=webhook.failure_queue_arn,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _build_subscription(
        self, function: LambdaFunction, key: str, topic_arn: pulumi.Input[str]
    ) -> sns.TopicSubscription:
        permission = function.allow_invoke(key, principal="sns.amazonaws.com", source_arn=topic_arn)
        return sns.TopicSubscription(
            f"{self._name}-{key}",
            topic=topic_arn,
            protocol="lambda",
            endpoint=function.alias_arn,
            # A message that comes before the permission is lost.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permission]),
        )


def _graphs() -> Statement:
    return Statement(
        actions=["cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData", "cloudwatch:GetMetricWidgetImage"],
        resources=["*"],
        wildcard_reason="GetMetricData and GetMetricWidgetImage have no resource; the rest only reads",
    )
