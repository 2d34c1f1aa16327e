"""The parts of PetClinic's settings that describe hosts, pods and functions."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, Strict

from settings.model import Context, Model, Problem, by_environment
from settings.vocabulary import (
    FunctionTimeout,
    Matching,
    MemoryMb,
    Percent,
)

InstanceType = Annotated[
    str, Strict(), Matching(r"[cmrt]\d[a-z]*\.[a-z0-9]+", "an instance type such as m7g.large")
]
ParameterName = Annotated[
    str, Strict(), Matching(r"/[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*", "the name of an SSM parameter: /a/b")
]
AmiId = Annotated[str, Strict(), Matching(r"ami-[0-9a-f]{8,17}", "the id of an image such as ami-0123abcd")]
Release = Annotated[
    str,
    Strict(),
    Matching(
        r"[0-9A-Za-z][0-9A-Za-z._-]{0,63}", "a version such as 3.5.0, as the artifact's folder is named"
    ),
]
HealthPath = Annotated[
    str, Strict(), Matching(r"/[A-Za-z0-9/._-]*", "a path that answers 200, such as /actuator/health")
]
Instances = Annotated[int, Strict(), Field(ge=0, le=200)]
RoleName = Annotated[
    str, Strict(), Matching(r"[A-Za-z0-9+=,.@_/-]{1,128}", "the name of an IAM role, such as deployer")
]
ImageDigest = Annotated[
    str,
    Strict(),
    Matching(r"sha256:[0-9a-f]{64}", "an image digest: sha256: and 64 hexadecimal digits, not a tag"),
]


class ImageParameter(Model):
    """The newest image that a parameter names, at each start of a host."""

    kind: Literal["parameter"]
    name: ParameterName = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
    """Amazon Linux 2023 for Graviton, kept by AWS in every region; or the pipeline's own image."""


class PinnedImage(Model):
    """One image by its id, to which a failed refresh can go back by itself."""

    kind: Literal["pinned"]
    id: AmiId
    second_region_id: AmiId | None = None
    """The copy of it in the second region."""


Image = Annotated[ImageParameter | PinnedImage, Field(discriminator="kind")]


class NoWarmPool(Model):
    """A host starts from nothing."""

    kind: Literal["none"]


class WarmPool(Model):
    """Hosts that have been set up already and wait, stopped: only their disks are paid for."""

    kind: Literal["stopped"]
    hosts: Annotated[int, Strict(), Field(ge=1, le=50)] = 1


WarmPoolChoice = Annotated[NoWarmPool | WarmPool, Field(discriminator="kind")]


class Releases(Model):
    """What each of the two groups runs. A release writes the idle one's, deploys, moves the traffic."""

    blue: Release
    green: Release
    second_region: Release | None = None
    """What the second region runs: the release that people see. Blue's unless said."""


