"""Each rule must find what it is for: a contract that cannot fail says nothing."""

from collections.abc import Callable

import pulumi
import pytest
from pulumi_aws import cloudwatch, lambda_, s3, sqs

from tests.contracts import rules
from tests.contracts.given import KEY_ARN
from tests.harness import Deployment, deploy


class Careless(pulumi.ComponentResource):
    """Breaks every rule about components."""

    def __init__(self, name: str) -> None:
        super().__init__("platform:test:Careless", name)
        s3.Bucket("elsewhere", opts=pulumi.ResourceOptions(parent=self))
        s3.Bucket(f"{name}-0", opts=pulumi.ResourceOptions(parent=self))
        s3.Bucket("orphan")


def _bucket(*, private: bool) -> None:
    bucket = s3.Bucket("bucket")
    s3.BucketServerSideEncryptionConfiguration(
        "encryption",
        bucket=bucket.id,
        rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "aws:kms"}}],
    )
    s3.BucketPublicAccessBlock(
        "block",
        bucket=bucket.id,
        block_public_acls=private,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
    )


def _another_buckets_encryption() -> None:
    _bucket(private=True)
    s3.Bucket("bare")


def _password(value: pulumi.Input[str]) -> None:
    """In an environment; the SDK itself marks properties that it knows to be secret."""
    variables: dict[str, pulumi.Input[str]] = {"DB_PASSWORD": value, "SECRET_ARN": "arn:aws:secretsmanager:x"}
    lambda_.Function("function", role="role", environment={"variables": variables})


UNENCRYPTED: dict[str, tuple[Callable[[], object], str]] = {
    "log group without a key": (lambda: cloudwatch.LogGroup("g", retention_in_days=30), "kmsKeyId not set"),
    "log group for ever": (lambda: cloudwatch.LogGroup("g", kms_key_id=KEY_ARN), "retentionInDays not set"),
    "queue": (lambda: sqs.Queue("q"), "none of kmsMasterKeyId"),
    "public bucket": (lambda: _bucket(private=False), "without blockPublicAcls"),
    "bare bucket": (lambda: s3.Bucket("b"), "no BucketServerSideEncryptionConfiguration"),
    "one of two buckets": (_another_buckets_encryption, "bare: no BucketServerSide"),
}


@pytest.mark.parametrize("case", UNENCRYPTED)
def test_missing_encryption_is_found(case: str) -> None:
    build, said = UNENCRYPTED[case]
    (reason,) = rules.unencrypted(deploy(build))
    assert said in reason


def test_encryption_is_recognised() -> None:
    assert rules.unencrypted(deploy(lambda: _bucket(private=True))) == []


def test_plain_secrets_are_found_and_secret_ones_are_not() -> None:
    (reason,) = rules.plaintext_secrets(deploy(lambda: _password("hunter2")))
    assert "environment.variables.DB_PASSWORD is plain text" in reason
    assert rules.plaintext_secrets(deploy(lambda: _password(pulumi.Output.secret("hunter2")))) == []


@pytest.fixture
def careless() -> Deployment:
    return deploy(lambda: Careless("careless"))


def test_orphans_are_found(careless: Deployment) -> None:
    assert len(rules.orphans(careless)) == 1
    assert "orphan: parent is the stack" in rules.orphans(careless)[0]


def test_names_that_lose_their_parent_or_count_positions_are_found(careless: Deployment) -> None:
    found = rules.misnamed(careless)
    assert ["elsewhere" in found[1], "list position" in found[0]] == [True, True]


def test_silent_components_are_found(careless: Deployment) -> None:
    assert len(rules.silent_components(careless)) == 1
