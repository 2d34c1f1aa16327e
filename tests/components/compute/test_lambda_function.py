"""A function with its role, log, door and alias."""

import json
from pathlib import Path
from typing import Any

import pytest

from components.compute.lambda_args import ImageCode, LambdaFunctionArgs, VpcPlacement, ZipCode
from components.compute.lambda_function import LambdaFunction
from components.compute.lambda_layer import LambdaLayer, LambdaLayerArgs
from components.delivery.codedeploy_rollout import Canary
from components.security.grants import read_secret
from tests.harness import Deployment, deploy

KEY = "arn:aws:kms:ap-northeast-2:123456789012:key/functions"
LAYER = "arn:aws:lambda:ap-northeast-2:123456789012:layer:shared:1"
QUEUE = "arn:aws:sqs:ap-northeast-2:123456789012:failures"
FUNCTION, ALIAS = "aws:lambda/function:Function", "aws:lambda/alias:Alias"
VPC = VpcPlacement(vpc_id="vpc-1", subnet_ids=["subnet-a", "subnet-b"])


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "package.zip"
    path.write_bytes(b"zip")
    return path


def arguments(package: Path, **changes: Any) -> LambdaFunctionArgs:
    given: dict[str, Any] = {
        "code": ZipCode(path=package, handler="handler.handler", runtime="python3.13", layers=[LAYER]),
        "description": "SafeWork: auth",
        "memory_mb": 512,
        "timeout_seconds": 30,
        "kms_key_arn": KEY,
        "log_retention_days": 30,
        "environment": {"ROUTES": '["/auth/*"]'},
    }
    return LambdaFunctionArgs(**{**given, **changes})


def build(package: Path, **changes: Any) -> Deployment:
    return deploy(lambda: LambdaFunction("safework-auth", arguments(package, **changes)))


def statements(result: Deployment, name: str) -> list[dict[str, Any]]:
    return json.loads(result.one("aws:iam/rolePolicy:RolePolicy", name)["policy"])["Statement"]


def grants_of(result: Deployment) -> dict[str, dict[str, Any]]:
    """The role's statements by action."""
    granted = statements(result, "safework-auth-role-policy")
    return {action: each for each in granted for action in each["Action"]}


def test_the_function_is_arm_traced_encrypted_and_logged(package: Path) -> None:
    result = build(package)
    function = result.one(FUNCTION)
    logs = result.one("aws:cloudwatch/logGroup:LogGroup")
    assert function["architectures"] == ["arm64"]
    assert (function["memorySize"], function["timeout"]) == (512, 30)
    assert function["tracingConfig"] == {"mode": "Active"}
    assert function["kmsKeyArn"] == logs["kmsKeyId"] == KEY
    assert function["loggingConfig"]["logFormat"] == "JSON"
    assert function["loggingConfig"]["logGroup"] == (logs.outputs or {})["name"]
    assert logs["retentionInDays"] == 30
    assert function["sourceCodeHash"] == "SnD+mqZDbgLC3qNA+9HjUuTvLYzmylKtJdS5VHH8i/I="
    assert function["publish"] is True
    assert "vpcConfig" not in function.inputs


def test_a_role_may_write_its_own_log_and_what_it_was_given(package: Path) -> None:
    secret = "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:db"
    result = build(package, statements=[read_secret(secret)])
    granted = grants_of(result)
    logs = result.one("aws:cloudwatch/logGroup:LogGroup")
    assert granted["logs:PutLogEvents"]["Resource"] == [f"{(logs.outputs or {})['arn']}:*"]
    assert granted["kms:Decrypt"]["Resource"] == [KEY]
    assert granted["secretsmanager:GetSecretValue"]["Resource"] == [secret]
    assert [each["Action"][0] for each in granted.values() if "*" in each["Resource"]] == [
        "xray:GetSamplingRules"
    ] * 4
    assert "ec2:CreateNetworkInterface" not in granted


