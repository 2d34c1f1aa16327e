"""The least that each component of the group needs."""

from typing import Any

import pulumi

from components.data.aurora import AuroraServerless
from components.data.aurora_args import AuroraServerlessArgs
from components.data.dynamodb_table import DynamoDbTable, DynamoDbTableArgs, KeyAttribute
from components.data.elasticache_serverless import CacheServerless, CacheServerlessArgs
from components.data.rds_cross_region_replica import RdsCrossRegionReplica, RdsCrossRegionReplicaArgs
from components.data.rds_instance import HandedOverMaster, RdsInstance, RdsInstanceArgs, RdsManagedMaster
from components.data.rds_instance_args import Master
from components.data.rds_master import RdsMaster, RdsMasterArgs
from components.data.rds_proxy import RdsProxy, RdsProxyArgs, SecretAuth
from components.data.redis_replication_group import (
    RedisReplicationGroup,
    RedisReplicationGroupArgs,
    SingleShard,
)
from tests.contracts import given
from tests.contracts.examples_compute import function

Options = pulumi.ResourceOptions | None


def _aurora(name: str, opts: Options) -> AuroraServerless:
    args = AuroraServerlessArgs(
        engine="aurora-postgresql",
        engine_version="16",
        cluster_identifier="example",
        database_name="example",
        master_username="owner",
        min_acu=0.5,
        max_acu=4,
        vpc_id=given.VPC_ID,
        subnet_ids=given.SUBNET_IDS,
        availability_zones=given.ZONES,
        kms_key_arn=given.KEY_ARN,
        source_account=given.ACCOUNT,
    )
    return AuroraServerless(name, args, opts)


def _cache(name: str, opts: Options) -> CacheServerless:
    args = CacheServerlessArgs(
        cache_name="example",
        user_id="example-app",
        vpc_id=given.VPC_ID,
        subnet_ids=given.SUBNET_IDS,
        kms_key_arn=given.KEY_ARN,
        max_data_storage_gb=1,
        max_ecpu_per_second=1_000,
    )
    return CacheServerless(name, args, opts)


def _proxy(name: str, opts: Options) -> RdsProxy:
    cluster = _aurora("cluster", None)
    args = RdsProxyArgs(
        proxy_name="example",
        cluster=cluster,
        auth=SecretAuth(secret_arn=cluster.master_secret_arn, secret_kms_key_arn=given.KEY_ARN),
        vpc_id=given.VPC_ID,
        subnet_ids=given.SUBNET_IDS,
        region=given.REGION,
        account_id=given.ACCOUNT,
        log_kms_key_arn=given.KEY_ARN,
    )
    return RdsProxy(name, args, opts)


def _instance(name: str, opts: Options, master: Master | None = None) -> RdsInstance:
    args = RdsInstanceArgs(
        engine="postgres",
        engine_version="17",
        identifier="example",
        database_name="example",
        master_username="owner",
        master=master or RdsManagedMaster(),
        instance_class="db.t4g.large",
        allocated_storage_gb=20,
        read_replicas=1 if master else 0,
        vpc_id=given.VPC_ID,
        subnet_ids=given.SUBNET_IDS,
        availability_zones=given.ZONES,
        kms_key_arn=given.KEY_ARN,
        source_account=given.ACCOUNT,
    )
    return RdsInstance(name, args, opts)


def _cross_region_replica(name: str, opts: Options) -> RdsCrossRegionReplica:
    source = _instance("source", None, HandedOverMaster(function=function("master-function", None)))
    args = RdsCrossRegionReplicaArgs(
        source=source,
        source_engine_version="17",
        region="ap-northeast-1",
        identifier="example-copy",
        instance_class="db.t4g.large",
        subnet_ids=given.SUBNET_IDS,
        security_group_ids=["sg-0123456789abcdef0"],
        kms_key_arn=given.KEY_ARN.replace("ap-northeast-2", "ap-northeast-1"),
    )
    return RdsCrossRegionReplica(name, args, opts)


def _master(name: str, opts: Options) -> RdsMaster:
    args = RdsMasterArgs(
        instance=_instance("source", None).primary,
        function=function("master-function", None),
        every_days=30,
        kms_key_arn=given.KEY_ARN,
    )
    return RdsMaster(name, args, opts)


def _redis(name: str, opts: Options) -> RedisReplicationGroup:
    args = RedisReplicationGroupArgs(
        replication_group_id="example",
        user_id="example-app",
        topology=SingleShard(replicas=1),
        node_type="cache.t4g.medium",
        vpc_id=given.VPC_ID,
        subnet_ids=given.SUBNET_IDS,
        kms_key_arn=given.KEY_ARN,
    )
    return RedisReplicationGroup(name, args, opts)


def _table(name: str, opts: Options) -> DynamoDbTable:
    args = DynamoDbTableArgs(partition_key=KeyAttribute(name="id"), kms_key_arn=given.KEY_ARN)
    return DynamoDbTable(name, args, opts)


EXAMPLES: dict[str, Any] = {
    "AuroraServerless": _aurora,
    "CacheServerless": _cache,
    "DynamoDbTable": _table,
    "RdsCrossRegionReplica": _cross_region_replica,
    "RdsInstance": _instance,
    "RdsMaster": _master,
    "RdsProxy": _proxy,
    "RedisReplicationGroup": _redis,
}
