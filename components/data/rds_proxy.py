"""RDS Proxy: a connection pool in front of an Aurora cluster."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import pulumi
from pulumi_aws import cloudwatch, rds

from components.data.aurora import AuroraServerless
from components.data.aurora_plan import AuroraEngine
from components.data.rds_plan import check_identifier
from components.network.security_group import SecurityGroup, SecurityGroupArgs, connect
from components.observability.log_group import log_group
from components.protocols import HasSecurityGroup
from components.security.grants import connect_database
from components.security.iam import Statement
from components.security.service_role import ServiceRole, ServiceRoleArgs


@dataclass(frozen=True, kw_only=True)
class SecretAuth:
    """The proxy logs in to the database with a secret; clients log in to the proxy by IAM token."""

    secret_arn: pulumi.Input[str]
    """Holds ``username`` and ``password``, as the master secret that RDS makes does."""
    secret_kms_key_arn: pulumi.Input[str]
    client_iam: bool = True
    """Without it clients need the password too: for drivers that cannot sign a token."""


@dataclass(frozen=True, kw_only=True)
class IamAuth:
    """IAM tokens from the client to the proxy and on to the database: no secret at all.

    The database users must exist and hold ``rds_iam`` (PostgreSQL) or the AWS plugin (MySQL).
    """

    database_users: Sequence[str]

    def __post_init__(self) -> None:
        if not self.database_users:
            raise ValueError("database_users: got none; the proxy's role may log in as these alone: name one")


ProxyAuth: TypeAlias = SecretAuth | IamAuth

ENGINE_FAMILIES: Mapping[AuroraEngine, str] = {"aurora-postgresql": "POSTGRESQL", "aurora-mysql": "MYSQL"}
PASSWORD_AUTH_TYPES: Mapping[AuroraEngine, str] = {
    "aurora-postgresql": "POSTGRES_SCRAM_SHA_256",
    "aurora-mysql": "MYSQL_CACHING_SHA2_PASSWORD",
}


@dataclass(frozen=True, kw_only=True)
class RdsProxyArgs:
    """One proxy."""

    proxy_name: str
    """The physical name, unique in the account and region: the proxy logs to a group named after it, which
    must exist first."""
    cluster: AuroraServerless
    auth: ProxyAuth
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    """In two zones or more."""
    clients: Mapping[str, HasSecurityGroup] = field(default_factory=dict[str, HasSecurityGroup])
    """Who may connect, by a stable key. ``security_group.allow_from`` adds later ones."""
    region: str
    account_id: str
    max_connections_percent: int = 90
    """Of the cluster's ``max_connections``. The rest is for migrations, the Data API and people."""
    max_idle_connections_percent: int = 50
    connection_borrow_timeout_seconds: int = 10
    """Under the callers' own timeout, so that they get an error to answer with and not silence. AWS: 120."""
    idle_client_timeout_seconds: int = 1_800
    reader_endpoint: bool = False
    """A second endpoint that spreads over the readers. The cluster must have one."""
    log_kms_key_arn: pulumi.Input[str]
    log_retention_days: int = 30

    def __post_init__(self) -> None:
        check_identifier("proxy_name", self.proxy_name)
        _check_range("max_connections_percent", self.max_connections_percent, 1, 100)
        _check_range("max_idle_connections_percent", self.max_idle_connections_percent, 0, 100)
        _check_range("connection_borrow_timeout_seconds", self.connection_borrow_timeout_seconds, 0, 300)
        _check_range("idle_client_timeout_seconds", self.idle_client_timeout_seconds, 1, 28_800)
        if self.max_idle_connections_percent > self.max_connections_percent:
            raise ValueError(
                f"max_idle_connections_percent: got {self.max_idle_connections_percent}; "
                f"at most max_connections_percent ({self.max_connections_percent})"
            )
        if self.cluster.pauses:
            raise ValueError(
                "cluster: its minimum is 0 ACU, but a proxy's standing connections never let it pause: "
                "raise min_acu to 0.5, or use the Data API in place of the proxy"
            )
        if self.reader_endpoint and not self.cluster.readers:
            raise ValueError("reader_endpoint: the cluster has no reader: add one, or leave this off")


