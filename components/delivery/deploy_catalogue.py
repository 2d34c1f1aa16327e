"""What deploying each resource type asks of IAM, read from ``deploy_actions.yaml``."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml

FILE = Path(__file__).with_name("deploy_actions.yaml")


@dataclass(frozen=True, kw_only=True)
class Calls:
    """The actions of one resource type, each as ``service:Action``."""

    read: tuple[str, ...]
    write: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Service:
    """How far the actions of an IAM service prefix can be narrowed."""

    resources: tuple[str, ...]
    """Ends of ARNs, after region and account; ``{name}`` stands for a system's names."""
    elsewhere: tuple[str, ...]
    """Whole ARNs, of kinds that have no region or no account in them."""
    unscoped: frozenset[str]
    """Actions for which AWS takes no resource."""
    nameless: Mapping[str, tuple[str, ...]]
    """Kinds with numbers for names, and the actions on them."""
    scoped_reads: frozenset[str]
    """Reads that show data."""


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """The whole file. ``key_users`` are types whose maker must be allowed to use the key they are given."""

    types: Mapping[str, Calls]
    services: Mapping[str, Service]
    key_actions: tuple[str, ...]
    key_users: Mapping[str, str]
    key_strangers: frozenset[str]
    passed_to: tuple[str, ...]
    linked_roles: Mapping[str, tuple[str, ...]]
    boundary: tuple[str, ...]

    def calls(self, types: Sequence[str]) -> Calls:
        """What all of ``types`` together need, sorted. Raises ValueError for a type that is not in it."""
        unknown = sorted(set(types) - set(self.types))
        if unknown:
            raise ValueError(
                f"types: got {', '.join(unknown)}; {FILE.name} does not say what they need: add a row"
            )
        found = [self.types[each] for each in types]
        return Calls(
            read=tuple(sorted({action for calls in found for action in calls.read})),
            write=tuple(sorted({action for calls in found for action in calls.write})),
        )


@cache
def catalogue() -> Catalogue:
    """The catalogue that the program deploys with."""
    document: Any = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    sections = cast("Mapping[str, Mapping[str, Any]]", document["services"])
    use = cast("Mapping[str, Any]", document["keyUse"])
    return Catalogue(
        types=_types(sections),
        services={name: _service(section) for name, section in sections.items()},
        key_actions=tuple(f"kms:{action}" for action in use["actions"]),
        key_users=use["services"],
        key_strangers=frozenset(use["none"]),
        passed_to=tuple(document["passedTo"]),
        linked_roles={kind: tuple(names) for kind, names in document["linkedRoles"].items()},
        boundary=tuple(document["boundary"]),
    )


def _types(sections: Mapping[str, Mapping[str, Any]]) -> dict[str, Calls]:
    """A type may stand in two sections (a Kafka topic is made by two services)."""
    read: dict[str, list[str]] = {}
    write: dict[str, list[str]] = {}
    for service, section in sections.items():
        for kind, calls in section["types"].items():
            read.setdefault(kind, []).extend(_full(service, calls["read"]))
            write.setdefault(kind, []).extend(_full(service, calls["write"]))
    return {kind: Calls(read=tuple(read[kind]), write=tuple(write[kind])) for kind in read}


def _full(service: str, actions: Sequence[str]) -> Iterator[str]:
    return (action if ":" in action else f"{service}:{action}" for action in actions)


def _service(section: Mapping[str, Any]) -> Service:
    return Service(
        resources=tuple(section["resources"]),
        elsewhere=tuple(section.get("elsewhere", ())),
        unscoped=frozenset(section.get("unscoped", ())),
        nameless={end: tuple(actions) for end, actions in section.get("nameless", {}).items()},
        scoped_reads=frozenset(section.get("scopedReads", ())),
    )
