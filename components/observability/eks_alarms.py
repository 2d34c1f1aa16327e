"""Alarm sets for EKS.

Metric names: Container Insights metrics for EKS with enhanced observability (CloudWatch User Guide). Their
dimensions: the metric declarations of the CloudWatch agent. They are there only in a cluster with the add-on
``amazon-cloudwatch-observability`` (``EksClusterArgs.insights``).
"""

from components.observability.alarm_plan import Alarm, MetricAlarm
from components.observability.metric import Metric, Name

NAMESPACE = "ContainerInsights"


def node_alarms(
    *, cluster_name: Name, runbook: str, cpu_percent: float = 80, disk_percent: float = 80
) -> dict[str, Alarm]:
    """Nodes that failed, and CPU and disk of all nodes together."""
    dimensions = {"ClusterName": cluster_name}
    return {
        "failed-nodes": MetricAlarm(
            summary="A node of the cluster has failed its conditions for 10 minutes.",
            runbook=runbook,
            metric=_metric("cluster_failed_node_count", dimensions),
            threshold=0,
            evaluation_periods=2,
            severity="critical",
        ),
        "node-cpu": MetricAlarm(
            summary=f"The nodes' CPU has been above {cpu_percent:g} percent for 15 minutes.",
            runbook=runbook,
            metric=_metric("node_cpu_utilization", dimensions, "Average"),
            threshold=cpu_percent,
            evaluation_periods=3,
        ),
        "node-disk": MetricAlarm(
            summary=f"The disk of a node has been more than {disk_percent:g} percent full for 10 minutes.",
            runbook=runbook,
            metric=_metric("node_filesystem_utilization", dimensions),
            threshold=disk_percent,
            evaluation_periods=2,
        ),
    }


def job_alarms(*, cluster_name: Name, namespace: Name, job: Name, runbook: str) -> dict[str, Alarm]:
    """Runs of a CronJob that ended in failure.

    A failed pod is counted as long as it is there (``ScheduledJobArgs.kept_seconds``); then the alarm ends.
    It says nothing of a job that never starts: watch for what the job leaves behind as well.
    """
    return {
        "failed-job": MetricAlarm(
            summary="A run of the job has failed.",
            runbook=runbook,
            metric=_metric("pod_status_failed", _of_workload(cluster_name, namespace, job)),
            threshold=0,
            severity="critical",
        )
    }


def application_alarms(
    *,
    cluster_name: Name,
    namespace: Name,
    application: Name,
    runbook: str,
    restarts: int = 3,
    pending_minutes: int = 10,
) -> dict[str, Alarm]:
    """Containers that restart, that wait between crashes, and pods for which there is no room."""
    dimensions = _of_workload(cluster_name, namespace, application)
    return {
        "restarts": MetricAlarm(
            summary=f"Containers of a pod have restarted more than {restarts} times in 5 minutes.",
            runbook=runbook,
            metric=_metric("pod_number_of_container_restarts", dimensions),
            threshold=restarts,
        ),
        "crash-loop": MetricAlarm(
            summary="A container has waited between crashes for 10 minutes.",
            runbook=runbook,
            metric=_metric("pod_container_status_waiting_reason_crash_loop_back_off", dimensions),
            threshold=0,
            evaluation_periods=2,
            severity="critical",
        ),
        "pending": MetricAlarm(
            summary=f"A pod has waited for a node for {pending_minutes} minutes.",
            runbook=runbook,
            metric=_metric("pod_status_pending", dimensions),
            threshold=0,
            evaluation_periods=-(-pending_minutes // 5),
        ),
    }


def _of_workload(cluster_name: Name, namespace: Name, workload: Name) -> dict[str, Name]:
    """``PodName`` is what the pods come from: the Deployment or the CronJob."""
    return {"ClusterName": cluster_name, "Namespace": namespace, "PodName": workload}


def _metric(name: str, dimensions: dict[str, Name], statistic: str = "Maximum") -> Metric:
    return Metric(namespace=NAMESPACE, name=name, dimensions=dimensions, statistic=statistic)
