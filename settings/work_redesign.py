"""What the owners of Work Redesign decide. The defaults are their plan's numbers, with its corrections."""

from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import Field, Strict

from settings.chat import Chat
from settings.containers import ContainerService
from settings.model import Context, Model, Problem, by_environment, by_profile, section
from settings.rds import PostgresInstance
from settings.recovery import NoCopies, Recovery
from settings.recovery_plan import BackupCover, NoCover, RdsStore
from settings.schedule import Hours, Schedule
from settings.stack import IdlingSettings
from settings.vocabulary import (
    Cidr,
    Count,
    FunctionTimeout,
    HostedZoneId,
    Hostname,
    Matching,
    MemoryMb,
    Minutes,
    Percent,
    Positive,
    RelativePath,
    RetentionDays,
    Usd,
    ZoneName,
)

InterfaceEndpoint = Literal[
    "ecr.api", "ecr.dkr", "kms", "logs", "monitoring", "secretsmanager", "sqs", "sts", "xray"
]
PublicImage = Annotated[
    str,
    Strict(),
    Matching(
        r"[a-z0-9.-]+(/[a-z0-9._-]+)+@sha256:[0-9a-f]{64}", "an image by digest: registry/name@sha256:..."
    ),
]
CacheNodeType = Annotated[
    str, Strict(), Matching(r"cache\.[tmr]\d[a-z]*\.[a-z0-9]+", "a node type such as cache.t3.medium")
]


ModelName = Annotated[str, Strict(), Matching(r"[a-z0-9.-]{3,60}", "the name of a model")]


WATCHED_NODES = 9
"""Metrics that CloudWatch takes in one alarm beside its expression."""


class Network(Model):
    """The system's own VPC."""

    vpc_cidr: Cidr = by_environment(dev="10.120.0.0/16", prod="10.20.0.0/16")
    nat_gateways: Literal["single", "perZone"] = by_profile(
        standard=by_environment(dev="single", prod="perZone"), idle="single"
    )
    """The backend calls the model's API, so there is always a way out."""

    interface_endpoints: tuple[InterfaceEndpoint, ...] = by_profile(
        standard=["ecr.api", "ecr.dkr", "logs", "secretsmanager"], idle=[]
    )
    """AWS services that are reached without leaving the VPC. Each is billed by the hour and zone; without,
    the way goes through NAT, over TLS all the same. S3 always has its gateway, which costs nothing."""

    def problems(self, context: Context) -> Iterator[Problem]:
        if not 16 <= IPv4Network(self.vpc_cidr).prefixlen <= 22:
            yield Problem(key="vpcCidr", got=self.vpc_cidr, allowed="a block of /16 to /22")
        if len(set(self.interface_endpoints)) != len(self.interface_endpoints):
            yield Problem(
                key="interfaceEndpoints", got=list(self.interface_endpoints), allowed="each service once"
            )
        if len(context.zones) == 1:
            yield Problem(
                key="vpcCidr",
                got=list(context.zones),
                allowed="two zones or more in stack.zones: a load balancer stands in two",
            )


class Domain(Model):
    """A hosted zone of Route 53, and the name that people open."""

    zone_id: HostedZoneId
    zone: ZoneName
    hostname: Hostname

    def problems(self, context: Context) -> Iterator[Problem]:
        del context
        if not self.hostname.endswith(f".{self.zone}"):
            yield Problem(key="hostname", got=self.hostname, allowed=f"a name in the zone {self.zone}")


class Backend(ContainerService):
    """Express and Socket.IO."""

    sticky_seconds: Annotated[int, Strict(), Field(ge=60, le=604_800)] = 86_400
    """How long a client stays with one task: Socket.IO's handshake is several requests, and a session lives
    in one process. The cookie outlasts a workshop day."""

    migration_command: Annotated[tuple[str, ...], Field(min_length=1)] = ("npm", "run", "migrate")
    """What migrates the database, in the backend's image, before the services move."""

    collector_image: PublicImage
    """The OpenTelemetry collector beside the backend, which sends its traces to X-Ray."""


