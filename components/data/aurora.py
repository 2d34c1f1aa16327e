"""Aurora Serverless v2: one cluster, a writer and its readers."""

from collections.abc import Sequence

import pulumi
from pulumi_aws import cloudwatch, rds

from components import protection
from components.data import aurora_plan, rds_plan
from components.data.aurora_args import AuroraServerlessArgs
from components.data.aurora_plan import TRAITS, AuroraEngine, Placement
from components.network.security_group import SecurityGroup, SecurityGroupArgs
from components.observability.log_group import log_group
from components.observability.log_metric import any_phrase, count_lines
from components.observability.metric import Metric
from components.protocols import HasSecurityGroup
from components.security.service_role import ServiceRole, ServiceRoleArgs

__all__ = ["AuroraServerless", "AuroraServerlessArgs"]

METRIC_NAMESPACE = "Platform/Database"
"""Where the count made from the PostgreSQL log goes."""

CONNECTION_REFUSALS = (
    "password authentication failed",
    "PAM authentication failed",
    "no pg_hba.conf entry",
    "too many clients already",
    "remaining connection slots are reserved",
)
"""What PostgreSQL logs when it refuses a client. PAM is how Aurora checks IAM tokens; a missing pg_hba entry
is a client without TLS."""


class AuroraServerless(pulumi.ComponentResource):
    """A Serverless v2 cluster that accepts TLS alone, from named security groups alone.

    RDS makes and rotates the master secret. Applications log in by IAM token; the master is for migrations
    and the Data API. The final snapshot has a fixed name, so a second deletion under the same identifier
    stops until the first snapshot is renamed or removed: it is never overwritten.

    Left out: global databases, cross-region replicas and backtrack (no system asks for them); reader auto
    scaling (a serverless reader grows by itself); custom instance parameter groups (nothing to set in them);
    major version upgrades (a plan of their own, on a clone or by blue/green deployment).
    """

    endpoint: pulumi.Output[str]
    reader_endpoint: pulumi.Output[str]
    port: int
    arn: pulumi.Output[str]
    cluster_identifier: pulumi.Output[str]
    resource_id: pulumi.Output[str]
    """``cluster-...``: what IAM names in ``rds-db:connect``."""
    master_secret_arn: pulumi.Output[str]
    security_group: SecurityGroup
    security_group_id: pulumi.Output[str]
    database_name: str
    engine: AuroraEngine
    writer: rds.ClusterInstance
    readers: dict[str, rds.ClusterInstance]
    log_groups: dict[str, cloudwatch.LogGroup]
    max_connections: int
    connection_failures: Metric
    pauses: bool
    """Whether the cluster may pause, which a proxy's standing connections would prevent."""

    def __init__(
        self, name: str, args: AuroraServerlessArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("platform:data:AuroraServerless", name, None, opts)
        self._name = name
        self._args = args
        self._traits = TRAITS[args.engine]
        self._child = pulumi.ResourceOptions(parent=self)
        self.port = args.port or self._traits.port
        placements = aurora_plan.placements(args.availability_zones, readers=args.readers)

        self.log_groups = {kind: self._build_log_group(kind) for kind in self._traits.log_exports}
        self.security_group = self._build_security_group()
        self.security_group_id = self.security_group.security_group_id
        for key, peer in args.clients.items():
            self.allow_from(key, peer)
        self._monitoring_role = self._build_monitoring_role()
        self.cluster = self._build_cluster(self._build_subnet_group(), self._build_parameter_group())
        self.writer = self._build_instance(placements[0], after=[])
        self.readers = {each.key: self._build_instance(each, after=[self.writer]) for each in placements[1:]}
        self.connection_failures = self._build_connection_failures()
        self._publish()

    def allow_from(self, key: str, peer: HasSecurityGroup) -> None:
        """Let one more client connect. ``key`` is the rule's identity among the clients."""
        self.security_group.allow_from(peer, self.port, f"from {key}")

    def _publish(self) -> None:
        args = self._args
        self.engine = args.engine
        self.database_name = args.database_name
        self.pauses = args.min_acu == 0
        self.max_connections = aurora_plan.max_connections(
            args.engine, min_acu=args.min_acu, max_acu=args.max_acu
        )
        self.endpoint = self.cluster.endpoint
        self.reader_endpoint = self.cluster.reader_endpoint
        self.arn = self.cluster.arn
        self.cluster_identifier = self.cluster.cluster_identifier
        self.resource_id = self.cluster.cluster_resource_id
        self.master_secret_arn = self.cluster.master_user_secrets[0].secret_arn
        self.register_outputs(
            {
                "endpoint": self.endpoint,
                "readerEndpoint": self.reader_endpoint,
                "port": self.port,
                "arn": self.arn,
                "clusterIdentifier": self.cluster_identifier,
                "resourceId": self.resource_id,
                "masterSecretArn": self.master_secret_arn,
                "securityGroupId": self.security_group_id,
                "databaseName": self.database_name,
            }
        )

    def _build_log_group(self, kind: str) -> cloudwatch.LogGroup:
        return log_group(
            self,
            f"{self._name}-{kind}",
            retention_days=self._args.log_retention_days,
            kms_key_arn=self._args.log_kms_key_arn or self._args.kms_key_arn,
            physical_name=f"/aws/rds/cluster/{self._args.cluster_identifier}/{kind}",
        )

    def _build_security_group(self) -> SecurityGroup:
        return SecurityGroup(
            f"{self._name}-access",
            SecurityGroupArgs(
                vpc_id=self._args.vpc_id, description=f"Aurora cluster {self._args.cluster_identifier}"
            ),
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

    def _build_subnet_group(self) -> rds.SubnetGroup:
        return rds.SubnetGroup(
            f"{self._name}-subnets",
            subnet_ids=self._args.subnet_ids,
            description=f"Private subnets of {self._args.cluster_identifier}",
            opts=self._child,
        )

    def _build_parameter_group(self) -> rds.ClusterParameterGroup:
        args = self._args
        family = aurora_plan.parameter_family(args.engine, args.engine_version)
        return rds.ClusterParameterGroup(
            f"{self._name}-{family.replace('.', '')}",
            family=family,
            description=f"TLS and logging of {args.cluster_identifier}",
            parameters=[
                rds.ClusterParameterGroupParameterArgs(
                    name=each.name, value=each.value, apply_method=each.apply_method
                )
                for each in aurora_plan.parameters(args.engine, args.parameters)
            ],
            opts=self._child,
        )

    def _build_cluster(
        self, subnet_group: rds.SubnetGroup, parameter_group: rds.ClusterParameterGroup
    ) -> rds.Cluster:
        args = self._args
        protected = args.deletion_protection
        return rds.Cluster(
            f"{self._name}-cluster",
            cluster_identifier=args.cluster_identifier,
            engine=rds.EngineType(args.engine),
            engine_mode=rds.EngineMode.PROVISIONED,
            engine_version=args.engine_version,
            engine_lifecycle_support=rds_plan.LIFECYCLE_SUPPORT,
            database_name=args.database_name,
            master_username=args.master_username,
            manage_master_user_password=True,
            master_user_secret_kms_key_id=args.secret_kms_key_arn or args.kms_key_arn,
            iam_database_authentication_enabled=True,
            enable_http_endpoint=args.data_api,
            port=self.port,
            db_subnet_group_name=subnet_group.name,
            db_cluster_parameter_group_name=parameter_group.name,
            vpc_security_group_ids=[self.security_group_id],
            serverlessv2_scaling_configuration=self._scaling(),
            storage_encrypted=True,
            kms_key_id=args.kms_key_arn,
            backup_retention_period=args.backup_retention_days,
            preferred_backup_window=args.backup_window,
            preferred_maintenance_window=args.maintenance_window,
            copy_tags_to_snapshot=True,
            deletion_protection=protected,
            delete_automated_backups=not args.final_snapshot,
            skip_final_snapshot=not args.final_snapshot,
            final_snapshot_identifier=f"{args.cluster_identifier}-final",
            enabled_cloudwatch_logs_exports=list(self.log_groups),
            database_insights_mode=args.insights_mode,
            performance_insights_enabled=True,
            performance_insights_kms_key_id=args.kms_key_arn,
            performance_insights_retention_period=rds_plan.INSIGHTS_RETENTION_DAYS[args.insights_mode],
            opts=protection.stateful(
                self,
                protected=protected,
                # The name is fixed, so the old cluster must be gone before the new one can take it.
                delete_before_replace=True,
                # RDS makes the groups of exported logs itself, unencrypted, if it comes first.
                depends_on=list(self.log_groups.values()),
            ),
        )

    def _scaling(self) -> rds.ClusterServerlessv2ScalingConfigurationArgs:
        args = self._args
        pause = args.seconds_until_auto_pause or aurora_plan.AUTO_PAUSE_SECONDS[0]
        return rds.ClusterServerlessv2ScalingConfigurationArgs(
            min_capacity=args.min_acu,
            max_capacity=args.max_acu,
            seconds_until_auto_pause=pause if args.min_acu == 0 else None,
        )

    def _build_instance(
        self, placement: Placement, *, after: Sequence[pulumi.Resource]
    ) -> rds.ClusterInstance:
        args = self._args
        return rds.ClusterInstance(
            f"{self._name}-{placement.key}",
            cluster_identifier=self.cluster.id,
            engine=rds.EngineType(args.engine),
            instance_class="db.serverless",
            availability_zone=placement.availability_zone,
            promotion_tier=placement.promotion_tier,
            publicly_accessible=False,
            auto_minor_version_upgrade=True,
            ca_cert_identifier=rds_plan.CA_CERTIFICATE,
            copy_tags_to_snapshot=True,
            monitoring_interval=rds_plan.MONITORING_INTERVAL_SECONDS,
            monitoring_role_arn=self._monitoring_role.role_arn,
            # Readers come and go; without the writer the cluster is data that nobody can reach.
            opts=protection.stateful(
                self,
                protected=args.deletion_protection and placement.key == "writer",
                depends_on=list(after),
            ),
        )

    def _build_connection_failures(self) -> Metric:
        args = self._args
        if args.engine == "aurora-mysql":
            return Metric(
                namespace="AWS/RDS",
                name="LoginFailures",
                dimensions={"DBClusterIdentifier": self.cluster.cluster_identifier, "Role": "WRITER"},
                statistic="Average",
            )
        return count_lines(
            self,
            f"{self._name}-connection-failures",
            log_group_name=self.log_groups["postgresql"].name,
            pattern=any_phrase(*CONNECTION_REFUSALS),
            namespace=METRIC_NAMESPACE,
            metric_name=f"{args.cluster_identifier}-connection-failures",
        )
