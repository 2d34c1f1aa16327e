"""A bus of an application's own events, and the functions that hear of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi_aws import cloudwatch, sqs

from components.compute.lambda_function import LambdaFunction
from components.messaging.queue import LONG_POLL_SECONDS
from components.messaging.queue_plan import MAX_RETENTION_SECONDS
from components.security.iam import AnyPrincipal, AwsPrincipal, ServicePrincipal, Statement, policy_document

EVENTS = "events.amazonaws.com"
MAX_AGE_SECONDS = 86_400
"""The longest that EventBridge tries (retry policy)."""

MAX_ATTEMPTS = 185
"""The most that EventBridge tries, with growing pauses, within that age."""


@dataclass(frozen=True, kw_only=True)
class DeadLettersArgs:
    """The key of the queue must list ``events``."""

    kms_key_arn: pulumi.Input[str]


class DeadLetters(pulumi.ComponentResource):
    """One queue for one consumer: what EventBridge could not deliver, and what the function could not do."""

    queue: sqs.Queue
    queue_url: pulumi.Output[str]
    queue_arn: pulumi.Output[str]
    queue_name: pulumi.Output[str]

    def __init__(self, name: str, args: DeadLettersArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:messaging:DeadLetters", name, None, opts)
        self._name = name
        self.queue = sqs.Queue(
            f"{name}-queue",
            kms_master_key_id=args.kms_key_arn,
            message_retention_seconds=MAX_RETENTION_SECONDS,
            receive_wait_time_seconds=LONG_POLL_SECONDS,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.queue_url = self.queue.url
        self.queue_arn = self.queue.arn
        self.queue_name = self.queue.name
        self.register_outputs({"queueUrl": self.queue_url, "queueArn": self.queue_arn})

    def allow_rule(self, rule_arn: pulumi.Input[str]) -> sqs.QueuePolicy:
        """Let EventBridge put there what it could not deliver for one rule. Roles need no entry."""
        return sqs.QueuePolicy(
            f"{self._name}-policy",
            queue_url=self.queue.url,
            policy=policy_document(
                Statement(
                    sid="DenyPlainHttp",
                    effect="Deny",
                    actions=["sqs:*"],
                    resources=[self.queue.arn],
                    principals=[AnyPrincipal()],
                    conditions={"Bool": {"aws:SecureTransport": "false"}},
                ),
                Statement(
                    sid="EventBridge",
                    actions=["sqs:SendMessage"],
                    resources=[self.queue.arn],
                    principals=[ServicePrincipal(EVENTS)],
                    conditions={"ArnEquals": {"aws:SourceArn": rule_arn}},
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )


@dataclass(frozen=True, kw_only=True)
class Consumer:
    """``function`` hears of each event that matches; its own failures go to ``dead_letters`` as well."""

    function: LambdaFunction
    dead_letters: DeadLetters
    detail_type: str
    """Such as ``OrderCreated``."""


@dataclass(frozen=True, kw_only=True)
class EventBusArgs:
    """``source`` is what the application's events say they come from. The key must list ``events``."""

    bus_name: str
    account_id: str
    source: str
    kms_key_arn: pulumi.Input[str]
    consumers: Mapping[str, Consumer] = field(default_factory=dict[str, Consumer])

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9_.-]{1,256}", self.bus_name) or self.bus_name == "default":
            raise ValueError(f"bus_name: got {self.bus_name!r}; letters, digits and _ . -, and not default")
        if self.source.startswith("aws."):
            raise ValueError(f"source: got {self.source!r}; aws. is AWS's own: name the application")


class EventBus(pulumi.ComponentResource):
    """An encrypted bus that this account alone may write to, and a rule, a target and a dead-letter queue for
    each consumer, so that one that fails neither stops nor loses another's events.

    Left out: an archive (orders are in the database, and a replay would repeat their effects), schemas, buses
    of other accounts.
    """

    bus: cloudwatch.EventBus
    bus_name: pulumi.Output[str]
    bus_arn: pulumi.Output[str]
    rules: dict[str, cloudwatch.EventRule]

    def __init__(self, name: str, args: EventBusArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:messaging:EventBus", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self.bus = self._build_bus()
        self.bus_name = self.bus.name
        self.bus_arn = self.bus.arn
        self._build_policy()
        self.rules = {key: self._build_consumer(key, each) for key, each in args.consumers.items()}
        self.register_outputs({"busName": self.bus_name, "busArn": self.bus_arn})

    def _build_bus(self) -> cloudwatch.EventBus:
        return cloudwatch.EventBus(
            f"{self._name}-bus",
            name=self._args.bus_name,
            description=f"Events of {self._args.source}",
            kms_key_identifier=self._args.kms_key_arn,
            opts=self._child,
        )

    def _build_policy(self) -> cloudwatch.EventBusPolicy:
        return cloudwatch.EventBusPolicy(
            f"{self._name}-policy",
            event_bus_name=self.bus.name,
            policy=policy_document(
                Statement(
                    sid="OwnEvents",
                    actions=["events:PutEvents"],
                    resources=[self.bus.arn],
                    principals=[AwsPrincipal(f"arn:aws:iam::{self._args.account_id}:root")],
                    conditions={"StringEquals": {"events:source": self._args.source}},
                )
            ),
            opts=self._child,
        )

    def _build_consumer(self, key: str, consumer: Consumer) -> cloudwatch.EventRule:
        rule = cloudwatch.EventRule(
            f"{self._name}-{key}",
            description=f"{consumer.detail_type} for {key}",
            event_bus_name=self.bus.name,
            event_pattern=_pattern({"source": [self._args.source], "detail-type": [consumer.detail_type]}),
            opts=self._child,
        )
        permission = consumer.function.allow_invoke("events", principal=EVENTS, source_arn=rule.arn)
        policy = consumer.dead_letters.allow_rule(rule.arn)
        cloudwatch.EventTarget(
            f"{self._name}-{key}-function",
            event_bus_name=self.bus.name,
            rule=rule.name,
            arn=consumer.function.alias_arn,
            dead_letter_config=cloudwatch.EventTargetDeadLetterConfigArgs(
                arn=consumer.dead_letters.queue_arn
            ),
            retry_policy=cloudwatch.EventTargetRetryPolicyArgs(
                maximum_event_age_in_seconds=MAX_AGE_SECONDS, maximum_retry_attempts=MAX_ATTEMPTS
            ),
            # An event that comes first would be refused, and lost.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permission, policy]),
        )
        return rule


def put_events(bus_arn: pulumi.Input[str]) -> Statement:
    """For the role of whoever tells."""
    return Statement(actions=["events:PutEvents"], resources=[bus_arn])


def _pattern(pattern: Mapping[str, Any]) -> pulumi.Output[str]:
    return pulumi.Output.json_dumps(pattern, sort_keys=True)
