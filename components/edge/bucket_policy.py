"""Statements of bucket policies."""

import pulumi

from components.security.iam import AnyPrincipal, ServicePrincipal, Statement


def deny_plain_http(bucket_arn: pulumi.Input[str]) -> Statement:
    """Nobody, over plain HTTP (S3.5)."""
    return Statement(
        sid="DenyPlainHttp",
        effect="Deny",
        actions=["s3:*"],
        resources=[bucket_arn, pulumi.Output.concat(bucket_arn, "/*")],
        principals=[AnyPrincipal()],
        conditions={"Bool": {"aws:SecureTransport": "false"}},
    )


def cloudfront_read(*, bucket_arn: pulumi.Input[str], distribution_arn: pulumi.Input[str]) -> list[Statement]:
    """One distribution may read objects, and list so that a missing one is 404 and not 403."""
    conditions = {"StringEquals": {"aws:SourceArn": distribution_arn}}
    return [
        Statement(
            sid="CloudFrontRead",
            actions=["s3:GetObject"],
            resources=[pulumi.Output.concat(bucket_arn, "/*")],
            principals=[ServicePrincipal("cloudfront.amazonaws.com")],
            conditions=conditions,
        ),
        Statement(
            sid="CloudFrontList",
            actions=["s3:ListBucket"],
            resources=[bucket_arn],
            principals=[ServicePrincipal("cloudfront.amazonaws.com")],
            conditions=conditions,
        ),
    ]


def log_delivery(*, bucket_arn: pulumi.Input[str], account_id: str) -> list[Statement]:
    """S3 server access logs, and CloudWatch vended logs (CloudFront standard logging v2).

    The vended kind asks for the bucket-owner-full-control header even where ACLs are off; S3 then ignores it.
    """
    everything = pulumi.Output.concat(bucket_arn, "/*")
    return [
        Statement(
            sid="S3AccessLogs",
            actions=["s3:PutObject"],
            resources=[everything],
            principals=[ServicePrincipal("logging.s3.amazonaws.com")],
            conditions={"StringEquals": {"aws:SourceAccount": account_id}},
        ),
        Statement(
            sid="VendedLogs",
            actions=["s3:PutObject"],
            resources=[everything],
            principals=[ServicePrincipal("delivery.logs.amazonaws.com")],
            conditions={
                "StringEquals": {
                    "aws:SourceAccount": account_id,
                    "s3:x-amz-acl": "bucket-owner-full-control",
                },
                "ArnLike": {"aws:SourceArn": f"arn:aws:logs:us-east-1:{account_id}:delivery-source:*"},
            },
        ),
    ]


def load_balancer_logs(*, bucket_arn: pulumi.Input[str], account_id: str) -> Statement:
    """Access logs of Application Load Balancers of one account, under any prefix.

    The path is the guard: the service writes each account's logs below that account's number. AWS documents
    no condition key for this delivery, and it fails in silence where one does not match.
    """
    return Statement(
        sid="LoadBalancerLogs",
        actions=["s3:PutObject"],
        resources=[pulumi.Output.concat(bucket_arn, f"/*/AWSLogs/{account_id}/*")],
        principals=[ServicePrincipal("logdelivery.elasticloadbalancing.amazonaws.com")],
    )
