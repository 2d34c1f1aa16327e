"""PetClinic's backups in a vault, their copies, the monthly drill, and the times computed for a failure."""

from collections.abc import Mapping, Sequence
from typing import Any

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
from settings import recovery_plan
from settings.petclinic import NoSecondRegion, PetClinicSettings
from settings.recovery_plan import Failure
from systems.petclinic.data import Data
from systems.petclinic.second import Ground, Second
from systems.scope import Scope

DAILY = "cron(0 18 * * ? *)"
"""03:00 in Seoul, clear of RDS's own backup at 03:00 UTC."""

FAILURES: tuple[Failure, ...] = ("zone", "damage", "region")


def build_recovery(
    scope: Scope,
    settings: PetClinicSettings,
    *,
    key: KmsKey,
    data: Data,
    topics: AlertTopics,
    ground: Ground | None,
    table_arns: Sequence[pulumi.Input[str]],
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
                    arns=[data.database.arn, data.buckets["pictures"].bucket_arn, *table_arns]
                ),
            },
            lock=_lock(wanted.lock),
            copies=_copies(scope, settings, wanted.copies, ground),
            includes_buckets=True,
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    )
    if wanted.restore_test:
        _build_drill(scope, data, plan)
    _build_notices(scope, topics, plan)
    return plan


def recovery_exports(
    settings: PetClinicSettings,
    *,
    key: KmsKey,
    data: Data,
    second: Second | None,
    record: Mapping[str, Any],
) -> dict[str, Any]:
    """What ``ops drill`` promotes, looks at, and comes back to."""
    found: dict[str, Any] = {
        "times": computed_times(settings),
        "database": {
            "identifier": data.database.identifier,
            "subnetGroup": data.database.subnet_group_name,
            "securityGroupId": data.database.security_group_id,
            "kmsKeyArn": key.key_arn,
            "multiAz": settings.database.multi_az,
        },
        "buckets": {each: bucket.bucket_name for each, bucket in data.buckets.items()},
        "dns": {
            "zoneId": settings.domain.zone_id,
            "hostname": settings.domain.hostname,
            "primaryHostname": settings.domain.primary_hostname,
            "intervalSeconds": settings.failover.interval_seconds,
            "failures": settings.failover.failures,
            **record,
        },
        "secondRegion": None,
    }
    if second is not None:
        ground = second.ground
        found["secondRegion"] = {
            "region": ground.scope.stack.region,
            "hostname": settings.domain.secondary_hostname,
            "replicaIdentifier": second.replica.identifier,
            "replicaArn": second.replica.arn,
            "autoScalingGroup": second.hosts.group_name,
            "capacity": {
                "min": settings.hosts.min_instances,
                "max": settings.hosts.max_instances,
                "desired": settings.hosts.min_instances,
            },
            "targetGroupArn": ground.load_balancer.target_group_arns["web"],
            "loadBalancerDnsName": ground.load_balancer.dns_name,
            "sessionsEndpoint": ground.sessions.endpoint,
            "buckets": {each: bucket.bucket_name for each, bucket in ground.buckets.items()},
        }
    return found


def computed_times(settings: PetClinicSettings) -> dict[str, dict[str, float | None]]:
    """Minutes until the system serves again, and minutes of writes that are gone, for each failure. The loss
    of the region also takes until the health check has seen it."""
    pace = settings.recovery.pace.pace()
    found: dict[str, dict[str, float | None]] = {}
    for failure in FAILURES:
        rto, rpo = recovery_plan.worst([settings.store()], pace, failure)
        seen = settings.failover.detection_minutes if failure == "region" and has_second(settings) else 0.0
        found[failure] = {"rtoMinutes": None if rto is None else rto + seen, "rpoMinutes": rpo}
    return found


def has_second(settings: PetClinicSettings) -> bool:
    return not isinstance(settings.second_region, NoSecondRegion)


def _build_drill(scope: Scope, data: Data, plan: BackupPlan) -> RestoreTestingPlan:
    return RestoreTestingPlan(
        f"{scope.name}-drill",
        RestoreTestingPlanArgs(
            plan_name=scope.physical_name.replace("-", "_"),
            account_id=scope.stack.account_id,
            vault_arns=[plan.vault_arn],
            tests={
                "database": RestoreTest(
                    resource_type="RDS",
                    resources=[data.database.arn],
                    # Without it the copy goes to the default VPC, which is empty or not there.
                    metadata={"dbSubnetGroupName": data.database.primary.db_subnet_group_name},
                ),
                "pictures": RestoreTest(resource_type="S3", resources=[data.buckets["pictures"].bucket_arn]),
            },
        ),
        scope.opts,
    )


def _build_notices(scope: Scope, topics: AlertTopics, plan: BackupPlan) -> EventNotices:
    """A backup or a restore that failed is a warning; a restore that passed is good to know."""

    def jobs(kind: list[str], detail: dict[str, object]) -> dict[str, object]:
        return {"source": ["aws.backup"], "detail-type": kind, "detail": detail}

    restores = ["Restore Job State Change"]
    return EventNotices(
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
                    pattern=jobs(restores, {"status": ["ABORTED", "FAILED"]}),
                    topic_arn=topics.arns["warning"],
                ),
                "restore-done": Notice(
                    description="A restore is done",
                    pattern=jobs(restores, {"status": ["COMPLETED"]}),
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
    scope: Scope, settings: PetClinicSettings, wanted: choices.Copies, ground: Ground | None
) -> NoCopy | CrossRegionCopy:
    match wanted:
        case choices.NoCopies():
            return NoCopy()
        case choices.RegionCopies(region=region, keep_days=days):
            if ground is not None and ground.scope.stack.region == region:
                key_arn = ground.key.key_arn
            else:
                key_arn = KmsKey(
                    f"{scope.name}-copies-key",
                    KmsKeyArgs(
                        alias=f"{scope.physical_name}-copies",
                        description="PetClinic: copies of the backups",
                        account_id=scope.stack.account_id,
                        region=region,
                        deletion_protection=settings.deletion_protection,
                    ),
                    scope.opts,
                ).key_arn
            return CrossRegionCopy(region=region, kms_key_arn=key_arn, delete_after_days=days)
