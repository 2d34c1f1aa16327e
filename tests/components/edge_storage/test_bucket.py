"""Buckets that nobody reads by accident."""

import json
from typing import Any

import pytest

from components.edge.bucket import (
    AccessLogs,
    KmsEncryption,
    LogBucket,
    LogBucketArgs,
    PrivateBucket,
    PrivateBucketArgs,
)
from tests.harness import Deployment, Record, deploy

ACCOUNT = "111122223333"
KEY_ARN = f"arn:aws:kms:ap-northeast-2:{ACCOUNT}:key/00000000-0000-4000-8000-000000000000"


def _bucket(**fields: Any) -> Deployment:
    args = PrivateBucketArgs(encryption=KmsEncryption(KEY_ARN), **fields)
    return deploy(lambda: PrivateBucket("files", args))


def _logs() -> Deployment:
    return deploy(lambda: LogBucket("logs", LogBucketArgs(account_id=ACCOUNT, retention_days=90)))


def _statements(policy: Record) -> dict[str, Any]:
    return {each["Sid"]: each for each in json.loads(policy["policy"])["Statement"]}


def test_no_public_access_in_any_form() -> None:
    block = _bucket().one("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
    switches = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    assert all(block[each] is True for each in switches)


def test_no_acls() -> None:
    result = _bucket()
    rule = result.one("aws:s3/bucketOwnershipControls:BucketOwnershipControls")["rule"]
    assert rule == {"objectOwnership": "BucketOwnerEnforced"}
    assert "acl" not in result.one("aws:s3/bucket:Bucket").inputs


def test_versions_encryption_and_clean_up() -> None:
    result = _bucket()
    versioning = result.one("aws:s3/bucketVersioning:BucketVersioning")
    assert versioning["versioningConfiguration"] == {"status": "Enabled"}
    (rule,) = result.one(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    )["rules"]
    assert rule == {
        "applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": KEY_ARN},
        "bucketKeyEnabled": True,
    }
    (clean,) = result.one("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")["rules"]
    assert clean["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 7}
    assert clean["noncurrentVersionExpiration"] == {"noncurrentDays": 30}


def test_tls_only_even_if_nobody_asks() -> None:
    deny = _statements(_bucket().one("aws:s3/bucketPolicy:BucketPolicy"))["DenyPlainHttp"]
    assert (deny["Effect"], deny["Principal"], deny["Action"]) == ("Deny", "*", ["s3:*"])
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert len(deny["Resource"]) == 2


def test_one_policy_for_each_bucket() -> None:
    def build() -> None:
        args = PrivateBucketArgs(encryption=KmsEncryption(KEY_ARN))
        PrivateBucket("files", args).attach_policy()

    with pytest.raises(ValueError, match="second bucket policy"):
        deploy(build)


@pytest.mark.parametrize("protected", [True, False])
def test_protection(*, protected: bool) -> None:
    bucket = _bucket(deletion_protection=protected).one("aws:s3/bucket:Bucket")
    assert bucket["forceDestroy"] is False
    assert bucket.options.protect is protected
    assert bucket.options.retain_on_delete is protected


def test_access_logs_wait_for_the_permission() -> None:
    def build() -> None:
        logs = LogBucket("logs", LogBucketArgs(account_id=ACCOUNT, retention_days=90))
        access = AccessLogs(logs, prefix="s3/files/")
        PrivateBucket("files", PrivateBucketArgs(encryption=KmsEncryption(KEY_ARN), access_logs=access))

    result = deploy(build)
    logging = result.one("aws:s3/bucketLogging:BucketLogging")
    assert logging["targetPrefix"] == "s3/files/"
    assert result.one("aws:s3/bucketPolicy:BucketPolicy", "logs-policy").urn in logging.dependencies


def test_a_log_bucket_takes_this_accounts_logs_and_forgets_them() -> None:
    result = _logs()
    statements = _statements(result.one("aws:s3/bucketPolicy:BucketPolicy"))
    assert statements["S3AccessLogs"]["Principal"] == {"Service": ["logging.s3.amazonaws.com"]}
    for sid in ("S3AccessLogs", "VendedLogs"):
        assert statements[sid]["Condition"]["StringEquals"]["aws:SourceAccount"] == ACCOUNT
        assert statements[sid]["Action"] == ["s3:PutObject"]
    rules = result.one("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")["rules"]
    assert [each["expiration"] for each in rules if "expiration" in each] == [{"days": 90}]
    (rule,) = result.one(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    )["rules"]
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "AES256"}


def test_bad_days() -> None:
    with pytest.raises(ValueError, match="expire_after_days: got 0"):
        _bucket(expire_after_days=0)
