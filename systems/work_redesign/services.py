"""Work Redesign's containers: frontend, backend, and the migration that goes before both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.compute.container_definition import HealthCheck
from components.compute.container_image import ContainerImage
from components.compute.ecs_cluster import EcsCluster, EcsClusterArgs
from components.compute.fargate_service import FargateService
from components.compute.fargate_service_args import FargateServiceArgs
from components.compute.fargate_service_plan import Autoscaled, BlueGreen
from components.compute.fargate_task import FargateTask, FargateTaskArgs
from components.compute.fargate_task_definition import SecretReference, TaskArgs
from components.delivery.ecr_repository import EcrRepository, EcrRepositoryArgs
from components.edge.load_balancer import LoadBalancer
from components.messaging.queue import Queue
from components.network.security_group import SecurityGroup, connect
from components.network.vpc import Vpc
from components.observability.alarms import Alarms
from components.security.grants import (
    connect_cache,
    kms_use,
    list_bucket,
    put_metrics,
    read_objects,
    send_messages,
    write_objects,
)
from components.security.iam import Statement
from components.security.kms_key import KmsKey
from settings.containers import ContainerService
from settings.work_redesign import WorkRedesignSettings
from systems.scope import Scope
from systems.work_redesign.data import Data
from systems.work_redesign.edge import BACKEND, FRONTEND
from systems.work_redesign.network import ways_out
from systems.work_redesign.secrets import Secrets

NAMESPACE = "WorkRedesign"
"""Of the metrics that the application publishes."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """What every container is built from."""

    scope: Scope
    settings: WorkRedesignSettings
    vpc: Vpc
    key: KmsKey
    cluster: EcsCluster
    images: Mapping[str, EcrRepository]
    data: Data
    secrets: Secrets
    queue: Queue


@dataclass(frozen=True, kw_only=True)
class Services:
    frontend: FargateService
    backend: FargateService
    migration: FargateTask

    @property
    def by_name(self) -> dict[str, FargateService]:
        return {"frontend": self.frontend, "backend": self.backend}


def build_images(scope: Scope, settings: WorkRedesignSettings, key: KmsKey) -> dict[str, EcrRepository]:
    return {
        name: EcrRepository(
            f"{scope.name}-{name}",
            EcrRepositoryArgs(kms_key_arn=key.key_arn, deletion_protection=settings.deletion_protection),
            scope.opts,
        )
        for name in ("frontend", "backend")
    }


def build_cluster(scope: Scope, settings: WorkRedesignSettings, key: KmsKey) -> EcsCluster:
    return EcsCluster(
        f"{scope.name}-cluster",
        EcsClusterArgs(kms_key_arn=key.key_arn, insights_retention_days=settings.log_retention_days),
        scope.opts,
    )


def build_services(given: Given, load_balancer: LoadBalancer, gates: Alarms) -> Services:
    settings = given.settings
    migration = _build_migration(given)
    backend = _build_service(
        given,
        "backend",
        settings.backend,
        task=_task(
            given,
            "backend",
            settings.backend,
            environment=_backend_environment(given),
            secrets=given.secrets.references,
            statements=_backend_statements(given),
            collector=ContainerImage.parse(settings.backend.collector_image),
        ),
        load_balancer=load_balancer,
        target=BACKEND,
        gates=gates,
    )
    frontend = _build_service(
        given,
        "frontend",
        settings.frontend,
        task=_task(
            given,
            "frontend",
            settings.frontend,
            environment={"NODE_ENV": "production", "API_URL": f"https://{settings.domain.hostname}"},
        ),
        load_balancer=load_balancer,
        target=FRONTEND,
        gates=gates,
    )
    _open_ways(given, "the backend", backend.security_group)
    return Services(frontend=frontend, backend=backend, migration=migration)


def _build_service(
    given: Given,
    name: str,
    wanted: ContainerService,
    *,
    task: TaskArgs,
    load_balancer: LoadBalancer,
    target: str,
    gates: Alarms,
) -> FargateService:
    return FargateService(
        f"{given.scope.name}-{name}-service",
        FargateServiceArgs(
            cluster=given.cluster,
            task=task,
            vpc_id=given.vpc.vpc_id,
            subnet_ids=given.vpc.private_subnet_ids,
            capacity=Autoscaled(
                min_tasks=wanted.min_tasks,
                max_tasks=wanted.max_tasks,
                cpu_percent=wanted.cpu_percent,
                memory_percent=wanted.memory_percent,
                scale_in_cooldown_seconds=wanted.scale_in_cooldown_seconds,
                scale_out_cooldown_seconds=wanted.scale_out_cooldown_seconds,
            ),
            target=load_balancer.target(target),
            deployment=BlueGreen(
                bake_time_minutes=given.settings.release.bake_minutes,
                alarm_names=[
                    alarm_name for key, alarm_name in gates.names.items() if key.startswith(f"{target}-")
                ],
            ),
            egress=ways_out(given.vpc),
        ),
        given.scope.opts,
    )


def _build_migration(given: Given) -> FargateTask:
    """The backend's image with another command; whoever releases runs it and waits for its exit code."""
    backend = given.settings.backend
    migration = FargateTask(
        f"{given.scope.name}-migration",
        FargateTaskArgs(
            cluster=given.cluster,
            task=_task(
                given,
                "backend",
                backend,
                command=backend.migration_command,
                environment={"NODE_ENV": "production"},
                secrets={"DATABASE_URL": given.secrets.references["DATABASE_URL"]},
                served=False,
            ),
            vpc_id=given.vpc.vpc_id,
            subnet_ids=given.vpc.private_subnet_ids,
            egress=ways_out(given.vpc),
        ),
        given.scope.opts,
    )
    connect(
        migration.security_group,
        given.data.database.security_group,
        given.data.database.port,
        client_name="the migration",
        server_name="the database",
    )
    return migration


