"""The same stack as the engine shows it in a first preview: what the cloud will make up is unknown."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from policies.model import Record, Resource
from policies.values import UNKNOWN

_ARN = re.compile(r'"(arn:[^"]*)"')
_GROUPS = ("/aws/", "API-Gateway-Execution-Logs_")
"""How the names of log groups begin that services make; what they are of follows."""

_PARTS = re.compile(r"[/_]")


def as_preview(records: Sequence[Record]) -> list[Record]:
    """Identities of other resources become unknown, with the property dependencies the engine records."""
    owners: dict[str, list[str]] = {}
    for record in records:
        for identity in Resource(record).identities:
            owners.setdefault(identity, []).append(record.urn)
    return [_hidden(record, owners) for record in records]


def _hidden(record: Record, owners: Mapping[str, Sequence[str]]) -> Record:
    inputs: dict[str, Any] = {}
    dependencies: dict[str, Sequence[str]] = {}
    for key, value in record.inputs.items():
        found: set[str] = set()
        inputs[key] = _hide(value, record.urn, owners, found)
        if found:
            dependencies[key] = tuple(sorted(found))
    known = {key: value for key, value in inputs.items() if key in record.outputs}
    outputs = {**dict.fromkeys(record.outputs, UNKNOWN), **known}
    return replace(record, inputs=inputs, outputs=outputs, property_dependencies=dependencies)


def _hide(value: Any, own: str, owners: Mapping[str, Sequence[str]], found: set[str]) -> Any:
    if isinstance(value, Mapping):
        return {key: _hide(item, own, owners, found) for key, item in value.items()}
    if isinstance(value, list):
        return [_hide(item, own, owners, found) for item in value]
    if isinstance(value, str):
        named = {urn for identity in _named(value) for urn in _meant(value, owners.get(identity, ()))} - {own}
        if named:
            found |= named
            return UNKNOWN
    return value


def _meant(value: str, urns: Sequence[str]) -> Sequence[str]:
    """Of resources that share an identity, those that a group's name may be made of; else the first."""
    return urns if value.startswith(_GROUPS) else urns[:1]


def _named(value: str) -> set[str]:
    """What may be an identity: a whole value, an ARN inside a document, or an id in a group's name."""
    if value.startswith(_GROUPS):
        return set(_PARTS.split(value)[1:])
    return {value, value.removesuffix(":*"), *(_ARN.findall(value) if '"arn:' in value else ())}
