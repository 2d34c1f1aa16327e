"""Metrics counted from log lines, for what a service logs but does not measure."""

import pulumi
from pulumi_aws import cloudwatch

from components.observability.metric import Metric

MAX_PATTERN_LENGTH = 1_024
"""PutMetricFilter."""


def any_phrase(*phrases: str) -> str:
    """A filter pattern for lines that hold at least one of the phrases, in their exact case."""
    return " ".join(f'?"{phrase}"' for phrase in phrases)


def count_lines(
    parent: pulumi.Resource,
    name: str,
    *,
    log_group_name: pulumi.Input[str],
    pattern: str,
    namespace: str,
    metric_name: str,
) -> Metric:
    """Count the lines of a log group that match, as a metric of ours.

    The metric has no dimensions, so that lines that do not match count as zero: ``metric_name`` alone must be
    unique in the namespace.
    """
    if len(pattern) > MAX_PATTERN_LENGTH:
        raise ValueError(f"{name}: pattern: got {len(pattern)} characters; at most {MAX_PATTERN_LENGTH}")
    if namespace.startswith("AWS/"):
        raise ValueError(f"{name}: namespace: got {namespace!r}; AWS/ is reserved: use one of your own")
    cloudwatch.LogMetricFilter(
        name,
        log_group_name=log_group_name,
        pattern=pattern,
        metric_transformation=cloudwatch.LogMetricFilterMetricTransformationArgs(
            name=metric_name, namespace=namespace, value="1", default_value="0", unit="Count"
        ),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return Metric(namespace=namespace, name=metric_name, dimensions={}, statistic="Sum")
