"""The application on EC2: a blue/green pair in the first region, one warm group in the second."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import pulumi

from components.compute.blue_green_pair import COLOURS, BlueGreenPair, BlueGreenPairArgs, Colour
from components.compute.java_service_plan import JavaService, user_data
from components.compute.scaling_group import ScalingGroup, ScalingGroupArgs
from components.compute.scaling_group_plan import (
    Ami,
    AmiId,
    AmiParameter,
    Capacity,
    NoWarmPool,
    ScalingTarget,
    StoppedPool,
)
from components.data.redis_replication_group import RedisReplicationGroup
from components.edge.bucket import PrivateBucket
from components.edge.load_balancer import LoadBalancer
from components.edge.load_balancer_plan import alternate_key
from components.network.security_group import SecurityGroup, connect
from components.network.vpc import Vpc
from components.observability.log_group import log_group
from components.security.grants import (
    connect_cache,
    kms_use,
    list_bucket,
    read_objects,
    read_secret,
    write_logs,
    write_objects,
)
from components.security.iam import Statement
from components.security.kms_key import KmsKey
from settings import petclinic_parts as choices
from settings.petclinic import PetClinicSettings, WarmRegion
from systems.petclinic.data import DATABASE_NAME, SECRET_NAME
from systems.petclinic.edge import WEB
from systems.petclinic.network import open_ways_out
from systems.scope import Scope

SERVICE = "petclinic"
NAMESPACE = "petclinic/hosts"
RELEASES = "releases"
"""Folder of the artifacts' bucket, with a folder for each version."""

JDBC = "software.amazon.jdbc.Driver"
"""AWS's wrapper around the MySQL driver: it fetches the credentials, and again after each rotation."""


@dataclass(frozen=True, kw_only=True)
class Database:
    """What the application is told of the database of its region."""

    host: pulumi.Input[str]
    read_hosts: Mapping[str, pulumi.Input[str]]
    port: int
    security_group: SecurityGroup


@dataclass(frozen=True, kw_only=True)
class Given:
    """What the application stands on in one region."""

    scope: Scope
    settings: PetClinicSettings
    vpc: Vpc
    key: KmsKey
    database: Database
    sessions: RedisReplicationGroup
    buckets: Mapping[str, PrivateBucket]
    secret_arn: pulumi.Input[str]
    load_balancer: LoadBalancer


def build_pair(given: Given, refresh_alarms: Mapping[Colour, Sequence[pulumi.Input[str]]]) -> BlueGreenPair:
    """Blue serves at first. Which serves later, and how many hosts each has, is set at run time."""
    hosts = given.settings.hosts
    names = {colour: f"{given.scope.physical_name}-{colour}" for colour in COLOURS}
    full = Capacity(least=hosts.min_instances, most=hosts.max_instances, desired=hosts.min_instances)
    empty = Capacity(least=0, most=0, desired=0)

    def member(colour: Colour, capacity: Capacity, target: str) -> ScalingGroupArgs:
        return _group(
            given,
            name=names[colour],
            release=getattr(hosts.releases, colour),
            capacity=capacity,
            target=target,
            twins=list(names.values()),
            refresh_alarms=refresh_alarms[colour],
            role=colour,
        )

    pair = BlueGreenPair(
        f"{given.scope.name}-hosts",
        BlueGreenPairArgs(blue=member("blue", full, WEB), green=member("green", empty, alternate_key(WEB))),
        given.scope.opts,
    )
    for group in pair.groups.values():
        _open_ways(given, group)
    return pair


def build_warm_group(given: Given, *, min_instances: int) -> ScalingGroup:
    """A few hosts that answer already; the load of a failover makes it grow."""
    hosts = given.settings.hosts
    group = ScalingGroup(
        f"{given.scope.name}-hosts",
        _group(
            given,
            name=given.scope.physical_name,
            release=hosts.releases.second_region or hosts.releases.blue,
            capacity=Capacity(least=min_instances, most=hosts.max_instances, desired=min_instances),
            target=WEB,
            twins=[],
            refresh_alarms=[],
            role="warm",
        ),
        given.scope.opts,
    )
    _open_ways(given, group)
    return group


def _group(
    given: Given,
    *,
    name: str,
    release: str,
    capacity: Capacity,
    target: str,
    twins: Sequence[str],
    refresh_alarms: Sequence[pulumi.Input[str]],
    role: str,
) -> ScalingGroupArgs:
    scope, settings = given.scope, given.settings
    hosts = settings.hosts
    logs = log_group(
        scope.root,
        f"{scope.name}-hosts-{role}-logs",
        retention_days=settings.log_retention_days,
        kms_key_arn=given.key.key_arn,
    )
    return ScalingGroupArgs(
        group_name=name,
        description=f"PetClinic {release}",
        ami=_ami(given),
        instance_types=hosts.instance_types,
        user_data=_user_data(given, name=name, release=release, log_group_name=logs.name),
        vpc_id=given.vpc.vpc_id,
        subnet_ids=given.vpc.private_subnet_ids,
        kms_key_arn=given.key.key_arn,
        volume_gb=hosts.volume_gb,
        target_group_arns=[given.load_balancer.target_group_arns[target]],
        capacity=capacity,
        scaling=ScalingTarget(
            cpu_percent=hosts.cpu_percent,
            forecast_buffer_seconds=hosts.forecast_buffer_seconds,
            metric_namespace=NAMESPACE,
            twin_group_names=twins,
        ),
        statements=[write_logs(logs.arn), *application_statements(given)],
        warm_pool=_warm_pool(hosts.warm_pool),
        instance_warmup_seconds=hosts.instance_warmup_seconds,
        refresh_alarm_names=refresh_alarms,
        capacity_owned_at_run_time=bool(twins),
    )


