"""SafeWork's stores: Aurora PostgreSQL, what pools its connections, and the cache."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.data.aurora import AuroraServerless
from components.data.aurora_args import AuroraServerlessArgs
from components.data.elasticache_serverless import CacheServerless, CacheServerlessArgs
from components.data.rds_proxy import IamAuth, RdsProxy, RdsProxyArgs
from components.network.vpc import Vpc
from components.security.grants import connect_cache, connect_database, data_api, read_secret
from components.security.iam import Statement
from components.security.kms_key import KmsKey
from settings.safework import SafeWorkSettings
from systems.scope import Scope

DATABASE_NAME = "safework"
MASTER_USERNAME = "safework_admin"
APPLICATION_USER = "safework_app"
"""Made by the owners' migrations with the role ``rds_iam``; it has no password."""


@dataclass(frozen=True, kw_only=True)
class Data:
    """The stores, and what a function needs to use them."""

    database: AuroraServerless
    proxy: RdsProxy | None
    cache: CacheServerless
    environment: Mapping[str, pulumi.Input[str]]
    statements: tuple[Statement, ...]


def build_data(scope: Scope, settings: SafeWorkSettings, vpc: Vpc, key: KmsKey) -> Data:
    database = _build_database(scope, settings, vpc, key)
    proxy = (
        _build_proxy(scope, settings, vpc, key, database)
        if settings.database.connections == "proxy"
        else None
    )
    cache = _build_cache(scope, settings, vpc, key)
    return Data(
        database=database,
        proxy=proxy,
        cache=cache,
        environment={
            **_cache_environment(cache),
            **(_proxy_environment(proxy) if proxy else _data_api_environment(database)),
        },
        statements=(
            connect_cache(cache_arn=cache.arn, user_arn=cache.user_arn),
            *(
                _proxy_statements(scope, proxy)
                if proxy
                else (
                    data_api(cluster_arn=database.arn),
                    read_secret(database.master_secret_arn),
                )
            ),
        ),
    )


def _build_database(scope: Scope, settings: SafeWorkSettings, vpc: Vpc, key: KmsKey) -> AuroraServerless:
    wanted = settings.database
    return AuroraServerless(
        f"{scope.name}-database",
        AuroraServerlessArgs(
            engine="aurora-postgresql",
            engine_version=wanted.engine_version,
            cluster_identifier=scope.physical_name,
            database_name=DATABASE_NAME,
            master_username=MASTER_USERNAME,
            min_acu=wanted.min_acu,
            max_acu=wanted.max_acu,
            seconds_until_auto_pause=wanted.auto_pause_seconds,
            vpc_id=vpc.vpc_id,
            subnet_ids=vpc.database_subnet_ids,
            availability_zones=vpc.zones,
            readers=wanted.readers,
            kms_key_arn=key.key_arn,
            log_retention_days=settings.log_retention_days,
            source_account=scope.stack.account_id,
            insights_mode=wanted.insights,
            backup_retention_days=wanted.backup_retention_days,
            final_snapshot=scope.is_prod,
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    )


def _build_proxy(
    scope: Scope, settings: SafeWorkSettings, vpc: Vpc, key: KmsKey, database: AuroraServerless
) -> RdsProxy:
    return RdsProxy(
        f"{scope.name}-proxy",
        RdsProxyArgs(
            proxy_name=scope.physical_name,
            cluster=database,
            auth=IamAuth(database_users=[APPLICATION_USER]),
            vpc_id=vpc.vpc_id,
            subnet_ids=vpc.private_subnet_ids,
            region=scope.stack.region,
            account_id=scope.stack.account_id,
            reader_endpoint=settings.database.readers > 0,
            log_kms_key_arn=key.key_arn,
            log_retention_days=settings.log_retention_days,
        ),
        scope.opts,
    )


def _build_cache(scope: Scope, settings: SafeWorkSettings, vpc: Vpc, key: KmsKey) -> CacheServerless:
    wanted = settings.cache
    return CacheServerless(
        f"{scope.name}-cache",
        CacheServerlessArgs(
            cache_name=scope.physical_name,
            user_id=f"{scope.physical_name}-app",
            vpc_id=vpc.vpc_id,
            # A serverless cache takes three subnets at most; zones beyond the third reach it from their own.
            subnet_ids=vpc.database_subnet_ids[:3],
            kms_key_arn=key.key_arn,
            max_data_storage_gb=wanted.max_storage_gb,
            max_ecpu_per_second=wanted.max_ecpu_per_second,
            snapshot_retention_days=wanted.snapshot_retention_days,
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    )


def _cache_environment(cache: CacheServerless) -> dict[str, pulumi.Input[str]]:
    return {
        "CACHE_HOST": cache.endpoint,
        "CACHE_PORT": cache.port.apply(str),
        "CACHE_NAME": cache.cache_name,
        "CACHE_USER": cache.user_id,
    }


def _proxy_environment(proxy: RdsProxy) -> dict[str, pulumi.Input[str]]:
    environment: dict[str, pulumi.Input[str]] = {
        "DATABASE_ACCESS": "proxy",
        "DATABASE_HOST": proxy.endpoint,
        "DATABASE_PORT": str(proxy.port),
        "DATABASE_NAME": DATABASE_NAME,
        "DATABASE_USER": APPLICATION_USER,
    }
    if proxy.reader_endpoint is not None:
        environment["DATABASE_READER_HOST"] = proxy.reader_endpoint
    return environment


def _data_api_environment(database: AuroraServerless) -> dict[str, pulumi.Input[str]]:
    return {
        "DATABASE_ACCESS": "data-api",
        "DATABASE_CLUSTER_ARN": database.arn,
        "DATABASE_SECRET_ARN": database.master_secret_arn,
        "DATABASE_NAME": DATABASE_NAME,
    }


def _proxy_statements(scope: Scope, proxy: RdsProxy) -> tuple[Statement, ...]:
    return (
        connect_database(
            region=scope.stack.region,
            account_id=scope.stack.account_id,
            resource_id=proxy.resource_id,
            user=APPLICATION_USER,
        ),
    )
