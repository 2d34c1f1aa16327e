"""Alarm set for RDS instances. Metrics: the RDS user guide's CloudWatch reference."""

from collections.abc import Mapping

from components.observability.alarm_plan import Alarm, MathAlarm, MetricAlarm
from components.observability.metric import Metric, Name

BYTES_PER_GIB = 1024**3

_BROKEN = 1_000_000
"""MySQL reports a lag of -1 while replication stands still; as seconds this is past every limit."""


def rds_alarms(
    *,
    identifier: Name,
    memory_gib: float,
    allocated_storage_gb: int,
    runbook: str,
    connections: int = 80,
    cpu_percent: float = 80,
    free_storage_percent: float = 10,
    free_memory_percent: float = 10,
) -> dict[str, Alarm]:
    """Connections, processor, free storage and free memory of one instance.

    Connections are a count, not a share: what the application's pools may hold in all is known, and more is a
    leak. Free storage is a share of the first size; storage that grows by itself does so at a tenth free
    after five minutes, so a quarter of an hour below that means it has reached its ceiling, or may not grow
    again for six hours.
    """
    dimensions = {"DBInstanceIdentifier": identifier}

    def metric(name: str, statistic: str, period_seconds: int = 300) -> Metric:
        return Metric(
            namespace="AWS/RDS",
            name=name,
            dimensions=dimensions,
            statistic=statistic,
            period_seconds=period_seconds,
        )

    return {
        "connections": MetricAlarm(
            summary=f"More than {connections} connections have been open for 2 minutes.",
            runbook=runbook,
            metric=metric("DatabaseConnections", "Maximum", 60),
            threshold=connections,
            evaluation_periods=2,
            severity="critical",
        ),
        "cpu": MetricAlarm(
            summary=f"The processor has been above {cpu_percent:g} percent for 15 minutes.",
            runbook=runbook,
            metric=metric("CPUUtilization", "Average"),
            threshold=cpu_percent,
            evaluation_periods=3,
        ),
        "storage": MetricAlarm(
            summary=f"Less than {free_storage_percent:g} percent of {allocated_storage_gb} GB is free.",
            runbook=runbook,
            metric=metric("FreeStorageSpace", "Minimum"),
            threshold=int(allocated_storage_gb * BYTES_PER_GIB * free_storage_percent / 100),
            comparison="LessThanThreshold",
            evaluation_periods=3,
            severity="critical",
        ),
        "memory": MetricAlarm(
            summary=f"Less than {free_memory_percent:g} percent of {memory_gib:g} GiB of memory is free.",
            runbook=runbook,
            metric=metric("FreeableMemory", "Minimum"),
            threshold=int(memory_gib * BYTES_PER_GIB * free_memory_percent / 100),
            comparison="LessThanThreshold",
            evaluation_periods=3,
        ),
    }


def replica_alarms(
    *, identifiers: Mapping[str, Name], runbook: str, lag_seconds: int = 60
) -> dict[str, Alarm]:
    """How far each read replica is behind, by its key (``replica-1``), and whether it has stopped."""
    return {
        f"{key}-lag": MathAlarm(
            summary=f"{key} is more than {lag_seconds} s behind, or has stopped replicating.",
            runbook=runbook,
            expression=f"IF(lag < 0, {_BROKEN}, lag)",
            label="Replica lag, seconds",
            metrics={
                "lag": Metric(
                    namespace="AWS/RDS",
                    name="ReplicaLag",
                    dimensions={"DBInstanceIdentifier": identifier},
                    statistic="Maximum",
                    period_seconds=60,
                )
            },
            threshold=lag_seconds,
            evaluation_periods=5,
        )
        for key, identifier in identifiers.items()
    }
