"""A Kafka cluster on Amazon MSK, and its topics."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_aws import appautoscaling, cloudwatch, msk

from components import runtime_owned
from components.messaging import msk_access
from components.network.network_acl import ANYWHERE
from components.network.security_group import CidrPeer, SecurityGroup, SecurityGroupArgs
from components.observability.log_group import log_group
from components.protection import stateful
from components.protocols import HasSecurityGroup

CLUSTER = "aws:msk/cluster:Cluster"
BROKERS = 3
MIN_CAPACITY = 1
"""MSK's own floor of the scaling target; a volume never shrinks, whatever it says."""

MAX_VOLUME_GB = 16_384
"""Of one broker (MSK quotas)."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")


@dataclass(frozen=True, kw_only=True)
class MskClusterArgs:
    """``topics`` by name, with their number of partitions, which only grows."""

    cluster_name: str
    """The physical name, unique in the account and region: MSK takes no automatic one."""
    kafka_version: str
    broker_type: str
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    """Three, each in another zone; with ``lambda_polls`` they need a way out to AWS."""
    topics: Mapping[str, int] = field(default_factory=dict[str, int])
    volume_gb: int
    """Of each broker at first."""
    max_volume_gb: int
    grow_at_percent: int = 60
    retention_hours: int = 168
    default_partitions: int = 6
    clients: Mapping[str, HasSecurityGroup] = field(default_factory=dict[str, HasSecurityGroup])
    """Who may connect, by a stable key. ``allow_from`` adds later ones."""
    lambda_polls: bool = False
    """Event source mappings read the cluster: their pollers stand in the brokers' subnets with the brokers'
    own group, and call Lambda and STS over HTTPS."""
    kms_key_arn: pulumi.Input[str]
    """Of the disks and of the log."""
    log_retention_days: int = 30
    deletion_protection: bool = True
    """The engine's protection. The service has no flag of its own."""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.cluster_name):
            raise ValueError(
                f"cluster_name: got {self.cluster_name!r}; 1 to 64 letters, digits and dashes, a letter first"
            )
        msk_access.check_version(self.kafka_version)
        for topic in self.topics:
            msk_access.check_topic(topic)
        if len(self.subnet_ids) != BROKERS:
            raise ValueError(
                f"subnet_ids: got {len(self.subnet_ids)}; {BROKERS}, each in another zone: two of three "
                "copies then outlive a zone"
            )
        if not 1 <= self.volume_gb < self.max_volume_gb <= MAX_VOLUME_GB:
            raise ValueError(
                f"max_volume_gb: got {self.max_volume_gb} with volume_gb {self.volume_gb}; more than "
                f"that, and at most {MAX_VOLUME_GB}"
            )


