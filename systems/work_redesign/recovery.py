"""What of Work Redesign is backed up in a vault, and what the monthly drill restores."""

from components.messaging.alert_topics import AlertTopics
from components.recovery.backups import BackupPlan
from components.recovery.restore_tests import RestoreTest
from components.security.kms_key import KmsKey
from settings.work_redesign import WorkRedesignSettings
from systems.recovery import build_vault
from systems.scope import Scope
from systems.work_redesign.data import Data


def build_recovery(
    scope: Scope, settings: WorkRedesignSettings, *, key: KmsKey, data: Data, topics: AlertTopics
) -> BackupPlan:
    return build_vault(
        scope,
        settings,
        settings.recovery,
        title="Work Redesign",
        key=key,
        topics=topics,
        arns=[data.database.arn, data.uploads.bucket_arn],
        tests={
            "database": RestoreTest(
                resource_type="RDS",
                resources=[data.database.arn],
                # Without it the copy goes to the default VPC, which is empty or not there.
                metadata={"dbSubnetGroupName": data.database.primary.db_subnet_group_name},
            ),
            "uploads": RestoreTest(resource_type="S3", resources=[data.uploads.bucket_arn]),
        },
    )
