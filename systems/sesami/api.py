"""Sesami's API: FastAPI on Fargate, behind the load balancer."""

import pulumi

from components.compute.ecs_cluster import EcsCluster, EcsClusterArgs
from components.compute.fargate_service import FargateService
from components.compute.fargate_service_args import FargateServiceArgs
from components.compute.fargate_service_plan import Autoscaled, Rolling
from components.compute.fargate_task_definition import TaskArgs
from components.data.rds_instance import RdsInstance
from components.delivery.ecr_repository import EcrRepository
from components.edge.load_balancer_args import ServiceTarget
from components.messaging.queue import Queue
from components.network.security_group import connect
from components.network.vpc import Vpc
from components.observability.alarms import Alarms
from components.security.grants import read_secret, send_messages
from components.security.iam import Statement
from components.security.kms_key import KmsKey
from settings.sesami import SesamiSettings
from systems.scope import Scope
from systems.sesami.network import ways_out
from systems.sesami.secrets import Secrets


def build_api(
    scope: Scope,
    settings: SesamiSettings,
    *,
    vpc: Vpc,
    key: KmsKey,
    images: EcrRepository,
    target: ServiceTarget,
    queue: Queue,
    database: RdsInstance,
    secrets: Secrets,
    rollback: Alarms,
) -> FargateService:
    wanted = settings.api
    cluster = EcsCluster(
        f"{scope.name}-cluster",
        EcsClusterArgs(kms_key_arn=key.key_arn, insights_retention_days=settings.log_retention_days),
        scope.opts,
    )
    service = FargateService(
        f"{scope.name}-api",
        FargateServiceArgs(
            cluster=cluster,
            task=_task(scope, settings, key=key, images=images, queue=queue, secrets=secrets),
            vpc_id=vpc.vpc_id,
            subnet_ids=vpc.private_subnet_ids,
            capacity=Autoscaled(
                min_tasks=wanted.min_tasks,
                max_tasks=wanted.max_tasks,
                cpu_percent=wanted.cpu_percent,
                # The plan scales on CPU alone; memory is watched by an alarm.
                memory_percent=None,
                scale_in_cooldown_seconds=wanted.scale_in_cooldown_seconds,
                scale_out_cooldown_seconds=wanted.scale_out_cooldown_seconds,
            ),
            target=target,
            deployment=Rolling(alarm_names=list(rollback.names.values())),
            egress=ways_out(vpc),
        ),
        pulumi.ResourceOptions(
            parent=scope.root,
            # A task reads its secrets at its start: their first values must be there.
            depends_on=[secrets.database_url.rotation, secrets.jwt_key.rotation],
        ),
    )
    connect(
        service.security_group,
        database.security_group,
        database.port,
        client_name="the API",
        server_name="the database",
    )
    return service


def _task(
    scope: Scope,
    settings: SesamiSettings,
    *,
    key: KmsKey,
    images: EcrRepository,
    queue: Queue,
    secrets: Secrets,
) -> TaskArgs:
    wanted = settings.api
    return TaskArgs(
        account_id=scope.stack.account_id,
        region=scope.stack.region,
        image=images.image(wanted.image_digest),
        user=wanted.user,
        cpu_units=wanted.cpu_units,
        memory_mb=wanted.memory_mb,
        kms_key_arn=key.key_arn,
        log_retention_days=settings.log_retention_days,
        port=wanted.port,
        environment={
            "TASK_SERVICE_IMPL": "AWS",
            "SQS_QUEUE_URL": queue.queue_url,
            "CORS_ORIGIN": f"https://{settings.domain.hostname}",
            "ENCRYPTION_KEYS_ARN": secrets.encryption_keys.secret_arn,
            "GITHUB_OAUTH_ARN": secrets.github_oauth.secret_arn,
        },
        secrets={
            "DATABASE_URL": secrets.reference(secrets.database_url),
            "JWT_SECRET_KEY": secrets.reference(secrets.jwt_key),
        },
        statements=[
            send_messages(queue.queue_arn),
            # A message to an encrypted queue takes a data key.
            _through(key, f"sqs.{scope.stack.region}.amazonaws.com", "kms:Decrypt", "kms:GenerateDataKey"),
            read_secret(secrets.encryption_keys.secret_arn),
            read_secret(secrets.github_oauth.secret_arn),
            _through(key, f"secretsmanager.{scope.stack.region}.amazonaws.com", "kms:Decrypt"),
        ],
    )


def _through(key: KmsKey, service: str, *actions: str) -> Statement:
    """Use of the key by one service on the caller's behalf, and by the caller itself not at all."""
    return Statement(
        actions=actions,
        resources=[key.key_arn],
        conditions={"StringEquals": {"kms:ViaService": service}},
    )