def test_in_a_vpc_the_service_may_attach_but_the_code_may_not(package: Path) -> None:
    result = build(package, vpc=VPC)
    function, group = result.one(FUNCTION), result.one("aws:ec2/securityGroup:SecurityGroup")
    assert function["vpcConfig"] == {"subnetIds": ["subnet-a", "subnet-b"], "securityGroupIds": [group.id]}
    (denial,) = statements(result, "safework-auth-network-denial")
    assert denial["Effect"] == "Deny"
    assert "ec2:CreateNetworkInterface" in denial["Action"]
    arn = (function.outputs or {})["arn"]
    assert denial["Condition"] == {"ArnLike": {"lambda:SourceFunctionArn": [arn, f"{arn}:*"]}}


def test_the_function_waits_for_its_role_policy(package: Path) -> None:
    result = build(package, vpc=VPC)
    policy = result.one("aws:iam/rolePolicy:RolePolicy", "safework-auth-role-policy")
    assert policy.urn in result.one(FUNCTION).dependencies


def test_the_alias_follows_unless_traffic_is_shifted(package: Path) -> None:
    assert build(package).one(ALIAS).options.ignore_changes == ()
    shifted = build(package, rollout=Canary()).one(ALIAS)
    assert shifted.options.ignore_changes == ("functionVersion", "routingConfig")
    assert shifted["name"] == "live"


def test_warm_environments_and_failed_events_belong_to_the_alias(package: Path) -> None:
    result = build(package, provisioned_concurrency=2, failure_queue_arn=QUEUE)
    warm = result.one("aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig")
    assert (warm["qualifier"], warm["provisionedConcurrentExecutions"]) == ("live", 2)
    failures = result.one("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig")
    assert failures["qualifier"] == "live"
    assert failures["destinationConfig"] == {"onFailure": {"destination": QUEUE}}
    assert grants_of(result)["sqs:SendMessage"]["Resource"] == [QUEUE]


def test_an_image_has_no_handler_and_no_zip(package: Path) -> None:
    uri = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/ranking@sha256:0"
    function = build(package, code=ImageCode(uri)).one(FUNCTION)
    assert (function["packageType"], function["imageUri"]) == ("Image", uri)
    assert not {"code", "handler", "runtime", "layers", "sourceCodeHash"} & function.inputs.keys()


def test_a_permission_names_the_alias_and_the_source(package: Path) -> None:
    def make() -> None:
        function = LambdaFunction("safework-auth", arguments(package))
        function.allow_invoke("topic", principal="sns.amazonaws.com", source_arn="arn:aws:sns:::topic")

    permission = deploy(make).one("aws:lambda/permission:Permission")
    assert permission.name == "safework-auth-invoke-topic"
    assert (permission["qualifier"], permission["sourceArn"]) == ("live", "arn:aws:sns:::topic")


def test_without_a_vpc_there_is_no_group_to_open(package: Path) -> None:
    def make() -> None:
        function = LambdaFunction("safework-auth", arguments(package))
        with pytest.raises(ValueError, match="in no VPC"):
            _ = function.security_group_id

    deploy(make)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"memory_mb": 64}, "128 to 10240"),
        ({"timeout_seconds": 901}, "1 to 900"),
        ({"provisioned_concurrency": -1}, "0 is none"),
        ({"provisioned_concurrency": 3, "reserved_concurrency": 2}, "at most the reserved"),
        ({"code": ZipCode(path=Path("none.zip"), handler="h.h", runtime="python3.13")}, "build the package"),
    ],
)
def test_bad_figures_are_refused(package: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        arguments(package, **changes)


def test_a_layer_fits_its_functions(package: Path) -> None:
    layer = deploy(
        lambda: LambdaLayer(
            "safework-shared", LambdaLayerArgs(path=package, description="Shared", runtimes=["python3.13"])
        )
    ).one("aws:lambda/layerVersion:LayerVersion")
    assert layer["compatibleArchitectures"] == ["arm64"]
    assert layer["compatibleRuntimes"] == ["python3.13"]
