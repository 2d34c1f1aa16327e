"""Container definitions as ECS reads them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

Text: TypeAlias = Any
"""A ``str``, or the engine's promise of one."""

_ROOT = re.compile(r"(root|0+)(:.*)?")
_SECRET_NAME = re.compile(
    r"(PASSWORD|PASSWD|SECRET|TOKEN|PRIVATE_?KEY|API_?KEY|CREDENTIALS?)$", re.IGNORECASE
)

LOG_BUFFER = "25m"
"""What the log driver holds while CloudWatch is slow: 25 MB, as AWS advises for non-blocking delivery."""

COLLECTOR_PORT = 4317
"""Where OpenTelemetry collectors take OTLP over gRPC, by their specification."""

COLLECTOR_CONFIG = f"""\
receivers:
  otlp:
    protocols:
      grpc:
        endpoint: 127.0.0.1:{COLLECTOR_PORT}
processors:
  batch/traces:
    timeout: 1s
    send_batch_size: 50
exporters:
  awsxray:
service:
  pipelines:
    traces:
      receivers: [otlp]
      processors: [batch/traces]
      exporters: [awsxray]
"""
"""Traces alone: metrics come from Container Insights, and logs from the log driver."""


@dataclass(frozen=True, kw_only=True)
class HealthCheck:
    """What ECS runs inside the container; the image must hold the command's program.

    Limits: the HealthCheck type of the ECS API.
    """

    command: Sequence[str]
    """``("CMD", "curl", "-f", ...)``, or ``("CMD-SHELL", "...")`` where the image has a shell."""
    interval_seconds: int = 30
    timeout_seconds: int = 5
    retries: int = 3
    start_period_seconds: int = 60

    def __post_init__(self) -> None:
        if not self.command or self.command[0] not in {"CMD", "CMD-SHELL"}:
            raise ValueError(
                f"health check command: got {list(self.command)}; start it with CMD or CMD-SHELL"
            )
        for field, value, low, high in (
            ("interval_seconds", self.interval_seconds, 5, 300),
            ("timeout_seconds", self.timeout_seconds, 2, 60),
            ("retries", self.retries, 1, 10),
            ("start_period_seconds", self.start_period_seconds, 0, 300),
        ):
            if not low <= value <= high:
                raise ValueError(f"health check {field}: got {value}; ECS allows {low} to {high}")

    def document(self) -> dict[str, Any]:
        return {
            "command": list(self.command),
            "interval": self.interval_seconds,
            "timeout": self.timeout_seconds,
            "retries": self.retries,
            "startPeriod": self.start_period_seconds,
        }


@dataclass(frozen=True, kw_only=True)
class LogTarget:
    """The log group and Region that the awslogs driver writes to."""

    group: Text
    region: str


@dataclass(frozen=True, kw_only=True)
class Container:
    """What differs between one container and the next; the rest is the same for all, and safe.

    ``secrets`` maps a variable to its ``valueFrom``. ``writable_paths`` maps a volume's name to its path.
    """

    name: str
    image: Text
    user: str
    port: int | None = None
    command: Sequence[str] = ()
    environment: Mapping[str, Text]
    secrets: Mapping[str, Text]
    writable_paths: Mapping[str, str]
    health_check: HealthCheck | None = None
    essential: bool = True
    starts_after: Sequence[str] = ()
    stop_timeout_seconds: int = 30

    def __post_init__(self) -> None:
        check_user(self.user)
        check_environment(self.environment, self.secrets)
        if not 2 <= self.stop_timeout_seconds <= 120:
            raise ValueError(
                f"stop_timeout_seconds: got {self.stop_timeout_seconds}; Fargate allows 2 to 120"
            )


def check_user(user: str) -> None:
    """Raise ValueError for root in any of its names, and for none."""
    if not user or _ROOT.fullmatch(user):
        raise ValueError(
            f"user: got {user!r}; a container must not run as root: give the image's own user, as 1000:1000"
        )


def check_environment(environment: Mapping[str, Text], secrets: Mapping[str, Text]) -> None:
    """Raise ValueError for a variable in both maps, or one named like a secret among the plain ones."""
    both = sorted(environment.keys() & secrets.keys())
    if both:
        raise ValueError(f"environment: got {both} in secrets as well; ECS refuses a name twice: keep one")
    loud = sorted(name for name in environment if _SECRET_NAME.search(name))
    if loud:
        raise ValueError(
            f"environment: got {loud}; anyone who may describe the task reads these: give them in secrets, "
            "by reference, or rename what is no secret"
        )


def volume_name(path: str) -> str:
    """The stable name of the scratch volume mounted at ``path``: ``/var/cache`` gives ``var-cache``."""
    if not re.fullmatch(r"(/[A-Za-z0-9._-]+)+", path):
        raise ValueError(f"writable path: got {path!r}; give an absolute path below the root, as /tmp")
    return re.sub(r"[^A-Za-z0-9]+", "-", path).strip("-")


def definition(container: Container, log: LogTarget) -> dict[str, Any]:
    """One element of ``containerDefinitions``, variables in the order of their names.

    Values that ECS would fill in are written out, since a default that only the service knows shows up as a
    difference that replaces the task definition.
    """
    body: dict[str, Any] = {
        "name": container.name,
        "image": container.image,
        "essential": container.essential,
        "cpu": 0,
        "user": container.user,
        "privileged": False,
        "readonlyRootFilesystem": True,
        # A first process that reaps children and passes signals on: most runtimes do neither.
        "linuxParameters": {"initProcessEnabled": True, "capabilities": {"add": [], "drop": ["ALL"]}},
        "environment": _pairs(container.environment, "value"),
        "secrets": _pairs(container.secrets, "valueFrom"),
        "mountPoints": [
            {"sourceVolume": name, "containerPath": path, "readOnly": False}
            for name, path in sorted(container.writable_paths.items())
        ],
        "volumesFrom": [],
        "systemControls": [],
        "portMappings": [],
        "stopTimeout": container.stop_timeout_seconds,
        "logConfiguration": _logging(container.name, log),
    }
    if container.port is not None:
        body["portMappings"] = [
            {"containerPort": container.port, "hostPort": container.port, "protocol": "tcp"}
        ]
    if container.command:
        body["command"] = list(container.command)
    if container.health_check:
        body["healthCheck"] = container.health_check.document()
    if container.starts_after:
        body["dependsOn"] = [{"containerName": each, "condition": "START"} for each in container.starts_after]
    return body


def _pairs(values: Mapping[str, Text], key: str) -> list[dict[str, Text]]:
    return [{"name": name, key: value} for name, value in sorted(values.items())]


def _logging(prefix: str, log: LogTarget) -> dict[str, Any]:
    """Non-blocking: a service that cannot log for a while answers on, and drops lines past the buffer."""
    return {
        "logDriver": "awslogs",
        "options": {
            "awslogs-group": log.group,
            "awslogs-region": log.region,
            "awslogs-stream-prefix": prefix,
            "mode": "non-blocking",
            "max-buffer-size": LOG_BUFFER,
        },
    }


def collector(image: Text) -> Container:
    """The OpenTelemetry collector of AWS beside the application, sending traces to X-Ray.

    Not essential: an application without traces still serves. It owns no file, so any user but root will do;
    65534 is ``nobody``.
    """
    return Container(
        name="collector",
        image=image,
        user="65534:65534",
        environment={"AOT_CONFIG_CONTENT": COLLECTOR_CONFIG},
        secrets={},
        writable_paths={},
        essential=False,
    )
