"""What the owners of PetClinic decide. The defaults are their plan's numbers, with its corrections."""

from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import Field, Strict

from settings.model import Context, Model, Problem, by_environment, section
from settings.petclinic_edge import Domain, Edge
from settings.petclinic_parts import Functions, Hosts, PinnedImage, Pods
from settings.rds import MysqlInstance
from settings.recovery import NoCopies, Recovery
from settings.recovery_plan import BackupCover, NoCover, RdsStore, ReplicaCover
from settings.stack import SystemSettings
from settings.vocabulary import (
    Cidr,
    Count,
    Flag,
    Matching,
    Minutes,
    Percent,
    Positive,
    Region,
    RetentionDays,
    Usd,
    Zone,
)

CacheNodeType = Annotated[
    str, Strict(), Matching(r"cache\.[tmr]\d[a-z]*\.[a-z0-9]+", "a node type such as cache.t4g.medium")
]


class Network(Model):
    """The system's own VPC in the first region."""

    vpc_cidr: Cidr = by_environment(dev="10.150.0.0/16", prod="10.50.0.0/16")
    nat_gateways: Literal["single", "perZone"] = by_environment(dev="single", prod="perZone")
    """Hosts fetch packages, and functions call AWS."""

    def problems(self, context: Context) -> Iterator[Problem]:
        yield from _cidr_problems("vpcCidr", self.vpc_cidr)
        if len(context.zones) == 1:
            yield Problem(
                key="vpcCidr",
                got=list(context.zones),
                allowed="two zones or more in stack.zones: a load balancer stands in two",
            )


class Sessions(Model):
    """Where sessions live, so that any host can answer any request."""

    node_type: CacheNodeType = by_environment(dev="cache.t4g.micro", prod="cache.t4g.medium")
    replicas: Annotated[int, Strict(), Field(ge=1, le=5)] = 1
    """One at least: it takes over, and nobody is signed out."""

    timeout_seconds: Annotated[int, Strict(), Field(ge=60, le=86_400)] = 1_800
    snapshot_retention_days: Annotated[int, Strict(), Field(ge=1, le=35)] = by_environment(dev=1, prod=7)


class Release(Model):
    """Blue/green by ``ops bluegreen``."""

    watch_minutes: Minutes = by_environment(dev=2, prod=10)
    """How long the alarm is watched after the traffic has moved."""

    error_percent: Percent = 1
    """Of answers with 5XX; above it the traffic goes back."""


class NoSecondRegion(Model):
    """One region alone."""

    kind: Literal["none"]


class WarmRegion(Model):
    """A second region that can take over: data arrives all the time, a few hosts are up."""

    kind: Literal["warm"]
    region: Region = "ap-northeast-1"
    zones: Annotated[tuple[Zone, ...], Field(min_length=2, max_length=6)] = (
        "ap-northeast-1a",
        "ap-northeast-1c",
    )
    vpc_cidr: Cidr = by_environment(dev="10.151.0.0/16", prod="10.51.0.0/16")
    min_instances: Annotated[int, Strict(), Field(ge=1, le=200)] = 1
    """Up while the first region serves."""

    def problems(self, context: Context) -> Iterator[Problem]:
        yield from _cidr_problems("vpcCidr", self.vpc_cidr)
        if self.region == context.region:
            yield Problem(key="region", got=self.region, allowed="another region than the stack's")
        for zone in self.zones:
            if zone[:-1] != self.region:
                yield Problem(key="zones", got=zone, allowed=f"zones of {self.region}")
        if len(set(self.zones)) != len(self.zones):
            yield Problem(key="zones", got=list(self.zones), allowed="each zone once")


SecondRegion = Annotated[NoSecondRegion | WarmRegion, Field(discriminator="kind")]


class Failover(Model):
    """When names move to the second region."""

    interval_seconds: Literal[10, 30] = 30
    failures: Annotated[int, Strict(), Field(ge=1, le=10)] = 3
    """Bad answers in a row."""

    @property
    def detection_minutes(self) -> float:
        """From the first bad answer to the other one."""
        return self.interval_seconds * self.failures / 60


class Alarms(Model):
    """When somebody is told."""

    cpu_percent: Percent = 80
    memory_percent: Percent = 80
    server_errors: Count = 10
    """5XX answers in five minutes."""

    latency_ms: Positive = 1_000
    """p95 of the application."""

    database_connections: Positive = 80
    free_storage_percent: Percent = 10
    """Of the first size. RDS adds storage at a tenth free, so below it the ceiling is reached."""

    replica_lag_seconds: Positive = 60
    replication_minutes: Annotated[int, Strict(), Field(ge=15, le=1_440)] = 15
    """How far the bucket of the second region may be behind; S3 promises 15 minutes."""


