"""The same stack as the engine shows it in a first preview: what the cloud will make up is unknown."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from policies.model import Record, Resource
from policies.values import UNKNOWN

_ARN = re.compile(r'"(arn:[^"]*)"')


def as_preview(records: Sequence[Record]) -> list[Record]:
    """Identities of other resources become unknown, with the property dependencies the engine records."""
    owners: dict[str, str] = {}
    for record in records:
        for identity in Resource(record).identities:
            owners.setdefault(identity, record.urn)
    return [_hidden(record, owners) for record in records]


def _hidden(record: Record, owners: Mapping[str, str]) -> Record:
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


def _hide(value: Any, own: str, owners: Mapping[str, str], found: set[str]) -> Any:
    if isinstance(value, Mapping):
        return {key: _hide(item, own, owners, found) for key, item in value.items()}
    if isinstance(value, list):
        return [_hide(item, own, owners, found) for item in value]
    if isinstance(value, str):
        named = {owners[each] for each in {value, *_quoted_arns(value)} if each in owners} - {own}
        if named:
            found |= named
            return UNKNOWN
    return value


def _quoted_arns(value: str) -> list[str]:
    """ARNs inside a document, which make it unknown as a whole."""
    return _ARN.findall(value) if '"arn:' in value else []
