"""Currency Travel's backups in a vault, their copies, and the monthly drill."""

from components.messaging.alert_topics import AlertTopics
from components.messaging.event_notices import EventNotices, EventNoticesArgs, Notice
from components.recovery.backup_rules_plan import (
    BackupRule,
    ComplianceLock,
    GovernanceLock,
    NoLock,
    VaultLock,
)
from components.recovery.backups import ArnSelection, BackupPlan, BackupPlanArgs, CrossRegionCopy, NoCopy
from components.recovery.restore_tests import RestoreTest, RestoreTestingPlan, RestoreTestingPlanArgs
from components.security.kms_key import KmsKey, KmsKeyArgs
from settings import recovery as choices
from settings.currency_travel import CurrencyTravelSettings
from systems.currency_travel.data import Data
from systems.scope import Scope

DAILY = "cron(0 18 * * ? *)"
"""03:00 in Seoul, clear of Aurora's own backup at 17:00 UTC."""


def build_recovery(
    scope: Scope, settings: CurrencyTravelSettings, *, key: KmsKey, data: Data, topics: AlertTopics
) -> BackupPlan:
    wanted = settings.recovery
    plan = BackupPlan(
        f"{scope.name}-backup",
        BackupPlanArgs(
            account_id=scope.stack.account_id,
            kms_key_arn=key.key_arn,
            rules=[BackupRule(name="daily", schedule=DAILY, delete_after_days=wanted.keep_days)],
            selections={
                "data": ArnSelection(
                    arns=[
                        data.database.arn,
                        data.backups.bucket_arn,
                        *(table.table_arn for table in data.tables.values()),
                    ]
                )
            },
            lock=_lock(wanted.lock),
            copies=_copies(scope, settings, wanted.copies),
            includes_buckets=True,
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    )
    if wanted.restore_test:
        _build_drill(scope, data, plan)
    _build_notices(scope, topics, plan)
    return plan


def _build_drill(scope: Scope, data: Data, plan: BackupPlan) -> RestoreTestingPlan:
    return RestoreTestingPlan(
        f"{scope.name}-drill",
        RestoreTestingPlanArgs(
            plan_name=scope.physical_name.replace("-", "_"),
            account_id=scope.stack.account_id,
            vault_arns=[plan.vault_arn],
            tests={
                "database": RestoreTest(
                    resource_type="Aurora",
                    resources=[data.database.arn],
                    # Without it the copy goes to the default VPC, which is empty or not there.
                    metadata={"dbSubnetGroupName": data.database.cluster.db_subnet_group_name},
                ),
                "tables": RestoreTest(
                    resource_type="DynamoDB",
                    resources=[table.table_arn for table in data.tables.values()],
                ),
                "raw_rates": RestoreTest(resource_type="S3", resources=[data.backups.bucket_arn]),
            },
        ),
        scope.opts,
    )


def _build_notices(scope: Scope, topics: AlertTopics, plan: BackupPlan) -> EventNotices:
    """A backup or a drill that failed is a warning; a drill that passed is good to know."""
    return EventNotices(
        f"{scope.name}-backup-notices",
        EventNoticesArgs(
            notices={
                "backup-failed": Notice(
                    description="A backup has failed",
                    pattern={
                        "source": ["aws.backup"],
                        "detail-type": ["Backup Job State Change", "Copy Job State Change"],
                        "detail": {
                            "state": ["ABORTED", "EXPIRED", "FAILED"],
                            "backupVaultArn": [plan.vault_arn],
                        },
                    },
                    topic_arn=topics.arns["warning"],
                ),
                "restore-failed": Notice(
                    description="A restore has failed",
                    pattern={
                        "source": ["aws.backup"],
                        "detail-type": ["Restore Job State Change"],
                        "detail": {"status": ["ABORTED", "FAILED"]},
                    },
                    topic_arn=topics.arns["warning"],
                ),
                "restore-done": Notice(
                    description="A restore is done",
                    pattern={
                        "source": ["aws.backup"],
                        "detail-type": ["Restore Job State Change"],
                        "detail": {"status": ["COMPLETED"]},
                    },
                    topic_arn=topics.arns["info"],
                ),
            }
        ),
        scope.opts,
    )


def _lock(wanted: choices.Lock) -> VaultLock:
    match wanted:
        case choices.NoLock():
            return NoLock()
        case choices.GovernanceLock(min_keep_days=days):
            return GovernanceLock(min_retention_days=days)
        case choices.ComplianceLock(min_keep_days=days, grace_days=grace):
            return ComplianceLock(min_retention_days=days, changeable_for_days=grace)


def _copies(
    scope: Scope, settings: CurrencyTravelSettings, wanted: choices.Copies
) -> NoCopy | CrossRegionCopy:
    match wanted:
        case choices.NoCopies():
            return NoCopy()
        case choices.RegionCopies(region=region, keep_days=days):
            key = KmsKey(
                f"{scope.name}-copies-key",
                KmsKeyArgs(
                    alias=f"{scope.physical_name}-copies",
                    description="Currency Travel: copies of the backups",
                    account_id=scope.stack.account_id,
                    region=region,
                    deletion_protection=settings.deletion_protection,
                ),
                scope.opts,
            )
            return CrossRegionCopy(region=region, kms_key_arn=key.key_arn, delete_after_days=days)
