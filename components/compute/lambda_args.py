"""What a function is made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

import pulumi

from components.delivery.codedeploy_rollout import AllAtOnce, Rollout
from components.security.iam import Statement


@dataclass(frozen=True, kw_only=True)
class ZipCode:
    """A package, as ``package.build_package`` makes it. ``layers`` are ARNs with versions, five at most."""

    path: Path
    handler: str
    runtime: str
    layers: Sequence[pulumi.Input[str]] = ()


@dataclass(frozen=True)
class ImageCode:
    """A container image in ECR, by digest. ``command`` takes the place of the image's own: one image can hold
    several functions."""

    image_uri: pulumi.Input[str]
    command: Sequence[str] = ()


Code: TypeAlias = ZipCode | ImageCode


@dataclass(frozen=True, kw_only=True)
class VpcPlacement:
    """Where the function's network interfaces stand: private subnets in two zones or more."""

    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]


@dataclass(frozen=True, kw_only=True)
class LambdaFunctionArgs:
    """``kms_key_arn`` encrypts the environment and the log group: its policy must admit CloudWatch Logs."""

    code: Code
    description: str
    memory_mb: int
    timeout_seconds: int
    kms_key_arn: pulumi.Input[str]
    log_retention_days: int
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    """Names and addresses. Secrets are read from Secrets Manager at run time."""
    statements: Sequence[Statement] = ()
    """What the code may do, besides writing its log and its traces."""
    vpc: VpcPlacement | None = None
    architecture: Literal["arm64", "x86_64"] = "arm64"
    reserved_concurrency: int | None = None
    """Concurrent executions kept for this function, and its ceiling. None shares the account's."""
    provisioned_concurrency: int = 0
    """Environments kept warm on the alias."""
    rollout: Rollout = field(default_factory=AllAtOnce)
    failure_queue_arn: pulumi.Input[str] | None = None
    """SQS queue for events that an asynchronous call could not deliver after its retries."""
    alias_name: str = "live"

    def __post_init__(self) -> None:
        if not 128 <= self.memory_mb <= 10_240:
            raise ValueError(f"memory_mb: got {self.memory_mb}; Lambda allows 128 to 10240")
        if not 1 <= self.timeout_seconds <= 900:
            raise ValueError(f"timeout_seconds: got {self.timeout_seconds}; Lambda allows 1 to 900")
        if self.provisioned_concurrency < 0:
            raise ValueError(f"provisioned_concurrency: got {self.provisioned_concurrency}; 0 is none")
        if self.reserved_concurrency is not None and self.provisioned_concurrency > self.reserved_concurrency:
            raise ValueError(
                f"provisioned_concurrency: got {self.provisioned_concurrency}; at most the reserved "
                f"{self.reserved_concurrency}. Raise reserved_concurrency or leave it out"
            )
        if isinstance(self.code, ZipCode) and not self.code.path.is_file():
            raise ValueError(f"code: {self.code.path} is missing; build the package before the function")
