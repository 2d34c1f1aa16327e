"""How traffic moves, and what takes it back."""

import json
from pathlib import Path
from typing import Any

import pytest

from components.compute.lambda_args import LambdaFunctionArgs, ZipCode
from components.compute.lambda_function import LambdaFunction
from components.delivery.codedeploy import (
    LambdaDeployApplication,
    LambdaDeployApplicationArgs,
    LambdaDeploymentGroup,
    LambdaDeploymentGroupArgs,
)
from components.delivery.codedeploy_rollout import (
    AllAtOnce,
    Canary,
    Linear,
    Rollout,
    Shift,
    managed_config_name,
)
from tests.harness import Deployment, deploy


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "package.zip"
    path.write_bytes(b"zip")
    return path


def build(package: Path, rollout: Rollout, alarms: int = 1) -> Deployment:
    def make() -> LambdaDeploymentGroup:
        function = LambdaFunction(
            "safework-auth",
            LambdaFunctionArgs(
                code=ZipCode(path=package, handler="handler.handler", runtime="python3.13"),
                description="auth",
                memory_mb=512,
                timeout_seconds=30,
                kms_key_arn="arn:aws:kms:ap-northeast-2:123456789012:key/functions",
                log_retention_days=30,
                rollout=rollout,
            ),
        )
        application = LambdaDeployApplication(
            "safework-deploy", LambdaDeployApplicationArgs(account_id="123456789012", region="ap-northeast-2")
        )
        return LambdaDeploymentGroup(
            "safework-auth-shift",
            LambdaDeploymentGroupArgs(
                application=application,
                function=function,
                alarm_names=[f"alarm-{number}" for number in range(alarms)],
            ),
        )

    return deploy(make)


def group(result: Deployment) -> Any:
    return result.one("aws:codedeploy/deploymentGroup:DeploymentGroup")


def test_an_alarm_or_a_failure_takes_the_traffic_back(package: Path) -> None:
    made = group(build(package, Canary(), alarms=2))
    assert made["alarmConfiguration"] == {
        "enabled": True,
        "alarms": ["alarm-0", "alarm-1"],
        "ignorePollAlarmFailure": False,
    }
    assert made["autoRollbackConfiguration"] == {
        "enabled": True,
        "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"],
    }
    assert made["deploymentStyle"] == {
        "deploymentType": "BLUE_GREEN",
        "deploymentOption": "WITH_TRAFFIC_CONTROL",
    }
    assert made["deploymentConfigName"] == "CodeDeployDefault.LambdaCanary10Percent5Minutes"


@pytest.mark.parametrize(
    ("shift", "kind"),
    [(Canary(percent=25), "timeBasedCanary"), (Linear(interval_minutes=7), "timeBasedLinear")],
)
def test_other_figures_get_a_configuration_of_their_own(package: Path, shift: Shift, kind: str) -> None:
    result = build(package, shift)
    config = result.one("aws:codedeploy/deploymentConfig:DeploymentConfig")
    assert config["trafficRoutingConfig"][kind] == {
        "interval": shift.interval_minutes,
        "percentage": shift.percent,
    }
    assert config["computePlatform"] == "Lambda"
    assert group(result)["deploymentConfigName"] == (config.outputs or {})["deploymentConfigName"]


def test_the_role_reads_alarms_and_moves_this_alias_alone(package: Path) -> None:
    result = build(package, Canary())
    arn = (result.one("aws:lambda/function:Function").outputs or {})["arn"]
    policies = {
        policy.name: json.loads(policy["policy"])["Statement"]
        for policy in result.of_type("aws:iam/rolePolicy:RolePolicy")
    }
    (own,) = policies["safework-auth-shift-policy"]
    assert own["Resource"] == [arn, f"{arn}:*"]
    assert own["Action"] == [
        "lambda:GetAlias",
        "lambda:GetProvisionedConcurrencyConfig",
        "lambda:UpdateAlias",
    ]
    (alarms,) = policies["safework-deploy-role-policy"]
    assert alarms["Resource"] == ["arn:aws:cloudwatch:ap-northeast-2:123456789012:alarm:*"]


def test_release_says_all_that_a_deployment_needs(package: Path) -> None:
    result = build(package, Canary())
    release = {key: result.value(output) for key, output in result.result.release.items()}
    assert release.keys() == {
        "functionName",
        "aliasName",
        "publishedVersion",
        "application",
        "deploymentGroup",
    }
    assert release["aliasName"] == "live"
    assert release["deploymentGroup"] == "safework-auth-shift"
    assert all(release.values())


@pytest.mark.parametrize(("rollout", "alarms"), [(AllAtOnce(), 1), (Canary(), 0), (Canary(), 11)])
def test_a_group_without_sense_is_refused(package: Path, rollout: Rollout, alarms: int) -> None:
    with pytest.raises(ValueError, match=r"AllAtOnce|alarm_names"):
        build(package, rollout, alarms)


@pytest.mark.parametrize(
    ("shift", "platform", "name"),
    [
        (Canary(interval_minutes=30), "Lambda", "CodeDeployDefault.LambdaCanary10Percent30Minutes"),
        (Linear(), "Lambda", "CodeDeployDefault.LambdaLinear10PercentEvery1Minute"),
        (Linear(interval_minutes=3), "ECS", "CodeDeployDefault.ECSLinear10PercentEvery3Minutes"),
        (Canary(interval_minutes=30), "ECS", None),
        (Canary(percent=20), "Lambda", None),
    ],
)
def test_names_of_the_configurations_that_exist(shift: Shift, platform: Any, name: str | None) -> None:
    assert managed_config_name(shift, platform) == name


@pytest.mark.parametrize("figures", [{"percent": 0}, {"percent": 100}, {"interval_minutes": 0}])
def test_impossible_shifts_are_refused(figures: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="got"):
        Canary(**figures)
    with pytest.raises(ValueError, match="got"):
        Linear(**figures)
