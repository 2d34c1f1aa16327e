"""Pods, in every kind of Kubernetes object that makes them."""

from collections.abc import Iterator
from typing import Final

from policies import tokens as t
from policies.model import Resource
from policies.values import Props

_TEMPLATE: Final = "spec.template.spec"

POD_PATHS: Final[dict[str, str]] = {
    t.K8S_CRON_JOB: f"spec.jobTemplate.{_TEMPLATE}",
    t.K8S_DAEMON_SET: _TEMPLATE,
    t.K8S_DEPLOYMENT: _TEMPLATE,
    t.K8S_JOB: _TEMPLATE,
    t.K8S_POD: "spec",
    t.K8S_REPLICA_SET: _TEMPLATE,
    t.K8S_STATEFUL_SET: _TEMPLATE,
}
"""Where the pod stands in each type."""

WORKLOADS: Final = tuple(sorted(POD_PATHS))

_KINDS = ("containers", "initContainers", "ephemeralContainers")


def pod(resource: Resource) -> Props:
    """The pod's specification. Raises NotEvaluatedError where it is unknown."""
    path = POD_PATHS[resource.type]
    return Props(resource.mapping(path), resource.where(path))


def pod_containers(resource: Resource) -> Iterator[Props]:
    """Every container of the pod, whatever its kind."""
    spec = pod(resource)
    for kind in _KINDS:
        yield from spec.blocks(kind)
