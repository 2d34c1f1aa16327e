"""What a Batch worker is told."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import pulumi

from components.compute.batch_worker_plan import FleetCapacity, fleet_capacity
from components.compute.container_image import ContainerImage
from components.compute.fargate_task_definition import SecretReference
from components.security.iam import Statement

_USER = re.compile(r"[1-9][0-9]*(:[1-9][0-9]*)?")


@dataclass(frozen=True)
class Fifo:
    """Jobs start in the order they came. The only queue that EventBridge can submit to."""


@dataclass(frozen=True, kw_only=True)
class FairShare:
    """Every share (a user, a team) gets its part of the fleet while others wait.

    Each SubmitJob must name its share, which EventBridge's pipes and rules cannot do: whoever needs shares
    submits with code. A queue keeps its kind for life.
    """

    share_decay_seconds: int = 3_600
    """How long past use counts against a share; 0 to 604,800."""
    compute_reservation_percent: int = 10
    """Kept free for shares that have no job yet; 0 to 99."""


Scheduling: TypeAlias = Fifo | FairShare


def _no_environment() -> Mapping[str, pulumi.Input[str]]:
    return {}


def _no_secrets() -> Mapping[str, SecretReference]:
    return {}


@dataclass(frozen=True, kw_only=True)
class BatchWorkerArgs:
    """``secrets`` reach the job as environment variables; ``statements`` are what it may do itself."""

    region: str
    account_id: str
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    image: ContainerImage
    vcpus: int
    memory_mb: int
    timeout_seconds: int
    """Of one attempt."""
    kms_key_arn: pulumi.Input[str]
    log_retention_days: int
    scheduling: Scheduling
    instance_types: Sequence[str]
    max_vcpus: int
    bid_percent: int = 100
    """Of the on-demand price: the most that Spot may cost."""
    attempts: int = 5
    """Starts of a job in all; only a Spot reclaim or a host that failed leads to another."""
    scratch_mb: int = 2_048
    """Memory-backed ``/tmp``, the one place a job can write; counts against ``memory_mb``."""
    volume_gb: int = 60
    """The instance's disk, for images and logs."""
    user: str = "10001:10001"
    """User and group of the process, as numbers."""
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=_no_environment)
    secrets: Mapping[str, SecretReference] = field(default_factory=_no_secrets)
    statements: Sequence[Statement] = ()

    def __post_init__(self) -> None:
        _between("bid_percent", self.bid_percent, 1, 100)
        _between("attempts", self.attempts, 1, 10)
        # Batch: 60 seconds is the least that it watches.
        _between("timeout_seconds", self.timeout_seconds, 60, 1_209_600)
        _between("scratch_mb", self.scratch_mb, 1, self.memory_mb - 1)
        # The image of ECS on Amazon Linux 2023 is 30 GB.
        _between("volume_gb", self.volume_gb, 30, 16_384)
        if isinstance(self.scheduling, FairShare):
            _between("share_decay_seconds", self.scheduling.share_decay_seconds, 0, 604_800)
            _between("compute_reservation_percent", self.scheduling.compute_reservation_percent, 0, 99)
        if not _USER.fullmatch(self.user):
            raise ValueError(
                f"user: got {self.user!r}; a number other than 0, and a group after a colon: name the user "
                "that the image was made for"
            )

    @property
    def capacity(self) -> FleetCapacity:
        return fleet_capacity(
            instance_types=self.instance_types,
            max_vcpus=self.max_vcpus,
            job_vcpus=self.vcpus,
            job_memory_mb=self.memory_mb,
        )


def _between(field_name: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise ValueError(f"{field_name}: got {value}; allowed {least} to {most}")
