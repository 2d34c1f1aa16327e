"""The pipeline's roles of an account, and the boundary that the roles of every system carry for them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

import pulumi
from pulumi_aws import iam

from components.delivery.deploy_documents import StateStore
from components.delivery.deploy_plan import boundary_arn
from components.delivery.deploy_roles import DeployRoles, DeployRolesArgs
from settings.stack import DeployRoles as Wanted
from settings.stack import StackSettings

_DMS_ROLES = ["role/dms-cloudwatch-logs-role", "role/dms-vpc-role"]

NAMED_OTHERWISE: Mapping[str, Mapping[str, Sequence[str]]] = {
    "currencyTravel": {
        "dynamodb": ["table/RankingResults", "table/travel_destination_selections"],
        "sqs": ["data-processing-dlq", "ranking-calculation-queue"],
        "ssm": ["parameter/currency-service/*"],
    },
    "petclinic": {"secretsmanager": ["secret:petclinic/*"]},
    "safework": {"iam": _DMS_ROLES},
    "sesami": {"iam": _DMS_ROLES},
}
"""Physical names that the owners or AWS fixed, which do not begin with the system's."""


def build_deploy_roles(
    name: str, stack: StackSettings, wanted: Wanted, opts: pulumi.ResourceOptions
) -> DeployRoles:
    """For the systems that the stack holds, and what it makes once for the account."""
    baseline = stack.account_baseline
    extra: dict[str, list[str]] = {"cloudtrail": [f"trail/{baseline.trail_name}"]} if baseline else {}
    for key in stack.systems:
        for service, ends in NAMED_OTHERWISE.get(key, {}).items():
            extra.setdefault(service, []).extend(ends)
    return DeployRoles(
        name,
        DeployRolesArgs(
            account_id=stack.account_id,
            label=label(stack),
            repository=stack.repository.removeprefix("github.com/"),
            branch=wanted.branch,
            environment=wanted.environment,
            names=["account-*", *(f"{_kebab(key)}-*" for key in stack.systems)],
            extra={service: list(dict.fromkeys(ends)) for service, ends in extra.items()},
            state=StateStore(bucket=wanted.state.bucket, key_arn=wanted.state.key_arn)
            if wanted.state
            else None,
        ),
        opts,
    )


def label(stack: StackSettings) -> str:
    """What the roles' names begin with."""
    return f"deploy-{stack.environment}"


def foreign_boundary_arn(stack: StackSettings) -> str:
    """The boundary, where another stack of the account and environment makes it."""
    return boundary_arn(stack.account_id, label(stack))


def bound_roles(arn: pulumi.Input[str]) -> None:
    """From here on, every role of the program carries the boundary, unless it names another."""

    def transform(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        props = cast("Mapping[str, Any]", args.props)
        if not isinstance(args.resource, iam.Role) or props.get("permissionsBoundary") is not None:
            return None
        return pulumi.ResourceTransformationResult(
            props={**props, "permissionsBoundary": arn}, opts=args.opts
        )

    pulumi.runtime.register_stack_transformation(transform)


def _kebab(key: str) -> str:
    """A system's logical name from its key: workRedesign is work-redesign."""
    return re.sub(r"(?<!^)([A-Z])", r"-\1", key).lower()
