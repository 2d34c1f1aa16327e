"""What a pod is made from, and the pod itself: one container, as little as it needs."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import pulumi
from pulumi_kubernetes.core import v1 as core

from components.compute.container_image import ContainerImage

APP_LABEL = "app.kubernetes.io/name"

_CPU = re.compile(r"([1-9][0-9]*m|[1-9][0-9]*)")
_MEMORY = re.compile(r"[1-9][0-9]*(Mi|Gi)")
_SECRET_NAME = re.compile(r"(PASSWORD|PASSWD|SECRET|TOKEN|PRIVATE_KEY|API_KEY|CREDENTIALS?)$")


@dataclass(frozen=True, kw_only=True)
class Resources:
    """``cpu`` as Kubernetes writes it (``500m``, ``1``), ``memory`` in ``Mi`` or ``Gi``.

    Requests are what a node sets aside, limits what a container may take at most.
    """

    cpu_request: str
    cpu_limit: str
    memory_request: str
    memory_limit: str

    def __post_init__(self) -> None:
        for name, pattern, sample in (
            ("cpu_request", _CPU, "500m"),
            ("cpu_limit", _CPU, "1"),
            ("memory_request", _MEMORY, "512Mi"),
            ("memory_limit", _MEMORY, "1Gi"),
        ):
            if not pattern.fullmatch(value := str(getattr(self, name))):
                raise ValueError(f"{name}: got {value!r}; write it as {sample}")
        if millicores(self.cpu_request) > millicores(self.cpu_limit):
            raise ValueError(f"cpu_request: got {self.cpu_request}; at most the limit ({self.cpu_limit})")
        if mebibytes(self.memory_request) > mebibytes(self.memory_limit):
            raise ValueError(
                f"memory_request: got {self.memory_request}; at most the limit ({self.memory_limit})"
            )


@dataclass(frozen=True, kw_only=True)
class SecretKey:
    """A key of a Secret that something else puts into the cluster; its value never passes through here."""

    secret_name: str
    key: str


@dataclass(frozen=True, kw_only=True)
class PodArgs:
    """``environment`` holds no secret: give the ARN or name of one, which the pod reads with its role, or a
    ``SecretKey``. ``ports`` are by name.
    """

    image: ContainerImage
    resources: Resources
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    secrets: Mapping[str, SecretKey] = field(default_factory=dict[str, SecretKey])
    command: Sequence[str] = ()
    """In place of the image's own."""
    ports: Mapping[str, int] = field(default_factory=dict[str, int])
    user: int = 10001
    """Numeric: Kubernetes can only tell a number from root."""
    writable_paths: Sequence[str] = ("/tmp",)  # noqa: S108 - a path inside the container
    writable_limit: str = "256Mi"
    """Of each writable path; it ends with the pod."""

    def __post_init__(self) -> None:
        if self.user < 1:
            raise ValueError(f"user: got {self.user}; any number but 0, which is root")
        if not _MEMORY.fullmatch(self.writable_limit):
            raise ValueError(f"writable_limit: got {self.writable_limit!r}; write it as 256Mi")
        for name, port in self.ports.items():
            if not 1024 <= port <= 65535:
                raise ValueError(f"ports.{name}: got {port}; 1024 to 65535, since only root opens lower ones")
        for name in sorted(self.environment):
            if _SECRET_NAME.search(name.upper()):
                raise ValueError(
                    f"environment.{name}: a secret must not be in an object's text; give its ARN, under a "
                    f"name such as {name}_ARN, or use secrets"
                )
        twice = sorted(set(self.environment) & set(self.secrets))
        if twice:
            raise ValueError(f"environment, secrets: got {', '.join(twice)} in both; name each once")


def millicores(text: str) -> int:
    return int(text[:-1]) if text.endswith("m") else int(text) * 1000


def mebibytes(text: str) -> int:
    return int(text[:-2]) * (1024 if text.endswith("Gi") else 1)


@dataclass(frozen=True, kw_only=True)
class Probes:
    """``start`` holds the other two back until it has passed once."""

    liveness: core.ProbeArgs | None = None
    readiness: core.ProbeArgs | None = None
    start: core.ProbeArgs | None = None


def pod_spec(
    name: str,
    args: PodArgs,
    *,
    service_account: pulumi.Input[str],
    restart: Literal["Always", "Never"],
    probes: Probes | None = None,
    grace_seconds: int = 30,
    spread: Sequence[core.TopologySpreadConstraintArgs] = (),
    drain_seconds: int = 0,
) -> core.PodSpecArgs:
    """A pod that meets the ``restricted`` Pod Security Standard, without a token for the cluster's API.

    ``drain_seconds`` keeps a pod that leaves answering while load balancers still send to it.
    """
    return core.PodSpecArgs(
        service_account_name=service_account,
        automount_service_account_token=False,
        enable_service_links=False,
        restart_policy=restart,
        termination_grace_period_seconds=grace_seconds,
        security_context=core.PodSecurityContextArgs(
            run_as_non_root=True,
            run_as_user=args.user,
            run_as_group=args.user,
            fs_group=args.user,
            seccomp_profile=core.SeccompProfileArgs(type="RuntimeDefault"),
        ),
        containers=[_container(name, args, probes or Probes(), drain_seconds)],
        topology_spread_constraints=list(spread) or None,
        volumes=[
            core.VolumeArgs(
                name=_volume(path), empty_dir=core.EmptyDirVolumeSourceArgs(size_limit=args.writable_limit)
            )
            for path in args.writable_paths
        ],
    )


def _container(name: str, args: PodArgs, probes: Probes, drain_seconds: int) -> core.ContainerArgs:
    wait = core.LifecycleHandlerArgs(sleep=core.SleepActionArgs(seconds=drain_seconds))
    limits = args.resources
    return core.ContainerArgs(
        name=name,
        image=args.image.uri,
        image_pull_policy="IfNotPresent",
        command=list(args.command) or None,
        env=_environment(args),
        ports=[
            core.ContainerPortArgs(name=key, container_port=port, protocol="TCP")
            for key, port in sorted(args.ports.items())
        ]
        or None,
        resources=core.ResourceRequirementsArgs(
            requests={"cpu": limits.cpu_request, "memory": limits.memory_request},
            limits={"cpu": limits.cpu_limit, "memory": limits.memory_limit},
        ),
        security_context=core.SecurityContextArgs(
            allow_privilege_escalation=False,
            capabilities=core.CapabilitiesArgs(drop=["ALL"]),
            privileged=False,
            read_only_root_filesystem=True,
            run_as_non_root=True,
        ),
        liveness_probe=probes.liveness,
        readiness_probe=probes.readiness,
        startup_probe=probes.start,
        lifecycle=core.LifecycleArgs(pre_stop=wait) if drain_seconds else None,
        volume_mounts=[
            core.VolumeMountArgs(name=_volume(path), mount_path=path) for path in args.writable_paths
        ],
    )


def _environment(args: PodArgs) -> list[core.EnvVarArgs] | None:
    """By name, so that the same environment gives the same pod."""
    plain = {name: core.EnvVarArgs(name=name, value=value) for name, value in args.environment.items()}
    referred = {
        name: core.EnvVarArgs(
            name=name,
            value_from=core.EnvVarSourceArgs(
                secret_key_ref=core.SecretKeySelectorArgs(name=secret.secret_name, key=secret.key)
            ),
        )
        for name, secret in args.secrets.items()
    }
    return [each for _, each in sorted({**plain, **referred}.items())] or None


def _volume(path: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-")
