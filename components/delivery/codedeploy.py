"""Shifting traffic between versions of a function, with alarms that take it back."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import codedeploy, iam

from components.compute.lambda_function import LambdaFunction
from components.delivery.codedeploy_rollout import (
    AllAtOnce,
    Canary,
    Linear,
    Rollout,
    Shift,
    managed_config_name,
)
from components.security.iam import Statement, policy_document
from components.security.service_role import ServiceRole, ServiceRoleArgs

MAX_ALARMS = 10
"""CodeDeploy's quota of alarms for one deployment group."""


@dataclass(frozen=True, kw_only=True)
class LambdaDeployApplicationArgs:
    """Where the alarms are that the deployments watch."""

    account_id: str
    region: str


class LambdaDeployApplication(pulumi.ComponentResource):
    """A system's CodeDeploy application for functions, and the role it works with.

    The role reads alarms and nothing else; each deployment group adds its own function. AWS's managed
    policy for this reaches every function, topic and hook of the account, so it is not used.
    """

    application_name: pulumi.Output[str]
    role_arn: pulumi.Output[str]
    role_name: pulumi.Output[str]

    def __init__(
        self, name: str, args: LambdaDeployApplicationArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("platform:delivery:LambdaDeployApplication", name, None, opts)
        self._name = name
        self._configs: dict[Shift, codedeploy.DeploymentConfig] = {}
        self.application = codedeploy.Application(
            f"{name}-application", compute_platform="Lambda", opts=pulumi.ResourceOptions(parent=self)
        )
        self.role = ServiceRole(
            f"{name}-role",
            ServiceRoleArgs(
                service="codedeploy.amazonaws.com",
                description=f"CodeDeploy for {name}",
                statements=[
                    Statement(
                        actions=["cloudwatch:DescribeAlarms"],
                        resources=[f"arn:aws:cloudwatch:{args.region}:{args.account_id}:alarm:*"],
                    )
                ],
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.application_name = self.application.name
        self.role_arn = self.role.role_arn
        self.role_name = self.role.role_name
        self.register_outputs({"applicationName": self.application_name, "roleArn": self.role_arn})

    def config_name(self, shift: Shift) -> pulumi.Output[str]:
        """The deployment configuration for a shift: CodeDeploy's own where it has one, else one of ours."""
        managed = managed_config_name(shift, "Lambda")
        if managed is not None:
            return pulumi.Output.from_input(managed)
        if shift not in self._configs:
            self._configs[shift] = self._build_config(shift)
        return self._configs[shift].deployment_config_name

    def _build_config(self, shift: Shift) -> codedeploy.DeploymentConfig:
        """A configuration cannot change: its figures are its name, so others make a new one beside it."""
        figures = f"{type(shift).__name__}{shift.percent}Percent{shift.interval_minutes}Minutes"
        return codedeploy.DeploymentConfig(
            f"{self._name}-{figures}",
            # Names are the account's; the application's own has a suffix that no other stack shares.
            deployment_config_name=pulumi.Output.concat(self.application_name, f"-{figures}"),
            compute_platform="Lambda",
            traffic_routing_config=_traffic_routing(shift),
            opts=pulumi.ResourceOptions(parent=self),
        )


@dataclass(frozen=True, kw_only=True)
class LambdaDeploymentGroupArgs:
    """``alarm_names``: one to ten alarms, any of which stops a shift and takes the traffic back."""

    application: LambdaDeployApplication
    function: LambdaFunction
    alarm_names: Sequence[pulumi.Input[str]]

    def __post_init__(self) -> None:
        if not 1 <= len(self.alarm_names) <= MAX_ALARMS:
            raise ValueError(
                f"alarm_names: got {len(self.alarm_names)}; allowed 1 to {MAX_ALARMS}. "
                "A shift that no alarm can stop is only a slow deployment"
            )


class LambdaDeploymentGroup(pulumi.ComponentResource):
    """The way one function's alias moves, by the function's own ``rollout``.

    Pulumi publishes a version and leaves the alias; a release (``codedeploy create-deployment``) moves it.
    That is the operator's step, since a deployment is an event and not a resource: ``release`` holds all
    it needs. Hooks before and after the traffic are left out: the alarms judge by real requests.
    """

    deployment_group_name: pulumi.Output[str]
    deployment_config_name: pulumi.Output[str]
    release: dict[str, pulumi.Output[str]]
    """functionName, aliasName, publishedVersion, application, deploymentGroup."""

    def __init__(
        self, name: str, args: LambdaDeploymentGroupArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("platform:delivery:LambdaDeploymentGroup", name, None, opts)
        self._name = name
        self._args = args
        shift = _shift(name, args.function.rollout)
        self.policy = self._build_policy()
        self.deployment_config_name = args.application.config_name(shift)
        self.group = self._build_group(self.policy)
        self.deployment_group_name = self.group.deployment_group_name
        self.release = {
            "functionName": args.function.function_name,
            "aliasName": args.function.alias_name,
            "publishedVersion": args.function.published_version,
            "application": args.application.application_name,
            "deploymentGroup": self.deployment_group_name,
        }
        self.register_outputs({"deploymentGroupName": self.deployment_group_name, "release": self.release})

    def _build_policy(self) -> iam.RolePolicy:
        arn = self._args.function.function_arn
        return iam.RolePolicy(
            f"{self._name}-policy",
            role=self._args.application.role_name,
            policy=policy_document(
                Statement(
                    actions=[
                        "lambda:GetAlias",
                        "lambda:GetProvisionedConcurrencyConfig",
                        "lambda:UpdateAlias",
                    ],
                    resources=[arn, pulumi.Output.concat(arn, ":*")],
                )
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_group(self, policy: iam.RolePolicy) -> codedeploy.DeploymentGroup:
        return codedeploy.DeploymentGroup(
            f"{self._name}-group",
            app_name=self._args.application.application_name,
            deployment_group_name=self._name,
            service_role_arn=self._args.application.role_arn,
            deployment_config_name=self.deployment_config_name,
            deployment_style={
                "deployment_type": "BLUE_GREEN",
                "deployment_option": "WITH_TRAFFIC_CONTROL",
            },
            alarm_configuration={
                "enabled": True,
                "alarms": list(self._args.alarm_names),
                # A watch that cannot see must stop the shift, not wave it through.
                "ignore_poll_alarm_failure": False,
            },
            auto_rollback_configuration={
                "enabled": True,
                "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"],
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )


def _shift(name: str, rollout: Rollout) -> Shift:
    match rollout:
        case AllAtOnce():
            raise ValueError(
                f"{name}: the function's rollout is AllAtOnce, so its alias needs no deployment group; "
                "give the function Canary(...) or Linear(...), or leave the group out"
            )
        case _:
            return rollout


def _traffic_routing(shift: Shift) -> codedeploy.DeploymentConfigTrafficRoutingConfigArgs:
    match shift:
        case Canary(percent=percent, interval_minutes=minutes):
            return codedeploy.DeploymentConfigTrafficRoutingConfigArgs(
                type="TimeBasedCanary",
                time_based_canary=codedeploy.DeploymentConfigTrafficRoutingConfigTimeBasedCanaryArgs(
                    interval=minutes, percentage=percent
                ),
            )
        case Linear(percent=percent, interval_minutes=minutes):
            return codedeploy.DeploymentConfigTrafficRoutingConfigArgs(
                type="TimeBasedLinear",
                time_based_linear=codedeploy.DeploymentConfigTrafficRoutingConfigTimeBasedLinearArgs(
                    interval=minutes, percentage=percent
                ),
            )
