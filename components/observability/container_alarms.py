"""Alarm sets for Fargate services and Application Load Balancers.

Metric names and dimensions: the CloudWatch references in the ECS and Elastic Load Balancing guides, and the
Container Insights metrics for ECS.
"""

from collections.abc import Mapping

from components.observability.alarm_plan import Alarm, MathAlarm, MetricAlarm, percentage
from components.observability.metric import Metric, Name


def ecs_alarms(
    *,
    cluster_name: Name,
    service_name: Name,
    runbook: str,
    cpu_percent: float = 80,
    memory_percent: float = 80,
    missing_tasks_minutes: int = 5,
) -> dict[str, Alarm]:
    """CPU and memory of one service, and fewer tasks than it should have.

    A deployment replaces a task within a few minutes; one that stays away for ``missing_tasks_minutes``
    cannot start. Both counts come from Container Insights, so the cluster must have it.
    """
    dimensions = {"ClusterName": cluster_name, "ServiceName": service_name}

    def usage(name: str) -> Metric:
        return Metric(
            namespace="AWS/ECS", name=name, dimensions=dimensions, statistic="Average", period_seconds=60
        )

    def count(name: str) -> Metric:
        return Metric(
            namespace="ECS/ContainerInsights",
            name=name,
            dimensions=dimensions,
            statistic="Average",
            period_seconds=60,
        )

    return {
        "cpu": MetricAlarm(
            summary=f"The tasks' CPU has been above {cpu_percent:g} percent for 2 minutes.",
            runbook=runbook,
            metric=usage("CPUUtilization"),
            threshold=cpu_percent,
            evaluation_periods=2,
        ),
        "memory": MetricAlarm(
            summary=f"The tasks' memory has been above {memory_percent:g} percent for 2 minutes.",
            runbook=runbook,
            metric=usage("MemoryUtilization"),
            threshold=memory_percent,
            evaluation_periods=2,
        ),
        "tasks": MathAlarm(
            summary=f"Fewer tasks than desired have run for {missing_tasks_minutes} minutes.",
            runbook=runbook,
            expression="desired - FILL(running, 0)",
            label="Missing tasks",
            metrics={"desired": count("DesiredTaskCount"), "running": count("RunningTaskCount")},
            threshold=0,
            evaluation_periods=missing_tasks_minutes,
            severity="critical",
        ),
    }


def alb_alarms(
    *,
    load_balancer: Name,
    target_groups: Mapping[str, Name],
    runbook: str,
    server_errors: int = 10,
    p95_seconds: float = 1,
) -> dict[str, Alarm]:
    """5XX of the targets and of the load balancer itself, p95 latency, and unhealthy targets by group.

    ``load_balancer`` and ``target_groups`` are the ``arn_suffix`` of each. The first three are gates. They
    are the load balancer's totals, so they hold whichever of two groups has the traffic.

    A target's latency has no data while nobody asks. Errors of the load balancer are those no target
    answered: none healthy, or none in time.
    """
    alarms: dict[str, Alarm] = {
        "target-5xx": _server_errors(
            "HTTPCode_Target_5XX_Count", "The application", load_balancer, runbook, server_errors
        ),
        "elb-5xx": _server_errors(
            "HTTPCode_ELB_5XX_Count", "The load balancer", load_balancer, runbook, server_errors
        ),
        "latency": MetricAlarm(
            summary=f"One request in twenty took longer than {p95_seconds:g} s, for 10 minutes.",
            runbook=runbook,
            metric=_metric("TargetResponseTime", load_balancer, statistic="p95"),
            threshold=p95_seconds,
            evaluation_periods=2,
            gate=True,
        ),
    }
    for key, target_group in target_groups.items():
        alarms[f"{key}-unhealthy"] = MetricAlarm(
            summary=f"A target of {key} has failed its health checks for 3 minutes.",
            runbook=runbook,
            metric=Metric(
                namespace="AWS/ApplicationELB",
                name="UnHealthyHostCount",
                dimensions={"LoadBalancer": load_balancer, "TargetGroup": target_group},
                statistic="Maximum",
                period_seconds=60,
            ),
            threshold=0,
            evaluation_periods=3,
        )
    return alarms


def rollback_alarms(
    *,
    load_balancer: Name,
    target_group: Name,
    runbook: str,
    server_error_percent: float = 5,
    p95_seconds: float = 2,
) -> dict[str, Alarm]:
    """What takes a deployment of one target back: quicker and coarser than the alarms for people.

    A share of the requests, since a handful of errors on a quiet night must not stop a release; two bad
    minutes, since a bake time is minutes. They know the target group and not the service, which names them.
    """
    dimensions = {"LoadBalancer": load_balancer, "TargetGroup": target_group}

    def metric(name: str, statistic: str = "Sum") -> Metric:
        return Metric(
            namespace="AWS/ApplicationELB",
            name=name,
            dimensions=dimensions,
            statistic=statistic,
            period_seconds=60,
        )

    return {
        "rollback-5xx": MathAlarm(
            summary=f"More than {server_error_percent:g} percent of requests failed, for 2 minutes.",
            runbook=runbook,
            expression=percentage("errors", "requests"),
            label="5XX rate, percent",
            metrics={"errors": metric("HTTPCode_Target_5XX_Count"), "requests": metric("RequestCount")},
            threshold=server_error_percent,
            evaluation_periods=2,
            severity="critical",
            gate=True,
        ),
        "rollback-latency": MetricAlarm(
            summary=f"One request in twenty took longer than {p95_seconds:g} s, for 2 minutes.",
            runbook=runbook,
            metric=metric("TargetResponseTime", "p95"),
            threshold=p95_seconds,
            evaluation_periods=2,
            gate=True,
        ),
    }


def _server_errors(name: str, who: str, load_balancer: Name, runbook: str, limit: int) -> Alarm:
    return MetricAlarm(
        summary=f"{who} answered more than {limit} requests with 5XX in 5 minutes, twice running.",
        runbook=runbook,
        metric=_metric(name, load_balancer),
        threshold=limit,
        evaluation_periods=2,
        severity="critical",
        gate=True,
    )


def _metric(name: str, load_balancer: Name, statistic: str = "Sum") -> Metric:
    return Metric(
        namespace="AWS/ApplicationELB",
        name=name,
        dimensions={"LoadBalancer": load_balancer},
        statistic=statistic,
    )
