"""An RDS for PostgreSQL or MySQL instance and its read replicas."""

import pulumi
from pulumi_aws import cloudwatch, rds

from components import protection, runtime_owned
from components.data import rds_instance_plan, rds_plan
from components.data.rds_instance_args import HandedOverMaster, RdsInstanceArgs, RdsManagedMaster
from components.data.rds_instance_plan import TRAITS, RdsEngine, ReplicaPlacement
from components.data.rds_instance_shape import InstanceShape, log_groups
from components.data.rds_master import RdsMaster, RdsMasterArgs
from components.network.security_group import SecurityGroup, SecurityGroupArgs
from components.protocols import HasSecurityGroup
from components.security.service_role import ServiceRole, ServiceRoleArgs

__all__ = ["HandedOverMaster", "RdsInstance", "RdsInstanceArgs", "RdsManagedMaster"]


class RdsInstance(pulumi.ComponentResource):
    """A database that accepts TLS alone, from named security groups alone.

    Applications log in by IAM token; the master is for migrations. The final snapshot has a fixed name, so
    a second deletion under the same identifier stops until the first snapshot is renamed or removed: it is
    never overwritten. ``RdsCrossRegionReplica`` is the copy elsewhere.

    Left out: the zone of the primary (a failover moves it, and naming it would then replace it); provisioned
    IOPS (gp3's base is above what the systems ask for); MySQL's audit log (a plugin in an option group);
    major version upgrades (a plan of their own, on a copy or by blue/green deployment).
    """

    endpoint: pulumi.Output[str]
    """Host name of the primary, which follows a failover."""
    replica_endpoints: dict[str, pulumi.Output[str]]
    """Host names by ``replica-1``…"""
    port: int
    arn: pulumi.Output[str]
    identifier: str
    resource_id: pulumi.Output[str]
    """``db-...``: what IAM names in ``rds-db:connect``."""
    replica_resource_ids: dict[str, pulumi.Output[str]]
    master_secret_arn: pulumi.Output[str]
    master: RdsMaster | None
    """Set where the master was handed over. A replica must wait for ``master.handover``."""
    security_group: SecurityGroup
    security_group_id: pulumi.Output[str]
    database_name: str
    engine: RdsEngine
    subnet_group_name: pulumi.Output[str]
    """Where a restored copy has to go."""
    primary: rds.Instance
    replicas: dict[str, rds.Instance]
    log_groups: dict[str, cloudwatch.LogGroup]
    """Of the primary, by log."""
    memory_gib: float
    allocated_storage_gb: int
    shape: InstanceShape

    def __init__(self, name: str, args: RdsInstanceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:data:RdsInstance", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self.port = args.port or TRAITS[args.engine].port
        placements = rds_instance_plan.replica_placements(
            args.availability_zones, replicas=args.read_replicas
        )

        self.security_group = self._build_security_group()
        self.security_group_id = self.security_group.security_group_id
        for key, peer in args.clients.items():
            self.allow_from(key, peer)
        self.shape = self._plan_shape(self._build_monitoring_role())
        self._parameter_group = self._build_parameter_group()
        subnet_group = self._build_subnet_group()
        self.subnet_group_name = subnet_group.name
        self.primary = self._build_primary(subnet_group)
        self.master = self._build_master()
        self.replicas = {each.key: self._build_replica(each) for each in placements}
        self._publish()

    def allow_from(self, key: str, peer: HasSecurityGroup) -> None:
        """Let one more client connect. ``key`` is the rule's identity among the clients."""
        self.security_group.allow_from(peer, self.port, f"from {key}")

    def _publish(self) -> None:
        args = self._args
        self.engine = args.engine
        self.identifier = args.identifier
        self.database_name = args.database_name
        self.memory_gib = rds_instance_plan.memory_gib(args.instance_class)
        self.allocated_storage_gb = args.allocated_storage_gb
        self.endpoint = self.primary.address
        self.arn = self.primary.arn
        self.resource_id = self.primary.resource_id
        self.replica_endpoints = {key: each.address for key, each in self.replicas.items()}
        self.replica_resource_ids = {key: each.resource_id for key, each in self.replicas.items()}
        self.master_secret_arn = (
            self.master.secret_arn if self.master else self.primary.master_user_secrets[0].secret_arn
        )
        self.register_outputs(
            {
                "endpoint": self.endpoint,
                "replicaEndpoints": self.replica_endpoints,
                "port": self.port,
                "arn": self.arn,
                "identifier": self.identifier,
                "resourceId": self.resource_id,
                "masterSecretArn": self.master_secret_arn,
                "securityGroupId": self.security_group_id,
                "databaseName": self.database_name,
                "subnetGroupName": self.subnet_group_name,
            }
        )

    def _build_security_group(self) -> SecurityGroup:
        return SecurityGroup(
            f"{self._name}-access",
            SecurityGroupArgs(vpc_id=self._args.vpc_id, description=f"Database {self._args.identifier}"),
            opts=self._child,
        )

    def _build_monitoring_role(self) -> ServiceRole:
        return ServiceRole(
            f"{self._name}-monitoring",
            ServiceRoleArgs(
                service="monitoring.rds.amazonaws.com",
                description="Sends operating system metrics of the database instances to CloudWatch Logs",
                source_account=self._args.source_account,
                managed_policy_arns=[rds_plan.MONITORING_POLICY],
            ),
            opts=self._child,
        )

    def _plan_shape(self, monitoring_role: ServiceRole) -> InstanceShape:
        args = self._args
        return InstanceShape(
            engine=args.engine,
            max_allocated_storage_gb=args.max_allocated_storage_gb,
            port=self.port,
            maintenance_window=args.maintenance_window,
            insights_mode=args.insights_mode,
            monitoring_role_arn=monitoring_role.role_arn,
        )

    def _build_subnet_group(self) -> rds.SubnetGroup:
        return rds.SubnetGroup(
            f"{self._name}-subnets",
            subnet_ids=self._args.subnet_ids,
            description=f"Private subnets of {self._args.identifier}",
            opts=self._child,
        )

    def _build_parameter_group(self) -> rds.ParameterGroup:
        args = self._args
        family = rds_instance_plan.parameter_family(args.engine, args.engine_version)
        return rds.ParameterGroup(
            f"{self._name}-{family.replace('.', '-')}",
            family=family,
            description=f"TLS and logging of {args.identifier}",
            parameters=[
                rds.ParameterGroupParameterArgs(
                    name=each.name, value=each.value, apply_method=each.apply_method
                )
                for each in rds_instance_plan.parameters(args.engine, args.parameters)
            ],
            opts=self._child,
        )

    def _build_logs(self, key: str, identifier: str) -> dict[str, cloudwatch.LogGroup]:
        return log_groups(
            self,
            f"{self._name}-{key}",
            engine=self._args.engine,
            identifier=identifier,
            retention_days=self._args.log_retention_days,
            kms_key_arn=self._args.log_kms_key_arn or self._args.kms_key_arn,
        )

    def _build_primary(self, subnet_group: rds.SubnetGroup) -> rds.Instance:
        args, protected = self._args, self._args.deletion_protection
        self.log_groups = self._build_logs("primary", args.identifier)
        given = self.shape.instance(
            instance_class=args.instance_class,
            identifier=args.identifier,
            kms_key_arn=args.kms_key_arn,
            log_kinds=list(self.log_groups),
        )
        given.engine = args.engine
        given.engine_version = args.engine_version
        given.engine_lifecycle_support = rds_plan.LIFECYCLE_SUPPORT
        given.db_name = args.database_name
        given.username = args.master_username
        given.manage_master_user_password = True
        given.master_user_secret_kms_key_id = args.secret_kms_key_arn or args.kms_key_arn
        given.allocated_storage = args.allocated_storage_gb
        given.kms_key_id = args.kms_key_arn
        given.multi_az = args.multi_az
        given.db_subnet_group_name = subnet_group.name
        given.parameter_group_name = self._parameter_group.name
        given.vpc_security_group_ids = [self.security_group_id]
        given.backup_retention_period = args.backup_retention_days
        given.backup_window = args.backup_window
        given.deletion_protection = protected
        given.delete_automated_backups = not protected
        given.skip_final_snapshot = not protected
        given.final_snapshot_identifier = f"{args.identifier}-final"
        handed_over = isinstance(args.master, HandedOverMaster)
        options = protection.stateful(
            self,
            protected=protected,
            # The name is fixed, so the old instance must be gone before the new one can take it.
            delete_before_replace=True,
            # RDS makes the groups of exported logs itself, unencrypted, if it comes first.
            depends_on=list(self.log_groups.values()),
            ignore_changes=runtime_owned.ignore_changes("aws:rds/instance:Instance") if handed_over else [],
        )
        return rds.Instance(f"{self._name}-primary", given, opts=options)

    def _build_master(self) -> RdsMaster | None:
        args = self._args
        if not isinstance(args.master, HandedOverMaster):
            return None
        return RdsMaster(
            f"{self._name}-master",
            RdsMasterArgs(
                instance=self.primary,
                function=args.master.function,
                every_days=args.master.every_days,
                secret_name=args.master.secret_name,
                copies=args.master.secret_copies,
                kms_key_arn=args.secret_kms_key_arn or args.kms_key_arn,
                deletion_protection=args.deletion_protection,
            ),
            opts=self._child,
        )

    def _build_replica(self, placement: ReplicaPlacement) -> rds.Instance:
        """Subnets and key are the primary's: RDS takes no others within a region."""
        args = self._args
        identifier = args.replica_identifier(placement.key)
        logs = self._build_logs(placement.key, identifier)
        given = self.shape.instance(
            instance_class=args.replica_class,
            identifier=identifier,
            kms_key_arn=args.kms_key_arn,
            log_kinds=list(logs),
        )
        given.replicate_source_db = self.primary.identifier
        given.availability_zone = placement.availability_zone
        given.parameter_group_name = self._parameter_group.name
        given.vpc_security_group_ids = [self.security_group_id]
        given.deletion_protection = False
        # RDS takes no final snapshot of a replica.
        given.skip_final_snapshot = True
        after: list[pulumi.Resource] = [*logs.values()]
        if self.master:
            after.append(self.master.handover)
        return rds.Instance(
            f"{self._name}-{placement.key}",
            given,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True, depends_on=after),
        )
