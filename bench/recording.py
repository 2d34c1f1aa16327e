"""A stack as the test harness recorded it, in the plain form that measured processes read.

A measured process must not pay for the strict harness, so the graph is recorded once, written to a file, and
served from there by the lean monitor.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from tests.harness import Deployment


PACKAGES = {"aws": "pulumi_aws", "cloudflare": "pulumi_cloudflare"}


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A resource of the cloud: what the program gave, and what came back."""

    type: str
    name: str
    urn: str
    id: str
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    options: Mapping[str, Any]
    references: Mapping[str, Sequence[str]]
    """URNs that an input's value was made from, by property."""
    dependencies: Sequence[str]


def recorded(deployment: "Deployment") -> list[Resource]:
    """The cloud's resources of a run, each after those it waits for.

    Components are left out, and so are a cluster's objects and its provider: a dozen, not all with a class.
    """
    resources = [
        Resource(
            type=record.type,
            name=record.name,
            urn=record.urn,
            id=record.id,
            inputs=record.inputs,
            outputs=record.outputs or {},
            options={key: value for key, value in asdict(record.options).items() if value},
            references=record.property_dependencies,
            dependencies=record.dependencies,
        )
        for record in deployment
        if record.custom and record.type.split(":")[0] in PACKAGES
    ]
    return in_order(resources)


def in_order(resources: Sequence[Resource]) -> list[Resource]:
    """As a program without components would list them. Raises ValueError for dependencies in a circle."""
    waiting = {resource.urn: resource for resource in resources}
    done: dict[str, Resource] = {}
    while waiting:
        ready = [
            resource
            for resource in waiting.values()
            if not any(urn in waiting and urn != resource.urn for urn in needs(resource))
        ]
        if not ready:
            raise ValueError(f"these wait for one another: {', '.join(sorted(waiting))}")
        for resource in ready:
            done[resource.urn] = waiting.pop(resource.urn)
    return list(done.values())


def needs(resource: Resource) -> set[str]:
    return {*resource.dependencies, *(urn for urns in resource.references.values() for urn in urns)}


def write(resources: Sequence[Resource], path: Path) -> None:
    path.write_text(json.dumps([asdict(resource) for resource in resources]), encoding="utf-8")


def read(path: Path) -> list[Resource]:
    rows = cast("list[dict[str, Any]]", json.loads(path.read_text(encoding="utf-8")))
    return [Resource(**row) for row in rows]


def class_of(token: str) -> tuple[str, str]:
    """The SDK's module and class for a type."""
    package, module, class_name = token.split(":")
    folder = module.split("/")[0]
    folder = {"index": "", "lambda": "lambda_"}.get(folder, folder)
    return ".".join(part for part in (PACKAGES[package], folder) if part), class_name
