"""Delivery of a distribution's access logs."""

import pulumi
from pulumi_aws import cloudwatch

from components.edge.bucket import LogBucket

GLOBAL_REGION = "us-east-1"
"""Where CloudFront keeps certificates, web ACLs and the delivery of its logs."""


def deliver_logs(
    parent: pulumi.Resource, name: str, *, distribution_arn: pulumi.Input[str], log_bucket: LogBucket
) -> cloudwatch.LogDelivery:
    """Standard logging v2: the older kind needs a bucket with ACLs."""
    source = cloudwatch.LogDeliverySource(
        f"{name}-log-source",
        log_type="ACCESS_LOGS",
        resource_arn=distribution_arn,
        region=GLOBAL_REGION,
        opts=pulumi.ResourceOptions(parent=parent),
    )
    destination = cloudwatch.LogDeliveryDestination(
        f"{name}-log-target",
        delivery_destination_configuration=cloudwatch.LogDeliveryDestinationDeliveryDestinationConfigurationArgs(
            destination_resource_arn=log_bucket.bucket_arn
        ),
        output_format="json",
        region=GLOBAL_REGION,
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return cloudwatch.LogDelivery(
        f"{name}-log-delivery",
        delivery_source_name=source.name,
        delivery_destination_arn=destination.arn,
        region=GLOBAL_REGION,
        # Without the bucket's permission in place, AWS writes one of its own into the bucket policy.
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[log_bucket.policy]),
    )
