"""What of PetClinic is backed up and restored in the drill, and the times computed for a failure."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from components.messaging.alert_topics import AlertTopics
from components.recovery.backups import BackupPlan
from components.recovery.restore_tests import RestoreTest
from components.security.kms_key import KmsKey
from settings import recovery_plan
from settings.petclinic import NoSecondRegion, PetClinicSettings
from settings.recovery_plan import Failure
from systems.petclinic.data import Data
from systems.petclinic.second import Ground, Second
from systems.recovery import build_vault
from systems.scope import Scope

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
    return build_vault(
        scope,
        settings,
        settings.recovery,
        title="PetClinic",
        key=key,
        topics=topics,
        arns=[data.database.arn, data.buckets["pictures"].bucket_arn, *table_arns],
        tests={
            "database": RestoreTest(
                resource_type="RDS",
                resources=[data.database.arn],
                # Without it the copy goes to the default VPC, which is empty or not there.
                metadata={"dbSubnetGroupName": data.database.primary.db_subnet_group_name},
            ),
            "pictures": RestoreTest(resource_type="S3", resources=[data.buckets["pictures"].bucket_arn]),
        },
        copy_keys={ground.scope.stack.region: ground.key.key_arn} if ground is not None else {},
    )


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
