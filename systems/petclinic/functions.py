"""What PetClinic's functions have in common."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pulumi

from components.compute.lambda_function import LambdaFunction, LambdaFunctionArgs, VpcPlacement, ZipCode
from components.compute.package import build_package
from components.network.vpc import Vpc
from components.security.iam import Statement
from components.security.kms_key import KmsKey
from settings.petclinic import PetClinicSettings
from systems.petclinic.network import open_ways_out
from systems.scope import Scope

BUILD_DIRECTORY = Path("build")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """One function: where its code is, and what it may do."""

    sources: Path
    description: str
    timeout_seconds: int
    handler: str = "handler.handler"
    memory_mb: int = 128
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    statements: Sequence[Statement] = ()
    failure_queue_arn: pulumi.Input[str] | None = None
    """Where an event goes that the function could not take, when nobody waits for its answer."""


def build_function(
    scope: Scope, settings: PetClinicSettings, role: str, wanted: Wanted, *, vpc: Vpc, key: KmsKey
) -> LambdaFunction:
    """A function in the private subnets, with the way out that it needs for AWS."""
    sources = wanted.sources
    package = build_package({"": sources}, BUILD_DIRECTORY, name=sources.name.replace("_", "-"))
    function = LambdaFunction(
        f"{scope.name}-{role}",
        LambdaFunctionArgs(
            code=ZipCode(path=package, handler=wanted.handler, runtime=settings.functions.runtime),
            description=wanted.description,
            memory_mb=wanted.memory_mb,
            timeout_seconds=wanted.timeout_seconds,
            kms_key_arn=key.key_arn,
            log_retention_days=settings.log_retention_days,
            environment=wanted.environment,
            statements=wanted.statements,
            failure_queue_arn=wanted.failure_queue_arn,
            vpc=VpcPlacement(vpc_id=vpc.vpc_id, subnet_ids=vpc.private_subnet_ids),
        ),
        scope.opts,
    )
    open_ways_out(function.security_group, vpc)
    return function
