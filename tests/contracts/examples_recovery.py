"""The least that each component of the group needs."""

from typing import Any

import pulumi

from components.recovery.backup_vault import BackupVault, BackupVaultArgs
from components.recovery.backups import BackupPlan, BackupPlanArgs, BackupRule, TagSelection
from components.recovery.restore_tests import RestoreTest, RestoreTestingPlan, RestoreTestingPlanArgs
from tests.contracts import examples_hosts as hosts
from tests.contracts import given

Options = pulumi.ResourceOptions | None

_TAG = TagSelection(value="example")


def _plan(name: str, opts: Options) -> BackupPlan:
    args = BackupPlanArgs(
        account_id=given.ACCOUNT,
        kms_key_arn=given.KEY_ARN,
        rules=[BackupRule(name="daily", schedule="cron(0 18 * * ? *)", delete_after_days=7)],
        selections={"tagged": _TAG},
    )
    return BackupPlan(name, args, opts)


def _restore_testing_plan(name: str, opts: Options) -> RestoreTestingPlan:
    args = RestoreTestingPlanArgs(
        plan_name="example",
        account_id=given.ACCOUNT,
        vault_arns=[f"arn:aws:backup:{given.REGION}:{given.ACCOUNT}:backup-vault:example"],
        tests={"database": RestoreTest(resource_type="RDS", resources=_TAG)},
    )
    return RestoreTestingPlan(name, args, opts)


def _vault(name: str, opts: Options) -> BackupVault:
    return BackupVault(name, BackupVaultArgs(kms_key_arn=given.KEY_ARN), opts)


EXAMPLES: dict[str, Any] = {
    "BucketReplication": hosts.bucket_replication,
    "RegionTier": hosts.region_tier,
    "BackupPlan": _plan,
    "BackupVault": _vault,
    "RestoreTestingPlan": _restore_testing_plan,
}