class Hosts(Model):
    """The application on EC2."""

    releases: Releases
    image: Image = by_environment(dev={"kind": "parameter"}, prod={"kind": "parameter"})
    instance_types: Annotated[tuple[InstanceType, ...], Field(min_length=1, max_length=10)] = by_environment(
        dev=["t4g.small", "t4g.medium"], prod=["m7g.large", "m6g.large", "m7g.xlarge"]
    )
    """In the order of preference; more than one and a group grows when a zone has run out of the first."""

    min_instances: Annotated[int, Strict(), Field(ge=1, le=200)] = by_environment(dev=1, prod=2)
    max_instances: Annotated[int, Strict(), Field(ge=1, le=200)] = by_environment(dev=2, prod=10)
    cpu_percent: Percent = 50
    """What both kinds of scaling aim at."""

    forecast_buffer_seconds: Annotated[int, Strict(), Field(ge=0, le=3_600)] = 600
    """How much earlier than the forecast's hour a host starts."""

    instance_warmup_seconds: Annotated[int, Strict(), Field(ge=30, le=1_800)] = 120
    """Until a new host's load counts: Spring Boot's start and its first requests."""

    warm_pool: WarmPoolChoice = by_environment(dev={"kind": "none"}, prod={"kind": "none"})
    volume_gb: Annotated[int, Strict(), Field(ge=8, le=1_000)] = 20
    port: Annotated[int, Strict(), Field(ge=1_024, le=65_535)] = 8_080
    health_path: HealthPath = "/actuator/health/readiness"
    """What the load balancer asks each host or pod: whether it takes requests, whatever its database does. A
    host that fails is replaced, and a failover of the database must not replace them all."""

    def problems(self, context: Context) -> Iterator[Problem]:
        del context
        if self.min_instances > self.max_instances:
            yield Problem(
                key="minInstances",
                got=self.min_instances,
                allowed=f"at most maxInstances ({self.max_instances})",
            )
        if len(set(self.instance_types)) != len(self.instance_types):
            yield Problem(key="instanceTypes", got=list(self.instance_types), allowed="each type once")
        if isinstance(self.warm_pool, WarmPool) and len(self.instance_types) > 1:
            yield Problem(
                key="warmPool.kind",
                got="stopped",
                allowed="none with several instanceTypes: Auto Scaling keeps no pool for a mixed group",
            )
        families = {_is_graviton(each) for each in self.instance_types}
        if len(families) > 1:
            yield Problem(
                key="instanceTypes",
                got=list(self.instance_types),
                allowed="types of one architecture: the image is for Graviton or for Intel and AMD",
            )


def _is_graviton(instance_type: str) -> bool:
    family = instance_type.partition(".")[0]
    return "g" in family.lstrip("cmrt").lstrip("0123456789")


class Pods(Model):
    """The application on EKS, where ``platform`` is ``eks``."""

    image_digest: ImageDigest | None = None
    """The release, as ``aws ecr describe-images`` names it. Needed with ``platform: eks``."""

    deployer_role: RoleName | None = None
    """The role of the account that deploys, by its name. Needed with ``platform: eks``: the cluster admits
    nobody who is not named."""

    kubernetes_version: Annotated[
        str, Strict(), Matching(r"1\.[0-9]{2}", "a version in quotes, such as '1.35'")
    ] = "1.35"
    replicas: Annotated[int, Strict(), Field(ge=2, le=100)] = 3
    min_replicas: Annotated[int, Strict(), Field(ge=1, le=100)] = 2
    max_replicas: Annotated[int, Strict(), Field(ge=1, le=100)] = 10
    cpu_percent: Percent = 50
    request_memory_mib: Annotated[int, Strict(), Field(ge=128, le=30_720)] = 512
    request_cpu_millis: Annotated[int, Strict(), Field(ge=100, le=16_000)] = 500
    limit_memory_mib: Annotated[int, Strict(), Field(ge=128, le=30_720)] = 1_024
    limit_cpu_millis: Annotated[int, Strict(), Field(ge=100, le=16_000)] = 1_000
    health_path: HealthPath = "/actuator/health"
    """What both probes ask."""

    def problems(self, context: Context) -> Iterator[Problem]:
        del context
        if not self.min_replicas <= self.replicas <= self.max_replicas:
            yield Problem(
                key="replicas",
                got=self.replicas,
                allowed=f"from minReplicas ({self.min_replicas}) to maxReplicas ({self.max_replicas})",
            )
        for key, request, limit in (
            ("limitMemoryMib", self.request_memory_mib, self.limit_memory_mib),
            ("limitCpuMillis", self.request_cpu_millis, self.limit_cpu_millis),
        ):
            if limit < request:
                yield Problem(key=key, got=limit, allowed=f"at least what is requested ({request})")


class Functions(Model):
    """The functions of the API and of the event bus."""

    runtime: Literal["python3.12", "python3.13", "python3.14"] = "python3.13"
    memory_mb: MemoryMb = 256
    timeout_seconds: FunctionTimeout = 15
    throttle_rate: Annotated[int, Strict(), Field(ge=1, le=10_000)] = by_environment(dev=50, prod=500)
    """Requests of the API a second."""

    throttle_burst: Annotated[int, Strict(), Field(ge=1, le=5_000)] = by_environment(dev=100, prod=1_000)
