"""The second region: what can serve there when the first one is gone, and needs nothing of it then."""

from collections.abc import Mapping
from dataclasses import dataclass

from components.compute.scaling_group import ScalingGroup
from components.data.rds_cross_region_replica import RdsCrossRegionReplica, RdsCrossRegionReplicaArgs
from components.data.redis_replication_group import RedisReplicationGroup
from components.dns.certificate import Certificate, CertificateArgs
from components.dns.route53_dns import Route53Dns
from components.edge.bucket import LogBucket, PrivateBucket
from components.edge.load_balancer import LoadBalancer
from components.edge.load_balancer_args import Internet, LoadBalancerArgs
from components.edge.web_acl import OpenToAll, WebAcl, WebAclArgs
from components.messaging.alert_topics import AlertTopics
from components.network.security_group import SecurityGroup, SecurityGroupArgs
from components.network.vpc import Vpc
from components.recovery.bucket_replication import BucketReplication, BucketReplicationArgs
from components.security.kms_key import KmsKey
from settings.petclinic import PetClinicSettings, WarmRegion
from systems.petclinic.data import SECRET_NAME, Data, build_buckets, build_log_bucket, build_sessions
from systems.petclinic.edge import MANAGED_GROUPS, WEB, web_target
from systems.petclinic.hosts import Database, Given, build_warm_group
from systems.petclinic.network import build_network
from systems.scope import Scope

COPY = "copy"


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What stands before anything is copied: the network, the stores' places, and who is told."""

    scope: Scope
    key: KmsKey
    topics: AlertTopics
    vpc: Vpc
    logs: LogBucket
    buckets: Mapping[str, PrivateBucket]
    sessions: RedisReplicationGroup
    load_balancer: LoadBalancer
    database_group: SecurityGroup


@dataclass(frozen=True, kw_only=True)
class Second:
    ground: Ground
    replica: RdsCrossRegionReplica
    replications: Mapping[str, BucketReplication]
    hosts: ScalingGroup


def build_ground(
    scope: Scope,
    settings: PetClinicSettings,
    second: WarmRegion,
    *,
    key: KmsKey,
    topics: AlertTopics,
    certificate: Certificate,
) -> Ground:
    vpc = build_network(scope, settings, key, cidr=second.vpc_cidr, zones=second.zones, nat="single")
    logs = build_log_bucket(scope, settings)
    return Ground(
        scope=scope,
        key=key,
        topics=topics,
        vpc=vpc,
        logs=logs,
        buckets=build_buckets(scope, settings, key, logs),
        sessions=build_sessions(scope, settings, vpc, key),
        load_balancer=_build_load_balancer(
            scope, settings, vpc=vpc, logs=logs, key=key, proven_by=certificate
        ),
        database_group=SecurityGroup(
            f"{scope.name}-database-access",
            SecurityGroupArgs(vpc_id=vpc.vpc_id, description="Database of the second region"),
            scope.opts,
        ),
    )


def build_second(
    ground: Ground, settings: PetClinicSettings, second: WarmRegion, *, first: Scope, data: Data
) -> Second:
    """What arrives from the first region, and the hosts that serve it."""
    replica = _build_replica(ground, settings, data)
    hosts = build_warm_group(
        Given(
            scope=ground.scope,
            settings=settings,
            vpc=ground.vpc,
            key=ground.key,
            database=Database(
                host=replica.endpoint,
                read_hosts={},
                port=replica.port,
                security_group=ground.database_group,
            ),
            sessions=ground.sessions,
            buckets=ground.buckets,
            secret_arn=secret_arn(ground.scope),
            load_balancer=ground.load_balancer,
        ),
        min_instances=second.min_instances,
    )
    return Second(
        ground=ground,
        replica=replica,
        hosts=hosts,
        replications={
            each: _build_replication(first, ground, each, bucket) for each, bucket in data.buckets.items()
        },
    )


def secret_arn(scope: Scope) -> str:
    """The copy's. Its last six characters are those of the first region's, which this one must not wait for:
    IAM takes a question mark for each."""
    stack = scope.stack
    return f"arn:aws:secretsmanager:{stack.region}:{stack.account_id}:secret:{SECRET_NAME}-??????"


def _build_replica(ground: Ground, settings: PetClinicSettings, data: Data) -> RdsCrossRegionReplica:
    scope, wanted = ground.scope, settings.database
    return RdsCrossRegionReplica(
        f"{scope.name}-database",
        RdsCrossRegionReplicaArgs(
            source=data.database,
            source_engine_version=wanted.engine_version,
            region=scope.stack.region,
            identifier=f"{scope.physical_name}-{COPY}",
            instance_class=wanted.instance_class,
            subnet_ids=ground.vpc.database_subnet_ids,
            security_group_ids=[ground.database_group.security_group_id],
            kms_key_arn=ground.key.key_arn,
            log_retention_days=settings.log_retention_days,
            backup_retention_days=wanted.backup_retention_days,
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    )


def _build_replication(first: Scope, ground: Ground, key: str, bucket: PrivateBucket) -> BucketReplication:
    """In the first region, which sends: the second holds its own bucket and asks for nothing."""
    return BucketReplication(
        f"{first.name}-{key}-replication",
        BucketReplicationArgs(
            source=bucket,
            target=ground.buckets[key],
            account_id=first.stack.account_id,
            region=first.stack.region,
            target_region=ground.scope.stack.region,
        ),
        first.opts,
    )


def _build_load_balancer(
    scope: Scope,
    settings: PetClinicSettings,
    *,
    vpc: Vpc,
    logs: LogBucket,
    key: KmsKey,
    proven_by: Certificate,
) -> LoadBalancer:
    """Public, behind a web ACL of its own: CloudFront admits a name to one distribution alone, so the name
    cannot fail over from one to another."""
    domain = settings.domain
    certificate = Certificate(
        f"{scope.name}-certificate",
        CertificateArgs(
            domain_name=domain.hostname,
            subject_alternative_names=[domain.secondary_hostname],
            dns=Route53Dns(domain.zone_id),
            region=scope.stack.region,
            proven_by=proven_by,
        ),
        scope.opts,
    )
    balancer = LoadBalancer(
        f"{scope.name}-lb",
        LoadBalancerArgs(
            vpc_id=vpc.vpc_id,
            subnet_ids=vpc.public_subnet_ids,
            certificate_arn=certificate.arn,
            log_bucket=logs,
            exposure=Internet(),
            targets={WEB: web_target(settings, blue_green=False, on_hosts=True)},
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    )
    WebAcl(
        f"{scope.name}-firewall",
        WebAclArgs(
            scope="REGIONAL",
            account_id=scope.stack.account_id,
            region=scope.stack.region,
            source=OpenToAll(),
            rate_limit_per_5_minutes=settings.edge.rate_limit,
            log_retention_days=settings.log_retention_days,
            kms_key_arn=key.key_arn,
            managed_groups=MANAGED_GROUPS,
            resource_arns={"balancer": balancer.arn},
        ),
        scope.opts,
    )
    return balancer
