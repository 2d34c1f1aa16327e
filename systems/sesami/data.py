"""Sesami's database."""

from components.data.rds_instance import RdsInstance
from components.data.rds_instance_args import RdsInstanceArgs
from components.network.vpc import Vpc
from components.security.kms_key import KmsKey
from settings.sesami import SesamiSettings
from systems.scope import Scope

DATABASE_NAME = "sesami"
MASTER_USERNAME = "sesami_admin"


def build_database(scope: Scope, settings: SesamiSettings, vpc: Vpc, key: KmsKey) -> RdsInstance:
    wanted = settings.database
    return RdsInstance(
        f"{scope.name}-database",
        RdsInstanceArgs(
            engine="postgres",
            engine_version=wanted.engine_version,
            identifier=scope.physical_name,
            database_name=DATABASE_NAME,
            master_username=MASTER_USERNAME,
            instance_class=wanted.instance_class,
            allocated_storage_gb=wanted.allocated_storage_gb,
            max_allocated_storage_gb=wanted.max_allocated_storage_gb,
            multi_az=wanted.multi_az,
            vpc_id=vpc.vpc_id,
            subnet_ids=vpc.database_subnet_ids,
            availability_zones=vpc.zones,
            kms_key_arn=key.key_arn,
            log_retention_days=settings.log_retention_days,
            source_account=scope.stack.account_id,
            backup_retention_days=wanted.backup_retention_days,
            backup_window=wanted.backup_window,
            maintenance_window=wanted.maintenance_window,
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    )
