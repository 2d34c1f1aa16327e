"""Alarm sets for Aurora Serverless v2, RDS Proxy and ElastiCache Serverless.

Metric names and dimensions: the CloudWatch references in the Aurora and ElastiCache user guides.
"""

from typing import Literal

from components.observability.alarm_plan import Alarm, MathAlarm, MetricAlarm, percentage
from components.observability.metric import Metric, Name

BYTES_PER_ACU = 2 * 1024**3
"""One Aurora capacity unit is about 2 GiB of memory (Aurora Serverless v2, how it works)."""

BYTES_PER_GB = 1024**3
MICROSECONDS = 1_000_000


def aurora_alarms(
    *,
    cluster_identifier: Name,
    max_connections: int,
    max_acu: float,
    connection_failures: Metric | None,
    runbook: str,
    connections_percent: float = 80,
    connection_failures_threshold: int = 10,
    acu_percent: float = 90,
    free_memory_percent: float = 10,
) -> dict[str, Alarm]:
    """Connections, connection failures, capacity and memory of one cluster.

    ``connection_failures`` is the cluster's own count (``AuroraServerless.connection_failures``). Aurora
    PostgreSQL has no such metric, so the component counts the refusals in the exported log; Aurora MySQL has
    ``LoginFailures``, a rate per second that ``SUM`` over its per-minute reports would get wrong, so it is
    read as an average times the period. Without it the alarm is left out.

    Free memory is that of the writer as if scaled to its maximum: Aurora Serverless reports it so.
    """
    cluster = {"DBClusterIdentifier": cluster_identifier}
    writer = {"DBClusterIdentifier": cluster_identifier, "Role": "WRITER"}
    alarms: dict[str, Alarm] = {
        "connections": MetricAlarm(
            summary=f"More than {connections_percent:g} percent of {max_connections} connections are in use.",
            runbook=runbook,
            metric=Metric(
                namespace="AWS/RDS", name="DatabaseConnections", dimensions=writer, statistic="Maximum"
            ),
            threshold=max_connections * connections_percent // 100,
            severity="critical",
            gate=True,
        ),
        "capacity": MetricAlarm(
            summary=f"Capacity has been above {acu_percent:g} percent of {max_acu:g} ACU for 15 minutes.",
            runbook=runbook,
            metric=Metric(
                namespace="AWS/RDS", name="ACUUtilization", dimensions=cluster, statistic="Average"
            ),
            threshold=acu_percent,
            evaluation_periods=3,
            gate=True,
        ),
        "memory": MetricAlarm(
            summary=f"Less than {free_memory_percent:g} percent of the memory at {max_acu:g} ACU is free.",
            runbook=runbook,
            metric=Metric(namespace="AWS/RDS", name="FreeableMemory", dimensions=writer, statistic="Minimum"),
            threshold=int(max_acu * BYTES_PER_ACU * free_memory_percent / 100),
            comparison="LessThanThreshold",
            evaluation_periods=3,
        ),
    }
    if connection_failures is not None:
        alarms["connection-failures"] = _connection_failures(
            connection_failures, threshold=connection_failures_threshold, runbook=runbook
        )
    return alarms


def _connection_failures(metric: Metric, *, threshold: int, runbook: str) -> Alarm:
    summary = f"The database refused more than {threshold} connections in 5 minutes."
    if metric.statistic == "Sum":
        return MetricAlarm(
            summary=summary,
            runbook=runbook,
            metric=metric,
            threshold=threshold,
            severity="critical",
            gate=True,
        )
    return MathAlarm(
        summary=summary,
        runbook=runbook,
        expression="failures * PERIOD(failures)",
        label="Connection failures",
        metrics={"failures": metric},
        threshold=threshold,
        severity="critical",
        gate=True,
    )


