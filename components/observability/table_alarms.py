"""Alarm set for a DynamoDB table. Metrics: the DynamoDB developer guide, metrics and dimensions."""

from collections.abc import Sequence

from components.observability.alarm_plan import Alarm, MathAlarm
from components.observability.metric import Metric, Name

MAX_OPERATIONS = 9
"""What one metric-math alarm takes beside its expression."""


def table_alarms(
    *, table_name: Name, operations: Sequence[str], runbook: str, throttled: int = 0
) -> dict[str, Alarm]:
    """Requests that the table refused for want of capacity, and those that failed inside DynamoDB.

    A table on demand throttles when its traffic more than doubles within half an hour, or one key takes more
    than a partition can. ``operations`` are those that the callers may use: system errors are counted by
    operation.
    """
    if not 1 <= len(operations) <= MAX_OPERATIONS:
        raise ValueError(f"operations: got {len(operations)}; 1 to {MAX_OPERATIONS} fit one alarm")
    errors = {
        f"o{operation.lower()}": Metric(
            namespace="AWS/DynamoDB",
            name="SystemErrors",
            dimensions={"TableName": table_name, "Operation": operation},
        )
        for operation in operations
    }
    throttles = {
        key: Metric(namespace="AWS/DynamoDB", name=name, dimensions={"TableName": table_name})
        for key, name in (("reads", "ReadThrottleEvents"), ("writes", "WriteThrottleEvents"))
    }
    return {
        "throttled": MathAlarm(
            summary=f"The table refused more than {throttled} requests in 5 minutes.",
            runbook=runbook,
            expression="FILL(reads, 0) + FILL(writes, 0)",
            label="Throttled requests",
            metrics=throttles,
            threshold=throttled,
        ),
        "system-errors": MathAlarm(
            summary="DynamoDB failed requests to the table in 5 minutes.",
            runbook=runbook,
            expression=" + ".join(f"FILL({key}, 0)" for key in errors),
            label="System errors",
            metrics=errors,
            threshold=0,
        ),
    }
