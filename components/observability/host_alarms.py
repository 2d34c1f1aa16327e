"""Alarm sets for Auto Scaling groups and for the copies in another region."""

from collections.abc import Mapping

from components.observability.alarm_plan import Alarm, MathAlarm, MetricAlarm
from components.observability.metric import Metric, Name


def group_alarms(
    *, group_names: Mapping[str, Name], runbook: str, cpu_percent: float = 80, missing_minutes: int = 10
) -> dict[str, Alarm]:
    """Processor and missing hosts of each group, by its key (``blue``). An empty group is OK.

    Hosts are missing while a refresh or a replacement goes on, so only ``missing_minutes`` in a row count.
    The metrics of a group exist because it publishes them (``enabled_metrics``), once a minute.
    """
    alarms: dict[str, Alarm] = {}
    for key, group_name in group_names.items():
        dimensions = {"AutoScalingGroupName": group_name}

        def count(name: str, dimensions: Mapping[str, Name] = dimensions) -> Metric:
            return Metric(
                namespace="AWS/AutoScaling",
                name=name,
                dimensions=dimensions,
                statistic="Average",
                period_seconds=60,
            )

        alarms[f"{key}-cpu"] = MetricAlarm(
            summary=f"The hosts of {key} have been above {cpu_percent:g} percent CPU for 5 minutes.",
            runbook=runbook,
            metric=Metric(
                namespace="AWS/EC2",
                name="CPUUtilization",
                dimensions=dimensions,
                statistic="Average",
                period_seconds=60,
            ),
            threshold=cpu_percent,
            evaluation_periods=5,
        )
        alarms[f"{key}-hosts"] = MathAlarm(
            summary=f"Fewer hosts of {key} than desired have served for {missing_minutes} minutes.",
            runbook=runbook,
            expression="desired - FILL(serving, 0)",
            label="Missing hosts",
            metrics={
                "desired": count("GroupDesiredCapacity"),
                "serving": count("GroupInServiceInstances"),
            },
            threshold=0,
            evaluation_periods=missing_minutes,
            severity="critical",
        )
    return alarms


def replication_alarms(
    *,
    source_bucket: Name,
    target_bucket: Name,
    rule_id: Name,
    runbook: str,
    behind_minutes: int = 15,
) -> dict[str, Alarm]:
    """How far the copy of a bucket is behind, and objects that S3 gave up on."""
    dimensions = {"SourceBucket": source_bucket, "DestinationBucket": target_bucket, "RuleId": rule_id}

    def metric(name: str, statistic: str) -> Metric:
        return Metric(
            namespace="AWS/S3",
            name=name,
            dimensions=dimensions,
            statistic=statistic,
            period_seconds=300,
        )

    return {
        "behind": MetricAlarm(
            summary=f"The bucket's copy in the other region is more than {behind_minutes} minutes behind.",
            runbook=runbook,
            metric=metric("ReplicationLatency", "Maximum"),
            threshold=behind_minutes * 60,
            evaluation_periods=3,
        ),
        "failed": MetricAlarm(
            summary="S3 gave up copying objects to the other region.",
            runbook=runbook,
            metric=metric("OperationsFailedReplication", "Sum"),
            threshold=0,
        ),
    }


def takeover_alarm(*, load_balancer: Name, runbook: str) -> dict[str, Alarm]:
    """People are on the second region: DNS has moved. ``load_balancer`` is its ``arn_suffix``.

    The health check's own metric is in us-east-1 alone; requests where there should be none say the same.
    """
    return {
        "serving": MetricAlarm(
            summary="The second region has had more than 100 requests a minute for 3 minutes: DNS has moved.",
            runbook=runbook,
            metric=Metric(
                namespace="AWS/ApplicationELB",
                name="RequestCount",
                dimensions={"LoadBalancer": load_balancer},
                statistic="Sum",
                period_seconds=60,
            ),
            threshold=100,
            evaluation_periods=3,
            severity="critical",
        )
    }
