"""The least that each component of the group needs."""

from typing import Any

import pulumi

from components.edge.bucket import KmsEncryption, PrivateBucket, PrivateBucketArgs
from components.security.account_baseline import AccountBaseline, AccountBaselineArgs
from components.security.account_baseline_config import ConfigRecorder, ConfigRecorderArgs
from components.security.account_baseline_detection import ThreatDetection, ThreatDetectionArgs
from components.security.account_baseline_plan import CONFIG_RULES
from components.security.account_baseline_trail import AccountTrail, AccountTrailArgs
from components.security.kms_key import KmsKey, KmsKeyArgs
from components.security.managed_secret import ManagedSecret, ManagedSecretArgs, RotationArgs
from components.security.owner_secret import OwnerSecret, OwnerSecretArgs
from components.security.parameters import Parameters, ParametersArgs
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


def _owner_secret(name: str, opts: Options) -> OwnerSecret:
    return OwnerSecret(name, OwnerSecretArgs(description="Example", kms_key_arn=given.KEY_ARN), opts)


def _baseline(name: str, opts: Options) -> AccountBaseline:
    args = AccountBaselineArgs(
        account_id=given.ACCOUNT,
        region=given.REGION,
        trail_name="example",
        kms_key_arn=given.KEY_ARN,
        finding_topic_arn=given.TOPIC_ARN,
        log_retention_days=30,
    )
    return AccountBaseline(name, args, opts)


def _records(name: str) -> PrivateBucket:
    return PrivateBucket(
        name, PrivateBucketArgs(encryption=KmsEncryption(given.KEY_ARN), policy_follows=True)
    )


def _trail(name: str, opts: Options) -> AccountTrail:
    bucket = _records("records")
    args = AccountTrailArgs(
        trail_name="example",
        account_id=given.ACCOUNT,
        bucket=bucket,
        bucket_policy=bucket.attach_policy(),
        kms_key_arn=given.KEY_ARN,
        log_retention_days=30,
    )
    return AccountTrail(name, args, opts)


def _config(name: str, opts: Options) -> ConfigRecorder:
    bucket = _records("records")
    args = ConfigRecorderArgs(
        bucket=bucket, bucket_policy=bucket.attach_policy(), kms_key_arn=given.KEY_ARN, rules=CONFIG_RULES
    )
    return ConfigRecorder(name, args, opts)


def _detection(name: str, opts: Options) -> ThreatDetection:
    args = ThreatDetectionArgs(region=given.REGION, finding_topic_arn=given.TOPIC_ARN)
    return ThreatDetection(name, args, opts)


def _parameters(name: str, opts: Options) -> Parameters:
    args = ParametersArgs(prefix="/example", secrets={"key": "Example"}, kms_key_arn=given.KEY_ARN)
    return Parameters(name, args, opts)


EXAMPLES: dict[str, Any] = {
    "AccountBaseline": _baseline,
    "AccountTrail": _trail,
    "ConfigRecorder": _config,
    "OwnerSecret": _owner_secret,
    "ThreatDetection": _detection,
    "KmsKey": _kms_key,
    "Parameters": _parameters,
    "ManagedSecret": _managed_secret,
    "ServiceRole": _service_role,
}
