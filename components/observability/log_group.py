"""Log groups that AWS services write to, made here so that retention and encryption are ours."""

import pulumi
from pulumi_aws import cloudwatch

ALLOWED_RETENTION_DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip
"""What CloudWatch Logs accepts for PutRetentionPolicy; anything between is rejected."""


def log_group(
    parent: pulumi.Resource,
    name: str,
    *,
    retention_days: int,
    kms_key_arn: pulumi.Input[str],
    physical_name: pulumi.Input[str] | None = None,
    region: str | None = None,
) -> cloudwatch.LogGroup:
    """A log group with a retention and a customer managed key, as a child of ``parent``.

    ``physical_name`` is for the services that choose where they write (``/aws/rds/proxy/<name>``): without a
    group of that name they make their own, which never expires and is not encrypted with our key. ``region``
    is where the group is, if not where the stack is. The key is of that region, and its policy must let
    ``logs.<region>.amazonaws.com`` use it.

    Raises ValueError for a retention that CloudWatch Logs does not offer.
    """
    check_retention(retention_days, f"{name}: retention_days")
    return cloudwatch.LogGroup(
        name,
        name=physical_name,
        retention_in_days=retention_days,
        kms_key_id=kms_key_arn,
        region=region,
        opts=pulumi.ResourceOptions(parent=parent),
    )


def check_retention(days: int, what: str) -> None:
    """Raise ValueError, naming ``what``, for a retention that CloudWatch Logs does not offer."""
    if days not in ALLOWED_RETENTION_DAYS:
        nearest = min(ALLOWED_RETENTION_DAYS, key=lambda allowed: abs(allowed - days))
        allowed = ", ".join(map(str, ALLOWED_RETENTION_DAYS))
        raise ValueError(f"{what}: got {days}; allowed are {allowed} days. Use {nearest}")