def application_statements(given: Given) -> list[Statement]:
    artifacts, pictures = given.buckets["artifacts"], given.buckets["pictures"]
    return [
        list_bucket(artifacts.bucket_arn),
        read_objects(artifacts.bucket_arn, prefix=f"{RELEASES}/"),
        list_bucket(pictures.bucket_arn),
        read_objects(pictures.bucket_arn),
        write_objects(pictures.bucket_arn),
        read_secret(given.secret_arn),
        connect_cache(cache_arn=given.sessions.arn, user_arn=given.sessions.user_arn),
        kms_use(given.key.key_arn),
    ]


def _user_data(
    given: Given, *, name: str, release: str, log_group_name: pulumi.Output[str]
) -> pulumi.Output[str]:
    scope = given.scope
    values = pulumi.Output.all(
        logs=log_group_name,
        artifacts=given.buckets["artifacts"].bucket_name,
        environment=pulumi.Output.all(**environment(given)),
    )

    def render(known: Mapping[str, object]) -> str:
        found = cast("Mapping[str, str]", known["environment"])
        return user_data(
            JavaService(
                name=SERVICE,
                region=scope.stack.region,
                artifact=f"s3://{known['artifacts']}/{RELEASES}/{release}",
                release=release,
                group_name=name,
                log_group=str(known["logs"]),
                metric_namespace=NAMESPACE,
                environment=found,
            )
        )

    return values.apply(render)


def environment(given: Given) -> dict[str, pulumi.Input[str]]:
    """Names and addresses, for hosts and pods alike. The read data source has an address for each replica."""
    settings, database = given.settings, given.database
    found: dict[str, pulumi.Input[str]] = {
        "SERVER_PORT": str(settings.hosts.port),
        "SPRING_PROFILES_ACTIVE": "mysql",
        "SPRING_DATASOURCE_DRIVER_CLASS_NAME": JDBC,
        "SPRING_DATASOURCE_URL": _jdbc(given, database.host),
        "SPRING_SESSION_TIMEOUT": f"{settings.sessions.timeout_seconds}s",
        "SPRING_DATA_REDIS_HOST": given.sessions.endpoint,
        "SPRING_DATA_REDIS_PORT": str(given.sessions.port),
        "SPRING_DATA_REDIS_SSL_ENABLED": "true",
        "SPRING_DATA_REDIS_USERNAME": given.sessions.user_id,
        "REDIS_REPLICATION_GROUP": given.sessions.replication_group_id,
        "PICTURES_BUCKET": given.buckets["pictures"].bucket_name,
        # The load balancer asks whether a host takes requests. Route 53 and a release's smoke test ask at
        # /health, where the database counts.
        "MANAGEMENT_ENDPOINT_HEALTH_PROBES_ENABLED": "true",
        "MANAGEMENT_ENDPOINT_HEALTH_GROUP_EDGE_INCLUDE": "ping,db",
        "MANAGEMENT_ENDPOINT_HEALTH_GROUP_EDGE_ADDITIONAL_PATH": "server:/health",
        "SERVER_FORWARD_HEADERS_STRATEGY": "native",
    }
    for key, host in database.read_hosts.items():
        found[f"PETCLINIC_READ_{key.upper().replace('-', '_')}_URL"] = _jdbc(given, host)
    return found


def _jdbc(given: Given, host: pulumi.Input[str]) -> pulumi.Output[str]:
    options = "&".join(
        (
            "wrapperPlugins=awsSecretsManager",
            f"secretsManagerSecretId={SECRET_NAME}",
            f"secretsManagerRegion={given.scope.stack.region}",
            "sslMode=REQUIRED",
        )
    )
    return pulumi.Output.concat(
        "jdbc:aws-wrapper:mysql://", host, f":{given.database.port}/{DATABASE_NAME}?{options}"
    )


def _open_ways(given: Given, group: ScalingGroup) -> None:
    hosts, name = group.security_group, group.group_name
    connect(
        given.load_balancer.security_group,
        hosts,
        given.settings.hosts.port,
        client_name="the load balancer",
        server_name=name,
    )
    connect(
        hosts,
        given.database.security_group,
        given.database.port,
        client_name=name,
        server_name="the database",
    )
    connect(
        hosts,
        given.sessions.security_group,
        given.sessions.port,
        client_name=name,
        server_name="the sessions",
    )
    open_ways_out(hosts, given.vpc)


def _ami(given: Given) -> Ami:
    match given.settings.hosts.image:
        case choices.ImageParameter(name=name):
            return AmiParameter(name)
        case choices.PinnedImage(id=own, second_region_id=other):
            second = given.settings.second_region
            abroad = isinstance(second, WarmRegion) and second.region == given.scope.stack.region
            return AmiId(other if abroad and other else own)


def _warm_pool(wanted: choices.WarmPoolChoice) -> NoWarmPool | StoppedPool:
    match wanted:
        case choices.NoWarmPool():
            return NoWarmPool()
        case choices.WarmPool(hosts=count):
            return StoppedPool(hosts=count)
