"""What of Currency Travel is backed up in a vault, and what the monthly drill restores."""

from components.messaging.alert_topics import AlertTopics
from components.recovery.backups import BackupPlan
from components.recovery.restore_tests import RestoreTest
from components.security.kms_key import KmsKey
from settings.currency_travel import CurrencyTravelSettings
from systems.currency_travel.data import Data
from systems.recovery import build_vault
from systems.scope import Scope


def build_recovery(
    scope: Scope, settings: CurrencyTravelSettings, *, key: KmsKey, data: Data, topics: AlertTopics
) -> BackupPlan:
    tables = [table.table_arn for table in data.tables.values()]
    return build_vault(
        scope,
        settings,
        settings.recovery,
        title="Currency Travel",
        key=key,
        topics=topics,
        arns=[data.database.arn, data.backups.bucket_arn, *tables],
        tests={
            "database": RestoreTest(
                resource_type="Aurora",
                resources=[data.database.arn],
                # Without it the copy goes to the default VPC, which is empty or not there.
                metadata={"dbSubnetGroupName": data.database.cluster.db_subnet_group_name},
            ),
            "tables": RestoreTest(resource_type="DynamoDB", resources=tables),
            "raw_rates": RestoreTest(resource_type="S3", resources=[data.backups.bucket_arn]),
        },
    )
