"""What a Fargate task is made of: containers, two roles, and a log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import pulumi
from pulumi_aws import cloudwatch, ecs

from components.compute.container_definition import (
    COLLECTOR_PORT,
    Container,
    HealthCheck,
    LogTarget,
    check_environment,
    check_user,
    collector,
    definition,
    volume_name,
)
from components.compute.container_image import ContainerImage
from components.compute.fargate_size import check_size
from components.observability.log_group import log_group
from components.security import grants
from components.security.iam import Statement
from components.security.service_role import ServiceRole, ServiceRoleArgs

CONTAINER = "app"
"""The name of the application's container in every task."""


@dataclass(frozen=True, kw_only=True)
class SecretReference:
    """A secret that ECS reads when the task starts, so that no value is in the task definition.

    ``json_key`` picks one key of a JSON secret. A task keeps what it read: after a rotation, new tasks are
    needed. ``kms_key_arn`` is the secret's own key, where that is not the task's.
    """

    arn: pulumi.Input[str]
    json_key: str | None = None
    kms_key_arn: pulumi.Input[str] | None = None

    @property
    def value_from(self) -> pulumi.Input[str]:
        """As a container definition names it: ``arn:json-key:version-stage:version-id``."""
        return pulumi.Output.concat(self.arn, f":{self.json_key}::") if self.json_key else self.arn


@dataclass(frozen=True, kw_only=True)
class TaskArgs:
    """One application container. ``cpu_units``: 1024 are one vCPU.

    ``kms_key_arn`` encrypts the log group and the secrets: its policy must admit CloudWatch Logs.

    ``writable_paths`` are scratch volumes under a read-only root, empty in each task. They belong to root
    unless the image owns the path: ``RUN chown 1000 /tmp/app`` and ``VOLUME /tmp/app`` in its Dockerfile.
    """

    account_id: str
    region: str
    image: ContainerImage
    user: str
    """Who the process runs as, ``uid:gid``; never root."""
    cpu_units: int
    memory_mb: int
    kms_key_arn: pulumi.Input[str]
    log_retention_days: int
    architecture: Literal["ARM64", "X86_64"] = "ARM64"
    """ARM64 costs a fifth less for the same size (AWS Fargate pricing); the image must be built for it."""
    port: int | None = None
    command: Sequence[str] = ()
    """In place of the image's own."""
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    secrets: Mapping[str, SecretReference] = field(default_factory=dict[str, SecretReference])
    statements: Sequence[Statement] = ()
    """What the code may do."""
    writable_paths: Sequence[str] = ("/tmp",)  # noqa: S108 - a path inside the container
    health_check: HealthCheck | None = None
    stop_timeout_seconds: int = 30
    """Between SIGTERM and SIGKILL."""
    tracing_collector: ContainerImage | None = None
    """The AWS Distro for OpenTelemetry; with it the application finds ``OTEL_EXPORTER_OTLP_ENDPOINT``."""

    def __post_init__(self) -> None:
        check_size(self.cpu_units, self.memory_mb)
        check_user(self.user)
        check_environment(self.environment, self.secrets)
        if self.port is not None and not 1024 <= self.port <= 65535:
            raise ValueError(
                f"port: got {self.port}; 1024 to 65535, since a user other than root opens none below: "
                "listen higher, the load balancer keeps 443"
            )


