"""Alarm set for ElastiCache replication groups. Metrics: the ElastiCache user guide."""

from collections.abc import Sequence

from components.observability.alarm_plan import Alarm, MathAlarm
from components.observability.metric import Metric

MAX_NODES = 9
"""What one metric-math alarm takes beside its expression."""


def redis_alarms(
    *,
    node_ids: Sequence[str],
    runbook: str,
    cpu_percent: float = 90,
    engine_cpu_percent: float = 80,
    memory_percent: float = 80,
    evictions: int = 0,
    replication_lag_seconds: float = 10,
) -> dict[str, Alarm]:
    """Processor, memory, evictions and replication lag, each of the worst node (``node_ids`` of the group).

    ``CPUUtilization`` is the machine's, ``EngineCPUUtilization`` that of the one thread that runs commands:
    on two processors a busy engine is half of the machine, so both are watched. A node that ElastiCache
    replaces keeps its name. Raises ValueError for more nodes than one alarm can watch.
    """
    if not 1 <= len(node_ids) <= MAX_NODES:
        raise ValueError(
            f"node_ids: got {len(node_ids)}; 1 to {MAX_NODES} fit one alarm: give the nodes of some shards "
            "at a time"
        )

    def worst(name: str, statistic: str, period_seconds: int = 300) -> dict[str, Metric]:
        return {
            "n" + node_id.replace("-", "_"): Metric(
                namespace="AWS/ElastiCache",
                name=name,
                dimensions={"CacheClusterId": node_id},
                statistic=statistic,
                period_seconds=period_seconds,
            )
            for node_id in node_ids
        }

    def alarm(summary: str, label: str, metrics: dict[str, Metric], threshold: float, periods: int) -> Alarm:
        return MathAlarm(
            summary=summary,
            runbook=runbook,
            expression=f"MAX([{', '.join(metrics)}])",
            label=label,
            metrics=metrics,
            threshold=threshold,
            evaluation_periods=periods,
        )

    return {
        "cpu": alarm(
            f"A cache node's processor has been above {cpu_percent:g} percent for 15 minutes.",
            "Processor of the busiest node, percent",
            worst("CPUUtilization", "Average"),
            cpu_percent,
            3,
        ),
        "engine-cpu": alarm(
            f"A cache node's command thread has been above {engine_cpu_percent:g} percent for 15 minutes.",
            "Command thread of the busiest node, percent",
            worst("EngineCPUUtilization", "Average"),
            engine_cpu_percent,
            3,
        ),
        "memory": alarm(
            f"A cache node has used more than {memory_percent:g} percent of its memory for 15 minutes.",
            "Memory of the fullest node, percent",
            worst("DatabaseMemoryUsagePercentage", "Maximum"),
            memory_percent,
            3,
        ),
        "evictions": alarm(
            f"A cache node dropped more than {evictions} keys for want of memory in 5 minutes.",
            "Evictions of the worst node",
            worst("Evictions", "Sum"),
            evictions,
            1,
        ),
        "replication-lag": alarm(
            f"A cache replica has been more than {replication_lag_seconds:g} s behind for 5 minutes.",
            "Lag of the slowest replica, seconds",
            worst("ReplicationLag", "Maximum", 60),
            replication_lag_seconds,
            5,
        ),
    }
