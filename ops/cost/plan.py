"""The resources of a stack, as a `pulumi preview --json` document shows them."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, cast

from ops.errors import Exit, OpsError
from ops.guard.preview import name_of, type_of

SYSTEM = re.compile(r"platform:system:\w+")
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What the engine writes in a preview for a value that is known after the update."""

SHARED = "account"
"""The system of what an account has once."""


@dataclass(frozen=True)
class Resource:
    """One planned resource. ``inputs`` may hold ``UNKNOWN``."""

    urn: str
    type: str
    name: str
    inputs: Mapping[str, Any]
    system: str = SHARED
    depends_on: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Property to the URNs of the resources whose outputs are in it."""

    def number(self, key: str, default: float | None = None) -> float:
        """A number among the inputs. Errors: absent or unknown, where there is no default."""
        value = self.inputs.get(key, default)
        if isinstance(value, str) and value != UNKNOWN:
            value = float(value)
        if not isinstance(value, int | float):
            raise UnknownInputError(f"{key} of {self.name} is not known before the update")
        return float(value)

    def text(self, key: str, default: str | None = None) -> str:
        value = self.inputs.get(key, default)
        if not isinstance(value, str) or value == UNKNOWN:
            raise UnknownInputError(f"{key} of {self.name} is not known before the update")
        return value


class UnknownInputError(LookupError):
    """A price hangs on a value that the plan does not know."""


@dataclass(frozen=True)
class Plan:
    """What a stack would hold after the update."""

    stack: str
    resources: tuple[Resource, ...]

    @cached_property
    def by_urn(self) -> Mapping[str, Resource]:
        return {resource.urn: resource for resource in self.resources}

    def behind(self, resource: Resource, key: str, type_: str) -> Resource:
        """The resource of ``type_`` whose output is in the property ``key``."""
        for urn in resource.depends_on.get(key, ()):
            found = self.by_urn.get(urn)
            if found is not None and found.type == type_:
                return found
        raise UnknownInputError(f"{resource.name}: {key} comes from no {type_} of this plan")

    def of_type(self, *types: str, system: str | None = None) -> Iterator[Resource]:
        for resource in self.resources:
            if resource.type in types and (system is None or resource.system == system):
                yield resource

    @property
    def systems(self) -> list[str]:
        return sorted({resource.system for resource in self.resources if ":" in resource.type})


def load_plan(path: Path) -> Plan:
    """Read the document of ``pulumi preview --json`` or ``python -m offline preview --json``."""
    try:
        document: Any = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise OpsError(
            f"{path}: {error.strerror}", fix="make preview STACK=dev ARGS=--json > FILE"
        ) from error
    except ValueError as error:
        raise OpsError(f"{path} is not JSON: {error}", exit_code=Exit.USAGE) from error
    return read_plan(document, str(path))


def read_plan(document: object, name: str, *, when: Literal["before", "after"] = "after") -> Plan:
    """The plan in a preview document; ``name`` is for messages.

    ``before``: what the stack holds now, from the old states of the steps. The document must then show the
    resources that stay the same.
    """
    steps = cast("dict[str, Any]", document).get("steps") if isinstance(document, dict) else None
    if not isinstance(steps, list):
        raise OpsError(
            f"{name} holds no steps",
            fix="give what `pulumi preview --json` or `python -m offline preview --json` prints for a stack",
            exit_code=Exit.USAGE,
        )
    resources = tuple(_resources(_states(cast("list[dict[str, Any]]", steps), when)))
    if not resources:
        raise OpsError(f"{name} plans no resource", exit_code=Exit.USAGE)
    return Plan(stack=resources[0].urn.split(":")[2], resources=resources)


def systems_of(urns: Iterable[str]) -> Callable[[str], str]:
    """A function that tells which system a URN is in, such as ``petclinic``; ``account`` outside of any.

    ``urns`` are all of the stack's: a URN holds its system's type, and the system's own holds the name too.
    """
    names = {found.group(): name_of(urn) for urn in urns if (found := SYSTEM.fullmatch(type_of(urn)))}

    def system_of(urn: str) -> str:
        owner = SYSTEM.search(urn)
        return names.get(owner.group(), owner.group().rpartition(":")[2]) if owner else SHARED

    return system_of


def _states(steps: Sequence[Mapping[str, Any]], when: str) -> Iterator[Mapping[str, Any]]:
    if when == "after":
        for step in steps:
            if step.get("op") not in {"delete", "delete-replaced", "discard"} and step.get("newState"):
                yield step["newState"]
        return
    seen: set[str] = set()
    for step in steps:
        state = step.get("oldState")
        if state and not state.get("delete") and state["urn"] not in seen:
            seen.add(state["urn"])
            yield state


def _resources(found: Iterator[Mapping[str, Any]]) -> Iterator[Resource]:
    states = list(found)
    system_of = systems_of(state["urn"] for state in states)
    for state in states:
        dependencies: dict[str, list[str]] = state.get("propertyDependencies") or {}
        yield Resource(
            urn=state["urn"],
            type=state["type"],
            name=name_of(state["urn"]),
            inputs=state.get("inputs") or {},
            system=system_of(state["urn"]),
            depends_on={key: tuple(urns or ()) for key, urns in dependencies.items()},
        )
