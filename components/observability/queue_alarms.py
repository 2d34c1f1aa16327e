"""Alarm set for a queue and its dead-letter queue. Metrics: the SQS developer guide."""

from components.observability.alarm_plan import Alarm, MetricAlarm
from components.observability.metric import Metric, Name


def queue_alarms(
    *, queue_name: Name, dead_letter_queue_name: Name, runbook: str, max_age_seconds: int
) -> dict[str, Alarm]:
    """Messages that wait too long, and messages that were given up.

    ``max_age_seconds`` is what users can bear to wait. SQS counts the age of a message that keeps failing
    from its first send, so one stuck message fires it too; the dead-letter queue then says which. That alarm
    stays until the messages are redriven or deleted.
    """

    def metric(queue: Name, name: str) -> Metric:
        return Metric(
            namespace="AWS/SQS",
            name=name,
            dimensions={"QueueName": queue},
            statistic="Maximum",
            period_seconds=60,
        )

    return {
        "age": MetricAlarm(
            summary=f"The oldest message has waited more than {max_age_seconds} s.",
            runbook=runbook,
            metric=metric(queue_name, "ApproximateAgeOfOldestMessage"),
            threshold=max_age_seconds,
            evaluation_periods=3,
        ),
        "dead-letters": MetricAlarm(
            summary="Messages failed for good and wait in the dead-letter queue.",
            runbook=runbook,
            metric=metric(dead_letter_queue_name, "ApproximateNumberOfMessagesVisible"),
            threshold=0,
            severity="critical",
        ),
    }