class FargateTaskDefinition(pulumi.ComponentResource):
    """A revision of a task, its execution role (what ECS needs to start it) and its task role (what the code
    may do).

    Revisions stay active when a newer one replaces them, so that a rollback finds the one before.
    ECS Exec is left out: a shell in production goes around every review; logs and traces are the way in.
    Persistent volumes are left out: state lives in the data tier.
    """

    task_definition: ecs.TaskDefinition
    task_definition_arn: pulumi.Output[str]
    family: pulumi.Output[str]
    log_group: cloudwatch.LogGroup
    log_group_name: pulumi.Output[str]
    log_group_arn: pulumi.Output[str]
    execution_role: ServiceRole
    task_role: ServiceRole
    container_name: str

    def __init__(self, name: str, args: TaskArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:compute:FargateTaskDefinition", name, None, opts)
        self._name = name
        self._args = args
        self.container_name = CONTAINER
        self.log_group = log_group(
            self, name, retention_days=args.log_retention_days, kms_key_arn=args.kms_key_arn
        )
        self.execution_role = self._build_execution_role()
        self.task_role = self._build_task_role()
        self.task_definition = self._build_task_definition()
        self.task_definition_arn = self.task_definition.arn
        self.family = self.task_definition.family
        self.log_group_name = self.log_group.name
        self.log_group_arn = self.log_group.arn
        self.register_outputs(
            {
                "taskDefinitionArn": self.task_definition_arn,
                "logGroupName": self.log_group_name,
                "taskRoleArn": self.task_role.role_arn,
                "executionRoleArn": self.execution_role.role_arn,
            }
        )

    def _build_execution_role(self) -> ServiceRole:
        return self._role(
            "execution", "start", [grants.write_logs(self.log_group.arn), *self._start_grants()]
        )

    def _build_task_role(self) -> ServiceRole:
        tracing = [grants.xray_write()] if self._args.tracing_collector else []
        return self._role("role", "run", [*tracing, *self._args.statements])

    def _role(self, role: str, verb: str, statements: Sequence[Statement]) -> ServiceRole:
        account, region = self._args.account_id, self._args.region
        return ServiceRole(
            f"{self._name}-{role}",
            ServiceRoleArgs(
                service="ecs-tasks.amazonaws.com",
                description=f"{verb.capitalize()} tasks of {self._name}",
                statements=statements,
                source_account=account,
                source_arn=f"arn:aws:ecs:{region}:{account}:*",
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _start_grants(self) -> list[Statement]:
        args = self._args
        statements: list[Statement] = []
        images = [args.image] + ([args.tracing_collector] if args.tracing_collector else [])
        repositories = [image.repository_arn for image in images if image.repository_arn is not None]
        if repositories:
            statements += [_registry_login(), _pull(repositories)]
        if args.secrets:
            secrets = [args.secrets[key] for key in sorted(args.secrets)]
            keys = [args.kms_key_arn, *(each.kms_key_arn for each in secrets if each.kms_key_arn is not None)]
            statements += [_read_secrets([each.arn for each in secrets]), _decrypt_secrets(keys, args.region)]
        return statements

    def _build_task_definition(self) -> ecs.TaskDefinition:
        args = self._args
        log = LogTarget(group=self.log_group.name, region=args.region)
        definitions = [definition(container, log) for container in self._containers()]
        return ecs.TaskDefinition(
            f"{self._name}-definition",
            # Families are the account's; the log group's name has a suffix that no other stack shares.
            family=self.log_group.name,
            requires_compatibilities=["FARGATE"],
            network_mode="awsvpc",
            cpu=str(args.cpu_units),
            memory=str(args.memory_mb),
            runtime_platform=ecs.TaskDefinitionRuntimePlatformArgs(
                cpu_architecture=args.architecture, operating_system_family="LINUX"
            ),
            execution_role_arn=self.execution_role.role_arn,
            task_role_arn=self.task_role.role_arn,
            volumes=[ecs.TaskDefinitionVolumeArgs(name=volume_name(path)) for path in args.writable_paths],
            container_definitions=pulumi.Output.json_dumps(definitions, sort_keys=True),
            skip_destroy=True,
            # A task that starts before its role may pull or log fails, and takes the deployment with it.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.execution_role, self.task_role]),
        )

    def _containers(self) -> list[Container]:
        args = self._args
        sidecar = collector(args.tracing_collector.uri) if args.tracing_collector else None
        tracing = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{COLLECTOR_PORT}",
            "OTEL_SERVICE_NAME": self._name,
        }
        application = Container(
            name=CONTAINER,
            image=args.image.uri,
            user=args.user,
            port=args.port,
            command=args.command,
            environment={**(tracing if sidecar else {}), **args.environment},
            secrets={key: secret.value_from for key, secret in args.secrets.items()},
            writable_paths={volume_name(path): path for path in args.writable_paths},
            health_check=args.health_check,
            starts_after=(sidecar.name,) if sidecar else (),
            stop_timeout_seconds=args.stop_timeout_seconds,
        )
        return [application, *([sidecar] if sidecar else [])]


def _registry_login() -> Statement:
    return Statement(
        actions=["ecr:GetAuthorizationToken"],
        resources=["*"],
        wildcard_reason="the token is the registry's, so the action has no resource-level permission",
    )


def _pull(repository_arns: Sequence[pulumi.Input[str]]) -> Statement:
    return Statement(
        actions=["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        resources=repository_arns,
    )


def _read_secrets(secret_arns: Sequence[pulumi.Input[str]]) -> Statement:
    return Statement(actions=["secretsmanager:GetSecretValue"], resources=secret_arns)


def _decrypt_secrets(key_arns: Sequence[pulumi.Input[str]], region: str) -> Statement:
    return Statement(
        actions=["kms:Decrypt"],
        resources=key_arns,
        conditions={"StringEquals": {"kms:ViaService": f"secretsmanager.{region}.amazonaws.com"}},
    )
