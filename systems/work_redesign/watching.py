"""Work Redesign's alarms: those that take a release back, and those that tell people."""

from collections.abc import Mapping
from dataclasses import dataclass

from components.compute.lambda_function import LambdaFunction
from components.edge.load_balancer import LoadBalancer
from components.edge.load_balancer_plan import alternate_key
from components.messaging.alert_topics import AlertTopics
from components.observability.alarm_plan import Alarm, MetricAlarm, merge
from components.observability.alarms import Alarms, AlarmsArgs
from components.observability.container_alarms import alb_alarms, ecs_alarms, rollback_alarms
from components.observability.log_metric import any_phrase, count_lines
from components.observability.queue_alarms import queue_alarms
from components.observability.rds_alarms import rds_alarms, replica_alarms
from components.observability.redis_alarms import redis_alarms
from components.observability.serverless_alarms import lambda_alarms
from settings.work_redesign import WorkRedesignSettings
from systems.scope import Scope
from systems.work_redesign.ai import Ai
from systems.work_redesign.data import Data
from systems.work_redesign.edge import BACKEND, FRONTEND
from systems.work_redesign.services import NAMESPACE, Services

RUNBOOK = "work-redesign.md"
RELAY_TIMEOUT_SECONDS = 15

ERROR_LINES = any_phrase("ERROR", "Error:", "UnhandledPromiseRejection")
"""What Express, winston and Node.js write when something has failed."""


@dataclass(frozen=True, kw_only=True)
class Watching:
    """The alarms, and the definitions that the dashboard draws."""

    alarms: Alarms
    definitions: Mapping[str, Alarm]


def build_gates(
    scope: Scope, settings: WorkRedesignSettings, topics: AlertTopics, load_balancer: LoadBalancer
) -> Alarms:
    """What takes a release back. They know the target groups and not the services, which name them."""
    latency = settings.alarms.latency_ms / 1000
    groups = [each for target in (FRONTEND, BACKEND) for each in (target, alternate_key(target))]
    return Alarms(
        f"{scope.name}-release-alarms",
        AlarmsArgs(
            alarms={
                f"{group}-{key}": alarm
                for group in groups
                for key, alarm in rollback_alarms(
                    load_balancer=load_balancer.arn_suffix,
                    target_group=load_balancer.target_group_arn_suffixes[group],
                    runbook=f"{RUNBOOK}#release",
                    p95_seconds=2 * latency,
                ).items()
            },
            alarm_actions=[topics.arns["warning"]],
            critical_actions=[topics.arns["critical"]],
            runbook_url=scope.runbook_url(),
        ),
        scope.opts,
    )


def build_alarms(
    scope: Scope,
    settings: WorkRedesignSettings,
    *,
    topics: AlertTopics,
    load_balancer: LoadBalancer,
    services: Services,
    data: Data,
    ai: Ai,
    relay: LambdaFunction | None,
) -> Watching:
    definitions = {
        **_service_alarms(scope, settings, load_balancer, services),
        **_data_alarms(settings, data),
        **_function_alarms(settings, ai, relay),
    }
    alarms = Alarms(
        f"{scope.name}-alarms",
        AlarmsArgs(
            alarms=definitions,
            alarm_actions=[topics.arns["warning"]],
            critical_actions=[topics.arns["critical"]],
            runbook_url=scope.runbook_url(),
        ),
        scope.opts,
    )
    return Watching(alarms=alarms, definitions=definitions)


def _service_alarms(
    scope: Scope, settings: WorkRedesignSettings, load_balancer: LoadBalancer, services: Services
) -> dict[str, Alarm]:
    limits = settings.alarms
    groups = {
        name: ecs_alarms(
            cluster_name=service.cluster_name,
            service_name=service.service_name,
            runbook=f"{RUNBOOK}#services",
            cpu_percent=limits.cpu_percent,
            memory_percent=limits.memory_percent,
        )
        for name, service in services.by_name.items()
    }
    groups["alb"] = alb_alarms(
        load_balancer=load_balancer.arn_suffix,
        target_groups=load_balancer.target_group_arn_suffixes,
        runbook=f"{RUNBOOK}#balancer",
        server_errors=limits.server_errors,
        p95_seconds=limits.latency_ms / 1000,
    )
    lines = count_lines(
        scope.root,
        f"{scope.name}-backend-error-lines",
        log_group_name=services.backend.log_group_name,
        pattern=ERROR_LINES,
        namespace=NAMESPACE,
        metric_name=f"{scope.physical_name}-backend-error-lines",
    )
    groups["logs"] = {
        "errors": MetricAlarm(
            summary=f"The backend logged more than {limits.error_lines} errors in 5 minutes.",
            runbook=f"{RUNBOOK}#errors",
            metric=lines,
            threshold=limits.error_lines,
        )
    }
    return merge(**groups)


def _data_alarms(settings: WorkRedesignSettings, data: Data) -> dict[str, Alarm]:
    limits = settings.alarms
    return merge(
        database=rds_alarms(
            identifier=data.database.identifier,
            memory_gib=data.database.memory_gib,
            allocated_storage_gb=data.database.allocated_storage_gb,
            runbook=f"{RUNBOOK}#database",
            connections=limits.database_connections,
            cpu_percent=limits.cpu_percent,
            free_storage_percent=limits.free_storage_percent,
        ),
        replicas=replica_alarms(
            identifiers={key: replica.identifier for key, replica in data.database.replicas.items()},
            runbook=f"{RUNBOOK}#replica",
            lag_seconds=limits.replica_lag_seconds,
        ),
        cache=redis_alarms(
            node_ids=data.cache.node_ids, runbook=f"{RUNBOOK}#cache", memory_percent=limits.memory_percent
        ),
    )


def _function_alarms(
    settings: WorkRedesignSettings, ai: Ai, relay: LambdaFunction | None
) -> dict[str, Alarm]:
    groups = {
        "queue": queue_alarms(
            queue_name=ai.queue.queue_name,
            dead_letter_queue_name=ai.queue.dead_letter_queue_name,
            runbook=f"{RUNBOOK}#analyses",
            max_age_seconds=settings.alarms.queue_age_seconds,
        ),
        "analyses": lambda_alarms(
            function_name=ai.consumer.function_name,
            timeout_seconds=settings.ai.timeout_seconds,
            runbook=f"{RUNBOOK}#analyses",
        ),
    }
    if relay is not None:
        groups["chat"] = lambda_alarms(
            function_name=relay.function_name,
            timeout_seconds=RELAY_TIMEOUT_SECONDS,
            runbook=f"{RUNBOOK}#chat",
        )
    return merge(**groups)
