"""Sizes, images, container definitions, capacity, lifecycle and listener priorities."""

import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from components.compute.container_definition import (
    COLLECTOR_CONFIG,
    Container,
    HealthCheck,
    LogTarget,
    collector,
    definition,
    volume_name,
)
from components.compute.container_image import ContainerImage
from components.compute.fargate_service_plan import (
    Autoscaled,
    BlueGreen,
    FixedCount,
    Rolling,
    first_count,
    tracking_targets,
)
from components.compute.fargate_size import allowed_memory_mb, check_size
from components.delivery.ecr_lifecycle import lifecycle_policy
from components.edge.load_balancer_plan import Target, TargetHealthCheck, plan_targets

LOG = LogTarget(group="logs", region="ap-northeast-2")
DIGEST = "sha256:" + "ab" * 32
CHECK = TargetHealthCheck(path="/health")


def container(**changes: Any) -> Container:
    fields: dict[str, Any] = {
        "name": "app",
        "image": f"app@{DIGEST}",
        "user": "1000:1000",
        "environment": {},
        "secrets": {},
        "writable_paths": {},
    }
    return Container(**{**fields, **changes})


def health_check(**changes: Any) -> HealthCheck:
    fields: dict[str, Any] = {"command": ["CMD", "true"]}
    return HealthCheck(**{**fields, **changes})


@pytest.mark.parametrize(
    ("cpu", "memory"), [(256, 512), (512, 1024), (2048, 4096), (4096, 30720), (8192, 20480), (16384, 122880)]
)
def test_fargate_takes_these_sizes(cpu: int, memory: int) -> None:
    check_size(cpu, memory)


