"""Three brokers that lose nothing with one of them, and readers that may read their topic alone."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.compute.lambda_args import ImageCode, LambdaFunctionArgs, VpcPlacement
from components.compute.lambda_function import LambdaFunction
from components.messaging import msk_access
from components.messaging.kafka_consumer import KafkaConsumer, KafkaConsumerArgs
from components.messaging.msk_cluster import MskCluster, MskClusterArgs
from tests.contracts import given as example
from tests.harness import Deployment, deploy

CLUSTER = "aws:msk/cluster:Cluster"
ARN = "arn:aws:kafka:ap-northeast-2:123456789012:cluster/rates/abc-1"
SUBNETS = [f"subnet-0123456789abcdef{n}" for n in range(3)]
FAILURES = "arn:aws:sqs:ap-northeast-2:123456789012:failures"


def cluster_args(**changes: Any) -> MskClusterArgs:
    return MskClusterArgs(
        **{
            "cluster_name": "kafka",
            "kafka_version": "3.9.x.kraft",
            "broker_type": "kafka.m5.large",
            "vpc_id": example.VPC_ID,
            "subnet_ids": SUBNETS,
            "topics": {"rates": 6},
            "volume_gb": 100,
            "max_volume_gb": 500,
            "kms_key_arn": example.KEY_ARN,
            **changes,
        }
    )


def build(**changes: Any) -> Deployment:
    return deploy(lambda: MskCluster("kafka", cluster_args(**changes)))


def test_the_cluster() -> None:
    cluster = build().one(CLUSTER, "kafka-cluster")
    brokers = cluster["brokerNodeGroupInfo"]

    assert (cluster["kafkaVersion"], cluster["numberOfBrokerNodes"]) == ("3.9.x.kraft", 3)
    assert (brokers["instanceType"], brokers["clientSubnets"]) == ("kafka.m5.large", SUBNETS)
    assert brokers["connectivityInfo"]["publicAccess"]["type"] == "DISABLED"
    assert cluster["clientAuthentication"] == {
        "sasl": {"iam": True, "scram": False},
        "unauthenticated": False,
    }
    assert cluster["encryptionInfo"] == {
        "encryptionAtRestKmsKeyArn": example.KEY_ARN,
        "encryptionInTransit": {"clientBroker": "TLS", "inCluster": True},
    }
    assert cluster["enhancedMonitoring"] == "PER_TOPIC_PER_BROKER"
    assert cluster["loggingInfo"]["brokerLogs"]["cloudwatchLogs"]["enabled"] is True


def test_a_lost_broker_loses_nothing() -> None:
    result = build(retention_hours=24, default_partitions=4)
    text = result.one("aws:msk/configuration:Configuration", "kafka-configuration")["serverProperties"]
    properties = dict(line.split("=") for line in text.splitlines())

    assert properties["default.replication.factor"] == properties["offsets.topic.replication.factor"] == "3"
    assert properties["min.insync.replicas"] == properties["transaction.state.log.min.isr"] == "2"
    assert properties["unclean.leader.election.enable"] == "false"
    assert properties["auto.create.topics.enable"] == "false"
    assert (properties["log.retention.hours"], properties["num.partitions"]) == ("24", "4")
    topic = result.one("aws:msk/topic:Topic", "kafka-rates")
    assert (topic["name"], topic["partitionCount"], topic["replicationFactor"]) == ("rates", 6, 3)


def test_storage_grows_and_the_engine_leaves_it() -> None:
    result = build(grow_at_percent=70)
    target = result.one("aws:appautoscaling/target:Target", "kafka-storage")
    policy = result.one("aws:appautoscaling/policy:Policy", "kafka-storage-growth")
    tracking = policy["targetTrackingScalingPolicyConfiguration"]

    assert (target["serviceNamespace"], target["maxCapacity"]) == ("kafka", 500)
    assert target["scalableDimension"] == policy["scalableDimension"] == "kafka:broker-storage:VolumeSize"
    assert (tracking["targetValue"], tracking["disableScaleIn"]) == (70, True)
    cluster = result.one(CLUSTER, "kafka-cluster")
    assert cluster.options.ignore_changes == ("brokerNodeGroupInfo.storageInfo.ebsStorageInfo.volumeSize",)


def test_nobody_comes_in_unless_named() -> None:
    assert not build().of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")


def test_pollers_stand_beside_the_brokers() -> None:
    result = build(lambda_polls=True)
    (inside,) = result.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    out = result.of_type("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")

    assert inside["fromPort"] == inside["toPort"] == 9098
    assert inside["referencedSecurityGroupId"] == inside["securityGroupId"]
    assert sorted(each["fromPort"] for each in out) == [443, 9098]


@pytest.mark.parametrize("protected", [True, False])
def test_locks(*, protected: bool) -> None:
    result = build(deletion_protection=protected)
    for token, name in ((CLUSTER, "kafka-cluster"), ("aws:msk/topic:Topic", "kafka-rates")):
        options = result.one(token, name).options
        assert (options.protect, options.retain_on_delete) == (protected, protected)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cluster_name": "9 brokers"}, "cluster_name: got '9 brokers'"),
        ({"kafka_version": "2.8.1"}, "kafka_version: got '2.8.1'"),
        ({"subnet_ids": SUBNETS[:2]}, "subnet_ids: got 2"),
        ({"max_volume_gb": 100}, "max_volume_gb: got 100"),
        ({"max_volume_gb": 20_000}, "at most 16384"),
        ({"topics": {"a topic": 1}}, "topic: got 'a topic'"),
    ],
)
def test_what_msk_would_refuse(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        cluster_args(**changes)


NAMES = st.from_regex(r"[A-Za-z0-9._-]{1,40}", fullmatch=True)


@given(topic=NAMES, group=NAMES)
def test_arns_stay_inside_the_cluster(topic: str, group: str) -> None:
    base = "arn:aws:kafka:ap-northeast-2:123456789012"
    assert msk_access.topic_arn(ARN, topic) == f"{base}:topic/rates/abc-1/{topic}"
    assert msk_access.group_arn(ARN, group) == f"{base}:group/rates/abc-1/{group}"


def test_what_is_no_cluster_is_refused() -> None:
    with pytest.raises(ValueError, match="cluster_arn: got 'arn:aws:sqs"):
        msk_access.topic_arn(FAILURES, "rates")


def consumer(**changes: Any) -> Deployment:
    def program() -> None:
        function = LambdaFunction(
            "reader",
            LambdaFunctionArgs(
                code=ImageCode("registry/image@sha256:" + "0" * 64, command=("reader.handler",)),
                description="Reader",
                memory_mb=128,
                timeout_seconds=30,
                kms_key_arn=example.KEY_ARN,
                log_retention_days=30,
                vpc=VpcPlacement(vpc_id=example.VPC_ID, subnet_ids=SUBNETS),
            ),
        )
        args: dict[str, Any] = {
            "cluster": MskCluster("kafka", cluster_args(lambda_polls=True)),
            "topic": "rates",
            "group": "readers",
            "function": function,
            "failure_queue_arn": FAILURES,
            "failure_queue_key_arn": example.KEY_ARN,
            **changes,
        }
        KafkaConsumer("rates", KafkaConsumerArgs(**args))

    return deploy(program)


def test_a_reader() -> None:
    result = consumer(batch_size=50)
    mapping = result.one("aws:lambda/eventSourceMapping:EventSourceMapping", "rates-mapping")
    alias = result.one("aws:lambda/alias:Alias", "reader-alias")

    assert mapping["eventSourceArn"] == result.one(CLUSTER, "kafka-cluster").outputs["arn"]
    assert mapping["functionName"] == alias.outputs["arn"]
    assert (mapping["topics"], mapping["startingPosition"]) == (["rates"], "TRIM_HORIZON")
    assert mapping["amazonManagedKafkaEventSourceConfig"] == {"consumerGroupId": "readers"}
    assert mapping["batchSize"] == 50
    assert mapping["destinationConfig"]["onFailure"]["destinationArn"] == FAILURES
    # By the role alone: no secret is named.
    assert mapping.get("sourceAccessConfigurations") is None


def test_a_reader_may_read_its_topic_as_its_group_alone() -> None:
    result = consumer()
    cluster = str(result.one(CLUSTER, "kafka-cluster").outputs["arn"])
    document = json.loads(result.one("aws:iam/rolePolicy:RolePolicy", "rates-grant")["policy"])
    kafka = {
        action: each["Resource"]
        for each in document["Statement"]
        for action in each["Action"]
        if action.startswith("kafka-cluster:")
    }

    topic, group = msk_access.topic_arn(cluster, "rates"), msk_access.group_arn(cluster, "readers")
    assert kafka == {
        "kafka-cluster:Connect": [cluster],
        "kafka-cluster:DescribeClusterDynamicConfiguration": [cluster],
        "kafka-cluster:DescribeTopic": [topic],
        "kafka-cluster:ReadData": [topic],
        "kafka-cluster:AlterGroup": [group],
        "kafka-cluster:DescribeGroup": [group],
    }


def test_a_topic_that_is_not_there() -> None:
    with pytest.raises(ValueError, match="topic: got 'prices'; the cluster has rates"):
        consumer(topic="prices")


def test_an_image_can_hold_several_functions() -> None:
    function = consumer().one("aws:lambda/function:Function", "reader-function")
    assert (function["packageType"], function["imageConfig"]) == ("Image", {"commands": ["reader.handler"]})
