"""PetClinic's stores in the first region: MySQL with its replicas, sessions, releases and pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from components.data.rds_instance import HandedOverMaster, RdsInstance, RdsInstanceArgs
from components.data.rds_master import SecretCopy
from components.data.redis_replication_group import (
    RedisReplicationGroup,
    RedisReplicationGroupArgs,
    SingleShard,
)
from components.edge.bucket import (
    AccessLogs,
    KmsEncryption,
    LogBucket,
    LogBucketArgs,
    PrivateBucket,
    PrivateBucketArgs,
)
from components.network.vpc import Vpc
from components.security.kms_key import KmsKey
from settings.petclinic import PetClinicSettings
from systems.petclinic.functions import Wanted, build_function
from systems.scope import Scope

DATABASE_NAME = "petclinic"
MASTER_USERNAME = "petclinic_app"
SECRET_NAME = "petclinic/db/credentials"  # noqa: S105 - a name
MASTER_SOURCES = Path("functions/database_master")
HANDOVER_TIMEOUT_SECONDS = 900
"""Lambda's longest: the function waits until the instance is available again."""

BUCKETS = ("artifacts", "pictures")
"""Releases, and what owners upload of their pets: both are needed where the system runs."""

SESSION_KEYS = "spring:session:*"
SESSION_CHANNELS = "spring:session:*"


@dataclass(frozen=True, kw_only=True)
class Data:
    database: RdsInstance
    sessions: RedisReplicationGroup
    buckets: Mapping[str, PrivateBucket]
    logs: LogBucket


def build_data(
    scope: Scope, settings: PetClinicSettings, *, vpc: Vpc, key: KmsKey, secret_copies: Sequence[SecretCopy]
) -> Data:
    logs = build_log_bucket(scope, settings)
    return Data(
        database=_build_database(scope, settings, vpc, key, secret_copies),
        sessions=build_sessions(scope, settings, vpc, key),
        buckets=build_buckets(scope, settings, key, logs),
        logs=logs,
    )


def build_log_bucket(scope: Scope, settings: PetClinicSettings) -> LogBucket:
    return LogBucket(
        f"{scope.name}-logs",
        LogBucketArgs(
            account_id=scope.stack.account_id,
            retention_days=settings.log_retention_days,
            load_balancer_logs=True,
            region=scope.stack.region,
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    )


def build_buckets(
    scope: Scope, settings: PetClinicSettings, key: KmsKey, logs: LogBucket
) -> dict[str, PrivateBucket]:
    return {
        each: PrivateBucket(
            f"{scope.name}-{each}",
            PrivateBucketArgs(
                encryption=KmsEncryption(key.key_arn),
                access_logs=AccessLogs(logs, prefix=f"s3/{each}/"),
                noncurrent_retention_days=90,
                region=scope.stack.region,
                deletion_protection=settings.deletion_protection,
            ),
            scope.opts,
        )
        for each in BUCKETS
    }


def build_sessions(scope: Scope, settings: PetClinicSettings, vpc: Vpc, key: KmsKey) -> RedisReplicationGroup:
    """Sessions of one region. They are not copied to the other: people sign in again after a failover."""
    wanted = settings.sessions
    return RedisReplicationGroup(
        f"{scope.name}-sessions",
        RedisReplicationGroupArgs(
            engine="redis",
            engine_version="7.1",
            replication_group_id=scope.physical_name,
            user_id=f"{scope.physical_name}-app",
            key_pattern=SESSION_KEYS,
            channel_pattern=SESSION_CHANNELS,
            topology=SingleShard(replicas=wanted.replicas),
            node_type=wanted.node_type,
            vpc_id=vpc.vpc_id,
            subnet_ids=vpc.database_subnet_ids,
            kms_key_arn=key.key_arn,
            log_retention_days=settings.log_retention_days,
            # A full cache must refuse a new session rather than end somebody's.
            parameters={"maxmemory-policy": "noeviction"},
            snapshot_retention_days=wanted.snapshot_retention_days,
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    )


def _build_database(
    scope: Scope, settings: PetClinicSettings, vpc: Vpc, key: KmsKey, secret_copies: Sequence[SecretCopy]
) -> RdsInstance:
    wanted = settings.database
    master = build_function(
        scope,
        settings,
        "database-master",
        Wanted(
            sources=MASTER_SOURCES,
            description="PetClinic: takes over and rotates the database's password",
            timeout_seconds=HANDOVER_TIMEOUT_SECONDS,
        ),
        vpc=vpc,
        key=key,
    )
    return RdsInstance(
        f"{scope.name}-database",
        RdsInstanceArgs(
            engine="mysql",
            engine_version=wanted.engine_version,
            identifier=scope.physical_name,
            database_name=DATABASE_NAME,
            master_username=MASTER_USERNAME,
            master=HandedOverMaster(function=master, secret_name=SECRET_NAME, secret_copies=secret_copies),
            instance_class=wanted.instance_class,
            allocated_storage_gb=wanted.allocated_storage_gb,
            max_allocated_storage_gb=wanted.max_allocated_storage_gb,
            multi_az=wanted.multi_az,
            read_replicas=wanted.read_replicas,
            vpc_id=vpc.vpc_id,
            subnet_ids=vpc.database_subnet_ids,
            availability_zones=vpc.zones,
            kms_key_arn=key.key_arn,
            log_retention_days=settings.log_retention_days,
            source_account=scope.stack.account_id,
            backup_retention_days=wanted.backup_retention_days,
            backup_window=wanted.backup_window,
            maintenance_window=wanted.maintenance_window,
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    )