class Cache(Model):
    """Redis in cluster mode."""

    engine_version: Annotated[str, Strict(), Matching(r"7\.[01]", "'7.1' or '7.0', in quotes")] = "7.1"
    node_type: CacheNodeType = by_environment(
        dev="cache.t4g.micro", prod=by_profile(standard="cache.t3.medium", idle="cache.t4g.micro")
    )
    shards: Annotated[int, Strict(), Field(ge=1, le=90)] = 2
    replicas_per_shard: Annotated[int, Strict(), Field(ge=1, le=5)] = 1
    """One at least: a cluster fails over, or ElastiCache refuses it."""

    snapshot_retention_days: Annotated[int, Strict(), Field(ge=1, le=35)] = by_environment(dev=1, prod=7)

    def problems(self, context: Context) -> Iterator[Problem]:
        del context
        nodes = self.shards * (self.replicas_per_shard + 1)
        if nodes > WATCHED_NODES:
            yield Problem(
                key="shards",
                got=self.shards,
                allowed=f"no more than {WATCHED_NODES} nodes in all, which is what one alarm watches",
            )


class Uploads(Model):
    """What teams upload; every version is kept for a while."""

    archive_old_versions_after_days: Annotated[int, Strict(), Field(ge=1, le=3_650)] = 30
    delete_old_versions_after_days: Annotated[int, Strict(), Field(ge=1, le=3_650)] = 90

    def problems(self, context: Context) -> Iterator[Problem]:
        del context
        if self.delete_old_versions_after_days <= self.archive_old_versions_after_days:
            yield Problem(
                key="deleteOldVersionsAfterDays",
                got=self.delete_old_versions_after_days,
                allowed=f"more than archiveOldVersionsAfterDays ({self.archive_old_versions_after_days})",
            )


class Ai(Model):
    """Analyses that nobody waits for: a queue and its consumer."""

    directory: RelativePath = "functions/work_redesign_ai"
    """Where the consumer's code lives in this repository."""

    runtime: Literal["python3.12", "python3.13", "python3.14"] = "python3.13"
    model: ModelName = "claude-sonnet-4-5"
    memory_mb: MemoryMb = 512
    timeout_seconds: FunctionTimeout = 120
    batch_size: Annotated[int, Strict(), Field(ge=1, le=10)] = 1
    """Messages in one call. The model answers in up to a minute, one after the other."""

    concurrency: Annotated[int, Strict(), Field(ge=2, le=1_000)] = by_environment(dev=2, prod=5)
    """Calls at once: what the model's API admits."""

    max_receives: Annotated[int, Strict(), Field(ge=1, le=100)] = 3
    """Tries before a message waits in the dead-letter queue."""


class Edge(Model):
    """The doors: CloudFront with AWS WAF, and a load balancer that nobody else reaches."""

    rate_limit: Annotated[int, Strict(), Field(ge=100, le=2_000_000)] = 2_000
    """Requests from one address in five minutes before AWS WAF blocks it. A room full of team leaders may
    share one address."""

    cloudfront_prefix_list: Annotated[
        str, Strict(), Matching(r"pl-[0-9a-f]{8,17}", "the id of a managed prefix list")
    ] = "pl-22a6434b"
    """CloudFront's addresses in ap-northeast-2, kept by AWS (com.amazonaws.global.cloudfront.origin-facing,
    2026-08). Another region has another id: ``aws ec2 describe-managed-prefix-lists``."""


class Release(Model):
    """Blue/green by ECS."""

    bake_minutes: Minutes = by_environment(dev=1, prod=10)
    """How long the old tasks stay after the traffic has moved; an alarm in that time moves it back."""


