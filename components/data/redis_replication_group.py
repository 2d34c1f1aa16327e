"""A replication group of ElastiCache nodes, for Valkey or Redis 7."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_aws import cloudwatch, elasticache

from components import protection
from components.data import cache_access, redis_plan
from components.data.cache_access import CacheEngine
from components.data.redis_plan import ClusterMode, SingleShard, Topology
from components.network.security_group import SecurityGroup, SecurityGroupArgs
from components.observability.log_group import log_group
from components.protocols import HasSecurityGroup

__all__ = ["ClusterMode", "RedisReplicationGroup", "RedisReplicationGroupArgs", "SingleShard"]

PORT = 6379

LOG_TYPES = ("engine-log", "slow-log")


@dataclass(frozen=True, kw_only=True)
class RedisReplicationGroupArgs:
    """One group and the one user that may log in. Times are UTC."""

    engine: CacheEngine = "valkey"
    engine_version: str = "8.1"
    replication_group_id: str
    """The physical name, unique in the account and region. A client signs it into its login token."""
    user_id: str
    """The application's user, its id and its name, unique in the account and region."""
    key_pattern: str = "*"
    """The keys that the user may touch (``session:*``)."""
    channel_pattern: str | None = None
    """The channels for publish and subscribe (``socket.io*``); none unless said."""
    topology: Topology
    node_type: str
    """Where Intel's t3 was planned, Graviton's t4g has the same size for less."""
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    """Two or more, each in another zone."""
    clients: Mapping[str, HasSecurityGroup] = field(default_factory=dict[str, HasSecurityGroup])
    """Who may connect, by a stable key. ``allow_from`` adds later ones."""
    kms_key_arn: pulumi.Input[str]
    """Encrypts the data, and the logs unless they have their own."""
    log_kms_key_arn: pulumi.Input[str] | None = None
    log_retention_days: int = 30
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    """Parameters beside the one that the topology decides, such as ``maxmemory-policy``."""
    snapshot_retention_days: int = 7
    snapshot_window: str = "17:00-18:00"
    """02:00 in Seoul."""
    maintenance_window: str = "sun:18:30-sun:19:30"
    """Monday 03:30 in Seoul, after the snapshot."""
    deletion_protection: bool = True
    """The engine's protection and a final snapshot. The service has no flag of its own."""

    def __post_init__(self) -> None:
        cache_access.check_name("replication_group_id", self.replication_group_id)
        if self.engine == "redis":
            # The closed default user is named after the group.
            closed = f"{self.replication_group_id}-default"
            cache_access.check_name("replication_group_id, with -default", closed)
        cache_access.check_user_id(self.user_id)
        redis_plan.check_topology(self.topology)
        redis_plan.check_node_type(self.node_type)
        redis_plan.check_snapshots(
            self.snapshot_retention_days, self.snapshot_window, self.maintenance_window
        )
        if len(self.subnet_ids) < 2:
            raise ValueError(f"subnet_ids: got {len(self.subnet_ids)}; nodes in two zones need two subnets")