class MskCluster(pulumi.ComponentResource):
    """Three brokers without ZooKeeper that speak TLS alone, with clients who log in by IAM alone.

    Topics are resources, since brokers make none by themselves. Storage grows with use. Left out: SASL/SCRAM
    and client certificates (a secret more to rotate; IAM needs none); public access; tiered storage (a week
    of messages fits the disks); open monitoring (CloudWatch has the figures that alarms watch).
    """

    cluster: msk.Cluster
    cluster_arn: pulumi.Output[str]
    cluster_name: pulumi.Output[str]
    bootstrap_brokers: pulumi.Output[str]
    """Host and port of each broker, for clients that log in by IAM."""
    broker_ids: tuple[str, ...]
    """What CloudWatch knows the brokers by."""
    port: int
    topics: dict[str, msk.Topic]
    security_group: SecurityGroup
    security_group_id: pulumi.Output[str]
    log_group: cloudwatch.LogGroup

    def __init__(self, name: str, args: MskClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:messaging:MskCluster", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self.port = msk_access.IAM_PORT
        self.broker_ids = tuple(str(number) for number in range(1, BROKERS + 1))
        self.log_group = log_group(
            self, f"{name}-brokers", retention_days=args.log_retention_days, kms_key_arn=args.kms_key_arn
        )
        self.security_group = self._build_security_group()
        self.security_group_id = self.security_group.security_group_id
        for key, peer in args.clients.items():
            self.allow_from(key, peer)
        self.cluster = self._build_cluster(self._build_configuration())
        self._build_storage_growth()
        self.topics = {topic: self._build_topic(topic, count) for topic, count in args.topics.items()}
        self.cluster_arn = self.cluster.arn
        self.cluster_name = self.cluster.cluster_name
        self.bootstrap_brokers = self.cluster.bootstrap_brokers_sasl_iam
        self.register_outputs(
            {
                "clusterArn": self.cluster_arn,
                "clusterName": self.cluster_name,
                "bootstrapBrokers": self.bootstrap_brokers,
                "securityGroupId": self.security_group_id,
            }
        )

    def allow_from(self, key: str, peer: HasSecurityGroup) -> None:
        """Let one more client connect. ``key`` is the rule's identity among the clients."""
        self.security_group.allow_from(peer, self.port, f"from {key}")

    def _build_security_group(self) -> SecurityGroup:
        group = SecurityGroup(
            f"{self._name}-access",
            SecurityGroupArgs(vpc_id=self._args.vpc_id, description=f"Kafka brokers of {self._name}"),
            opts=self._child,
        )
        if self._args.lambda_polls:
            group.allow_from(group, self.port, "from the pollers of Lambda")
            group.allow_to(group, self.port, "from pollers to the brokers")
            group.allow_to(CidrPeer(ANYWHERE), 443, "from pollers to Lambda and STS")
        return group

    def _build_configuration(self) -> msk.Configuration:
        return msk.Configuration(
            f"{self._name}-configuration",
            description=f"Brokers of {self._name}",
            server_properties=msk_access.server_properties(
                retention_hours=self._args.retention_hours, partitions=self._args.default_partitions
            ),
            opts=self._child,
        )

    def _build_cluster(self, configuration: msk.Configuration) -> msk.Cluster:
        args = self._args
        return msk.Cluster(
            f"{self._name}-cluster",
            cluster_name=args.cluster_name,
            kafka_version=args.kafka_version,
            number_of_broker_nodes=BROKERS,
            broker_node_group_info=msk.ClusterBrokerNodeGroupInfoArgs(
                instance_type=args.broker_type,
                client_subnets=list(args.subnet_ids),
                security_groups=[self.security_group_id],
                storage_info=msk.ClusterBrokerNodeGroupInfoStorageInfoArgs(
                    ebs_storage_info=msk.ClusterBrokerNodeGroupInfoStorageInfoEbsStorageInfoArgs(
                        volume_size=args.volume_gb
                    )
                ),
                connectivity_info=msk.ClusterBrokerNodeGroupInfoConnectivityInfoArgs(
                    public_access=msk.ClusterBrokerNodeGroupInfoConnectivityInfoPublicAccessArgs(
                        type="DISABLED"
                    )
                ),
            ),
            client_authentication=msk.ClusterClientAuthenticationArgs(
                sasl=msk.ClusterClientAuthenticationSaslArgs(iam=True, scram=False), unauthenticated=False
            ),
            encryption_info=msk.ClusterEncryptionInfoArgs(
                encryption_at_rest_kms_key_arn=args.kms_key_arn,
                encryption_in_transit=msk.ClusterEncryptionInfoEncryptionInTransitArgs(
                    client_broker="TLS", in_cluster=True
                ),
            ),
            configuration_info=msk.ClusterConfigurationInfoArgs(
                arn=configuration.arn, revision=configuration.latest_revision
            ),
            enhanced_monitoring="PER_TOPIC_PER_BROKER",
            logging_info=msk.ClusterLoggingInfoArgs(
                broker_logs=msk.ClusterLoggingInfoBrokerLogsArgs(
                    cloudwatch_logs=msk.ClusterLoggingInfoBrokerLogsCloudwatchLogsArgs(
                        enabled=True, log_group=self.log_group.name
                    )
                )
            ),
            opts=stateful(
                self,
                protected=args.deletion_protection,
                # The name is fixed, so the old cluster must be gone before the new one can take it.
                delete_before_replace=True,
                ignore_changes=runtime_owned.ignore_changes(CLUSTER),
            ),
        )

    def _build_storage_growth(self) -> appautoscaling.Policy:
        args = self._args
        target = appautoscaling.Target(
            f"{self._name}-storage",
            service_namespace="kafka",
            scalable_dimension="kafka:broker-storage:VolumeSize",
            resource_id=self.cluster.arn,
            min_capacity=MIN_CAPACITY,
            max_capacity=args.max_volume_gb,
            opts=self._child,
        )
        return appautoscaling.Policy(
            f"{self._name}-storage-growth",
            policy_type="TargetTrackingScaling",
            service_namespace=target.service_namespace,
            scalable_dimension=target.scalable_dimension,
            resource_id=target.resource_id,
            target_tracking_scaling_policy_configuration=appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
                predefined_metric_specification=appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs(
                    predefined_metric_type="KafkaBrokerStorageUtilization"
                ),
                target_value=args.grow_at_percent,
                # A volume cannot shrink, and MSK refuses a policy that would ask for it.
                disable_scale_in=True,
            ),
            opts=self._child,
        )

    def _build_topic(self, topic: str, partitions: int) -> msk.Topic:
        return msk.Topic(
            f"{self._name}-{topic}",
            name=topic,
            cluster_arn=self.cluster.arn,
            partition_count=partitions,
            replication_factor=msk_access.REPLICAS,
            opts=stateful(self, protected=self._args.deletion_protection),
        )
