"""The least that each component of the group needs."""

from typing import Any, Literal

import pulumi

from components.migration.dms_account import DmsAccountRoles, DmsAccountRolesArgs
from components.migration.dms_endpoint import Encrypted, PostgresEndpoint, PostgresEndpointArgs, Tls
from components.migration.dms_replication import DmsReplication, DmsReplicationArgs
from tests.contracts import given

Options = pulumi.ResourceOptions | None


def _roles(name: str, opts: Options) -> DmsAccountRoles:
    return DmsAccountRoles(name, DmsAccountRolesArgs(account_id=given.ACCOUNT, region=given.REGION), opts)


def endpoint(
    name: str,
    opts: Options = None,
    *,
    end: Literal["source", "target"] = "source",
    tls: Tls | None = None,
) -> PostgresEndpoint:
    args = PostgresEndpointArgs(
        endpoint_id=f"example-{end}",
        end=end,
        engine="postgres",
        database_name="example",
        secret_arn=given.SECRET_ARN,
        secret_key_arn=given.KEY_ARN,
        kms_key_arn=given.KEY_ARN,
        tls=tls or Encrypted(),
        account_id=given.ACCOUNT,
        region=given.REGION,
    )
    return PostgresEndpoint(name, args, opts)


def replication(name: str, opts: Options = None, **changes: Any) -> DmsReplication:
    wanted: dict[str, Any] = {
        "replication_name": "example",
        "vpc_id": given.VPC_ID,
        "subnet_ids": given.SUBNET_IDS,
        "source": endpoint("given-source"),
        "target": endpoint("given-target", end="target"),
        "schemas": ["public"],
        "kms_key_arn": given.KEY_ARN,
        "log_retention_days": 30,
        **changes,
    }
    return DmsReplication(name, DmsReplicationArgs(**wanted), opts)


EXAMPLES = {
    "DmsAccountRoles": _roles,
    "DmsReplication": replication,
    "PostgresEndpoint": endpoint,
}