class RedisReplicationGroup(pulumi.ComponentResource):
    """Nodes that accept TLS alone, from one user who logs in by IAM token, from named security groups.

    With a replica the group spans zones and fails over by itself. The user may run everything but the
    administrative and dangerous categories (``FLUSHALL``, ``KEYS``, ``CONFIG``, ``INFO``), so clients that
    probe with INFO need that check turned off.

    Left out: passwords (IAM tokens need none and expire in 15 minutes); data tiering and global groups (no
    system asks for them); auto scaling of shards.
    """

    group: elasticache.ReplicationGroup
    endpoint: pulumi.Output[str]
    """What clients connect to: the primary's, or with cluster mode the configuration endpoint."""
    reader_endpoint: pulumi.Output[str] | None
    """Spreads reads over replicas. None with cluster mode, whose clients find replicas themselves."""
    port: int
    arn: pulumi.Output[str]
    replication_group_id: str
    user_id: pulumi.Output[str]
    user_arn: pulumi.Output[str]
    """With ``arn``, what ``elasticache:Connect`` names."""
    node_ids: tuple[str, ...]
    """What CloudWatch knows the nodes by."""
    security_group: SecurityGroup
    security_group_id: pulumi.Output[str]
    log_groups: dict[str, cloudwatch.LogGroup]

    def __init__(
        self, name: str, args: RedisReplicationGroupArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("platform:data:RedisReplicationGroup", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self.port = PORT

        self.log_groups = {kind: self._build_log_group(kind) for kind in LOG_TYPES}
        self.security_group = self._build_security_group()
        self.security_group_id = self.security_group.security_group_id
        for key, peer in args.clients.items():
            self.allow_from(key, peer)
        user = self._build_user()
        users = cache_access.user_group(
            self, name, engine=args.engine, group_id=args.replication_group_id, user=user
        )
        self.group = self._build_group(users, self._build_parameter_group(), self._build_subnet_group())
        self._publish(user)

    def allow_from(self, key: str, peer: HasSecurityGroup) -> None:
        """Let one more client connect. ``key`` is the rule's identity among the clients."""
        self.security_group.allow_from(peer, PORT, f"from {key}")

    def _publish(self, user: elasticache.User) -> None:
        args = self._args
        cluster = isinstance(args.topology, ClusterMode)
        self.endpoint = (
            self.group.configuration_endpoint_address if cluster else self.group.primary_endpoint_address
        )
        self.reader_endpoint = None if cluster else self.group.reader_endpoint_address
        self.arn = self.group.arn
        self.replication_group_id = args.replication_group_id
        self.user_id = user.user_id
        self.user_arn = user.arn
        self.node_ids = redis_plan.node_ids(args.replication_group_id, args.topology)
        self.register_outputs(
            {
                "endpoint": self.endpoint,
                "readerEndpoint": self.reader_endpoint,
                "port": self.port,
                "arn": self.arn,
                "replicationGroupId": self.replication_group_id,
                "userId": self.user_id,
                "userArn": self.user_arn,
                "securityGroupId": self.security_group_id,
            }
        )

    def _build_log_group(self, kind: str) -> cloudwatch.LogGroup:
        return log_group(
            self,
            f"{self._name}-{kind}",
            retention_days=self._args.log_retention_days,
            kms_key_arn=self._args.log_kms_key_arn or self._args.kms_key_arn,
        )

    def _build_security_group(self) -> SecurityGroup:
        return SecurityGroup(
            f"{self._name}-access",
            SecurityGroupArgs(
                vpc_id=self._args.vpc_id, description=f"Cache {self._args.replication_group_id}"
            ),
            opts=self._child,
        )

    def _build_user(self) -> elasticache.User:
        args = self._args
        return cache_access.iam_user(
            self,
            self._name,
            engine=args.engine,
            user_id=args.user_id,
            key_pattern=args.key_pattern,
            channel_pattern=args.channel_pattern,
        )

    def _build_parameter_group(self) -> elasticache.ParameterGroup:
        args = self._args
        family = redis_plan.parameter_family(args.engine, args.engine_version)
        return elasticache.ParameterGroup(
            f"{self._name}-{family}",
            family=family,
            description=f"Parameters of {args.replication_group_id}",
            parameters=[
                elasticache.ParameterGroupParameterArgs(name=name, value=value)
                for name, value in redis_plan.parameters(args.topology, args.parameters)
            ],
            opts=self._child,
        )

    def _build_subnet_group(self) -> elasticache.SubnetGroup:
        return elasticache.SubnetGroup(
            f"{self._name}-subnets",
            subnet_ids=self._args.subnet_ids,
            description=f"Private subnets of {self._args.replication_group_id}",
            opts=self._child,
        )

    def _build_group(
        self,
        users: elasticache.UserGroup,
        parameter_group: elasticache.ParameterGroup,
        subnet_group: elasticache.SubnetGroup,
    ) -> elasticache.ReplicationGroup:
        args, topology = self._args, self._args.topology
        redundant = redis_plan.replicas(topology) > 0
        # ElastiCache asks for it with cluster mode, replicas or not.
        fails_over = redundant or isinstance(topology, ClusterMode)
        given = elasticache.ReplicationGroupArgs(
            replication_group_id=args.replication_group_id,
            description=f"Cache of {self._name}",
            engine=args.engine,
            engine_version=args.engine_version,
            node_type=args.node_type,
            port=PORT,
            parameter_group_name=parameter_group.name,
            subnet_group_name=subnet_group.name,
            security_group_ids=[self.security_group_id],
            user_group_ids=[users.user_group_id],
            at_rest_encryption_enabled=True,
            kms_key_id=args.kms_key_arn,
            transit_encryption_enabled=True,
            transit_encryption_mode="required",
            automatic_failover_enabled=fails_over,
            multi_az_enabled=redundant,
            auto_minor_version_upgrade=True,
            snapshot_retention_limit=args.snapshot_retention_days,
            snapshot_window=args.snapshot_window,
            maintenance_window=args.maintenance_window,
            final_snapshot_identifier=self._final_snapshot(),
            log_delivery_configurations=[self._log_delivery(kind) for kind in LOG_TYPES],
        )
        match topology:
            case SingleShard():
                given.num_cache_clusters = topology.replicas + 1
            case ClusterMode():
                given.cluster_mode = "enabled"
                given.num_node_groups = topology.shards
                given.replicas_per_node_group = topology.replicas_per_shard
        return elasticache.ReplicationGroup(
            f"{self._name}-group",
            given,
            opts=protection.stateful(
                self,
                protected=args.deletion_protection,
                # The name is fixed, so the old group must be gone before the new one can take it.
                delete_before_replace=True,
            ),
        )

    def _final_snapshot(self) -> str | None:
        args = self._args
        return f"{args.replication_group_id}-final" if args.deletion_protection else None

    def _log_delivery(self, kind: str) -> elasticache.ReplicationGroupLogDeliveryConfigurationArgs:
        return elasticache.ReplicationGroupLogDeliveryConfigurationArgs(
            destination=self.log_groups[kind].name,
            destination_type="cloudwatch-logs",
            log_format="json",
            log_type=kind,
        )
