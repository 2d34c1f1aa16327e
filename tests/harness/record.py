"""What a program registered, as plain values."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import pulumi

from offline import provider_wire as wire
from offline.provider_wire import Wire

UNKNOWN = wire.UNKNOWN
"""What an input holds in a preview where only the cloud could know the value."""


@dataclass(frozen=True)
class Options:
    """Resource options, as the engine received them."""

    protect: bool = False
    retain_on_delete: bool = False
    delete_before_replace: bool | None = None
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    additional_secret_outputs: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    """Old URNs, or old names, types and parents written ``name=x type=y parent=z``."""
    import_id: str = ""
    deleted_with: str = ""
    provider: str = ""
    version: str = ""
    create_timeout: str = ""
    update_timeout: str = ""
    delete_timeout: str = ""


@dataclass(frozen=True)
class Record:
    """One registered resource or component. Properties have their camelCase names.

    ``inputs`` and ``outputs`` are without secret marks; ``secret_inputs`` has the paths of what was secret.
    Assets and archives stay dicts with the engine's signature key. ``outputs`` of a component are what it
    registered, None if it never did.
    """

    urn: str
    type: str
    name: str
    custom: bool
    parent: str | None
    """URN of the parent, None for the stack itself."""
    inputs: Mapping[str, Any]
    secret_inputs: frozenset[str]
    outputs: Mapping[str, Any] | None
    id: str
    options: Options
    dependencies: tuple[str, ...]
    """URNs of everything it waits for: ``depends_on`` and what its inputs are made from."""
    property_dependencies: Mapping[str, tuple[str, ...]]

    def __getitem__(self, name: str) -> Any:
        """An input property; KeyError names the properties there are."""
        if name not in self.inputs:
            raise KeyError(f"{self.type} {self.name} has no input {name}; it has {sorted(self.inputs)}")
        return self.inputs[name]

    def get(self, name: str, default: Any = None) -> Any:
        return self.inputs.get(name, default)


@dataclass(frozen=True)
class Deployment:
    """Everything one run registered: parents before children, siblings by type and name."""

    resources: tuple[Record, ...]
    outputs: Mapping[str, Any]
    """What the program exported, without secret marks."""
    secret_outputs: frozenset[str]
    result: Any = None
    """What the builder returned."""
    urns: Mapping[str, Record] = field(default_factory=dict[str, Record], repr=False)
    loop: asyncio.AbstractEventLoop | None = field(default=None, repr=False, compare=False)

    def __iter__(self) -> Iterator[Record]:
        return iter(self.resources)

    @property
    def components(self) -> tuple[Record, ...]:
        return tuple(record for record in self.resources if not record.custom)

    def of_type(self, resource_type: str) -> tuple[Record, ...]:
        return tuple(record for record in self.resources if record.type == resource_type)

    def one(self, resource_type: str, name: str | None = None) -> Record:
        """The only resource of the type, or the one with the name. AssertionError lists what there is."""
        found = [record for record in self.of_type(resource_type) if name in (None, record.name)]
        if len(found) == 1:
            return found[0]
        names = sorted(record.name for record in self.of_type(resource_type))
        wanted = f"{resource_type} named {name}" if name else resource_type
        raise AssertionError(f"got {len(found)} of {wanted}; there are: {', '.join(names) or 'none'}")

    def types(self) -> frozenset[str]:
        return frozenset(record.type for record in self.resources)

    def children(self, of: Record) -> tuple[Record, ...]:
        return tuple(record for record in self.resources if record.parent == of.urn)

    def ancestors(self, of: Record) -> tuple[Record, ...]:
        """Parents, the nearest first, without the stack."""
        chain: list[Record] = []
        parent = of.parent
        while parent in self.urns:
            chain.append(self.urns[parent])
            parent = self.urns[parent].parent
        return tuple(chain)

    def value(self, output: pulumi.Output[Any]) -> Any:
        """The value of an output after the run; None where it is unknown."""
        assert self.loop
        return self.loop.run_until_complete(cast("Any", output).future())


def plain(value: Wire) -> Any:
    """Without secret marks, and with whole numbers as int."""
    value = wire.unwrap(value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in sorted(cast("dict[str, Wire]", value).items())}
    if isinstance(value, list):
        return [plain(item) for item in cast("list[Wire]", value)]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def secret_paths(value: Wire, path: str = "") -> Iterator[str]:
    """Paths of everything under a secret mark."""
    if wire.signature(value) == wire.SECRET:
        yield path
    elif isinstance(value, dict):
        for key, item in cast("dict[str, Wire]", value).items():
            yield from secret_paths(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, item in enumerate(cast("list[Wire]", value)):
            yield from secret_paths(item, f"{path}[{index}]")
