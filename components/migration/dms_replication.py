"""A replication that copies a PostgreSQL database and then keeps up with it, until somebody switches over."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch, dms

from components.migration.dms_endpoint import PostgresEndpoint
from components.migration.replication_plan import (
    check_capacity,
    check_name,
    log_group_name,
    replication_settings,
    table_mappings,
)
from components.network.security_group import Rule, SecurityGroup, SecurityGroupArgs
from components.observability.log_group import log_group


@dataclass(frozen=True, kw_only=True)
class DmsReplicationArgs:
    """``subnet_ids`` are private, in two zones. ``egress`` opens the way to the source and to AWS.

    ``kms_key_arn`` encrypts the replication's disks and its log: its policy must admit ``logs``.
    """

    replication_name: str
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    source: PostgresEndpoint
    target: PostgresEndpoint
    schemas: Sequence[str]
    kms_key_arn: pulumi.Input[str]
    log_retention_days: int
    min_capacity_units: int = 1
    max_capacity_units: int = 8
    multi_az: bool = True
    """A standby that goes on with the changes when a zone is lost."""
    maintenance_window: str = "mon:17:00-mon:18:00"
    """UTC: Tuesday, 02:00 in Seoul."""
    egress: Sequence[Rule] = ()

    def __post_init__(self) -> None:
        check_name(self.replication_name)
        check_capacity(self.min_capacity_units, self.max_capacity_units)
        if len(self.subnet_ids) < 2:
            raise ValueError(f"subnet_ids: got {len(self.subnet_ids)}; DMS wants subnets in two zones")


class DmsReplication(pulumi.ComponentResource):
    """A serverless replication: full load, changes, and a comparison of every row; nothing that starts it.

    A start is an event, not a resource: it is the operator's, after the schema is there. Premigration
    assessments are left out: they want a bucket, and ``ops migrate plan`` looks at the same things.
    """

    security_group: SecurityGroup
    log_group: cloudwatch.LogGroup
    log_group_name: pulumi.Output[str]
    config: dms.ReplicationConfig
    config_arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: DmsReplicationArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("platform:migration:DmsReplication", name, None, opts)
        self._name = name
        self._args = args
        self.security_group = SecurityGroup(
            f"{name}-sg",
            SecurityGroupArgs(
                vpc_id=args.vpc_id, description="Replication of a database", egress=list(args.egress)
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.log_group = log_group(
            self,
            f"{name}-logs",
            retention_days=args.log_retention_days,
            kms_key_arn=args.kms_key_arn,
            # DMS writes here, and would make the group itself, without an end or our key.
            physical_name=log_group_name(args.replication_name),
        )
        self.config = self._build_config(self._build_subnet_group())
        self.config_arn = self.config.arn
        self.log_group_name = self.log_group.name
        self.register_outputs({"configArn": self.config_arn, "logGroupName": self.log_group_name})

    def _build_subnet_group(self) -> dms.ReplicationSubnetGroup:
        return dms.ReplicationSubnetGroup(
            f"{self._name}-subnets",
            replication_subnet_group_id=self._args.replication_name,
            replication_subnet_group_description="Private subnets of the replication",
            subnet_ids=list(self._args.subnet_ids),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_config(self, subnets: dms.ReplicationSubnetGroup) -> dms.ReplicationConfig:
        args = self._args
        return dms.ReplicationConfig(
            f"{self._name}-config",
            replication_config_identifier=args.replication_name,
            # The end of the ARN, and so of the log group's name, known beforehand.
            resource_identifier=args.replication_name,
            replication_type="full-load-and-cdc",
            source_endpoint_arn=args.source.endpoint_arn,
            target_endpoint_arn=args.target.endpoint_arn,
            table_mappings=table_mappings(args.schemas),
            replication_settings=replication_settings(),
            start_replication=False,
            compute_config=dms.ReplicationConfigComputeConfigArgs(
                replication_subnet_group_id=subnets.replication_subnet_group_id,
                vpc_security_group_ids=[self.security_group.security_group_id],
                kms_key_id=args.kms_key_arn,
                min_capacity_units=args.min_capacity_units,
                max_capacity_units=args.max_capacity_units,
                multi_az=args.multi_az,
                preferred_maintenance_window=args.maintenance_window,
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.log_group]),
        )
