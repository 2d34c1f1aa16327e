"""The least that each component of the group needs."""

import dataclasses
from typing import Any

import pulumi

from components.compute.lambda_function import LambdaFunction
from components.delivery.budget import Budget, BudgetArgs
from components.delivery.codedeploy import (
    LambdaDeployApplication,
    LambdaDeployApplicationArgs,
    LambdaDeploymentGroup,
    LambdaDeploymentGroupArgs,
)
from components.delivery.codedeploy_rollout import Canary
from tests.contracts import given
from tests.contracts.examples_compute import function_args

Options = pulumi.ResourceOptions | None


def _budget(name: str, opts: Options) -> Budget:
    return Budget(name, BudgetArgs(system="example", monthly_limit_usd=10, emails=["a@example.com"]), opts)


def _application(name: str, opts: Options) -> LambdaDeployApplication:
    args = LambdaDeployApplicationArgs(account_id=given.ACCOUNT, region=given.REGION)
    return LambdaDeployApplication(name, args, opts)


def _deployment_group(name: str, opts: Options) -> LambdaDeploymentGroup:
    shifted = dataclasses.replace(function_args(), rollout=Canary())
    args = LambdaDeploymentGroupArgs(
        application=_application("application", None),
        function=LambdaFunction("function", shifted),
        alarm_names=["errors"],
    )
    return LambdaDeploymentGroup(name, args, opts)


EXAMPLES: dict[str, Any] = {
    "Budget": _budget,
    "LambdaDeployApplication": _application,
    "LambdaDeploymentGroup": _deployment_group,
}
