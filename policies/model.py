"""A resource and the stack's graph, whatever they were read from."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from policies.settings import PackConfig
from policies.tokens import canonical
from policies.values import UNKNOWN, NotEvaluatedError, Props, parsed, plain

_IDENTITIES = (
    "id",
    "arn",
    "name",
    "bucket",
    "clusterIdentifier",
    "defaultRouteTableId",
    "executionArn",
    "functionName",
    "identifier",
    "invokeArn",
    "qualifiedArn",
    "qualifiedInvokeArn",
    "url",
    "userGroupId",
    "userId",
)
"""Outputs by which other resources refer to one."""


@dataclass(frozen=True)
class Record:
    """What is known of one resource: planned inputs, and outputs where there are any."""

    type: str
    urn: str
    name: str
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    parent: str | None = None
    protect: bool = False
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])


class Resource(Props):
    """A record as a rule sees it: its inputs by path, with the settings that apply to the rule."""

    def __init__(self, record: Record, config: PackConfig | None = None) -> None:
        super().__init__(plain(record.inputs))
        self.record = record
        self.config = config or PackConfig()
        self.type = canonical(record.type)
        self.urn = record.urn
        self.name = record.name
        self.protect = record.protect

    def configured(self, config: PackConfig) -> "Resource":
        """The same resource under other settings."""
        if config is self.config:
            return self
        other = object.__new__(Resource)
        other.__dict__.update(self.__dict__)
        other.config = config
        return other

    @cached_property
    def outputs(self) -> Props:
        return Props(plain(self.record.outputs))

    @cached_property
    def identities(self) -> frozenset[str]:
        """Every known value that stands for this resource in another one's properties."""
        values = [source.get(key) for source in (self.outputs.data, self.data) for key in _IDENTITIES]
        return frozenset(value for value in values if isinstance(value, str) and value)

    def __repr__(self) -> str:
        return f"<{self.type} {self.name}>"


class Graph:
    """All resources of a stack, and who refers to whom.

    A reference is followed by value where values are known, and by the engine's property dependencies
    where they are not, so that stack rules answer in a preview too. The engine does not show ids, so a
    value that is known may still have to be followed by dependency.
    """

    def __init__(self, resources: Iterable[Resource], config: PackConfig | None = None) -> None:
        self.resources = tuple(resources)
        self.config = config or PackConfig()
        self._by_type: dict[str, list[Resource]] = {}
        self._by_urn: dict[str, Resource] = {}
        for resource in self.resources:
            self._by_type.setdefault(resource.type, []).append(resource)
            self._by_urn[resource.urn] = resource
        self._forward: dict[tuple[str, str], _Targets] = {}
        self._backward: dict[tuple[str, str], dict[str, list[Resource]]] = {}

    @cached_property
    def _by_identity(self) -> dict[str, list[Resource]]:
        index: dict[str, list[Resource]] = {}
        for resource in self.resources:
            for identity in resource.identities:
                index.setdefault(identity, []).append(resource)
        return index

    def of(self, *types: str) -> Iterator[Resource]:
        for token in types:
            yield from self._by_type.get(token, ())

    def refs(self, source: Resource, path: str, *types: str) -> list[Resource]:
        """The resources of ``types`` that the property (or an element of it, or of its JSON) names.

        Raises :class:`NotEvaluatedError` for an unknown of which nobody says where it comes from.
        """
        targets = self._targets(source, path)
        found = [r for urn in targets.urns if (r := self._by_urn[urn]).type in types]
        if targets.uncertain and not found:
            raise NotEvaluatedError(source.where(path))
        return found

    def referring(self, target: Resource, path: str, *types: str) -> list[Resource]:
        """The resources of ``types`` whose property at ``path`` is ``target``. Raises as ``refs`` does."""
        found = [source for token in types for source in self._sources(token, path).get(target.urn, ())]
        if not found:
            for source in self.of(*types):
                if self._targets(source, path).uncertain:
                    raise NotEvaluatedError(source.where(path))
        return found

    def depends(self, source: Resource, target: Resource) -> bool:
        """Whether ``source`` waits for ``target``, by ``depends_on`` or by a property."""
        declared = set(source.record.dependencies)
        declared.update(urn for urns in source.record.property_dependencies.values() for urn in urns)
        return target.urn in declared

    def _sources(self, token: str, path: str) -> dict[str, list[Resource]]:
        index = self._backward.get((token, path))
        if index is None:
            index = self._backward[token, path] = {}
            for source in self.of(token):
                for urn in self._targets(source, path).urns:
                    index.setdefault(urn, []).append(source)
        return index

    def _targets(self, source: Resource, path: str) -> "_Targets":
        found = self._forward.get((source.urn, path))
        if found is None:
            found = self._forward[source.urn, path] = self._resolve(source, path)
        return found

    def _resolve(self, source: Resource, path: str) -> "_Targets":
        values = _leaves(source.raw(path))
        urns: dict[str, None] = {}
        for value in values:
            if isinstance(value, str):
                urns.update(dict.fromkeys(r.urn for r in self._by_identity.get(value, ())))
        declared = source.record.property_dependencies.get(path.split(".", maxsplit=1)[0], ())
        unknown = UNKNOWN in values
        for urn in declared if values else ():
            target = self._by_urn.get(urn)
            if target and (unknown or not isinstance(target.outputs.data.get("id"), str)):
                urns[urn] = None
        return _Targets(tuple(urns), uncertain=unknown and not declared)


@dataclass(frozen=True)
class _Targets:
    """URNs that a property names; ``uncertain`` when an unknown has no declared origin."""

    urns: tuple[str, ...]
    uncertain: bool


def _leaves(value: Any) -> list[Any]:
    """Every scalar in a value, JSON documents in text included."""
    value = parsed(value)
    if isinstance(value, Mapping):
        return [leaf for item in value.values() for leaf in _leaves(item)]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(value, list):
        return [leaf for item in value for leaf in _leaves(item)]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return [value]
