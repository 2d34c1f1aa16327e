"""Containers of ECS tasks and Batch jobs, in every form a program can describe them."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from policies.model import Resource
from policies.secrets import exposed
from policies.tokens import ECS_TASK
from policies.values import Props

DIGEST = "@sha256:"


def containers(resource: Resource) -> Iterator[Props]:
    """The containers of a task or job definition. Raises NotEvaluatedError where the text is unknown."""
    if resource.type == ECS_TASK:
        for container in resource.documents("containerDefinitions"):
            yield _lowered(container)
        return
    single = resource.document("containerProperties")
    if single is not None:
        yield _lowered(Props(single, resource.where("containerProperties")))
    yield from _of_nodes(resource)
    yield from _of_tasks(resource, "ecsProperties")
    for container in resource.blocks("eksProperties.podProperties.containers"):
        yield container


def of_kubernetes(container: Props) -> bool:
    """Whether the container belongs to a pod, whose user, role and logs are the cluster's to say."""
    return "eksProperties" in container.where("")


def exposed_variables(container: Props) -> Iterator[str]:
    """Variables of the container that hold a secret, as messages."""
    for variable in container.blocks("environment"):
        name = variable.text("name")
        fault = exposed(name, variable.raw("value"))
        if fault:
            yield f"{container.where('environment')}: {name} {fault}"


def _of_nodes(resource: Resource) -> Iterator[Props]:
    nodes = resource.document("nodeProperties")
    for node in _under(nodes, "nodeProperties").blocks("nodeRangeProperties"):
        container = node.document("container")
        if container is not None:
            yield Props(container, node.where("container"))
        yield from _of_tasks(node, "ecsProperties")


def _of_tasks(props: Props, path: str) -> Iterator[Props]:
    tasks = _under(props.document(path), props.where(path))
    for task in tasks.blocks("taskProperties"):
        for container in task.blocks("containers"):
            role = task.raw("taskRoleArn")
            yield Props({"jobRoleArn": role, **container.data}, container.where("")[:-1])


def _under(document: Mapping[str, Any] | None, at: str) -> Props:
    return _lowered(Props(document or {}, at))


def _lowered(props: Props) -> Props:
    """The provider reads these documents without regard to case: ``Privileged`` must not slip through."""
    return Props(cast("Mapping[str, Any]", _lower(props.data)), props.where("")[:-1])


def _lower(value: Any) -> Any:
    if isinstance(value, Mapping):
        named = cast("Mapping[str, Any]", value)
        return {key[:1].lower() + key[1:]: _lower(item) for key, item in named.items()}
    return [_lower(item) for item in cast("list[Any]", value)] if isinstance(value, list) else value
