"""The least that each component of the group needs."""

from typing import Any

import pulumi

from components.messaging.alert_topics import AlertTopics, AlertTopicsArgs, EmailEndpoint
from components.messaging.chat_relay import ChatRelay, ChatRelayArgs, Webhook
from components.messaging.event_calls import EventCall, EventCallArgs
from components.messaging.event_notices import EventNotices, EventNoticesArgs, Notice
from components.messaging.job_failures import JobFailures, JobFailuresArgs
from components.messaging.kafka_consumer import KafkaConsumer, KafkaConsumerArgs
from components.messaging.msk_cluster import MskCluster, MskClusterArgs
from components.messaging.pipe import BatchPipe, BatchPipeArgs
from components.messaging.queue import Queue, QueueArgs, QueueConsumer, QueueConsumerArgs
from tests.contracts import examples_hosts as hosts
from tests.contracts import given
from tests.contracts.examples_compute import function, worker_in_order

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


def _batch_pipe(name: str, opts: Options) -> BatchPipe:
    args = BatchPipeArgs(
        pipe_name="example",
        account_id=given.ACCOUNT,
        region=given.REGION,
        queue_arn=f"arn:aws:sqs:{given.REGION}:{given.ACCOUNT}:jobs",
        queue_key_arn=given.KEY_ARN,
        worker=worker_in_order("worker", None),
        kms_key_arn=given.KEY_ARN,
        log_retention_days=30,
        description="Example",
    )
    return BatchPipe(name, args, opts)


def _queue(name: str, opts: Options) -> Queue:
    return Queue(name, QueueArgs(kms_key_arn=given.KEY_ARN, visibility_timeout_seconds=30), opts)


def _queue_consumer(name: str, opts: Options) -> QueueConsumer:
    args = QueueConsumerArgs(queue=_queue("queue", None), function=function("consumer", None))
    return QueueConsumer(name, args, opts)


def _job_failures(name: str, opts: Options) -> JobFailures:
    args = JobFailuresArgs(
        account_id=given.ACCOUNT,
        worker=worker_in_order("worker", None),
        kms_key_arn=given.KEY_ARN,
        log_group_name="example",
        log_retention_days=30,
    )
    return JobFailures(name, args, opts)


def _event_notices(name: str, opts: Options) -> EventNotices:
    notice = Notice(description="Example", pattern={"source": ["aws.ecs"]}, topic_arn=given.TOPIC_ARN)
    return EventNotices(name, EventNoticesArgs(notices={"releases": notice}), opts)


def _event_call(name: str, opts: Options) -> EventCall:
    args = EventCallArgs(
        description="Example", pattern={"source": ["aws.ecs"]}, function=function("called", None)
    )
    return EventCall(name, args, opts)


def _msk_cluster(name: str, opts: Options) -> MskCluster:
    args = MskClusterArgs(
        cluster_name="example",
        kafka_version="3.9.x.kraft",
        broker_type="kafka.m5.large",
        vpc_id=given.VPC_ID,
        subnet_ids=[*given.SUBNET_IDS, "subnet-0123456789abcdef2"],
        topics={"rates": 6},
        volume_gb=10,
        max_volume_gb=20,
        kms_key_arn=given.KEY_ARN,
    )
    return MskCluster(name, args, opts)


def _kafka_consumer(name: str, opts: Options) -> KafkaConsumer:
    args = KafkaConsumerArgs(
        cluster=_msk_cluster("cluster", None),
        topic="rates",
        group="example",
        function=function("consumer", None),
        failure_queue_arn=f"arn:aws:sqs:{given.REGION}:{given.ACCOUNT}:failures",
        failure_queue_key_arn=given.KEY_ARN,
    )
    return KafkaConsumer(name, args, opts)


EXAMPLES: dict[str, Any] = {
    "DeadLetters": hosts.dead_letters,
    "EventBus": hosts.event_bus,
    "EventCall": _event_call,
    "EventNotices": _event_notices,
    "BatchPipe": _batch_pipe,
    "JobFailures": _job_failures,
    "ChatRelay": _chat_relay,
    "AlertTopics": _alert_topics,
    "KafkaConsumer": _kafka_consumer,
    "MskCluster": _msk_cluster,
    "Queue": _queue,
    "QueueConsumer": _queue_consumer,
}
