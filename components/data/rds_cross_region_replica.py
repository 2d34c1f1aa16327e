"""A read replica in another region, to be promoted when the first one is lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_aws import cloudwatch, rds

from components import protection
from components.data import rds_instance_plan, rds_plan
from components.data.rds_instance import RdsInstance
from components.data.rds_instance_shape import log_groups


@dataclass(frozen=True, kw_only=True)
class RdsCrossRegionReplicaArgs:
    """``subnet_ids``, ``security_group_ids`` and the keys are of ``region``."""

    source: RdsInstance
    """With a master that was handed over: RDS copies no other."""
    source_engine_version: str
    """Names the parameter group; the replica runs what the source runs."""
    region: str
    identifier: str
    instance_class: str
    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_ids: Sequence[pulumi.Input[str]]
    kms_key_arn: pulumi.Input[str]
    """Encrypts the storage, the insights and the logs. A key never leaves its region, so this is another."""
    log_retention_days: int = 30
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    """As at the source: a parameter group stays in its region."""
    multi_az: bool = False
    """A standby for the copy; a promotion may turn it on later."""
    backup_retention_days: int = 7
    """Backups of its own, so that a promoted copy can be restored from the first minute."""
    deletion_protection: bool = True

    def __post_init__(self) -> None:
        rds_plan.check_identifier("identifier", self.identifier)
        rds_instance_plan.memory_gib(self.instance_class)
        rds_plan.check_backup_retention(
            self.backup_retention_days, deletion_protection=self.deletion_protection
        )
        if self.source.master is None:
            raise ValueError(
                "source: got an instance whose master secret RDS manages, of which it creates no replica: "
                "give that instance master=HandedOverMaster(...)"
            )
        if not self.security_group_ids:
            raise ValueError("security_group_ids: got none; the region's default group would apply: give one")


class RdsCrossRegionReplica(pulumi.ComponentResource):
    """An asynchronous copy with TLS forced, its own key, its own backups and its own logs.

    Promotion is left out: it is a decision of people, and after it the copy is no replica (the runbook of the
    system has the steps). The security group is the caller's, who knows who may connect there.
    """

    endpoint: pulumi.Output[str]
    port: int
    arn: pulumi.Output[str]
    identifier: str
    region: str
    resource_id: pulumi.Output[str]
    replica: rds.Instance
    log_groups: dict[str, cloudwatch.LogGroup]

    def __init__(
        self, name: str, args: RdsCrossRegionReplicaArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("platform:data:RdsCrossRegionReplica", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self.log_groups = log_groups(
            self,
            name,
            engine=args.source.engine,
            identifier=args.identifier,
            retention_days=args.log_retention_days,
            kms_key_arn=args.kms_key_arn,
            region=args.region,
        )
        self.replica = self._build_replica(self._build_subnet_group(), self._build_parameter_group())
        self.endpoint = self.replica.address
        self.port = args.source.port
        self.arn = self.replica.arn
        self.identifier = args.identifier
        self.region = args.region
        self.resource_id = self.replica.resource_id
        self.register_outputs(
            {
                "endpoint": self.endpoint,
                "port": self.port,
                "arn": self.arn,
                "identifier": self.identifier,
                "region": self.region,
                "resourceId": self.resource_id,
            }
        )

    def _build_subnet_group(self) -> rds.SubnetGroup:
        return rds.SubnetGroup(
            f"{self._name}-subnets",
            region=self._args.region,
            subnet_ids=self._args.subnet_ids,
            description=f"Private subnets of {self._args.identifier}",
            opts=self._child,
        )

    def _build_parameter_group(self) -> rds.ParameterGroup:
        args = self._args
        family = rds_instance_plan.parameter_family(args.source.engine, args.source_engine_version)
        return rds.ParameterGroup(
            f"{self._name}-{family.replace('.', '-')}",
            region=args.region,
            family=family,
            description=f"TLS and logging of {args.identifier}",
            parameters=[
                rds.ParameterGroupParameterArgs(
                    name=each.name, value=each.value, apply_method=each.apply_method
                )
                for each in rds_instance_plan.parameters(args.source.engine, args.parameters)
            ],
            opts=self._child,
        )

    def _build_replica(
        self, subnet_group: rds.SubnetGroup, parameter_group: rds.ParameterGroup
    ) -> rds.Instance:
        args = self._args
        given = args.source.shape.instance(
            instance_class=args.instance_class,
            identifier=args.identifier,
            kms_key_arn=args.kms_key_arn,
            log_kinds=list(self.log_groups),
        )
        given.region = args.region
        given.replicate_source_db = args.source.arn
        given.kms_key_id = args.kms_key_arn
        given.multi_az = args.multi_az
        given.db_subnet_group_name = subnet_group.name
        given.parameter_group_name = parameter_group.name
        given.vpc_security_group_ids = list(args.security_group_ids)
        given.backup_retention_period = args.backup_retention_days
        given.deletion_protection = args.deletion_protection
        given.delete_automated_backups = not args.deletion_protection
        # RDS takes no final snapshot of a replica.
        given.skip_final_snapshot = True
        after: list[pulumi.Resource] = [*self.log_groups.values()]
        if args.source.master:
            after.append(args.source.master.handover)
        return rds.Instance(
            f"{self._name}-replica",
            given,
            opts=protection.stateful(
                self, protected=args.deletion_protection, delete_before_replace=True, depends_on=after
            ),
        )
