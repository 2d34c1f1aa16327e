"""A private bucket with each of its settings beside it."""

import pulumi
import pulumi_aws as aws

kept = pulumi.ResourceOptions(protect=True)
key = aws.kms.Key("key", enable_key_rotation=True, opts=kept)
bucket = aws.s3.BucketV2("pages", opts=kept)
aws.s3.BucketPublicAccessBlock(
    "pages",
    bucket=bucket.id,
    block_public_acls=True,
    block_public_policy=True,
    ignore_public_acls=True,
    restrict_public_buckets=True,
)
aws.s3.BucketServerSideEncryptionConfigurationV2(
    "pages",
    bucket=bucket.bucket,
    rules=[
        {
            "apply_server_side_encryption_by_default": {
                "sse_algorithm": "aws:kms",
                "kms_master_key_id": key.arn,
            }
        }
    ],
)
aws.s3.BucketVersioningV2("pages", bucket=bucket.id, versioning_configuration={"status": "Enabled"})
aws.s3.BucketLoggingV2("pages", bucket=bucket.id, target_bucket="central-logs", target_prefix="pages/")
aws.s3.BucketPolicy(
    "pages",
    bucket=bucket.id,
    policy=pulumi.Output.json_dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:*",
                    "Resource": [bucket.arn, bucket.arn.apply(lambda arn: f"{arn}/*")],
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                }
            ],
        }
    ),
)
pulumi.export("bucket", bucket.id)