def _task(
    given: Given,
    repository: str,
    wanted: ContainerService,
    *,
    command: Sequence[str] = (),
    environment: Mapping[str, pulumi.Input[str]],
    secrets: Mapping[str, SecretReference] | None = None,
    statements: Sequence[Statement] = (),
    collector: ContainerImage | None = None,
    served: bool = True,
) -> TaskArgs:
    return TaskArgs(
        account_id=given.scope.stack.account_id,
        region=given.scope.stack.region,
        image=given.images[repository].image(wanted.image_digest),
        user=wanted.user,
        cpu_units=wanted.cpu_units,
        memory_mb=wanted.memory_mb,
        kms_key_arn=given.key.key_arn,
        log_retention_days=given.settings.log_retention_days,
        port=wanted.port if served else None,
        command=command,
        environment={**({"PORT": str(wanted.port)} if served else {}), **environment},
        secrets=secrets or {},
        statements=statements,
        health_check=_health_check(wanted) if served else None,
        tracing_collector=collector,
    )


def _health_check(wanted: ContainerService) -> HealthCheck:
    """By Node.js itself: its images have neither curl nor, in the small ones, a shell."""
    script = (
        f"fetch('http://127.0.0.1:{wanted.port}{wanted.health_path}')"
        ".then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"
    )
    return HealthCheck(
        command=("CMD", "node", "-e", script),
        interval_seconds=30,
        timeout_seconds=5,
        retries=3,
        start_period_seconds=60,
    )


def _backend_environment(given: Given) -> dict[str, pulumi.Input[str]]:
    data = given.data
    environment: dict[str, pulumi.Input[str]] = {
        "NODE_ENV": "production",
        "REDIS_HOST": data.cache.endpoint,
        "REDIS_PORT": str(data.cache.port),
        "REDIS_USER": data.cache.user_id,
        "REDIS_CLUSTER": data.cache.replication_group_id,
        "UPLOADS_BUCKET": data.uploads.bucket_name,
        "AI_QUEUE_URL": given.queue.queue_url,
        "CORS_ORIGIN": f"https://{given.settings.domain.hostname}",
    }
    for key, endpoint in data.database.replica_endpoints.items():
        environment[f"DATABASE_{key.upper().replace('-', '_')}_HOST"] = endpoint
    return environment


def _backend_statements(given: Given) -> list[Statement]:
    data = given.data
    return [
        connect_cache(cache_arn=data.cache.arn, user_arn=data.cache.user_arn),
        list_bucket(data.uploads.bucket_arn),
        read_objects(data.uploads.bucket_arn),
        write_objects(data.uploads.bucket_arn),
        send_messages(given.queue.queue_arn),
        kms_use(given.key.key_arn),
        put_metrics(NAMESPACE),
    ]


def _open_ways(given: Given, who: str, group: SecurityGroup) -> None:
    """To the stores, which nobody but the backend and the migration reaches."""
    data = given.data
    for server, port, name in (
        (data.database.security_group, data.database.port, "the database"),
        (data.cache.security_group, data.cache.port, "the cache"),
    ):
        connect(group, server, port, client_name=who, server_name=name)