class PetClinicSettings(SystemSettings):
    monthly_budget_usd: Usd = by_environment(dev=230.0, prod=2_230.0)
    platform: Literal["ec2", "eks"] = "ec2"
    """Where the application runs in the first region."""

    serverless: Flag = False
    """The REST API of products, orders and customers."""

    events: Flag = False
    """The event bus: an order that was created tells inventory, notification and analytics."""

    network: Network = section()
    domain: Domain
    hosts: Hosts
    pods: Pods = section()
    functions: Functions = section()
    database: MysqlInstance = section(
        instance_class=by_environment(dev="db.t4g.micro", prod="db.r6g.large"),
        allocated_storage_gb=by_environment(dev=20, prod=100),
        max_allocated_storage_gb=by_environment(dev=100, prod=500),
        multi_az=by_environment(dev=False, prod=True),
        read_replicas=2,
    )
    sessions: Sessions = section()
    edge: Edge = section()
    release: Release = section()
    second_region: SecondRegion = by_environment(dev={"kind": "none"}, prod={"kind": "warm"})
    failover: Failover = section()
    recovery: Recovery = section(
        # Without a standby dev waits for a promoted replica, with people in between.
        rto_minutes=by_environment(dev=120, prod=60),
        region=by_environment(dev=None, prod={"rtoMinutes": 30, "rpoMinutes": 5}),
        copies=by_environment(dev={"kind": "none"}, prod={"kind": "copies", "region": "ap-northeast-1"}),
    )
    log_retention_days: RetentionDays = by_environment(dev=7, prod=30)
    alarms: Alarms = section()

    def problems(self, context: Context) -> Iterator[Problem]:
        yield from super().problems(context)
        if context.environment == "prod":
            yield from self._prod_problems()
        yield from self.recovery.misses([self.store()])
        if self.platform == "eks" and self.pods.deployer_role is None:
            yield Problem(key="pods.deployerRole", got=None, allowed="a role's name with platform: eks")
        if self.platform == "eks" and self.pods.image_digest is None:
            yield Problem(
                key="pods.imageDigest", got=None, allowed="the digest of an image with platform: eks"
            )
        yield from self._second_region_problems()

    def _prod_problems(self) -> Iterator[Problem]:
        if not self.database.multi_az:
            yield Problem(key="database.multiAz", got=False, allowed="true in prod")
        if self.database.read_replicas < 1:
            yield Problem(key="database.readReplicas", got=0, allowed="at least 1 in prod")
        if self.hosts.min_instances < 2:
            yield Problem(
                key="hosts.minInstances",
                got=self.hosts.min_instances,
                allowed="at least 2 in prod, for two zones",
            )

    def _second_region_problems(self) -> Iterator[Problem]:
        second = self.second_region
        if isinstance(second, NoSecondRegion):
            return
        own, other = IPv4Network(self.network.vpc_cidr), IPv4Network(second.vpc_cidr)
        if own.overlaps(other):
            yield Problem(
                key="secondRegion.vpcCidr",
                got=second.vpc_cidr,
                allowed=f"a block apart from {own}, to join them one day",
            )
        image = self.hosts.image
        if isinstance(image, PinnedImage) and image.second_region_id is None:
            yield Problem(
                key="hosts.image.secondRegionId", got=None, allowed="the image's copy in the second region"
            )
        if second.min_instances > self.hosts.max_instances:
            yield Problem(
                key="secondRegion.minInstances",
                got=second.min_instances,
                allowed=f"at most hosts.maxInstances ({self.hosts.max_instances})",
            )

    def store(self) -> RdsStore:
        """The database, as the recovery times are computed from it."""
        if not isinstance(self.second_region, NoSecondRegion):
            cover = ReplicaCover(lag_seconds=self.alarms.replica_lag_seconds)
        elif isinstance(self.recovery.copies, NoCopies):
            cover = NoCover()
        else:
            cover = BackupCover(every_hours=24)
        return RdsStore(
            key="database",
            storage_gb=self.database.max_allocated_storage_gb,
            multi_az=self.database.multi_az,
            read_replicas=self.database.read_replicas,
            replica_lag_seconds=self.alarms.replica_lag_seconds,
            cover=cover,
        )


def _cidr_problems(key: str, block: str) -> Iterator[Problem]:
    if not 16 <= IPv4Network(block).prefixlen <= 22:
        yield Problem(key=key, got=block, allowed="a block of /16 to /22")
