"""A queue, its dead-letter queue, and a function that consumes it."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import iam as aws_iam
from pulumi_aws import lambda_, sqs

from components.compute.lambda_function import LambdaFunction
from components.messaging import queue_plan
from components.security import grants
from components.security.iam import AnyPrincipal, ServicePrincipal, Statement, policy_document

LONG_POLL_SECONDS = 20
"""The longest SQS waits for a message before it answers: fewer empty answers to pay for."""


@dataclass(frozen=True, kw_only=True)
class QueueSender:
    """A service that sends as itself, for one of our resources. The key of the queue must list it too."""

    service: str
    """Such as ``events.amazonaws.com``."""
    source_arn: pulumi.Input[str]
    key: str
    """Letters and digits; names the statement."""


@dataclass(frozen=True, kw_only=True)
class QueueArgs:
    """Roles send and receive by their own policies; only services need an entry in the queue's."""

    kms_key_arn: pulumi.Input[str]
    visibility_timeout_seconds: int
    """How long a received message stays hidden: six times the consuming function's timeout."""
    retention_seconds: int = 4 * 24 * 3600
    max_receives: int = 5
    """Then the message goes to the dead-letter queue."""
    dead_letter_retention_seconds: int = queue_plan.MAX_RETENTION_SECONDS
    max_message_bytes: int | None = None
    """Where the consumer takes less than SQS does: the sender is told at once. SQS allows from 1,024."""
    queue_name: str | None = None
    """A physical name, where somebody must know it."""
    dead_letter_queue_name: str | None = None
    senders: Sequence[QueueSender] = ()
    dead_letter_senders: Sequence[QueueSender] = ()
    """Services that put what failed elsewhere beside the messages that failed here."""

    def __post_init__(self) -> None:
        queue_plan.check_queue(
            visibility_timeout_seconds=self.visibility_timeout_seconds,
            retention_seconds=self.retention_seconds,
            max_receives=self.max_receives,
        )
        if not self.retention_seconds <= self.dead_letter_retention_seconds:
            raise ValueError(
                f"dead_letter_retention_seconds: got {self.dead_letter_retention_seconds}; a message keeps "
                f"its age when it moves, so at least retention_seconds ({self.retention_seconds})"
            )
        queue_plan.check_message_size(self.max_message_bytes)
        queue_plan.check_queue(
            visibility_timeout_seconds=0,
            retention_seconds=self.dead_letter_retention_seconds,
            max_receives=1,
        )


