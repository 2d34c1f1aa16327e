"""Who may use a key, and how a secret gets its value."""

import json
from typing import Any

import pulumi
import pytest
from pulumi_aws import sns

from components.security.key_policy import KeyService
from components.security.kms_key import KmsKey, KmsKeyArgs
from components.security.managed_secret import ManagedSecret, ManagedSecretArgs, RotationArgs
from tests.harness import Deployment, deploy

ACCOUNT = "111122223333"
REGION = "ap-northeast-2"
KEY_ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/00000000-0000-4000-8000-000000000000"


def _key(*services: KeyService, **fields: Any) -> Deployment:
    args = KmsKeyArgs(
        alias="safework-data",
        description="Data",
        account_id=ACCOUNT,
        region=REGION,
        services=services,
        **fields,
    )
    return deploy(lambda: KmsKey("data", args))


def _statements(result: Deployment) -> dict[str, Any]:
    policy = json.loads(result.one("aws:kms/key:Key")["policy"])
    return {each["Sid"]: each for each in policy["Statement"]}


def test_a_key_rotates_and_is_hard_to_lose() -> None:
    key = _key().one("aws:kms/key:Key")
    assert key["enableKeyRotation"] is True
    assert key["deletionWindowInDays"] == 30
    assert key.options.protect
    assert key.options.retain_on_delete


def test_an_unprotected_key_can_still_be_brought_back_for_a_month() -> None:
    key = _key(deletion_protection=False).one("aws:kms/key:Key")
    assert key["deletionWindowInDays"] == 30
    assert not key.options.protect


def test_the_alias_has_its_prefix() -> None:
    assert _key().one("aws:kms/alias:Alias")["name"] == "alias/safework-data"


def test_a_key_without_services_trusts_the_account_alone() -> None:
    assert list(_statements(_key())) == ["AccountIam"]


def test_services_are_bound_to_the_account() -> None:
    statements = _statements(_key("sns", "logs", "cloudfront", "cloudwatch", "codestar-notifications"))
    assert statements["Logs"]["Principal"] == {"Service": [f"logs.{REGION}.amazonaws.com"]}
    assert statements["Logs"]["Condition"] == {
        "ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:{REGION}:{ACCOUNT}:*"}
    }
    assert statements["Cloudfront"]["Condition"] == {
        "ArnLike": {"aws:SourceArn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/*"}
    }
    for sid in ("Sns", "Cloudwatch", "CodestarNotifications"):
        assert statements[sid]["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def test_the_order_of_services_does_not_matter() -> None:
    assert _statements(_key("sns", "logs")) == _statements(_key("logs", "sns", "logs"))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"deletion_window_days": 6}, "deletion_window_days: got 6"),
        ({"deletion_window_days": 31}, "7 to 30"),
        ({"alias": "alias/x"}, "alias: got"),
    ],
)
def test_bad_keys(fields: dict[str, Any], words: str) -> None:
    args = {"alias": "x", "description": "d", "account_id": ACCOUNT, "region": REGION, **fields}
    with pytest.raises(ValueError, match=words):
        deploy(lambda: KmsKey("data", KmsKeyArgs(**args)))


class _Function:
    """Stands in for a Lambda function; the topic is only something to wait for."""

    def __init__(self) -> None:
        self.alias_arn = pulumi.Output.from_input(f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:rotate:live")
        self.role_name = pulumi.Output.from_input("rotate-role")
        self.invoked_by: list[str] = []

    def allow_invoke(self, role: str, *, principal: str, **_source: Any) -> pulumi.Resource:
        self.invoked_by.append(principal)
        return sns.Topic(f"permission-{role}")


def _secret(**fields: Any) -> Deployment:
    every_days = fields.pop("every_days", 30)

    def build() -> _Function:
        function = _Function()
        rotation = RotationArgs(function=function, every_days=every_days)
        ManagedSecret(
            "session",
            ManagedSecretArgs(description="Signs sessions", kms_key_arn=KEY_ARN, rotation=rotation, **fields),
        )
        return function

    return deploy(build)


def test_a_secret_never_holds_a_value_here() -> None:
    result = _secret()
    assert not result.of_type("aws:secretsmanager/secretVersion:SecretVersion")
    assert result.one("aws:secretsmanager/secret:Secret")["kmsKeyId"] == KEY_ARN


def test_rotation_starts_at_once_and_after_its_permissions() -> None:
    result = _secret()
    rotation = result.one("aws:secretsmanager/secretRotation:SecretRotation")
    assert rotation["rotateImmediately"] is True
    assert rotation["rotationRules"] == {"automaticallyAfterDays": 30}
    assert rotation["rotationLambdaArn"].endswith(":live")
    grant = result.one("aws:iam/rolePolicy:RolePolicy")
    permission = result.one("aws:sns/topic:Topic")
    assert {grant.urn, permission.urn} <= set(rotation.dependencies)
    assert result.result.invoked_by == ["secretsmanager.amazonaws.com"]


def test_the_rotation_may_touch_this_secret_alone() -> None:
    result = _secret()
    secret = result.one("aws:secretsmanager/secret:Secret")
    grant = json.loads(result.one("aws:iam/rolePolicy:RolePolicy")["policy"])["Statement"]
    wide = [each["Action"] for each in grant if each["Resource"] == ["*"]]
    assert wide == [["secretsmanager:GetRandomPassword"]]
    (rotate,) = [each for each in grant if "secretsmanager:PutSecretValue" in each["Action"]]
    assert rotate["Resource"] == [(secret.outputs or {}).get("arn", rotate["Resource"][0])]
    assert ":secret:" in rotate["Resource"][0]


@pytest.mark.parametrize(("protected", "days"), [(True, 30), (False, 7)])
def test_recovery_window(*, protected: bool, days: int) -> None:
    secret = _secret(deletion_protection=protected).one("aws:secretsmanager/secret:Secret")
    assert secret["recoveryWindowInDays"] == days
    assert secret.options.protect is protected


@pytest.mark.parametrize("every_days", [0, 1001])
def test_bad_rotation(every_days: int) -> None:
    with pytest.raises(ValueError, match=r"rotation.every_days: got .* 1 to 1000"):
        _secret(every_days=every_days)
