"""Who may write the account's records, and use the key they are written under."""

import pulumi

from components.security.iam import ServicePrincipal, Statement

TRAIL_PREFIX = "cloudtrail"
CONFIG_PREFIX = "config"

_THIS_KEY = "in a key policy '*' means this key"


def record_key_statements(*, account_id: str, trail_arn: str) -> list[Statement]:
    """For the policy of the key that records are encrypted with."""
    return [
        Statement(
            sid="CloudTrail",
            actions=["kms:DescribeKey", "kms:GenerateDataKey*"],
            resources=["*"],
            principals=[ServicePrincipal("cloudtrail.amazonaws.com")],
            conditions={"StringEquals": {"aws:SourceArn": trail_arn}},
            wildcard_reason=f"{_THIS_KEY}, and GenerateDataKey comes with and without plaintext",
        ),
        Statement(
            sid="Config",
            actions=["kms:Decrypt", "kms:GenerateDataKey"],
            resources=["*"],
            principals=[ServicePrincipal("config.amazonaws.com")],
            conditions={"StringEquals": {"aws:SourceAccount": account_id}},
            wildcard_reason=_THIS_KEY,
        ),
    ]


def trail_delivery(*, bucket_arn: pulumi.Input[str], account_id: str, trail_arn: str) -> list[Statement]:
    """CloudTrail, for one trail."""
    principal = ServicePrincipal("cloudtrail.amazonaws.com")
    return [
        Statement(
            sid="CloudTrailAcl",
            actions=["s3:GetBucketAcl"],
            resources=[bucket_arn],
            principals=[principal],
            conditions={"StringEquals": {"aws:SourceArn": trail_arn}},
        ),
        Statement(
            sid="CloudTrailWrite",
            actions=["s3:PutObject"],
            resources=[pulumi.Output.concat(bucket_arn, f"/{TRAIL_PREFIX}/AWSLogs/{account_id}/*")],
            principals=[principal],
            conditions={
                "StringEquals": {
                    "aws:SourceArn": trail_arn,
                    "s3:x-amz-acl": "bucket-owner-full-control",
                }
            },
        ),
    ]


def config_delivery(*, bucket_arn: pulumi.Input[str], account_id: str) -> list[Statement]:
    """AWS Config, which delivers as itself when its role is the service-linked one."""
    principal = ServicePrincipal("config.amazonaws.com")
    own_account = {"aws:SourceAccount": account_id}
    return [
        Statement(
            sid="ConfigCheck",
            actions=["s3:GetBucketAcl", "s3:ListBucket"],
            resources=[bucket_arn],
            principals=[principal],
            conditions={"StringEquals": own_account},
        ),
        Statement(
            sid="ConfigWrite",
            actions=["s3:PutObject"],
            resources=[pulumi.Output.concat(bucket_arn, f"/{CONFIG_PREFIX}/AWSLogs/{account_id}/Config/*")],
            principals=[principal],
            conditions={"StringEquals": {**own_account, "s3:x-amz-acl": "bucket-owner-full-control"}},
        ),
    ]