class Alarms(Model):
    """When somebody is told."""

    cpu_percent: Percent = 80
    memory_percent: Percent = 80
    database_connections: Positive = 80
    server_errors: Count = 10
    """5XX answers in five minutes."""

    latency_ms: Positive = 1_000
    """p95 of the backend."""

    free_storage_percent: Percent = 10
    """Of the first size. RDS adds storage at a tenth free, so below it the ceiling is reached."""

    replica_lag_seconds: Positive = 60
    queue_age_seconds: Positive = 900
    error_lines: Count = 10
    """Error lines in the backend's log in five minutes."""


class WorkRedesignSettings(IdlingSettings):
    monthly_budget_usd: Usd = by_profile(standard=1_170.0, idle=400.0)
    schedule: Schedule = by_environment(dev={"kind": "always"}, prod={"kind": "always"})
    """When the services are ready; outside these hours they stand at one task each."""

    network: Network = section()
    domain: Domain
    frontend: ContainerService = section(
        cpu_units=by_environment(dev=256, prod=by_profile(standard=2_048, idle=512)),
        memory_mb=by_environment(dev=512, prod=by_profile(standard=4_096, idle=1_024)),
        min_tasks=by_profile(standard=by_environment(dev=1, prod=2), idle=1),
        max_tasks=by_profile(standard=by_environment(dev=2, prod=4), idle=1),
        port=3_000,
        health_path="/",
    )
    backend: Backend = section(
        cpu_units=by_environment(dev=512, prod=by_profile(standard=2_048, idle=512)),
        memory_mb=by_environment(dev=1_024, prod=by_profile(standard=4_096, idle=1_024)),
        min_tasks=by_profile(standard=by_environment(dev=1, prod=2), idle=1),
        max_tasks=by_profile(standard=by_environment(dev=2, prod=6), idle=1),
        port=4_000,
        health_path="/health",
    )
    release: Release = section()
    database: PostgresInstance = section(
        instance_class=by_environment(
            dev="db.t4g.micro", prod=by_profile(standard="db.t3.large", idle="db.t3.small")
        ),
        allocated_storage_gb=by_environment(dev=20, prod=100),
        max_allocated_storage_gb=by_environment(dev=100, prod=500),
        multi_az=by_environment(dev=False, prod=True),
        read_replicas=by_profile(standard=by_environment(dev=0, prod=1), idle=0),
    )
    cache: Cache = section()
    uploads: Uploads = section()
    ai: Ai = section()
    edge: Edge = section()
    chat: Chat = by_environment(dev={"kind": "none"}, prod={"kind": "webhook"})
    """Where warnings are read, besides the stack's own endpoints."""

    recovery: Recovery = section(
        # A single instance has to be restored where prod fails over, and dev waits for that.
        rto_minutes=by_environment(dev=120, prod=60)
    )
    log_retention_days: RetentionDays = by_environment(dev=7, prod=30)
    alarms: Alarms = section()

    def problems(self, context: Context) -> Iterator[Problem]:
        yield from super().problems(context)
        if context.environment == "prod" and not self.database.multi_az:
            yield Problem(key="database.multiAz", got=False, allowed="true in prod")
        yield from self.recovery.misses([self._store()])
        if self.profile == "standard" and context.environment == "prod" and not self.database.read_replicas:
            yield Problem(
                key="database.readReplicas", got=0, allowed="at least 1 in prod; or choose profile: idle"
            )
        if self.profile == "idle" and isinstance(self.schedule, Hours):
            yield Problem(
                key="schedule.kind",
                got="hours",
                allowed="always with profile: idle, whose services stand at their floor at every hour",
            )

    def _store(self) -> RdsStore:
        return RdsStore(
            key="database",
            # What it may have grown to by the day it is needed.
            storage_gb=self.database.max_allocated_storage_gb,
            multi_az=self.database.multi_az,
            read_replicas=self.database.read_replicas,
            replica_lag_seconds=self.alarms.replica_lag_seconds,
            cover=NoCover() if isinstance(self.recovery.copies, NoCopies) else BackupCover(every_hours=24),
        )