def proxy_alarms(
    *,
    proxy_name: Name,
    borrow_timeout_seconds: int,
    runbook: str,
    connection_failures_threshold: int = 10,
    borrow_percent: float = 80,
    pool_percent: float = 90,
) -> dict[str, Alarm]:
    """Failed connections on either side of a proxy, failing borrows, and a pool near its end.

    RDS Proxy does not count borrows that time out. A borrow fails when it has waited for the borrow timeout,
    so the longest wait close to that timeout is the sign that is emitted. The pool is the early warning.
    """
    dimensions = {"ProxyName": proxy_name}

    def metric(name: str, statistic: str = "Sum") -> Metric:
        return Metric(namespace="AWS/RDS", name=name, dimensions=dimensions, statistic=statistic)

    def current(name: str) -> Metric:
        # Reported once a minute by each of the proxy's hosts: a sum over a minute is the proxy's value.
        return Metric(namespace="AWS/RDS", name=name, dimensions=dimensions, period_seconds=60)

    return {
        "connection-failures": MathAlarm(
            summary=f"More than {connection_failures_threshold} proxy connections failed in 5 minutes.",
            runbook=runbook,
            expression="FILL(clients, 0) + FILL(database, 0)",
            label="Connection failures",
            metrics={
                "clients": metric("ClientConnectionsSetupFailedAuth"),
                "database": metric("DatabaseConnectionsSetupFailed"),
            },
            threshold=connection_failures_threshold,
            severity="critical",
            gate=True,
        ),
        "borrow-failures": MetricAlarm(
            summary=f"A client waited over {borrow_percent:g} percent of {borrow_timeout_seconds} s.",
            runbook=runbook,
            metric=metric("DatabaseConnectionsBorrowLatency", "Maximum"),
            threshold=borrow_timeout_seconds * MICROSECONDS * borrow_percent / 100,
            severity="critical",
            gate=True,
        ),
        "pool": MathAlarm(
            summary=f"More than {pool_percent:g} percent of the pool has been in use for 5 minutes.",
            runbook=runbook,
            expression=percentage("borrowed", "allowed"),
            label="Pool in use, percent",
            metrics={
                "borrowed": current("DatabaseConnectionsCurrentlyBorrowed"),
                "allowed": current("MaxDatabaseConnectionsAllowed"),
            },
            threshold=pool_percent,
            evaluation_periods=5,
        ),
    }


def serverless_cache_alarms(
    *,
    cache_name: Name,
    max_data_storage_gb: int,
    max_ecpu_per_second: int,
    runbook: str,
    limit_percent: float = 80,
) -> dict[str, Alarm]:
    """Throttling, evictions, refused logins, and use near the limits of a serverless cache. No gates.

    A cache that evicts or throttles is slow, not wrong: the application falls back to the database, whose own
    alarms are gates.
    """
    dimensions = {"clusterId": cache_name}

    def metric(name: str, statistic: str = "Sum", period_seconds: int = 300) -> Metric:
        return Metric(
            namespace="AWS/ElastiCache",
            name=name,
            dimensions=dimensions,
            statistic=statistic,
            period_seconds=period_seconds,
        )

    def count(name: str, summary: str, threshold: float, severity: Literal["critical", "warning"]) -> Alarm:
        return MetricAlarm(
            summary=summary, runbook=runbook, metric=metric(name), threshold=threshold, severity=severity
        )

    return {
        "throttles": count("ThrottledCmds", "The cache refused commands to scale.", 0, "warning"),
        "evictions": count("Evictions", "The cache dropped keys that had not expired.", 0, "warning"),
        "logins": count("AuthenticationFailures", "More than 10 logins failed in 5 minutes.", 10, "critical"),
        "storage": MetricAlarm(
            summary=f"The cache holds more than {limit_percent:g} percent of {max_data_storage_gb} GB.",
            runbook=runbook,
            metric=metric("BytesUsedForCache", "Maximum"),
            threshold=int(max_data_storage_gb * BYTES_PER_GB * limit_percent / 100),
        ),
        "processing": MathAlarm(
            summary=f"The cache uses more than {limit_percent:g} percent of {max_ecpu_per_second} ECPU/s.",
            runbook=runbook,
            expression="units / PERIOD(units)",
            label="ECPU per second",
            metrics={"units": metric("ElastiCacheProcessingUnits", period_seconds=60)},
            threshold=max_ecpu_per_second * limit_percent / 100,
            evaluation_periods=5,
            datapoints_to_alarm=3,
        ),
    }
