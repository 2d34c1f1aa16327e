"""A system's backups in a vault, their copies, the monthly drill, and who hears of a failure."""

from collections.abc import Mapping, Sequence

import pulumi

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
from settings.stack import SystemSettings
from systems.scope import Scope

DAILY = "cron(0 18 * * ? *)"
"""03:00 in Seoul, clear of the databases' own backups (RDS at 03:00 UTC, Aurora at 17:00 UTC)."""

RESTORES = ("Restore Job State Change",)


def build_vault(
    scope: Scope,
    settings: SystemSettings,
    wanted: choices.Recovery,
    *,
    title: str,
    key: KmsKey,
    topics: AlertTopics,
    arns: Sequence[pulumi.Input[str]],
    tests: Mapping[str, RestoreTest],
    copy_keys: Mapping[str, pulumi.Input[str]] | None = None,
) -> BackupPlan:
    """Back ``arns`` up every day and, where ``wanted`` says so, restore ``tests`` every month.

    ``copy_keys`` are the keys of regions that have one already; for copies to another one is made.
    """
    plan = BackupPlan(
        f"{scope.name}-backup",
        BackupPlanArgs(
            account_id=scope.stack.account_id,
            kms_key_arn=key.key_arn,
            rules=[BackupRule(name="daily", schedule=DAILY, delete_after_days=wanted.keep_days)],
            selections={"data": ArnSelection(arns=arns)},
            lock=_lock(wanted.lock),
            copies=_copies(scope, settings, wanted.copies, title, copy_keys or {}),
            includes_buckets=True,
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    )
    if wanted.restore_test:
        RestoreTestingPlan(
            f"{scope.name}-drill",
            RestoreTestingPlanArgs(
                plan_name=scope.physical_name.replace("-", "_"),
                account_id=scope.stack.account_id,
                vault_arns=[plan.vault_arn],
                tests=tests,
            ),
            scope.opts,
        )
    _build_notices(scope, topics, plan)
    return plan


def _build_notices(scope: Scope, topics: AlertTopics, plan: BackupPlan) -> None:
    """A backup or a restore that failed is a warning; a restore that passed is good to know."""

    def jobs(kind: Sequence[str], detail: dict[str, object]) -> dict[str, object]:
        return {"source": ["aws.backup"], "detail-type": [*kind], "detail": detail}

    EventNotices(
        f"{scope.name}-backup-notices",
        EventNoticesArgs(
            notices={
                "backup-failed": Notice(
                    description="A backup has failed",
                    pattern=jobs(
                        ["Backup Job State Change", "Copy Job State Change"],
                        {"state": ["ABORTED", "EXPIRED", "FAILED"], "backupVaultArn": [plan.vault_arn]},
                    ),
                    topic_arn=topics.arns["warning"],
                ),
                "restore-failed": Notice(
                    description="A restore has failed",
                    pattern=jobs(RESTORES, {"status": ["ABORTED", "FAILED"]}),
                    topic_arn=topics.arns["warning"],
                ),
                "restore-done": Notice(
                    description="A restore is done",
                    pattern=jobs(RESTORES, {"status": ["COMPLETED"]}),
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
    scope: Scope,
    settings: SystemSettings,
    wanted: choices.Copies,
    title: str,
    keys: Mapping[str, pulumi.Input[str]],
) -> NoCopy | CrossRegionCopy:
    match wanted:
        case choices.NoCopies():
            return NoCopy()
        case choices.RegionCopies(region=region, keep_days=days):
            key_arn = keys[region] if region in keys else _build_copies_key(scope, settings, title, region)
            return CrossRegionCopy(region=region, kms_key_arn=key_arn, delete_after_days=days)


def _build_copies_key(scope: Scope, settings: SystemSettings, title: str, region: str) -> pulumi.Input[str]:
    return KmsKey(
        f"{scope.name}-copies-key",
        KmsKeyArgs(
            alias=f"{scope.physical_name}-copies",
            description=f"{title}: copies of the backups",
            account_id=scope.stack.account_id,
            region=region,
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    ).key_arn
