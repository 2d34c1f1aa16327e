"""What the owners of Sesami decide. The defaults are the numbers of their plan, with its corrections."""

from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import Field, Strict

from settings.containers import ContainerService, ContainerUser, ImageDigest
from settings.migration import Migration
from settings.model import Context, Model, Problem, by_environment, by_profile, section
from settings.rds import PostgresInstance
from settings.stack import ProfiledSettings
from settings.vocabulary import (
    Cidr,
    Count,
    HostedZoneId,
    Hostname,
    Matching,
    Minutes,
    Percent,
    Positive,
    RetentionDays,
    Usd,
    ZoneName,
)

InterfaceEndpoint = Literal["ecr.api", "ecr.dkr", "kms", "logs", "secretsmanager", "sqs"]
WorkerInstance = Literal["c5.xlarge", "c5.2xlarge", "c6i.xlarge", "c6i.2xlarge", "m5.xlarge", "m6i.xlarge"]


class Network(Model):
    """The system's own VPC. Jobs read repositories on the internet, so there is always NAT."""

    vpc_cidr: Cidr = by_environment(dev="10.140.0.0/16", prod="10.40.0.0/16")
    nat_gateways: Literal["single", "perZone"] = by_environment(dev="single", prod="perZone")
    interface_endpoints: tuple[InterfaceEndpoint, ...] = by_profile(
        standard=["ecr.api", "ecr.dkr", "logs", "secretsmanager", "sqs"], economy=[]
    )
    """AWS services that are reached without leaving the VPC. Each is billed by the hour and zone."""

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
    """A hosted zone of Route 53, and the names in it."""

    zone_id: HostedZoneId
    zone: ZoneName
    hostname: Hostname
    """What people open: the single-page application."""

    api_hostname: Hostname
    """What that application calls."""

    def problems(self, context: Context) -> Iterator[Problem]:
        del context
        names = {"hostname": self.hostname, "apiHostname": self.api_hostname}
        for key, name in names.items():
            if not name.endswith(f".{self.zone}"):
                yield Problem(key=key, got=name, allowed=f"a name in the zone {self.zone}")
        if self.hostname == self.api_hostname:
            yield Problem(
                key="apiHostname", got=self.api_hostname, allowed="a name of its own, unlike hostname"
            )


class Jobs(Model):
    """The queue between the API and the workers."""

    visibility_seconds: Annotated[int, Strict(), Field(ge=30, le=43_200)] = 900
    """How long a message is the pipe's, until Batch has the job; not how long the job may take."""

    retention_days: Annotated[int, Strict(), Field(ge=1, le=14)] = 14
    max_receives: Annotated[int, Strict(), Field(ge=1, le=100)] = 3
    """Tries before a message waits in the dead-letter queue."""


class Worker(Model):
    """One analysis is one job of AWS Batch, on Spot instances."""

    image_digest: ImageDigest
    vcpus: Annotated[int, Strict(), Field(ge=1, le=16)] = 4
    memory_mb: Annotated[int, Strict(), Field(ge=512, le=65_536)] = 8_192
    """An instance of 8 GB cannot give it all away: 8192 wants one of 16 GB, 7168 fits every type."""

    timeout_minutes: Minutes = 60
    """Of one attempt. Batch ends it, and does not repeat it."""

    attempts: Annotated[int, Strict(), Field(ge=1, le=10)] = 5
    """Starts of a job in all. Only a Spot reclaim leads to another."""

    scratch_mb: Annotated[int, Strict(), Field(ge=64, le=32_768)] = 2_048
    """The job's /tmp, where it clones a repository: memory, out of memoryMb."""

    user: ContainerUser = "1000:1000"
    instance_types: Annotated[tuple[WorkerInstance, ...], Field(min_length=1)] = (
        "c5.xlarge",
        "c5.2xlarge",
        "c6i.xlarge",
        "m5.xlarge",
        "m6i.xlarge",
    )
    """The plan's three, and two with 16 GB beside 4 vCPUs, so that a job of 8 GB fills an instance. Batch
    takes those that can hold a job."""

    max_vcpus: Annotated[int, Strict(), Field(ge=4, le=10_000)] = 256
    """The fleet's size when there is much to do; without work it is 0."""

    bid_percent: Percent = 100
    """Of the on-demand price: the most that Spot may cost."""

    typical_minutes: Minutes = 15
    """How long an analysis takes, for the alarms that follow from the fleet's capacity."""

    def problems(self, context: Context) -> Iterator[Problem]:
        del context
        if self.scratch_mb >= self.memory_mb:
            yield Problem(
                key="scratchMb", got=self.scratch_mb, allowed=f"less than memoryMb ({self.memory_mb})"
            )
        if self.typical_minutes > self.timeout_minutes:
            yield Problem(
                key="typicalMinutes",
                got=self.typical_minutes,
                allowed=f"at most timeoutMinutes ({self.timeout_minutes})",
            )


class Edge(Model):
    """The doors: CloudFront with AWS WAF, and a load balancer that nobody else reaches."""

    rate_limit: Annotated[int, Strict(), Field(ge=100, le=2_000_000)] = 2_000
    """Requests from one address in five minutes before it is blocked."""

    cloudfront_prefix_list: Annotated[
        str, Strict(), Matching(r"pl-[0-9a-f]{8,17}", "the id of a managed prefix list")
    ] = "pl-22a6434b"
    """CloudFront's addresses in ap-northeast-2, kept by AWS (com.amazonaws.global.cloudfront.origin-facing,
    2026-08). Another region has another id: ``aws ec2 describe-managed-prefix-lists``."""


class Alarms(Model):
    """When somebody is told."""

    cpu_percent: Percent = 85
    memory_percent: Percent = 80
    server_errors: Count = 10
    """5XX answers in five minutes."""

    latency_ms: Positive = 1_000
    """p95 of the API."""

    database_connections: Positive = 60
    free_storage_percent: Percent = 10
    """RDS adds storage at a tenth free; what stays below has reached its ceiling."""


class SesamiSettings(ProfiledSettings):
    monthly_budget_usd: Usd = by_profile(
        standard=by_environment(dev=290.0, prod=860.0), economy=by_environment(dev=180.0, prod=750.0)
    )
    network: Network = section()
    domain: Domain
    api: ContainerService = section(
        cpu_units=512, memory_mb=1_024, min_tasks=2, max_tasks=10, port=8_000, health_path="/health"
    )
    jobs: Jobs = section()
    worker: Worker = section()
    database: PostgresInstance = section(
        instance_class=by_environment(dev="db.t4g.micro", prod="db.r6g.large"),
        allocated_storage_gb=20,
        max_allocated_storage_gb=100,
        multi_az=True,
        read_replicas=0,
    )
    edge: Edge = section()
    migration: Migration = by_environment(dev={"kind": "none"}, prod={"kind": "none"})
    """How the old database comes here. Back to none when it has."""

    log_retention_days: RetentionDays = by_environment(dev=7, prod=30)
    alarms: Alarms = section()

    def problems(self, context: Context) -> Iterator[Problem]:
        yield from super().problems(context)
        if context.environment == "prod" and not self.database.multi_az:
            yield Problem(key="database.multiAz", got=False, allowed="true in prod")
        if self.database.read_replicas:
            yield Problem(
                key="database.readReplicas",
                got=self.database.read_replicas,
                allowed="0: the application knows one database address",
            )