@pytest.mark.parametrize(
    ("cpu", "memory", "message"),
    [
        (300, 512, "cpu_units: got 300; Fargate has 256, 512"),
        (256, 4096, "got 4096 with 256 CPU units; allowed 512 to 2048 .* Use 2048"),
        (2048, 2048, "Use 4096"),
        (8192, 17408, "Use 16384"),
    ],
)
def test_fargate_refuses_other_sizes(cpu: int, memory: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_size(cpu, memory)


@given(st.integers(1, 20000), st.integers(1, 200000))
def test_a_size_passes_only_from_the_table(cpu: int, memory: int) -> None:
    if memory in allowed_memory_mb(cpu):
        check_size(cpu, memory)
    else:
        with pytest.raises(ValueError, match=r"cpu_units|memory_mb"):
            check_size(cpu, memory)


@pytest.mark.parametrize("digest", ["latest", "v1", "sha256:abc", "sha256:" + "G" * 64, "", "ab" * 32])
def test_an_image_is_named_by_digest(digest: str) -> None:
    with pytest.raises(ValueError, match="image digest: got"):
        ContainerImage(repository_url="repo", digest=digest)


def test_an_image_from_one_text() -> None:
    image = ContainerImage.parse(f"public.ecr.aws/x/y@{DIGEST}")
    assert (image.repository_url, image.digest) == ("public.ecr.aws/x/y", DIGEST)
    with pytest.raises(ValueError, match="add the digest"):
        ContainerImage.parse("public.ecr.aws/x/y:latest")


def test_a_container_is_locked_down() -> None:
    body = definition(container(port=4000, writable_paths={"tmp": "/tmp"}), LOG)  # noqa: S108
    assert body["readonlyRootFilesystem"] is True
    assert body["privileged"] is False
    assert body["user"] == "1000:1000"
    assert body["linuxParameters"]["capabilities"]["drop"] == ["ALL"]
    assert body["portMappings"] == [{"containerPort": 4000, "hostPort": 4000, "protocol": "tcp"}]
    assert body["mountPoints"] == [{"sourceVolume": "tmp", "containerPath": "/tmp", "readOnly": False}]  # noqa: S108
    assert body["logConfiguration"]["logDriver"] == "awslogs"
    assert body["logConfiguration"]["options"]["awslogs-group"] == "logs"
    assert body["logConfiguration"]["options"]["mode"] == "non-blocking"


def test_the_health_check_as_asked() -> None:
    check = HealthCheck(command=["CMD", "wget", "-q", "http://127.0.0.1:4000/health"])
    assert definition(container(health_check=check), LOG)["healthCheck"] == {
        "command": ["CMD", "wget", "-q", "http://127.0.0.1:4000/health"],
        "interval": 30,
        "timeout": 5,
        "retries": 3,
        "startPeriod": 60,
    }


@pytest.mark.parametrize("user", ["root", "0", "0:0", "root:root", "00", ""])
def test_no_container_is_root(user: str) -> None:
    with pytest.raises(ValueError, match="must not run as root"):
        container(user=user)


@pytest.mark.parametrize("name", ["DB_PASSWORD", "ANTHROPIC_API_KEY", "JWT_SECRET", "GITHUB_TOKEN"])
def test_no_secret_among_plain_variables(name: str) -> None:
    with pytest.raises(ValueError, match="give them in secrets"):
        container(environment={name: "x"})
    container(secrets={name: "arn"}, environment={"NODE_ENV": "production"})


def test_a_variable_is_given_once() -> None:
    with pytest.raises(ValueError, match="keep one"):
        container(environment={"DATABASE_URL": "x"}, secrets={"DATABASE_URL": "arn"})


@given(st.dictionaries(st.from_regex(r"V[A-Z]{1,6}", fullmatch=True), st.text(), max_size=6))
def test_variables_do_not_depend_on_the_order_of_writing(values: dict[str, str]) -> None:
    back = dict(reversed(values.items()))
    assume(not any(name.endswith(("TOKEN", "SECRET")) for name in values))
    assert definition(container(secrets=values), LOG) == definition(container(secrets=back), LOG)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"command": ["curl"]}, "start it with CMD"),
        ({"command": []}, "start it with CMD"),
        ({"interval_seconds": 4}, "interval_seconds: got 4; ECS allows 5 to 300"),
        ({"timeout_seconds": 61}, "timeout_seconds"),
        ({"retries": 0}, "retries"),
        ({"start_period_seconds": 301}, "start_period_seconds"),
    ],
)
def test_health_checks_that_ecs_refuses(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        health_check(**changes)


def test_volume_names() -> None:
    assert volume_name("/tmp") == "tmp"  # noqa: S108
    assert volume_name("/app/.next/cache") == "app-next-cache"
    for bad in ("/", "tmp", "/a//b"):
        with pytest.raises(ValueError, match="writable path"):
            volume_name(bad)


def test_the_collector_sends_traces_to_x_ray_and_may_fail() -> None:
    body = definition(collector("adot@" + DIGEST), LOG)
    assert body["essential"] is False
    assert body["readonlyRootFilesystem"] is True
    assert body["environment"] == [{"name": "AOT_CONFIG_CONTENT", "value": COLLECTOR_CONFIG}]
    assert "exporters: [awsxray]" in COLLECTOR_CONFIG
    assert "endpoint: 127.0.0.1:4317" in COLLECTOR_CONFIG


def test_scaling_figures() -> None:
    scaling = Autoscaled(min_tasks=2, max_tasks=6)
    assert (scaling.scale_in_cooldown_seconds, scaling.scale_out_cooldown_seconds) == (300, 60)
    assert tracking_targets(scaling) == {
        "cpu": ("ECSServiceAverageCPUUtilization", 70),
        "memory": ("ECSServiceAverageMemoryUtilization", 75),
    }
    assert list(tracking_targets(Autoscaled(min_tasks=2, max_tasks=10, memory_percent=None))) == ["cpu"]
    assert (first_count(scaling), first_count(FixedCount(tasks=3))) == (2, 3)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Autoscaled(min_tasks=3, max_tasks=2), "got 3 to 2"),
        (lambda: Autoscaled(min_tasks=0, max_tasks=0), "got 0 to 0"),
        (lambda: Autoscaled(min_tasks=1, max_tasks=2, cpu_percent=100), "cpu_percent: got 100"),
        (lambda: Autoscaled(min_tasks=1, max_tasks=2, scale_in_cooldown_seconds=-1), "scale_in"),
        (lambda: FixedCount(tasks=-1), "tasks: got -1"),
        (lambda: Rolling(minimum_healthy_percent=100, maximum_percent=100), "not both 100"),
        (lambda: BlueGreen(alarm_names=[]), "alarm_names: got none"),
        (lambda: BlueGreen(alarm_names=["a"], bake_time_minutes=1441), "got 1441; ECS allows 0 to 1440"),
        (lambda: lifecycle_policy(keep_images=0, untagged_days=1), "keep_images: got 0"),
        (lambda: TargetHealthCheck(path="health"), "start it with /"),
        (lambda: TargetHealthCheck(path="/", interval_seconds=5), "below the interval"),
        (lambda: TargetHealthCheck(path="/", unhealthy_threshold=1), "unhealthy_threshold: got 1"),
        (lambda: Target(port=1, health_check=CHECK, slow_start_seconds=10), "0, or 30 to 900"),
        (lambda: Target(port=1, health_check=CHECK, stickiness_seconds=0), "1 to 604800"),
        (lambda: Target(port=1, health_check=CHECK, deregistration_delay_seconds=3601), "0 to 3600"),
        (lambda: Target(port=0, health_check=CHECK), "port: got 0"),
        (lambda: Target(port=1, health_check=CHECK, priority=0), "priority: got 0"),
        (lambda: Target(port=1, health_check=CHECK, paths=[]), "paths: got none"),
        (lambda: Target(port=1, health_check=CHECK, paths=["api"]), "start it with /"),
        (lambda: Target(port=1, health_check=CHECK, paths=[f"/{n}" for n in range(6)]), "a rule takes 5"),
    ],
)
def test_values_that_aws_refuses(build: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build()


def test_images_go_by_age_and_by_count() -> None:
    untagged, tagged = json.loads(lifecycle_policy(keep_images=20, untagged_days=7))["rules"]
    assert untagged["selection"]["tagStatus"] == "untagged"
    assert (untagged["selection"]["countNumber"], untagged["selection"]["countUnit"]) == (7, "days")
    assert tagged["selection"]["countType"] == "imageCountMoreThan"
    assert tagged["selection"]["countNumber"] == 20
    assert untagged["rulePriority"] < tagged["rulePriority"]


def target(*paths: str, hosts: tuple[str, ...] = (), **changes: Any) -> Target:
    return Target(port=80, health_check=CHECK, paths=paths or ("/*",), hosts=hosts, **changes)


def test_the_narrow_target_is_asked_before_the_wide_one() -> None:
    found = plan_targets(
        "door",
        {
            "web": target(),
            "api": target("/api/*"),
            "admin": target("/api/admin/*"),
            "login": target("/login"),
            "tenant": target(hosts=("*.example.com",)),
            "host": target(hosts=("app.example.com",)),
        },
    ).priorities
    order = sorted(found, key=lambda key: found[key])
    assert order == ["host", "tenant", "login", "admin", "api", "web"]


_PATHS = st.from_regex(r"/[a-z]{0,8}(/\*)?", fullmatch=True)
_TARGETS = st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), _PATHS, min_size=1, max_size=6)