class Queue(pulumi.ComponentResource):
    """A standard queue and the only queue its failures may go to, both encrypted, both TLS only.

    First-in-first-out queues are left out: no system asks for order.
    """

    queue: sqs.Queue
    dead_letter_queue: sqs.Queue
    queue_url: pulumi.Output[str]
    queue_arn: pulumi.Output[str]
    queue_name: pulumi.Output[str]
    dead_letter_queue_url: pulumi.Output[str]
    dead_letter_queue_arn: pulumi.Output[str]
    dead_letter_queue_name: pulumi.Output[str]
    visibility_timeout_seconds: int
    kms_key_arn: pulumi.Input[str]

    def __init__(self, name: str, args: QueueArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:messaging:Queue", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self.visibility_timeout_seconds = args.visibility_timeout_seconds
        self.kms_key_arn = args.kms_key_arn
        self.dead_letter_queue = self._build_dead_letter_queue()
        self.queue = self._build_queue()
        self._build_redrive_allowance()
        self._build_policy("policy", self.queue, args.senders)
        self._build_policy("dead-letters-policy", self.dead_letter_queue, args.dead_letter_senders)
        self.queue_url = self.queue.url
        self.queue_arn = self.queue.arn
        self.queue_name = self.queue.name
        self.dead_letter_queue_url = self.dead_letter_queue.url
        self.dead_letter_queue_arn = self.dead_letter_queue.arn
        self.dead_letter_queue_name = self.dead_letter_queue.name
        self.register_outputs(
            {
                "queueUrl": self.queue_url,
                "queueArn": self.queue_arn,
                "queueName": self.queue_name,
                "deadLetterQueueUrl": self.dead_letter_queue_url,
                "deadLetterQueueArn": self.dead_letter_queue_arn,
                "deadLetterQueueName": self.dead_letter_queue_name,
            }
        )

    def _build_dead_letter_queue(self) -> sqs.Queue:
        return sqs.Queue(
            f"{self._name}-dead-letters",
            name=self._args.dead_letter_queue_name,
            kms_master_key_id=self._args.kms_key_arn,
            message_retention_seconds=self._args.dead_letter_retention_seconds,
            receive_wait_time_seconds=LONG_POLL_SECONDS,
            opts=self._child,
        )

    def _build_queue(self) -> sqs.Queue:
        args = self._args
        return sqs.Queue(
            f"{self._name}-queue",
            name=args.queue_name,
            kms_master_key_id=args.kms_key_arn,
            visibility_timeout_seconds=args.visibility_timeout_seconds,
            message_retention_seconds=args.retention_seconds,
            receive_wait_time_seconds=LONG_POLL_SECONDS,
            max_message_size=args.max_message_bytes,
            redrive_policy=pulumi.Output.json_dumps(
                {
                    "deadLetterTargetArn": self.dead_letter_queue.arn,
                    "maxReceiveCount": args.max_receives,
                },
                sort_keys=True,
            ),
            opts=self._child,
        )

    def _build_redrive_allowance(self) -> sqs.RedriveAllowPolicy:
        """A resource of its own, since each of the two queues would otherwise need the other first."""
        return sqs.RedriveAllowPolicy(
            f"{self._name}-redrive",
            queue_url=self.dead_letter_queue.url,
            redrive_allow_policy=pulumi.Output.json_dumps(
                {"redrivePermission": "byQueue", "sourceQueueArns": [self.queue.arn]}, sort_keys=True
            ),
            opts=self._child,
        )

    def _build_policy(self, role: str, queue: sqs.Queue, senders: Sequence[QueueSender]) -> sqs.QueuePolicy:
        return sqs.QueuePolicy(
            f"{self._name}-{role}",
            queue_url=queue.url,
            policy=policy_document(_deny_plain_http(queue), *(_allow(queue, each) for each in senders)),
            opts=self._child,
        )


@dataclass(frozen=True, kw_only=True)
class QueueConsumerArgs:
    """``function`` answers with the messages it failed (``batchItemFailures``); the others are deleted."""

    queue: Queue
    function: LambdaFunction
    batch_size: int = 10
    batching_window_seconds: int = 0
    max_concurrency: int | None = None
    """How many copies of the function this queue may start."""

    def __post_init__(self) -> None:
        queue_plan.check_consumer(
            visibility_timeout_seconds=self.queue.visibility_timeout_seconds,
            function_timeout_seconds=self.function.timeout_seconds,
        )
        queue_plan.check_batch(
            batch_size=self.batch_size,
            batching_window_seconds=self.batching_window_seconds,
            max_concurrency=self.max_concurrency,
        )


class QueueConsumer(pulumi.ComponentResource):
    """Lambda polls the queue and calls the function's alias; its role may consume this queue alone.

    Filters are left out: what is not wanted should not be sent.
    """

    mapping: lambda_.EventSourceMapping
    mapping_arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: QueueConsumerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("platform:messaging:QueueConsumer", name, None, opts)
        self._name = name
        self._args = args
        self.mapping = self._build_mapping(self._build_grant())
        self.mapping_arn = self.mapping.arn
        self.register_outputs({"mappingArn": self.mapping_arn})

    def _build_grant(self) -> aws_iam.RolePolicy:
        args = self._args
        return aws_iam.RolePolicy(
            f"{self._name}-grant",
            role=args.function.role_name,
            policy=policy_document(
                grants.consume_messages(args.queue.queue_arn), grants.kms_decrypt(args.queue.kms_key_arn)
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_mapping(self, grant: aws_iam.RolePolicy) -> lambda_.EventSourceMapping:
        args = self._args
        limit = args.max_concurrency
        return lambda_.EventSourceMapping(
            f"{self._name}-mapping",
            event_source_arn=args.queue.queue_arn,
            function_name=args.function.alias_arn,
            batch_size=args.batch_size,
            maximum_batching_window_in_seconds=args.batching_window_seconds,
            function_response_types=["ReportBatchItemFailures"],
            scaling_config=lambda_.EventSourceMappingScalingConfigArgs(maximum_concurrency=limit)
            if limit
            else None,
            # Lambda checks that the role may receive when it makes the mapping.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[grant]),
        )


def _deny_plain_http(queue: sqs.Queue) -> Statement:
    return Statement(
        sid="DenyPlainHttp",
        effect="Deny",
        actions=["sqs:*"],
        resources=[queue.arn],
        principals=[AnyPrincipal()],
        conditions={"Bool": {"aws:SecureTransport": "false"}},
    )


def _allow(queue: sqs.Queue, sender: QueueSender) -> Statement:
    return Statement(
        sid=f"Send{sender.key}",
        actions=["sqs:SendMessage"],
        resources=[queue.arn],
        principals=[ServicePrincipal(sender.service)],
        conditions={"ArnEquals": {"aws:SourceArn": sender.source_arn}},
    )
