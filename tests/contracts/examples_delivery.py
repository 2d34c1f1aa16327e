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
from components.delivery.deploy_roles import DeployRoles, DeployRolesArgs
from components.delivery.schedule import Hours, ScalingSchedule, ScalingScheduleArgs, ScheduledService
from components.delivery.scheduled_task import ScheduledTask, ScheduledTaskArgs
from tests.contracts import examples_containers as containers
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


def _schedule(name: str, opts: Options) -> ScalingSchedule:
    hours = Hours(opens="08:00", closes="20:00", days=["MON"], timezone="Asia/Seoul")
    service = ScheduledService(resource_id="service/cluster/app", open_min=2, open_max=4, floor=1)
    return ScalingSchedule(name, ScalingScheduleArgs(hours=hours, services={"app": service}), opts)


def _scheduled_task(name: str, opts: Options) -> ScheduledTask:
    args = ScheduledTaskArgs(
        cluster=containers.cluster("cluster", None),
        task=containers.task_args(),
        schedule="rate(5 minutes)",
        description="Example",
        vpc_id=given.VPC_ID,
        subnet_ids=given.SUBNET_IDS,
        failure_queue_arn=f"arn:aws:sqs:{given.REGION}:{given.ACCOUNT}:failures",
        failure_queue_key_arn=given.KEY_ARN,
        kms_key_arn=given.KEY_ARN,
    )
    return ScheduledTask(name, args, opts)


def _deploy_roles(name: str, opts: Options) -> DeployRoles:
    args = DeployRolesArgs(
        account_id=given.ACCOUNT,
        label="deploy-example",
        repository="example/seoul-platform",
        branch="main",
        environment="example",
        names=["example-*"],
    )
    return DeployRoles(name, args, opts)


EXAMPLES: dict[str, Any] = {
    "EcrRepository": containers.repository,
    "ScalingSchedule": _schedule,
    "ScheduledTask": _scheduled_task,
    "Budget": _budget,
    "DeployRoles": _deploy_roles,
    "LambdaDeployApplication": _application,
    "LambdaDeploymentGroup": _deployment_group,
}
