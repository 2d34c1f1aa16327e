"""A function that reads a Kafka topic."""

import re
from dataclasses import dataclass

import pulumi
from pulumi_aws import iam as aws_iam
from pulumi_aws import lambda_

from components.compute.lambda_function import LambdaFunction
from components.messaging import msk_access
from components.messaging.msk_cluster import MskCluster
from components.security import grants
from components.security.iam import policy_document

_GROUP = re.compile(r"[a-zA-Z0-9/*:_+=.@-]{1,200}")


@dataclass(frozen=True, kw_only=True)
class KafkaConsumerArgs:
    """``group`` is the consumer group, by which the place in each partition is kept: another name reads
    anew."""

    cluster: MskCluster
    topic: str
    group: str
    function: LambdaFunction
    failure_queue_arn: pulumi.Input[str]
    """Where the record of a batch goes that cannot be read: topic, partition and offsets, not the
    messages."""
    failure_queue_key_arn: pulumi.Input[str]
    batch_size: int = 100
    batching_window_seconds: int = 1

    def __post_init__(self) -> None:
        if self.topic not in self.cluster.topics:
            known = ", ".join(sorted(self.cluster.topics)) or "none"
            raise ValueError(f"topic: got {self.topic!r}; the cluster has {known}: add it there first")
        if not _GROUP.fullmatch(self.group):
            raise ValueError(f"group: got {self.group!r}; 1 to 200 letters, digits and _+=.@:/*-")
        if not 1 <= self.batch_size <= 10_000:
            raise ValueError(f"batch_size: got {self.batch_size}; Lambda allows 1 to 10000")
        if not 0 <= self.batching_window_seconds <= 300:
            raise ValueError(
                f"batching_window_seconds: got {self.batching_window_seconds}; Lambda allows 0 to 300"
            )


class KafkaConsumer(pulumi.ComponentResource):
    """Lambda reads the topic and calls the function's alias; its role may read this topic alone, by IAM.

    Lambda keeps a poller in the brokers' subnets, so the cluster needs ``lambda_polls``. A batch that fails
    is tried up to ten times more, then put aside, and the partition goes on (Lambda developer guide, error
    handling for Kafka). Provisioned pollers are left out: they are billed by the hour, and the topics are
    quiet. Filters are left out: what is not wanted should not be sent.
    """

    mapping: lambda_.EventSourceMapping
    mapping_arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: KafkaConsumerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("platform:messaging:KafkaConsumer", name, None, opts)
        self._name = name
        self._args = args
        self.mapping = self._build_mapping(self._build_grant())
        self.mapping_arn = self.mapping.arn
        self.register_outputs({"mappingArn": self.mapping_arn})

    def _build_grant(self) -> aws_iam.RolePolicy:
        args = self._args
        arn = args.cluster.cluster_arn
        return aws_iam.RolePolicy(
            f"{self._name}-grant",
            role=args.function.role_name,
            policy=policy_document(
                *msk_access.consume(arn, [args.topic], group=args.group),
                *msk_access.poll(arn),
                grants.vpc_network_interfaces(),
                grants.send_messages(args.failure_queue_arn),
                grants.kms_use(args.failure_queue_key_arn),
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_mapping(self, grant: aws_iam.RolePolicy) -> lambda_.EventSourceMapping:
        args = self._args
        return lambda_.EventSourceMapping(
            f"{self._name}-mapping",
            event_source_arn=args.cluster.cluster_arn,
            function_name=args.function.alias_arn,
            topics=[args.topic],
            # From the oldest message that is kept: one that was sent before the first reader came counts too.
            starting_position="TRIM_HORIZON",
            amazon_managed_kafka_event_source_config=lambda_.EventSourceMappingAmazonManagedKafkaEventSourceConfigArgs(
                consumer_group_id=args.group
            ),
            batch_size=args.batch_size,
            maximum_batching_window_in_seconds=args.batching_window_seconds,
            destination_config=lambda_.EventSourceMappingDestinationConfigArgs(
                on_failure=lambda_.EventSourceMappingDestinationConfigOnFailureArgs(
                    destination_arn=args.failure_queue_arn
                )
            ),
            # Lambda checks the role when it makes the mapping, and reads a topic that is there.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[grant, args.cluster.topics[args.topic]]),
        )
