"""What is watched in a cluster."""

from components.observability.alarm_plan import Alarm, MetricAlarm
from components.observability.eks_alarms import application_alarms, job_alarms, node_alarms
from policies.metrics import EMITTERS

JOB = job_alarms(cluster_name="c", namespace="n", job="ingestor", runbook="r#job")
APPLICATION = application_alarms(cluster_name="c", namespace="n", application="web", runbook="r#web")
NODES = node_alarms(cluster_name="c", runbook="r#nodes")


def plain(alarm: Alarm) -> MetricAlarm:
    assert isinstance(alarm, MetricAlarm)
    return alarm


def test_one_failed_run_is_told() -> None:
    alarm = plain(JOB["failed-job"])
    assert (alarm.metric.name, alarm.threshold, alarm.severity) == ("pod_status_failed", 0, "critical")
    assert alarm.metric.dimensions == {"ClusterName": "c", "Namespace": "n", "PodName": "ingestor"}


def test_an_application_is_watched_for_restarts_crashes_and_room() -> None:
    assert set(APPLICATION) == {"restarts", "crash-loop", "pending"}
    pending = plain(APPLICATION["pending"])
    assert pending.evaluation_periods * pending.period_seconds == 600


def test_nodes_are_watched_all_together() -> None:
    assert {plain(alarm).metric.name for alarm in NODES.values()} == {
        "cluster_failed_node_count",
        "node_cpu_utilization",
        "node_filesystem_utilization",
    }
    assert all(plain(alarm).metric.dimensions == {"ClusterName": "c"} for alarm in NODES.values())


def test_every_metric_is_one_that_container_insights_emits() -> None:
    known = EMITTERS["ContainerInsights"].metrics
    watched = {plain(alarm).metric.name for alarm in (JOB | APPLICATION | NODES).values()}
    assert watched <= known
