"""The least that each component of the group needs."""

from typing import Any

import pulumi

from components.data.aurora import AuroraServerless
from components.data.aurora_args import AuroraServerlessArgs
from components.data.elasticache_serverless import CacheServerless, CacheServerlessArgs
from components.data.rds_proxy import RdsProxy, RdsProxyArgs, SecretAuth
from tests.contracts import given

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


EXAMPLES: dict[str, Any] = {"AuroraServerless": _aurora, "CacheServerless": _cache, "RdsProxy": _proxy}
