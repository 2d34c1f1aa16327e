"""The least that hosts, their pair, and what stands in two regions need."""

from typing import Any

import pulumi
from pulumi_aws import Provider

from components.compute.blue_green_pair import BlueGreenPair, BlueGreenPairArgs
from components.compute.scaling_group import ScalingGroup, ScalingGroupArgs
from components.compute.scaling_group_plan import AmiParameter, Capacity, ScalingTarget
from components.edge.bucket import KmsEncryption, PrivateBucket, PrivateBucketArgs
from components.edge.cache_key import CacheKey, CacheKeyArgs
from components.edge.edge_function import EdgeFunction, EdgeFunctionArgs
from components.messaging.event_bus import Consumer, DeadLetters, DeadLettersArgs, EventBus, EventBusArgs
from components.recovery.bucket_replication import BucketReplication, BucketReplicationArgs
from components.recovery.region import RegionTier, RegionTierArgs
from components.security.kms_key import KmsKey, KmsKeyArgs
from tests.contracts import given
from tests.contracts.discovery import REPOSITORY
from tests.contracts.examples_compute import function

Options = pulumi.ResourceOptions | None

OTHER_REGION = "ap-northeast-1"
OTHER_KEY_ARN = given.KEY_ARN.replace(given.REGION, OTHER_REGION)
PAIR = ("example-blue", "example-green")
TARGET_GROUP_ARN = f"arn:aws:elasticloadbalancing:{given.REGION}:{given.ACCOUNT}:targetgroup/example/1"


def group_args(group_name: str = "example", **changes: Any) -> ScalingGroupArgs:
    arguments: dict[str, Any] = {
        "group_name": group_name,
        "description": "Example",
        "ami": AmiParameter("/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"),
        "instance_types": ["m7g.large"],
        "user_data": "#!/bin/bash\n",
        "vpc_id": given.VPC_ID,
        "subnet_ids": given.SUBNET_IDS,
        "kms_key_arn": given.KEY_ARN,
        "target_group_arns": [TARGET_GROUP_ARN],
        "capacity": Capacity(least=1, most=2, desired=1),
        "scaling": ScalingTarget(metric_namespace="example/hosts"),
    }
    return ScalingGroupArgs(**{**arguments, **changes})


def pair_args(**changes: Any) -> BlueGreenPairArgs:
    scaling = ScalingTarget(metric_namespace="example/hosts", twin_group_names=PAIR)
    shared: dict[str, Any] = {"scaling": scaling, "capacity_owned_at_run_time": True, **changes}
    empty = Capacity(least=0, most=0, desired=0)
    return BlueGreenPairArgs(
        blue=group_args(PAIR[0], **shared), green=group_args(PAIR[1], **{"capacity": empty, **shared})
    )


def scaling_group(name: str, opts: Options) -> ScalingGroup:
    return ScalingGroup(name, group_args(), opts)


def pair(name: str, opts: Options) -> BlueGreenPair:
    return BlueGreenPair(name, pair_args(), opts)


def cache_key(name: str, opts: Options) -> CacheKey:
    args = CacheKeyArgs(
        min_seconds=1,
        default_seconds=60,
        max_seconds=3_600,
        query_keys=["id"],
        headers=["CloudFront-Viewer-Country"],
        cookies=["SESSION"],
    )
    return CacheKey(name, args, opts)


def edge_function(name: str, opts: Options) -> EdgeFunction:
    args = EdgeFunctionArgs(
        source=REPOSITORY / "functions" / "petclinic_cookies" / "function.js",
        comment="Example",
        values={"ESSENTIAL": "SESSION"},
    )
    return EdgeFunction(name, args, opts)


def dead_letters(name: str, opts: Options) -> DeadLetters:
    return DeadLetters(name, DeadLettersArgs(kms_key_arn=given.KEY_ARN), opts)


def event_bus(name: str, opts: Options) -> EventBus:
    args = EventBusArgs(
        bus_name="example",
        account_id=given.ACCOUNT,
        source="example",
        kms_key_arn=given.KEY_ARN,
        consumers={
            "mail": Consumer(
                function=function("mail", None),
                dead_letters=dead_letters("mail-failures", None),
                detail_type="OrderCreated",
            )
        },
    )
    return EventBus(name, args, opts)


def bucket_replication(name: str, opts: Options) -> BucketReplication:
    source = PrivateBucket("source", PrivateBucketArgs(encryption=KmsEncryption(given.KEY_ARN)))
    target = PrivateBucket(
        "target", PrivateBucketArgs(encryption=KmsEncryption(OTHER_KEY_ARN), region=OTHER_REGION)
    )
    args = BucketReplicationArgs(
        source=source,
        target=target,
        account_id=given.ACCOUNT,
        region=given.REGION,
        target_region=OTHER_REGION,
    )
    return BucketReplication(name, args, opts)


def region_tier(name: str, opts: Options) -> RegionTier:
    """With something in it: alone it is only a parent."""
    provider = Provider("given-provider", region=OTHER_REGION)
    tier = RegionTier(name, RegionTierArgs(region=OTHER_REGION, provider=provider), opts)
    key = KmsKeyArgs(alias="example", description="Example", account_id=given.ACCOUNT, region=OTHER_REGION)
    KmsKey(f"{name}-key", key, pulumi.ResourceOptions(parent=tier))
    return tier
