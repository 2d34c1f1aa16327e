"""What a Kafka cluster is set to, and who may do what on which topic."""

import re
from collections.abc import Callable, Mapping, Sequence

import pulumi

from components.security.iam import Statement, Text

IAM_PORT = 9098
"""Where brokers take clients that log in by IAM, inside the VPC (MSK developer guide, port information)."""

REPLICAS = 3
IN_SYNC_REPLICAS = 2
"""A write is safe once two of the three copies have it, so one broker can be lost without a write refused."""

_VERSION = re.compile(r"\d+\.\d+\.(x|\d+)\.kraft")
_TOPIC = re.compile(r"[A-Za-z0-9._-]{1,249}")


def check_version(kafka_version: str) -> None:
    """Raise ValueError for a version that needs ZooKeeper."""
    if not _VERSION.fullmatch(kafka_version):
        raise ValueError(
            f"kafka_version: got {kafka_version!r}; one with KRaft, such as 3.9.x.kraft: a cluster "
            "cannot leave ZooKeeper later"
        )


def check_topic(topic: str) -> None:
    """Raise ValueError for a name that Kafka refuses."""
    if not _TOPIC.fullmatch(topic) or topic in {".", ".."}:
        raise ValueError(f"topic: got {topic!r}; 1 to 249 letters, digits, dots, underscores and dashes")


def server_properties(*, retention_hours: int, partitions: int) -> str:
    """Nothing is lost with one broker, and no topic comes to be by a typing error.

    Raises ValueError for a number below one.
    """
    for field, value in (("retention_hours", retention_hours), ("partitions", partitions)):
        if value < 1:
            raise ValueError(f"{field}: got {value}; 1 or more")
    values: Mapping[str, str | int] = {
        "auto.create.topics.enable": "false",
        "default.replication.factor": REPLICAS,
        "log.retention.hours": retention_hours,
        "min.insync.replicas": IN_SYNC_REPLICAS,
        "num.partitions": partitions,
        "offsets.topic.replication.factor": REPLICAS,
        "transaction.state.log.min.isr": IN_SYNC_REPLICAS,
        "transaction.state.log.replication.factor": REPLICAS,
        "unclean.leader.election.enable": "false",
    }
    return "".join(f"{key}={value}\n" for key, value in sorted(values.items()))


def topic_arn(cluster_arn: str, topic: str) -> str:
    """The ARN that IAM knows a topic by; topics of other clusters have another."""
    return _within(cluster_arn, "topic", topic)


def group_arn(cluster_arn: str, group: str) -> str:
    """The ARN that IAM knows a consumer group by."""
    return _within(cluster_arn, "group", group)


def produce(cluster_arn: Text, topics: Sequence[str]) -> list[Statement]:
    """Log in to one cluster and write to the named topics of it, each message once."""
    return [
        Statement(
            sid="KafkaLogin",
            actions=["kafka-cluster:Connect", "kafka-cluster:WriteDataIdempotently"],
            resources=[cluster_arn],
        ),
        Statement(
            sid="KafkaWrite",
            actions=["kafka-cluster:DescribeTopic", "kafka-cluster:WriteData"],
            resources=[_later(cluster_arn, topic_arn, topic) for topic in topics],
        ),
    ]


def consume(cluster_arn: Text, topics: Sequence[str], *, group: str) -> list[Statement]:
    """Log in to one cluster and read the named topics of it, as one consumer group."""
    return [
        Statement(
            sid="KafkaLogin",
            actions=["kafka-cluster:Connect", "kafka-cluster:DescribeClusterDynamicConfiguration"],
            resources=[cluster_arn],
        ),
        Statement(
            sid="KafkaRead",
            actions=["kafka-cluster:DescribeTopic", "kafka-cluster:ReadData"],
            resources=[_later(cluster_arn, topic_arn, topic) for topic in topics],
        ),
        Statement(
            sid="KafkaGroup",
            actions=["kafka-cluster:AlterGroup", "kafka-cluster:DescribeGroup"],
            resources=[_later(cluster_arn, group_arn, group)],
        ),
    ]


def poll(cluster_arn: Text) -> list[Statement]:
    """What Lambda needs besides ``consume`` to find the brokers and stand beside them (Lambda developer
    guide, permissions for an Amazon MSK event source; interfaces are in ``vpc_network_interfaces``)."""
    return [
        Statement(
            sid="KafkaFind",
            actions=["kafka:DescribeCluster", "kafka:DescribeClusterV2"],
            resources=[cluster_arn],
        ),
        Statement(
            sid="KafkaNetwork",
            actions=["ec2:DescribeSecurityGroups", "ec2:DescribeVpcs", "kafka:GetBootstrapBrokers"],
            resources=["*"],
            wildcard_reason="none of them takes a resource; the last gives addresses, not access",
        ),
    ]


def _later(cluster_arn: Text, name: Callable[[str, str], str], part: str) -> pulumi.Output[str]:
    return pulumi.Output.from_input(cluster_arn).apply(lambda arn: name(arn, part))


def _within(cluster_arn: str, kind: str, name: str) -> str:
    before, found, after = cluster_arn.partition(":cluster/")
    if not found:
        raise ValueError(f"cluster_arn: got {cluster_arn!r}; arn:aws:kafka:region:account:cluster/name/uuid")
    return f"{before}:{kind}/{after}/{name}"
