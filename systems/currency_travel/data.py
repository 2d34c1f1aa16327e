"""Currency Travel's stores: Aurora MySQL, Redis, two tables, three buckets, and where their addresses are."""

from dataclasses import dataclass

from components.data.aurora import AuroraServerless
from components.data.aurora_args import AuroraServerlessArgs
from components.data.dynamodb_table import DynamoDbTable, DynamoDbTableArgs, KeyAttribute
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
from components.security.parameters import Parameters, ParametersArgs
from settings.currency_travel import CurrencyTravelSettings, TableKeys
from systems.scope import Scope

DATABASE_NAME = "currency"
MASTER_USERNAME = "currency_admin"
PARAMETERS = "/currency-service"
BANK_KEY = "api/bok-key"
"""Of the Bank of Korea's interface; its value is the owner's to put in."""

SELECTIONS_TABLE = "travel_destination_selections"
RANKINGS_TABLE = "RankingResults"
"""Names that the services' code knows."""

TUNING = {
    "character_set_server": "utf8mb4",
    "collation_server": "utf8mb4_0900_ai_ci",
    "innodb_print_all_deadlocks": "1",
    "time_zone": "Asia/Seoul",
    "tls_version": "TLSv1.2,TLSv1.3",
    "wait_timeout": "600",
}
"""Beside forced TLS and the logs: Korean text sorts and compares whole, rates carry the day they hold in
Seoul, deadlocks are in the error log, and connections that a client forgot are closed after ten minutes."""


@dataclass(frozen=True, kw_only=True)
class Data:
    database: AuroraServerless
    cache: RedisReplicationGroup
    selections: DynamoDbTable
    rankings: DynamoDbTable
    backups: PrivateBucket
    logs: LogBucket
    parameters: Parameters

    @property
    def tables(self) -> dict[str, DynamoDbTable]:
        return {"selections": self.selections, "rankings": self.rankings}


def build_data(scope: Scope, settings: CurrencyTravelSettings, vpc: Vpc, key: KmsKey) -> Data:
    logs = _build_log_bucket(scope, settings)
    database = _build_database(scope, settings, vpc, key)
    return Data(
        database=database,
        cache=_build_cache(scope, settings, vpc, key),
        selections=_build_table(
            scope,
            settings,
            key,
            role="selections",
            table_name=SELECTIONS_TABLE,
            keys=settings.tables.selections,
        ),
        rankings=_build_table(
            scope, settings, key, role="rankings", table_name=RANKINGS_TABLE, keys=settings.tables.rankings
        ),
        backups=_build_backups(scope, settings, key, logs),
        logs=logs,
        parameters=_build_parameters(scope, settings, key, database),
    )


def _build_database(
    scope: Scope, settings: CurrencyTravelSettings, vpc: Vpc, key: KmsKey
) -> AuroraServerless:
    wanted = settings.database
    return AuroraServerless(
        f"{scope.name}-database",
        AuroraServerlessArgs(
            engine="aurora-mysql",
            engine_version=wanted.engine_version,
            cluster_identifier=scope.physical_name,
            database_name=DATABASE_NAME,
            master_username=MASTER_USERNAME,
            min_acu=wanted.min_acu,
            max_acu=wanted.max_acu,
            vpc_id=vpc.vpc_id,
            subnet_ids=vpc.database_subnet_ids,
            availability_zones=vpc.zones,
            readers=wanted.readers,
            kms_key_arn=key.key_arn,
            log_retention_days=settings.log_retention_days,
            source_account=scope.stack.account_id,
            parameters=TUNING,
            data_api=True,
            insights_mode=wanted.insights,
            backup_retention_days=wanted.backup_retention_days,
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    )


def _build_cache(
    scope: Scope, settings: CurrencyTravelSettings, vpc: Vpc, key: KmsKey
) -> RedisReplicationGroup:
    wanted = settings.cache
    return RedisReplicationGroup(
        f"{scope.name}-cache",
        RedisReplicationGroupArgs(
            engine="redis",
            engine_version=wanted.engine_version,
            replication_group_id=scope.physical_name,
            user_id=f"{scope.physical_name}-app",
            topology=SingleShard(replicas=wanted.nodes - 1),
            node_type=wanted.node_type,
            vpc_id=vpc.vpc_id,
            subnet_ids=vpc.database_subnet_ids,
            kms_key_arn=key.key_arn,
            log_retention_days=settings.log_retention_days,
            # What is in it can be read again from the database.
            parameters={"maxmemory-policy": "allkeys-lru"},
            snapshot_retention_days=wanted.snapshot_retention_days,
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    )


def _build_table(
    scope: Scope,
    settings: CurrencyTravelSettings,
    key: KmsKey,
    *,
    role: str,
    table_name: str,
    keys: TableKeys,
) -> DynamoDbTable:
    return DynamoDbTable(
        f"{scope.name}-{role}",
        DynamoDbTableArgs(
            table_name=table_name,
            partition_key=KeyAttribute(name=keys.partition_key),
            sort_key=KeyAttribute(name=keys.sort_key),
            expires_attribute=keys.expires_key,
            kms_key_arn=key.key_arn,
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    )


def _build_log_bucket(scope: Scope, settings: CurrencyTravelSettings) -> LogBucket:
    return LogBucket(
        f"{scope.name}-service-logs",
        LogBucketArgs(
            account_id=scope.stack.account_id,
            retention_days=settings.log_retention_days,
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    )


def _build_backups(
    scope: Scope, settings: CurrencyTravelSettings, key: KmsKey, logs: LogBucket
) -> PrivateBucket:
    wanted = settings.storage
    return PrivateBucket(
        f"{scope.name}-data-backup",
        PrivateBucketArgs(
            encryption=KmsEncryption(key.key_arn),
            access_logs=AccessLogs(logs, prefix="s3/data-backup/"),
            archive_after_days=wanted.archive_backups_after_days,
            expire_after_days=wanted.delete_backups_after_days,
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    )


def _build_parameters(
    scope: Scope, settings: CurrencyTravelSettings, key: KmsKey, database: AuroraServerless
) -> Parameters:
    return Parameters(
        f"{scope.name}-parameters",
        ParametersArgs(
            prefix=PARAMETERS,
            values={
                "db/cluster-arn": database.arn,
                "db/host": database.endpoint,
                "db/name": database.database_name,
                "db/port": str(database.port),
                "db/reader-host": database.reader_endpoint,
                "db/secret-arn": database.master_secret_arn,
            },
            secrets={BANK_KEY: "The key of the Bank of Korea's interface; its owner puts it in"},
            kms_key_arn=key.key_arn,
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    )
