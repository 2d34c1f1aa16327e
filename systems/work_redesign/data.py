"""Work Redesign's stores: PostgreSQL, Redis, and what teams upload."""

from dataclasses import dataclass
from pathlib import Path

from components.data.rds_instance import HandedOverMaster, RdsInstance, RdsInstanceArgs
from components.data.redis_replication_group import (
    ClusterMode,
    RedisReplicationGroup,
    RedisReplicationGroupArgs,
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
from settings.work_redesign import WorkRedesignSettings
from systems.scope import Scope
from systems.work_redesign.functions import Wanted, build_function

DATABASE_NAME = "workshop"
MASTER_USERNAME = "workshop_admin"
MASTER_SOURCES = Path("functions/database_master")
HANDOVER_TIMEOUT_SECONDS = 900
"""Lambda's longest: the function waits until the instance is available again."""

CHANNELS = "socket.io*"
"""What Socket.IO's Redis adapter publishes on."""


@dataclass(frozen=True, kw_only=True)
class Data:
    database: RdsInstance
    cache: RedisReplicationGroup
    uploads: PrivateBucket
    logs: LogBucket


def build_data(scope: Scope, settings: WorkRedesignSettings, vpc: Vpc, key: KmsKey) -> Data:
    logs = _build_log_bucket(scope, settings)
    return Data(
        database=_build_database(scope, settings, vpc, key),
        cache=_build_cache(scope, settings, vpc, key),
        uploads=_build_uploads(scope, settings, key, logs),
        logs=logs,
    )


def _build_database(scope: Scope, settings: WorkRedesignSettings, vpc: Vpc, key: KmsKey) -> RdsInstance:
    wanted = settings.database
    master = build_function(
        scope,
        settings,
        "database-master",
        Wanted(
            sources=MASTER_SOURCES,
            description="Work Redesign: takes over and rotates the database's master password",
            timeout_seconds=HANDOVER_TIMEOUT_SECONDS,
        ),
        vpc=vpc,
        key=key,
    )
    return RdsInstance(
        f"{scope.name}-database",
        RdsInstanceArgs(
            engine="postgres",
            engine_version=wanted.engine_version,
            identifier=scope.physical_name,
            database_name=DATABASE_NAME,
            master_username=MASTER_USERNAME,
            # Also without a replica, so that one can come back when the system wakes up.
            master=HandedOverMaster(function=master),
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


def _build_cache(
    scope: Scope, settings: WorkRedesignSettings, vpc: Vpc, key: KmsKey
) -> RedisReplicationGroup:
    wanted = settings.cache
    return RedisReplicationGroup(
        f"{scope.name}-cache",
        RedisReplicationGroupArgs(
            engine="redis",
            engine_version=wanted.engine_version,
            replication_group_id=scope.physical_name,
            user_id=f"{scope.physical_name}-app",
            channel_pattern=CHANNELS,
            topology=ClusterMode(shards=wanted.shards, replicas_per_shard=wanted.replicas_per_shard),
            node_type=wanted.node_type,
            vpc_id=vpc.vpc_id,
            subnet_ids=vpc.database_subnet_ids,
            kms_key_arn=key.key_arn,
            log_retention_days=settings.log_retention_days,
            snapshot_retention_days=wanted.snapshot_retention_days,
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    )


def _build_log_bucket(scope: Scope, settings: WorkRedesignSettings) -> LogBucket:
    return LogBucket(
        f"{scope.name}-logs",
        LogBucketArgs(
            account_id=scope.stack.account_id,
            retention_days=settings.log_retention_days,
            load_balancer_logs=True,
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    )


def _build_uploads(
    scope: Scope, settings: WorkRedesignSettings, key: KmsKey, logs: LogBucket
) -> PrivateBucket:
    wanted = settings.uploads
    return PrivateBucket(
        f"{scope.name}-uploads",
        PrivateBucketArgs(
            encryption=KmsEncryption(key.key_arn),
            access_logs=AccessLogs(logs, prefix="s3/uploads/"),
            archive_noncurrent_after_days=wanted.archive_old_versions_after_days,
            noncurrent_retention_days=wanted.delete_old_versions_after_days,
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    )
