"""Alarms on the way of a message: queue, pipe, job, and what fails on it.

Metric names and dimensions: the CloudWatch references of SQS, EventBridge Pipes and EventBridge rules. Batch
itself sends no metric: what it cannot do reaches CloudWatch as events.
"""

from components.observability.alarm_plan import Alarm, MetricAlarm
from components.observability.metric import Metric, Name


def job_flow_alarms(
    *,
    queue_name: Name,
    dead_letter_queue_name: Name,
    failed_jobs_queue_name: Name,
    pipe_name: Name,
    blocked_rule_name: Name,
    jobs_per_hour: int,
    typical_minutes: int,
    runbook: str,
) -> dict[str, Alarm]:
    """The whole way, from the message that waits to the job that failed.

    The pipe takes a message within seconds, whatever the fleet does, so an old one means the pipe. The limit
    is the time of one job: after it the whole fleet has turned over once, and idles if nothing new came. What
    the fleet cannot keep up with is seen by its arrivals: more in an hour than ``jobs_per_hour``, which it is
    sure to finish, may only wait longer, each hour more. A lack of Spot capacity is Batch's own event, of a
    queue whose first job cannot start.
    """

    def queue(name: Name, metric: str, *, statistic: str = "Maximum", period_seconds: int = 300) -> Metric:
        return Metric(
            namespace="AWS/SQS",
            name=metric,
            dimensions={"QueueName": name},
            statistic=statistic,
            period_seconds=period_seconds,
        )

    return {
        "queue-age": MetricAlarm(
            summary=f"A message has waited over {typical_minutes} minutes to become a job.",
            runbook=f"{runbook}#queue",
            metric=queue(queue_name, "ApproximateAgeOfOldestMessage"),
            threshold=typical_minutes * 60,
            severity="critical",
        ),
        "arrivals": MetricAlarm(
            summary=f"More came in an hour than the {jobs_per_hour} jobs that the fleet is sure to finish.",
            runbook=f"{runbook}#capacity",
            metric=queue(queue_name, "NumberOfMessagesSent", statistic="Sum", period_seconds=3_600),
            threshold=jobs_per_hour,
        ),
        "dead-letters": MetricAlarm(
            summary="A message could not be made a job, and waits in the dead-letter queue.",
            runbook=f"{runbook}#poison",
            metric=queue(dead_letter_queue_name, "ApproximateNumberOfMessagesVisible"),
            threshold=0,
            severity="critical",
        ),
        "failed-jobs": MetricAlarm(
            summary="A job failed for good, and waits for somebody to look.",
            runbook=f"{runbook}#failed",
            metric=queue(failed_jobs_queue_name, "ApproximateNumberOfMessagesVisible"),
            threshold=0,
            severity="critical",
        ),
        "pipe-failures": MetricAlarm(
            summary="The pipe could not submit a job.",
            runbook=f"{runbook}#queue",
            metric=Metric(
                namespace="AWS/EventBridge/Pipes",
                name="ExecutionFailed",
                dimensions={"PipeName": pipe_name},
            ),
            threshold=0,
        ),
        "spot-drought": MetricAlarm(
            summary="The first job in line cannot start: no Spot capacity, or no host that could hold it.",
            runbook=f"{runbook}#drought",
            metric=Metric(
                namespace="AWS/Events", name="Invocations", dimensions={"RuleName": blocked_rule_name}
            ),
            threshold=0,
            severity="critical",
        ),
    }
