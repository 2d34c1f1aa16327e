"""Alarm set for a Kafka cluster and its readers. Metrics: the MSK developer guide, metrics for monitoring."""

from collections.abc import Mapping, Sequence

from components.observability.alarm_plan import Alarm, MathAlarm, MetricAlarm
from components.observability.metric import Metric, Name


def kafka_alarms(
    *,
    cluster_name: Name,
    broker_ids: Sequence[str],
    runbook: str,
    cpu_percent: float = 60,
    disk_percent: float = 85,
) -> dict[str, Alarm]:
    """A broker that is lost, partitions without a leader, and brokers near their limits, each of the worst.

    A broker that is gone sends no metric, and the others report partitions with too few copies: so that is
    watched, and missing data of a whole cluster is the lost controller. Processor time is user and system
    together; above 60 percent the rest cannot take over from a lost broker (MSK best practices). IAM, TLS and
    replication are in it.
    """

    def worst(name: str, statistic: str = "Maximum") -> dict[str, Metric]:
        return {
            f"b{broker}": _broker(cluster_name, broker, name, statistic=statistic, period_seconds=300)
            for broker in broker_ids
        }

    def math(summary: str, expression: str, label: str, metrics: Mapping[str, Metric], limit: float) -> Alarm:
        return MathAlarm(
            summary=summary,
            runbook=runbook,
            expression=expression,
            label=label,
            metrics=metrics,
            threshold=limit,
            evaluation_periods=3,
        )

    copies, disks = worst("UnderReplicatedPartitions"), worst("KafkaDataLogsDiskUsed")
    user = {f"u{key}": metric for key, metric in worst("CpuUser", "Average").items()}
    system = {f"s{key}": metric for key, metric in worst("CpuSystem", "Average").items()}
    return {
        "controller": MetricAlarm(
            summary="The Kafka cluster has no controller: nobody elects leaders.",
            runbook=runbook,
            metric=_cluster(cluster_name, "ActiveControllerCount", "Maximum"),
            threshold=1,
            comparison="LessThanThreshold",
            evaluation_periods=3,
            treat_missing_data="breaching",
            severity="critical",
        ),
        "offline": MetricAlarm(
            summary="Partitions have no leader: they can be neither read nor written.",
            runbook=runbook,
            metric=_cluster(cluster_name, "OfflinePartitionsCount", "Maximum"),
            threshold=0,
            severity="critical",
        ),
        "copies": math(
            "Partitions have had too few copies for 15 minutes: a broker is lost or cannot keep up.",
            f"MAX([{', '.join(copies)}])",
            "Partitions with too few copies",
            copies,
            0,
        ),
        "disk": math(
            f"A broker's disk has been more than {disk_percent:g} percent full for 15 minutes.",
            f"MAX([{', '.join(disks)}])",
            "Fullest disk, percent",
            disks,
            disk_percent,
        ),
        "cpu": math(
            f"A broker's processor has been above {cpu_percent:g} percent for 15 minutes.",
            f"MAX([{', '.join(f'u{key} + s{key}' for key in copies)}])",
            "Processor of the busiest broker, percent",
            {**user, **system},
            cpu_percent,
        ),
    }


def lag_alarm(
    *, cluster_name: Name, topic: str, group: str, runbook: str, max_messages: int
) -> dict[str, Alarm]:
    """A reader that falls behind, over all partitions of its topic.

    MSK sends the lag of a group while it is known to the brokers; a reader that has gone for good shows in
    the lag that stays, not in missing data.
    """
    return {
        "lag": MetricAlarm(
            summary=f"{group} has been more than {max_messages} messages behind for 15 minutes.",
            runbook=runbook,
            metric=lag_metric(cluster_name=cluster_name, topic=topic, group=group),
            threshold=max_messages,
            evaluation_periods=3,
        )
    }


def lag_metric(*, cluster_name: Name, topic: str, group: str) -> Metric:
    """Messages that a consumer group is behind in a topic."""
    return Metric(
        namespace="AWS/Kafka",
        name="SumOffsetLag",
        dimensions={"Cluster Name": cluster_name, "Consumer Group": group, "Topic": topic},
        statistic="Maximum",
    )


def silence_alarm(
    *, cluster_name: Name, broker_ids: Sequence[str], topic: str, runbook: str, minutes: int
) -> dict[str, Alarm]:
    """A topic to which nobody writes any more, whatever runs the writer.

    Each broker sends the rate of its own partitions, and sends none for a topic that is silent: so missing
    data counts as bad.
    """
    metrics = {
        f"b{broker}": _broker(
            cluster_name, broker, "MessagesInPerSec", topic=topic, statistic="Maximum", period_seconds=300
        )
        for broker in broker_ids
    }
    total = " + ".join(f"FILL({key}, 0)" for key in metrics)
    return {
        "silent": MathAlarm(
            summary=f"No message has come into the topic {topic} for {minutes} minutes.",
            runbook=runbook,
            expression=total,
            label=f"Messages into {topic}, per second",
            metrics=metrics,
            threshold=0,
            comparison="LessThanOrEqualToThreshold",
            evaluation_periods=-(-minutes // 5),
            treat_missing_data="breaching",
            severity="critical",
        )
    }


def _cluster(cluster_name: Name, name: str, statistic: str) -> Metric:
    return Metric(
        namespace="AWS/Kafka",
        name=name,
        dimensions={"Cluster Name": cluster_name},
        statistic=statistic,
        period_seconds=60,
    )


def _broker(
    cluster_name: Name,
    broker: str,
    name: str,
    *,
    statistic: str,
    period_seconds: int,
    topic: str | None = None,
) -> Metric:
    return Metric(
        namespace="AWS/Kafka",
        name=name,
        dimensions={
            "Cluster Name": cluster_name,
            "Broker ID": broker,
            **({"Topic": topic} if topic else {}),
        },
        statistic=statistic,
        period_seconds=period_seconds,
    )
