"""A static site as tutorials of 2018 show it: one bucket, everything inline, the world may read."""

import json

import pulumi
import pulumi_aws as aws

bucket = aws.s3.Bucket(
    "site",
    acl="public-read",
    website={"index_document": "index.html"},
    versioning={"enabled": False},
    force_destroy=True,
)
aws.s3.BucketPolicy(
    "site-policy",
    bucket=bucket.id,
    policy=bucket.arn.apply(
        lambda arn: json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"{arn}/*"}
                ],
            }
        )
    ),
)
uploads = aws.s3.Bucket(
    "uploads",
    policy=json.dumps(
        {"Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "s3:*", "Resource": "*"}}
    ),
)
aws.s3.BucketObject("index", bucket=bucket.id, key="index.html", content="hello", acl="public-read")
cdn = aws.cloudfront.Distribution(
    "cdn",
    enabled=True,
    origins=[
        {
            "origin_id": "site",
            "domain_name": bucket.website_endpoint,
            "custom_origin_config": {
                "http_port": 80,
                "https_port": 443,
                "origin_protocol_policy": "http-only",
                "origin_ssl_protocols": ["TLSv1", "TLSv1.1"],
            },
        }
    ],
    default_cache_behavior={
        "target_origin_id": "site",
        "viewer_protocol_policy": "allow-all",
        "allowed_methods": ["GET", "HEAD"],
        "cached_methods": ["GET", "HEAD"],
        "forwarded_values": {"query_string": False, "cookies": {"forward": "none"}},
    },
    restrictions={"geo_restriction": {"restriction_type": "none"}},
    viewer_certificate={"cloudfront_default_certificate": True},
)
pulumi.export("url", cdn.domain_name)
