"""Alarms on a DMS Serverless replication: how far behind, whether it stopped, whether rows differ.

The DMS user guide lists the metrics of a serverless replication and does not say which dimensions they carry,
so lag is read by a query over the namespace: the worst of the account's replications. What DMS does not
measure is counted in its log.
"""

import pulumi

from components.observability.alarm_plan import Alarm, MetricAlarm, QueryAlarm
from components.observability.log_metric import count_lines

FAILED = "%replication_state.{1,6}failed%"
"""As the orchestrator writes it: ``{'replication_state':'failed', ...}``."""

ERRORS = r"%\]E:%"
"""A line of a component at the level of an error: ``[TARGET_APPLY    ]E:``."""

DIFFERENCES = r"%VALIDAT[A-Z_]* *\][EW]:%"
"""A line of the validation that is a warning or an error."""


def dms_alarms(
    parent: pulumi.Resource,
    name: str,
    *,
    log_group_name: pulumi.Input[str],
    namespace: str,
    lag_seconds: int,
    runbook: str,
) -> dict[str, Alarm]:
    """``name`` begins the metric filters, which are made here, under ``parent``."""

    def lag(end: str) -> QueryAlarm:
        return QueryAlarm(
            summary=f"The replication is over {lag_seconds} s behind at its {end.lower()}, for 10 minutes.",
            runbook=f"{runbook}#lag",
            namespace="AWS/DMS",
            metric_name=f"CDCLatency{end}",
            threshold=lag_seconds,
            evaluation_periods=2,
        )

    def lines(role: str, pattern: str, metric_name: str, summary: str, heading: str) -> MetricAlarm:
        return MetricAlarm(
            summary=summary,
            runbook=f"{runbook}#{heading}",
            metric=count_lines(
                parent,
                f"{name}-{role}",
                log_group_name=log_group_name,
                pattern=pattern,
                namespace=namespace,
                metric_name=metric_name,
            ),
            threshold=0,
            severity="critical",
        )

    return {
        "lag-source": lag("Source"),
        "lag-target": lag("Target"),
        "failed": lines(
            "failed", FAILED, "ReplicationFailed", "The replication has stopped with an error.", "stopped"
        ),
        "errors": lines(
            "errors",
            ERRORS,
            "ReplicationErrors",
            "The replication could not carry something over.",
            "stopped",
        ),
        "differences": lines(
            "differences",
            DIFFERENCES,
            "ValidationFailures",
            "The validation found rows that differ, or could not compare some.",
            "differences",
        ),
    }
