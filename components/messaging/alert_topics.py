"""Where alarms go, by how soon somebody must look."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import pulumi
from pulumi_aws import sns

from components.security.iam import AnyPrincipal, ServicePrincipal, Statement, policy_document

Severity: TypeAlias = Literal["critical", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("critical", "warning", "info")

Publisher: TypeAlias = Literal["budgets", "cloudwatch", "codestar-notifications", "events"]
"""Services that publish as themselves. CodeDeploy publishes with its role, which needs a grant instead."""


@dataclass(frozen=True)
class EmailEndpoint:
    """Somebody has to confirm the first message."""

    address: str


@dataclass(frozen=True)
class HttpsEndpoint:
    """A webhook that confirms by itself (an incident service)."""

    url: pulumi.Input[str]
    key: str
    """A stable name; a webhook's address often holds a secret and cannot serve as one."""


@dataclass(frozen=True)
class QueueEndpoint:
    """An SQS queue; its policy must let the topic send."""

    queue_arn: pulumi.Input[str]
    key: str


@dataclass(frozen=True)
class FunctionEndpoint:
    """A Lambda function; its permission must let the topic invoke."""

    function_arn: pulumi.Input[str]
    key: str


Endpoint: TypeAlias = EmailEndpoint | HttpsEndpoint | QueueEndpoint | FunctionEndpoint


def _no_subscriptions() -> Mapping[Severity, Sequence[Endpoint]]:
    return {}


@dataclass(frozen=True, kw_only=True)
class AlertTopicsArgs:
    """The key of ``kms_key_arn`` must list each of ``publishers`` among its services, or alarms vanish."""

    account_id: str
    kms_key_arn: pulumi.Input[str]
    publishers: Sequence[Publisher] = ("cloudwatch",)
    subscriptions: Mapping[Severity, Sequence[Endpoint]] = field(default_factory=_no_subscriptions)


class AlertTopics(pulumi.ComponentResource):
    """One encrypted topic for each severity, so that a subscriber is only woken by what it asked for.

    Delivery status logs are left out: SNS offers none for email, and the other endpoints log what reaches
    them. Message archiving is left out: it exists for FIFO topics alone.
    """

    topics: dict[Severity, sns.Topic]
    arns: dict[Severity, pulumi.Output[str]]

    def __init__(self, name: str, args: AlertTopicsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:messaging:AlertTopics", name, None, opts)
        self._name = name
        self._args = args
        self.topics = {severity: self._build_topic(severity) for severity in SEVERITIES}
        for severity, topic in self.topics.items():
            self._build_policy(severity, topic)
            for endpoint in args.subscriptions.get(severity, ()):
                self._build_subscription(severity, topic, endpoint)
        self.arns = {severity: topic.arn for severity, topic in self.topics.items()}
        self.register_outputs({"arns": self.arns})

    def _build_topic(self, severity: Severity) -> sns.Topic:
        return sns.Topic(
            f"{self._name}-{severity}",
            kms_master_key_id=self._args.kms_key_arn,
            # Signatures of version 1 use SHA-1.
            signature_version=2,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_policy(self, severity: Severity, topic: sns.Topic) -> sns.TopicPolicy:
        allowed = [self._publisher(topic, each) for each in sorted(set(self._args.publishers))]
        return sns.TopicPolicy(
            f"{self._name}-{severity}-policy",
            arn=topic.arn,
            policy=policy_document(_deny_plain_http(topic), *allowed),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _publisher(self, topic: sns.Topic, publisher: Publisher) -> Statement:
        return Statement(
            sid="Publish" + "".join(part.capitalize() for part in publisher.split("-")),
            actions=["sns:Publish"],
            resources=[topic.arn],
            principals=[ServicePrincipal(f"{publisher}.amazonaws.com")],
            conditions={"StringEquals": {"aws:SourceAccount": self._args.account_id}},
        )

    def _build_subscription(
        self, severity: Severity, topic: sns.Topic, endpoint: Endpoint
    ) -> sns.TopicSubscription:
        key, protocol, target = _subscription(endpoint)
        return sns.TopicSubscription(
            f"{self._name}-{severity}-{key}",
            topic=topic.arn,
            protocol=protocol,
            endpoint=target,
            endpoint_auto_confirms=isinstance(endpoint, HttpsEndpoint),
            opts=pulumi.ResourceOptions(parent=self),
        )


def _subscription(endpoint: Endpoint) -> tuple[str, str, pulumi.Input[str]]:
    match endpoint:
        case EmailEndpoint(address):
            if not re.fullmatch(r"[^@\s]+@[^@\s]+", address):
                raise ValueError(f"address: got {address!r}; an email address has one @: correct it")
            return re.sub(r"[^a-z0-9]+", "-", address.lower()), "email", address
        case HttpsEndpoint(url, key):
            if isinstance(url, str) and not url.startswith("https://"):
                raise ValueError(f"url: got {url!r}; only https is allowed: give the https address")
            return key, "https", url
        case QueueEndpoint(arn, key):
            return key, "sqs", arn
        case FunctionEndpoint(arn, key):
            return key, "lambda", arn


def _deny_plain_http(topic: sns.Topic) -> Statement:
    return Statement(
        sid="DenyPlainHttp",
        effect="Deny",
        actions=["sns:Publish"],
        resources=[topic.arn],
        principals=[AnyPrincipal()],
        conditions={"Bool": {"aws:SecureTransport": "false"}},
    )
