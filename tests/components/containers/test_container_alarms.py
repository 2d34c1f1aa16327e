"""Alarms of services and load balancers: every figure."""

from components.observability.alarm_plan import MathAlarm, MetricAlarm
from components.observability.container_alarms import alb_alarms, ecs_alarms, rollback_alarms

ECS = ecs_alarms(cluster_name="tasks", service_name="backend", runbook="work-redesign#services")
ALB = alb_alarms(
    load_balancer="app/door/1", target_groups={"api": "targetgroup/api/1"}, runbook="work-redesign#door"
)


def test_cpu_and_memory_above_eighty_percent_for_two_minutes() -> None:
    for key, name in (("cpu", "CPUUtilization"), ("memory", "MemoryUtilization")):
        alarm = ECS[key]
        assert isinstance(alarm, MetricAlarm)
        assert (alarm.metric.namespace, alarm.metric.name) == ("AWS/ECS", name)
        assert alarm.metric.dimensions == {"ClusterName": "tasks", "ServiceName": "backend"}
        assert (alarm.threshold, alarm.comparison) == (80, "GreaterThanThreshold")
        assert (alarm.evaluation_periods, alarm.period_seconds) == (2, 60)


def test_missing_tasks_count_when_none_report() -> None:
    alarm = ECS["tasks"]
    assert isinstance(alarm, MathAlarm)
    assert alarm.expression == "desired - FILL(running, 0)"
    assert {key: (each.namespace, each.name) for key, each in alarm.metrics.items()} == {
        "desired": ("ECS/ContainerInsights", "DesiredTaskCount"),
        "running": ("ECS/ContainerInsights", "RunningTaskCount"),
    }
    assert (alarm.threshold, alarm.evaluation_periods, alarm.period_seconds) == (0, 5, 60)
    assert alarm.severity == "critical"


def test_server_errors_above_ten_twice_in_five_minutes() -> None:
    for key, name in (("target-5xx", "HTTPCode_Target_5XX_Count"), ("elb-5xx", "HTTPCode_ELB_5XX_Count")):
        alarm = ALB[key]
        assert isinstance(alarm, MetricAlarm)
        assert (alarm.metric.namespace, alarm.metric.name) == ("AWS/ApplicationELB", name)
        assert (alarm.metric.statistic, alarm.threshold) == ("Sum", 10)
        assert (alarm.evaluation_periods, alarm.period_seconds) == (2, 300)
        assert (alarm.severity, alarm.gate) == ("critical", True)
        assert alarm.metric.dimensions == {"LoadBalancer": "app/door/1"}


def test_p95_above_one_second() -> None:
    alarm = ALB["latency"]
    assert isinstance(alarm, MetricAlarm)
    assert (alarm.metric.name, alarm.metric.statistic) == ("TargetResponseTime", "p95")
    assert (alarm.threshold, alarm.evaluation_periods, alarm.period_seconds) == (1, 2, 300)


def test_unhealthy_targets_by_group() -> None:
    alarm = ALB["api-unhealthy"]
    assert isinstance(alarm, MetricAlarm)
    assert (alarm.metric.name, alarm.metric.statistic) == ("UnHealthyHostCount", "Maximum")
    assert alarm.metric.dimensions == {"LoadBalancer": "app/door/1", "TargetGroup": "targetgroup/api/1"}
    assert (alarm.threshold, alarm.evaluation_periods, alarm.period_seconds) == (0, 3, 60)


def test_a_deployment_is_judged_by_the_minute() -> None:
    alarms = rollback_alarms(
        load_balancer="app/door/1", target_group="targetgroup/api/1", runbook="work-redesign#rollback"
    )
    errors = alarms["rollback-5xx"]
    assert isinstance(errors, MathAlarm)
    assert errors.expression == "IF(requests > 0, 100 * FILL(errors, 0) / requests, 0)"
    assert (errors.threshold, errors.evaluation_periods, errors.period_seconds) == (5, 2, 60)
    latency = alarms["rollback-latency"]
    assert (latency.threshold, latency.evaluation_periods, latency.period_seconds) == (2, 2, 60)
    assert all(alarm.gate for alarm in alarms.values())
