"""What is copied to another region, and how the two are kept apart."""

import json
from typing import Any

import pulumi
import pytest
from pulumi_aws import Provider

from components.edge.bucket import KmsEncryption, PrivateBucket, PrivateBucketArgs, S3Encryption
from components.recovery.bucket_replication import BucketReplicationArgs
from components.recovery.region import RegionTier, RegionTierArgs
from components.security.kms_key import KmsKey, KmsKeyArgs
from tests.contracts import given
from tests.contracts.examples_hosts import OTHER_KEY_ARN, OTHER_REGION, bucket_replication
from tests.harness import deploy


def test_everything_is_copied_in_a_quarter_of_an_hour_under_the_other_regions_key() -> None:
    deployment = deploy(lambda: bucket_replication("copies", None))
    (rule,) = deployment.one("aws:s3/bucketReplicationConfig:BucketReplicationConfig")["rules"]
    target = rule["destination"]
    assert target["encryptionConfiguration"]["replicaKmsKeyId"] == OTHER_KEY_ARN
    assert target["replicationTime"] == {"status": "Enabled", "time": {"minutes": 15}}
    assert target["metrics"]["eventThreshold"] == {"minutes": 15}
    assert rule["sourceSelectionCriteria"]["sseKmsEncryptedObjects"] == {"status": "Enabled"}


def test_the_role_reads_here_and_writes_there_and_nothing_else() -> None:
    deployment = deploy(lambda: bucket_replication("copies", None))
    document = deployment.one("aws:iam/rolePolicy:RolePolicy")["policy"]
    for statement in json.loads(document)["Statement"]:
        writes = any(action.startswith("s3:Replicate") for action in statement["Action"])
        for resource in statement["Resource"]:
            if resource.startswith("arn:aws:s3"):
                assert ("target" in resource) == writes


def test_replication_waits_for_versions_on_both_sides() -> None:
    deployment = deploy(lambda: bucket_replication("copies", None))
    rules = deployment.one("aws:s3/bucketReplicationConfig:BucketReplicationConfig")
    waited = {deployment.urns[urn].name for urn in rules.dependencies if urn in deployment.urns}
    assert {"source-versioning", "target-versioning"} <= waited


def test_a_bucket_without_a_key_of_ours_is_refused() -> None:
    def build() -> Any:
        plain = PrivateBucket("plain", PrivateBucketArgs(encryption=S3Encryption()))
        ours = PrivateBucket("ours", PrivateBucketArgs(encryption=KmsEncryption(given.KEY_ARN)))
        return BucketReplicationArgs(
            source=ours, target=plain, account_id=given.ACCOUNT, region="a", target_region="b"
        )

    with pytest.raises(ValueError, match="target"):
        deploy(build)


def test_descendants_name_their_region_and_use_its_provider() -> None:
    def build() -> None:
        provider = Provider("given-provider", region=OTHER_REGION)
        tier = RegionTier("there", RegionTierArgs(region=OTHER_REGION, provider=provider))
        args = KmsKeyArgs(alias="a", description="a", account_id=given.ACCOUNT, region="us-east-1")
        KmsKey("there-global", args, pulumi.ResourceOptions(parent=tier))
        PrivateBucket(
            "there-files",
            PrivateBucketArgs(encryption=KmsEncryption(OTHER_KEY_ARN)),
            pulumi.ResourceOptions(parent=tier),
        )

    deployment = deploy(build)
    buckets = [each for each in deployment if each.type.startswith("aws:s3/")]
    assert buckets
    assert {each["region"] for each in buckets} == {OTHER_REGION}
    assert all("given-provider" in each.options.provider for each in buckets)
    assert deployment.one("aws:kms/key:Key")["region"] == "us-east-1"
