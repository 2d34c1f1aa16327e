"""ECS task definitions, services and clusters."""

import re

from policies.checks import every, off, on, one_of, present
from policies.containers import DIGEST, containers, exposed_variables
from policies.model import Graph, Resource
from policies.rule import Found, rule, stack_rule
from policies.tokens import (
    BATCH_JOB,
    ECS_CLUSTER,
    ECS_SERVICE,
    ECS_TASK,
    ECS_TASK_SET,
    EVENT_TARGET,
    LOG_GROUP,
)
from policies.values import Props

_ROOT = re.compile(r"(root|0+)(:.*)?")
_HOST_CAPABILITIES = frozenset({"ALL", "NET_ADMIN", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO"})
_HOST_PATHS = frozenset({"/", "/etc", "/proc", "/root", "/run", "/var/run", "/var/run/docker.sock"})
"""Either is the host's own power in other words."""

_GROUP_MADE_BY_DRIVER = "logConfiguration.options.awslogs-create-group"


@rule(
    id="ecs-awsvpc",
    title="Tasks have a network interface of their own",
    fsbp=("ECS.1", "ECS.17"),
    severity="high",
    enforcement="M",
    types=(ECS_TASK,),
    why="On the host's network a task shares its addresses, ports and security groups with every other.",
    fix="Set networkMode awsvpc.",
)
def ecs_awsvpc(r: Resource) -> Found:
    return one_of(r, "networkMode", {"awsvpc"})


@rule(
    id="ecs-not-root",
    title="Containers run as a user that is not root",
    fsbp=("ECS.1", "ECS.20"),
    severity="medium",
    enforcement="M",
    types=(ECS_TASK,),
    why="Root in a container is one kernel bug away from root on the host.",
    fix="Set user in each container definition, as 1000:1000.",
)
def ecs_not_root(r: Resource) -> Found:
    return every(containers(r), _user)


def _user(container: Props) -> str | None:
    user = container.text("user")
    return f"{container.where('user')} is {user or 'absent'}" if not user or _ROOT.fullmatch(user) else None


@rule(
    id="ecs-no-public-address",
    title="Tasks get no public address",
    fsbp=("ECS.2", "ECS.16"),
    severity="high",
    enforcement="M",
    types=(ECS_SERVICE, ECS_TASK_SET, EVENT_TARGET),
    why="A task with a public address goes around the load balancer and its firewall.",
    fix="Leave assignPublicIp false; private subnets reach out through a NAT gateway or endpoints.",
)
def ecs_no_public_address(r: Resource) -> Found:
    yield off(r, "networkConfiguration.assignPublicIp")
    yield off(r, "ecsTarget.networkConfiguration.assignPublicIp")


@rule(
    id="ecs-own-processes",
    title="Tasks do not see the host's processes",
    fsbp=("ECS.3",),
    severity="high",
    enforcement="M",
    types=(ECS_TASK,),
    why="A task in the host's process space can look into and end its neighbours.",
    fix="Leave pidMode and ipcMode out, or set them to task.",
)
def ecs_own_processes(r: Resource) -> Found:
    for path in ("pidMode", "ipcMode"):
        if r.text(path) == "host":
            yield f"{path} is host"


@rule(
    id="ecs-not-privileged",
    title="Containers have no privileges of the host",
    fsbp=("ECS.4",),
    severity="high",
    enforcement="M",
    types=(ECS_TASK,),
    why="A privileged container is root on its host.",
    fix="Leave privileged false; add single capabilities where one is needed.",
)
def ecs_not_privileged(r: Resource) -> Found:
    yield from every(containers(r), _of_the_host)
    for volume in r.blocks("volumes"):
        path = volume.text("hostPath")
        if path in _HOST_PATHS:
            yield f"{volume.where('hostPath')} is {path}, with which the host can be ruled"


def _of_the_host(container: Props) -> str | None:
    added = {str(name).upper() for name in container.elements("linuxParameters.capabilities.add")}
    if added & _HOST_CAPABILITIES:
        named = ", ".join(sorted(added & _HOST_CAPABILITIES))
        return f"{container.where('linuxParameters.capabilities.add')} holds {named}"
    return off(container, "privileged")


@rule(
    id="ecs-read-only-root",
    title="Containers cannot write their own image",
    fsbp=("ECS.5",),
    severity="high",
    enforcement="M",
    types=(ECS_TASK,),
    why="What breaks in cannot leave a program behind or change the one that runs.",
    fix="Set readonlyRootFilesystem, and mount a volume at each path that must be written.",
)
def ecs_read_only_root(r: Resource) -> Found:
    return every(containers(r), lambda container: on(container, "readonlyRootFilesystem"))


@rule(
    id="ecs-no-secret-in-environment",
    title="No secret stands in a container's environment",
    fsbp=("ECS.8",),
    severity="critical",
    enforcement="M",
    types=(ECS_TASK,),
    why="Whoever may describe the task definition reads it, and old revisions stay for ever.",
    fix="Put the value in Secrets Manager and name it under secrets.",
)
def ecs_no_secret_in_environment(r: Resource) -> Found:
    for container in containers(r):
        yield from exposed_variables(container)


@rule(
    id="ecs-logged",
    title="Containers say where their logs go",
    pack="operations",
    fsbp=("ECS.9",),
    severity="medium",
    enforcement="M",
    types=(ECS_TASK,),
    why="What a container wrote is gone with it otherwise.",
    fix="Set logConfiguration in each container definition.",
)
def ecs_logged(r: Resource) -> Found:
    return every(containers(r), lambda container: present(container, "logConfiguration.logDriver"))


@stack_rule(
    id="ecs-log-group-made",
    title="A task's log group is made here",
    pack="operations",
    severity="medium",
    enforcement="M",
    types=(ECS_TASK,),
    why="The group that the log driver makes by itself keeps logs for ever, without a key.",
    fix="Name a LogGroup of this stack in awslogs-group, and leave awslogs-create-group out.",
)
def ecs_log_group_made(r: Resource, graph: Graph) -> Found:
    found = list(containers(r))
    yield from every(found, lambda c: off(c, _GROUP_MADE_BY_DRIVER))
    groups = list(graph.of(LOG_GROUP))
    known = {identity for group in groups for identity in group.identities}
    for container in found:
        if container.text("logConfiguration.logDriver") == "awslogs":
            name = container.text("logConfiguration.options.awslogs-group")
            if name not in known:
                for group in groups:
                    group.outputs.get("name")
                yield f"{container.where('logConfiguration')}: {name or 'no group'} is no log group made here"


@rule(
    id="ecs-platform-current",
    title="Fargate services follow the platform's newest version",
    pack="operations",
    fsbp=("ECS.10",),
    severity="medium",
    enforcement="A",
    types=(ECS_SERVICE, ECS_TASK_SET),
    why="A pinned platform version stays without the fixes of its successors.",
    fix="Leave platformVersion out, or set LATEST.",
)
def ecs_platform_current(r: Resource) -> Found:
    return one_of(r, "platformVersion", {"LATEST"}, default="LATEST")


@rule(
    id="ecs-insights",
    title="Clusters have Container Insights",
    pack="operations",
    fsbp=("ECS.12",),
    severity="medium",
    enforcement="A",
    types=(ECS_CLUSTER,),
    why="CPU and memory of single tasks, and restarts, are nowhere else.",
    fix="Set containerInsights to enabled or enhanced in settings.",
)
def ecs_insights(r: Resource) -> Found:
    for setting in r.blocks("settings"):
        if setting.text("name") == "containerInsights":
            return one_of(setting, "value", {"enabled", "enhanced"})
    return "settings lack containerInsights"


@rule(
    id="ecs-circuit-breaker",
    title="A deployment that cannot start tasks stops, and goes back",
    pack="reliability",
    severity="high",
    enforcement="M",
    types=(ECS_SERVICE,),
    why="Without it ECS starts broken tasks until someone looks.",
    fix="Set deploymentCircuitBreaker with enable and rollback, or deploy with CodeDeploy.",
)
def ecs_circuit_breaker(r: Resource) -> Found:
    if r.text("deploymentController.type", "ECS") != "ECS":
        return
    yield on(r, "deploymentCircuitBreaker.enable")
    yield on(r, "deploymentCircuitBreaker.rollback")


@rule(
    id="container-image-by-digest",
    title="Images are named by digest",
    pack="operations",
    severity="medium",
    enforcement="M",
    types=(ECS_TASK, BATCH_JOB),
    why="A tag can be moved: what was tested and what runs are then two images.",
    fix="Name the image as repository@sha256:digest.",
)
def container_image_by_digest(r: Resource) -> Found:
    return every(containers(r), _image)


def _image(container: Props) -> str | None:
    image = container.text("image")
    return None if DIGEST in image else f"{container.where('image')} is {image or 'absent'}"
