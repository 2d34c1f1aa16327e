"""What a primary and its replicas, here and in another region, have in common."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch, rds

from components.data import rds_instance_plan, rds_plan
from components.data.rds_instance_plan import RdsEngine
from components.data.rds_plan import InsightsMode
from components.observability.log_group import log_group


@dataclass(frozen=True, kw_only=True)
class InstanceShape:
    """Settings that a copy takes over from its source."""

    engine: RdsEngine
    max_allocated_storage_gb: int | None
    port: int
    maintenance_window: str
    insights_mode: InsightsMode
    monitoring_role_arn: pulumi.Output[str]

    def instance(
        self,
        *,
        instance_class: str,
        identifier: str,
        kms_key_arn: pulumi.Input[str],
        log_kinds: list[str],
    ) -> rds.InstanceArgs:
        """Arguments of an instance without what makes it a primary or a copy."""
        given = rds.InstanceArgs(
            instance_class=instance_class,
            identifier=identifier,
            storage_type="gp3",
            storage_encrypted=True,
            # Zero turns autoscaling off.
            max_allocated_storage=self.max_allocated_storage_gb or 0,
            port=self.port,
            publicly_accessible=False,
            iam_database_authentication_enabled=True,
            auto_minor_version_upgrade=True,
            copy_tags_to_snapshot=True,
            ca_cert_identifier=rds_plan.CA_CERTIFICATE,
            maintenance_window=self.maintenance_window,
            monitoring_interval=rds_plan.MONITORING_INTERVAL_SECONDS,
            monitoring_role_arn=self.monitoring_role_arn,
            enabled_cloudwatch_logs_exports=log_kinds,
        )
        if rds_instance_plan.has_insights(self.engine, instance_class):
            given.database_insights_mode = self.insights_mode
            given.performance_insights_enabled = True
            given.performance_insights_kms_key_id = kms_key_arn
            given.performance_insights_retention_period = rds_plan.INSIGHTS_RETENTION_DAYS[self.insights_mode]
        return given


def log_groups(
    parent: pulumi.Resource,
    name: str,
    *,
    engine: RdsEngine,
    identifier: str,
    retention_days: int,
    kms_key_arn: pulumi.Input[str],
    region: str | None = None,
) -> dict[str, cloudwatch.LogGroup]:
    """One group for each exported log of an instance, under the name RDS will look for."""
    return {
        kind: log_group(
            parent,
            f"{name}-{kind}",
            retention_days=retention_days,
            kms_key_arn=kms_key_arn,
            physical_name=f"/aws/rds/instance/{identifier}/{kind}",
            region=region,
        )
        for kind in rds_instance_plan.TRAITS[engine].log_exports
    }
