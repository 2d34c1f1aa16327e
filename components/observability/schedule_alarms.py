"""Alarm set for schedules. Metrics: the EventBridge Scheduler user guide, monitoring with CloudWatch."""

from components.observability.alarm_plan import Alarm, MathAlarm
from components.observability.metric import Metric, Name


def schedule_alarms(*, group_name: Name, runbook: str) -> dict[str, Alarm]:
    """Starts that the target refused or throttled, and those that were given up, over all schedules of a
    group.

    How a run ended that did start is the target's to tell.
    """

    def count(name: str) -> Metric:
        return Metric(namespace="AWS/Scheduler", name=name, dimensions={"ScheduleGroup": group_name})

    return {
        "refused": MathAlarm(
            summary="The target of a schedule refused to start in 5 minutes.",
            runbook=runbook,
            expression="FILL(errors, 0) + FILL(throttled, 0) + FILL(dropped, 0)",
            label="Refused starts",
            metrics={
                "errors": count("TargetErrorCount"),
                "throttled": count("TargetErrorThrottledCount"),
                "dropped": count("InvocationDroppedCount"),
            },
            threshold=0,
            evaluation_periods=2,
        )
    }
