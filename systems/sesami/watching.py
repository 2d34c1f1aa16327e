"""Sesami's alarms, what takes a release back, its dashboard and its budget."""

from collections.abc import Mapping
from dataclasses import dataclass

from components.compute.fargate_service import FargateService
from components.data.rds_instance import RdsInstance
from components.delivery.budget import Budget, BudgetArgs
from components.edge.load_balancer import LoadBalancer
from components.messaging.alert_topics import AlertTopics
from components.messaging.queue import Queue
from components.observability.alarm_plan import Alarm, MetricAlarm, merge
from components.observability.alarms import Alarms, AlarmsArgs
from components.observability.batch_alarms import job_flow_alarms
from components.observability.container_alarms import alb_alarms, ecs_alarms, rollback_alarms
from components.observability.dashboard import Dashboard, DashboardArgs
from components.observability.dashboard_plan import AlarmStatus, LogTable, Section, alarm_graph
from components.observability.metric import Metric
from components.observability.rds_alarms import rds_alarms
from settings.sesami import SesamiSettings
from systems.scope import Scope
from systems.sesami.edge import TARGET
from systems.sesami.jobs import Jobs

RUNBOOK = "sesami.md"


@dataclass(frozen=True, kw_only=True)
class Watching:
    """The alarms, and the definitions that the dashboard draws."""

    alarms: Alarms
    definitions: Mapping[str, Alarm]


def build_rollback(scope: Scope, topics: AlertTopics, load_balancer: LoadBalancer) -> Alarms:
    """Made before the service, which names them."""
    return _alarms(
        scope,
        "rollback-alarms",
        topics,
        rollback_alarms(
            load_balancer=load_balancer.arn_suffix,
            target_group=load_balancer.target_group_arn_suffixes[TARGET],
            runbook=f"{RUNBOOK}#release",
        ),
    )


def build_alarms(
    scope: Scope,
    settings: SesamiSettings,
    *,
    topics: AlertTopics,
    load_balancer: LoadBalancer,
    api: FargateService,
    database: RdsInstance,
    jobs: Jobs,
    missed_changes: Queue,
) -> Watching:
    wanted = settings.alarms
    definitions = merge(
        api=ecs_alarms(
            cluster_name=api.cluster_name,
            service_name=api.service_name,
            runbook=f"{RUNBOOK}#api",
            cpu_percent=wanted.cpu_percent,
            memory_percent=wanted.memory_percent,
        ),
        balancer=alb_alarms(
            load_balancer=load_balancer.arn_suffix,
            target_groups=load_balancer.target_group_arn_suffixes,
            runbook=f"{RUNBOOK}#api",
            server_errors=wanted.server_errors,
            p95_seconds=wanted.latency_ms / 1_000,
        ),
        database=rds_alarms(
            identifier=database.identifier,
            memory_gib=database.memory_gib,
            allocated_storage_gb=database.allocated_storage_gb,
            runbook=f"{RUNBOOK}#database",
            connections=wanted.database_connections,
            free_storage_percent=wanted.free_storage_percent,
        ),
        jobs=_job_alarms(settings, jobs),
        secrets={"missed-changes": _missed_change(missed_changes)},
    )
    return Watching(alarms=_alarms(scope, "alarms", topics, definitions), definitions=definitions)


def build_dashboard(scope: Scope, watching: Watching, jobs: Jobs) -> Dashboard:
    titles = {"API": ("api", "balancer"), "Analyses": ("jobs",), "Database": ("database",)}
    return Dashboard(
        f"{scope.name}-overview",
        DashboardArgs(
            dashboard_name=scope.physical_name,
            sections=[
                Section(
                    title="Now",
                    widgets=[AlarmStatus(title="Alarms", alarm_arns=list(watching.alarms.arns.values()))],
                ),
                *(
                    Section(
                        title=title,
                        widgets=[
                            alarm_graph(alarm, title=key)
                            for key, alarm in watching.definitions.items()
                            if key.partition("-")[0] in members
                        ],
                    )
                    for title, members in titles.items()
                ),
                Section(
                    title="Blocked",
                    widgets=[
                        LogTable(
                            title="Why the job queue was blocked",
                            log_group_names=[jobs.failures.log_group_name],
                            query="fields @timestamp, detail.jobName, detail.statusReason"
                            " | sort @timestamp desc | limit 20",
                        )
                    ],
                ),
            ],
            region=scope.stack.region,
        ),
        scope.opts,
    )


def build_budget(scope: Scope, settings: SesamiSettings, topics: AlertTopics) -> Budget:
    return Budget(
        f"{scope.name}-budget",
        BudgetArgs(
            system=scope.name,
            monthly_limit_usd=settings.monthly_budget_usd,
            topic_arns=[topics.arns["warning"]],
        ),
        scope.opts,
    )


def _missed_change(queue: Queue) -> Alarm:
    return MetricAlarm(
        summary="A new password or key did not reach the tasks: they go on with the old one.",
        runbook=f"{RUNBOOK}#secrets",
        metric=Metric(
            namespace="AWS/SQS",
            name="ApproximateNumberOfMessagesVisible",
            dimensions={"QueueName": queue.queue_name},
            statistic="Maximum",
        ),
        threshold=0,
        severity="critical",
    )


def _job_alarms(settings: SesamiSettings, jobs: Jobs) -> dict[str, Alarm]:
    minutes = settings.worker.typical_minutes
    return job_flow_alarms(
        queue_name=jobs.queue.queue_name,
        dead_letter_queue_name=jobs.queue.dead_letter_queue_name,
        failed_jobs_queue_name=jobs.failures.queue_name,
        pipe_name=jobs.pipe.pipe_name,
        blocked_rule_name=jobs.failures.blocked_rule_name,
        jobs_per_hour=jobs.worker.capacity.jobs_per_hour_for_certain(minutes),
        typical_minutes=minutes,
        runbook=RUNBOOK,
    )


def _alarms(scope: Scope, role: str, topics: AlertTopics, definitions: Mapping[str, Alarm]) -> Alarms:
    return Alarms(
        f"{scope.name}-{role}",
        AlarmsArgs(
            alarms=definitions,
            alarm_actions=[topics.arns["warning"]],
            critical_actions=[topics.arns["critical"]],
            runbook_url=scope.runbook_url(),
        ),
        scope.opts,
    )