@given(_TARGETS, _PATHS)
def test_a_new_target_moves_no_other(paths: dict[str, str], added: str) -> None:
    targets = {key: target(path) for key, path in paths.items()}
    try:
        before = plan_targets("door", targets).priorities
        after = plan_targets("door", {"newcomer-z": target(added), **targets}).priorities
    except ValueError as error:
        assert "a priority of its own" in str(error)  # noqa: PT017 - two keys on one slot are refused, never moved
        return
    assert {key: after[key] for key in before} == before
    assert all(1 <= priority <= 50_000 for priority in after.values())


def test_two_targets_on_one_priority_are_refused() -> None:
    with pytest.raises(ValueError, match="both fall on priority 7"):
        plan_targets("door", {"a": target(priority=7), "b": target("/b", priority=7)})


def test_names_that_would_grow_too_long() -> None:
    with pytest.raises(ValueError, match="at most 24"):
        plan_targets("work-redesign", {"notifications": target()})
    with pytest.raises(ValueError, match="work-redesign-x-frontend-b"):
        plan_targets("work-redesign-x", {"frontend": target(blue_green=True)})
    plan_targets("work-redesign", {"frontend": target(), "backend": target("/api/*", blue_green=True)})
    with pytest.raises(ValueError, match="targets: got none"):
        plan_targets("door", {})
