"""The least that each component of the group needs."""

from typing import Any

import pulumi

from components.security.kms_key import KmsKey, KmsKeyArgs
from components.security.managed_secret import ManagedSecret, ManagedSecretArgs, RotationArgs
from components.security.service_role import ServiceRole, ServiceRoleArgs
from tests.contracts import given
from tests.contracts.examples_compute import function

Options = pulumi.ResourceOptions | None


def _kms_key(name: str, opts: Options) -> KmsKey:
    args = KmsKeyArgs(alias="example", description="Example", account_id=given.ACCOUNT, region=given.REGION)
    return KmsKey(name, args, opts)


def _managed_secret(name: str, opts: Options) -> ManagedSecret:
    rotation = RotationArgs(function=function("rotation", None), every_days=30)
    args = ManagedSecretArgs(description="Example", kms_key_arn=given.KEY_ARN, rotation=rotation)
    return ManagedSecret(name, args, opts)


def _service_role(name: str, opts: Options) -> ServiceRole:
    args = ServiceRoleArgs(service="lambda.amazonaws.com", description="Example")
    return ServiceRole(name, args, opts)


EXAMPLES: dict[str, Any] = {
    "KmsKey": _kms_key,
    "ManagedSecret": _managed_secret,
    "ServiceRole": _service_role,
}
