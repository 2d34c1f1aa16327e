"""PetClinic's alarms: those that take a release back, and those that tell people."""

from collections.abc import Mapping
from dataclasses import dataclass

from components.compute.blue_green_pair import Colour
from components.compute.lambda_function import LambdaFunction
from components.edge.load_balancer import LoadBalancer
from components.edge.load_balancer_plan import alternate_key
from components.messaging.alert_topics import AlertTopics
from components.messaging.event_bus import DeadLetters
from components.observability.alarm_plan import Alarm, MetricAlarm, merge
from components.observability.alarms import Alarms, AlarmsArgs
from components.observability.container_alarms import alb_alarms, rollback_alarms
from components.observability.host_alarms import group_alarms, replication_alarms, takeover_alarm
from components.observability.metric import Metric
from components.observability.rds_alarms import rds_alarms, replica_alarms
from components.observability.redis_alarms import redis_alarms
from components.observability.serverless_alarms import lambda_alarms, rest_api_alarms
from settings.petclinic import PetClinicSettings
from systems.petclinic.data import Data
from systems.petclinic.edge import WEB
from systems.petclinic.second import Second
from systems.scope import Scope

RUNBOOK = "petclinic.md"

TARGETS: Mapping[Colour, str] = {"blue": WEB, "green": alternate_key(WEB)}
"""Which target group of the listener is whose."""


@dataclass(frozen=True, kw_only=True)
class Watching:
    """The alarms, and the definitions that the dashboard draws."""

    alarms: Alarms
    definitions: Mapping[str, Alarm]


@dataclass(frozen=True, kw_only=True)
class Watched:
    """What there is to watch beside hosts, doors and stores."""

    functions: Mapping[str, LambdaFunction]
    dead_letters: Mapping[str, DeadLetters]
    api: Mapping[str, Alarm]


def build_gates(
    scope: Scope, settings: PetClinicSettings, topics: AlertTopics, load_balancer: LoadBalancer
) -> Alarms:
    """One alarm on the error rate for each colour: what a release watches, and a refresh stops at."""
    return Alarms(
        f"{scope.name}-release-alarms",
        AlarmsArgs(
            alarms={
                f"{colour}-errors": rollback_alarms(
                    load_balancer=load_balancer.arn_suffix,
                    target_group=load_balancer.target_group_arn_suffixes[target],
                    runbook=f"{RUNBOOK}#release",
                    server_error_percent=settings.release.error_percent,
                )["rollback-5xx"]
                for colour, target in TARGETS.items()
            },
            alarm_actions=[topics.arns["warning"]],
            critical_actions=[topics.arns["critical"]],
            runbook_url=scope.runbook_url(),
        ),
        scope.opts,
    )


def build_alarms(
    scope: Scope,
    settings: PetClinicSettings,
    *,
    topics: AlertTopics,
    load_balancer: LoadBalancer,
    data: Data,
    platform: Mapping[str, Alarm],
    second: Second | None,
    watched: Watched,
) -> Watching:
    definitions = {
        **platform,
        **_door_alarms(settings, load_balancer),
        **_data_alarms(settings, data),
        **_function_alarms(settings, watched),
        **(_copy_alarms(settings, data, second) if second else {}),
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


def host_alarms(settings: PetClinicSettings, group_names: Mapping[Colour, str]) -> dict[str, Alarm]:
    return merge(
        hosts=group_alarms(
            group_names=dict(group_names.items()),
            runbook=f"{RUNBOOK}#hosts",
            cpu_percent=settings.alarms.cpu_percent,
        )
    )


def build_second_alarms(settings: PetClinicSettings, second: Second) -> Alarms:
    """In the second region, told to its own topics: the first one's may be gone."""
    ground, limits = second.ground, settings.alarms
    scope, name = ground.scope, second.hosts.group_name
    return Alarms(
        f"{scope.name}-alarms",
        AlarmsArgs(
            alarms=merge(
                replica=replica_alarms(
                    identifiers={"copy": second.replica.identifier},
                    runbook=f"{RUNBOOK}#copies",
                    lag_seconds=limits.replica_lag_seconds,
                ),
                hosts=group_alarms(
                    group_names={"warm": name}, runbook=f"{RUNBOOK}#hosts", cpu_percent=limits.cpu_percent
                ),
                alb=alb_alarms(
                    load_balancer=ground.load_balancer.arn_suffix,
                    target_groups=ground.load_balancer.target_group_arn_suffixes,
                    runbook=f"{RUNBOOK}#balancer",
                    server_errors=limits.server_errors,
                    p95_seconds=limits.latency_ms / 1000,
                ),
                sessions=redis_alarms(
                    node_ids=ground.sessions.node_ids,
                    runbook=f"{RUNBOOK}#sessions",
                    memory_percent=limits.memory_percent,
                ),
                failover=takeover_alarm(
                    load_balancer=ground.load_balancer.arn_suffix, runbook=f"{RUNBOOK}#failover"
                ),
            ),
            alarm_actions=[ground.topics.arns["warning"]],
            critical_actions=[ground.topics.arns["critical"]],
            runbook_url=scope.runbook_url(),
        ),
        scope.opts,
    )


def api_alarms(*, api_name: object, stage_name: object) -> dict[str, Alarm]:
    return merge(
        api=rest_api_alarms(api_name=api_name, stage_name=stage_name, runbook=f"{RUNBOOK}#functions")
    )


def _door_alarms(settings: PetClinicSettings, load_balancer: LoadBalancer) -> dict[str, Alarm]:
    return merge(
        alb=alb_alarms(
            load_balancer=load_balancer.arn_suffix,
            target_groups=load_balancer.target_group_arn_suffixes,
            runbook=f"{RUNBOOK}#balancer",
            server_errors=settings.alarms.server_errors,
            p95_seconds=settings.alarms.latency_ms / 1000,
        )
    )


def _data_alarms(settings: PetClinicSettings, data: Data) -> dict[str, Alarm]:
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
        sessions=redis_alarms(
            node_ids=data.sessions.node_ids,
            runbook=f"{RUNBOOK}#sessions",
            memory_percent=limits.memory_percent,
        ),
    )


def _copy_alarms(settings: PetClinicSettings, data: Data, second: Second) -> dict[str, Alarm]:
    return merge(
        **{
            f"copy_{key}": replication_alarms(
                source_bucket=bucket.bucket_name,
                target_bucket=second.ground.buckets[key].bucket_name,
                rule_id=second.replications[key].rule_id,
                runbook=f"{RUNBOOK}#copies",
                behind_minutes=settings.alarms.replication_minutes,
            )
            for key, bucket in data.buckets.items()
        }
    )


def _function_alarms(settings: PetClinicSettings, watched: Watched) -> dict[str, Alarm]:
    groups = {
        name.replace("-", "_"): lambda_alarms(
            function_name=function.function_name,
            timeout_seconds=settings.functions.timeout_seconds,
            runbook=f"{RUNBOOK}#functions",
        )
        for name, function in watched.functions.items()
    }
    letters: dict[str, Alarm] = {
        name: MetricAlarm(
            summary=f"Events that {name} could not take wait in its dead-letter queue.",
            runbook=f"{RUNBOOK}#events",
            metric=Metric(
                namespace="AWS/SQS",
                name="ApproximateNumberOfMessagesVisible",
                dimensions={"QueueName": queue.queue_name},
                statistic="Maximum",
                period_seconds=60,
            ),
            threshold=0,
            severity="critical",
        )
        for name, queue in watched.dead_letters.items()
    }
    return {**merge(**groups), **merge(dead_letters=letters), **watched.api}