class RdsProxy(pulumi.ComponentResource):
    """A pool that accepts TLS alone, from named clients alone, and may reach that one cluster.

    Clients in front, the cluster behind: each hop is a rule between two security groups. Left out: pinning
    filters and init queries (they depend on the application) and debug logging (it writes SQL, and with it
    people's data, to the log).
    """

    proxy: rds.Proxy
    endpoint: pulumi.Output[str]
    reader_endpoint: pulumi.Output[str] | None
    port: int
    arn: pulumi.Output[str]
    proxy_name: pulumi.Output[str]
    resource_id: pulumi.Output[str]
    """``prx-...``: what IAM names in a client's ``rds-db:connect``."""
    security_group: SecurityGroup
    security_group_id: pulumi.Output[str]
    log_group: cloudwatch.LogGroup
    connection_borrow_timeout_seconds: int

    def __init__(self, name: str, args: RdsProxyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:data:RdsProxy", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self.port = args.cluster.port
        self.connection_borrow_timeout_seconds = args.connection_borrow_timeout_seconds

        self.log_group = self._build_log_group()
        self.security_group = self._build_security_group()
        self.security_group_id = self.security_group.security_group_id
        self.proxy = self._build_proxy(self._build_role())
        self._build_target(self._build_target_group())
        reader = self._build_reader_endpoint() if args.reader_endpoint else None

        self.endpoint = self.proxy.endpoint
        self.reader_endpoint = reader.endpoint if reader else None
        self.arn = self.proxy.arn
        self.proxy_name = self.proxy.name
        self.resource_id = self.proxy.arn.apply(_resource_id)
        self.register_outputs(
            {
                "endpoint": self.endpoint,
                "readerEndpoint": self.reader_endpoint,
                "port": self.port,
                "arn": self.arn,
                "proxyName": self.proxy_name,
                "resourceId": self.resource_id,
                "securityGroupId": self.security_group_id,
            }
        )

    def _build_log_group(self) -> cloudwatch.LogGroup:
        return log_group(
            self,
            f"{self._name}-logs",
            retention_days=self._args.log_retention_days,
            kms_key_arn=self._args.log_kms_key_arn,
            physical_name=f"/aws/rds/proxy/{self._args.proxy_name}",
        )

    def _build_security_group(self) -> SecurityGroup:
        args = self._args
        group = SecurityGroup(
            f"{self._name}-access",
            SecurityGroupArgs(vpc_id=args.vpc_id, description=f"RDS Proxy {args.proxy_name}"),
            opts=self._child,
        )
        for key, peer in args.clients.items():
            group.allow_from(peer, self.port, f"from {key}")
        connect(
            group,
            args.cluster.security_group,
            self.port,
            client_name=f"proxy {args.proxy_name}",
            server_name="the cluster",
        )
        return group

    def _build_role(self) -> ServiceRole:
        return ServiceRole(
            f"{self._name}-login",
            ServiceRoleArgs(
                service="rds.amazonaws.com",
                description=f"Lets the proxy {self._args.proxy_name} log in to its cluster",
                # No source condition: AWS documents none for this trust, and without its role a proxy
                # serves nobody.
                statements=self._statements(),
            ),
            opts=self._child,
        )

    def _statements(self) -> list[Statement]:
        args = self._args
        match args.auth:
            case IamAuth(database_users=users):
                return [
                    connect_database(
                        region=args.region,
                        account_id=args.account_id,
                        resource_id=args.cluster.resource_id,
                        user=user,
                    )
                    for user in users
                ]
            case SecretAuth(secret_arn=secret_arn, secret_kms_key_arn=key_arn):
                via = {"kms:ViaService": f"secretsmanager.{args.region}.amazonaws.com"}
                return [
                    Statement(actions=["secretsmanager:GetSecretValue"], resources=[secret_arn]),
                    Statement(actions=["kms:Decrypt"], resources=[key_arn], conditions={"StringEquals": via}),
                ]

    def _build_proxy(self, role: ServiceRole) -> rds.Proxy:
        args = self._args
        end_to_end = isinstance(args.auth, IamAuth)
        return rds.Proxy(
            f"{self._name}-proxy",
            name=args.proxy_name,
            engine_family=ENGINE_FAMILIES[args.cluster.engine],
            role_arn=role.role_arn,
            vpc_subnet_ids=args.subnet_ids,
            vpc_security_group_ids=[self.security_group_id],
            require_tls=True,
            debug_logging=False,
            idle_client_timeout=args.idle_client_timeout_seconds,
            default_auth_scheme="IAM_AUTH" if end_to_end else "NONE",
            auths=None if isinstance(args.auth, IamAuth) else [self._secret(args.auth)],
            opts=pulumi.ResourceOptions(
                parent=self,
                delete_before_replace=True,
                # The proxy tests its role when it is made, and makes the log group itself if it comes first.
                depends_on=[role, self.log_group],
            ),
        )

    def _secret(self, auth: SecretAuth) -> rds.ProxyAuthArgs:
        return rds.ProxyAuthArgs(
            auth_scheme="SECRETS",
            secret_arn=auth.secret_arn,
            iam_auth="REQUIRED" if auth.client_iam else "DISABLED",
            client_password_auth_type=(
                None if auth.client_iam else PASSWORD_AUTH_TYPES[self._args.cluster.engine]
            ),
        )

    def _build_target_group(self) -> rds.ProxyDefaultTargetGroup:
        args = self._args
        return rds.ProxyDefaultTargetGroup(
            f"{self._name}-pool",
            db_proxy_name=self.proxy.name,
            connection_pool_config=rds.ProxyDefaultTargetGroupConnectionPoolConfigArgs(
                connection_borrow_timeout=args.connection_borrow_timeout_seconds,
                max_connections_percent=args.max_connections_percent,
                max_idle_connections_percent=args.max_idle_connections_percent,
            ),
            opts=self._child,
        )

    def _build_target(self, pool: rds.ProxyDefaultTargetGroup) -> rds.ProxyTarget:
        cluster = self._args.cluster
        return rds.ProxyTarget(
            f"{self._name}-target",
            db_proxy_name=self.proxy.name,
            target_group_name=pool.name,
            db_cluster_identifier=cluster.cluster_identifier,
            # A cluster without an instance cannot be registered.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[cluster.writer, *cluster.readers.values()]),
        )

    def _build_reader_endpoint(self) -> rds.ProxyEndpoint:
        args = self._args
        return rds.ProxyEndpoint(
            f"{self._name}-reader",
            db_proxy_name=self.proxy.name,
            db_proxy_endpoint_name=f"{args.proxy_name}-reader",
            vpc_subnet_ids=args.subnet_ids,
            vpc_security_group_ids=[self.security_group_id],
            target_role="READ_ONLY",
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )


def _resource_id(arn: str) -> str:
    """``prx-...`` from ``arn:aws:rds:region:account:db-proxy:prx-...``."""
    return arn.rsplit(":", 1)[-1]


def _check_range(what: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise ValueError(f"{what}: got {value}; allowed {low} to {high}")
