"""Property values as they travel between program, engine and provider.

Plain Python values, with the engine's signature keys kept: a secret stays a dict that carries the secret
signature, an unknown stays the sentinel string. Everything offline speaks this form, so nothing is lost
between reading and writing.
"""

import json
from collections.abc import Mapping
from typing import Any, TypeAlias, cast

from google.protobuf import struct_pb2

Wire: TypeAlias = Any
"""None, bool, float, str, list of Wire or dict of Wire."""

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the protocol's mark for a secret, not one
ASSET = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e"
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def from_value(value: struct_pb2.Value) -> Wire:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return value.string_value
    if kind == "number_value":
        return value.number_value
    if kind == "bool_value":
        return value.bool_value
    if kind == "struct_value":
        return {key: from_value(item) for key, item in value.struct_value.fields.items()}
    if kind == "list_value":
        return [from_value(item) for item in value.list_value.values]
    return None


def from_struct(struct: struct_pb2.Struct) -> dict[str, Wire]:
    return {key: from_value(item) for key, item in struct.fields.items()}


def to_value(value: Wire) -> struct_pb2.Value:
    if value is None:
        return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    if isinstance(value, bool):
        return struct_pb2.Value(bool_value=value)
    if isinstance(value, (int, float)):
        return struct_pb2.Value(number_value=float(value))
    if isinstance(value, str):
        return struct_pb2.Value(string_value=value)
    if isinstance(value, Mapping):
        return struct_pb2.Value(struct_value=to_struct(cast("Mapping[str, Wire]", value)))
    items = cast("list[Wire]", value)
    return struct_pb2.Value(list_value=struct_pb2.ListValue(values=[to_value(item) for item in items]))


def to_struct(values: Mapping[str, Wire]) -> struct_pb2.Struct:
    return struct_pb2.Struct(fields={key: to_value(item) for key, item in values.items()})


def signature(value: Wire) -> str | None:
    """The engine's mark on a special value (secret, asset, archive, ...), or None for a plain one."""
    if isinstance(value, dict):
        mark = cast("dict[str, Wire]", value).get(SIGNATURE)
        return mark if isinstance(mark, str) else None
    return None


def secret(value: Wire) -> dict[str, Wire]:
    return {SIGNATURE: SECRET, "value": value}


def unwrap(value: Wire) -> Wire:
    """The value under secret and output marks at the top; unknown outputs become ``UNKNOWN``."""
    while (mark := signature(value)) in (SECRET, OUTPUT):
        value = value.get("value", UNKNOWN) if mark == OUTPUT else value["value"]
    return value


def plain(value: Wire) -> Wire:
    """The value with every secret mark removed, at any depth; unknowns and assets stay."""
    value = unwrap(value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in cast("dict[str, Wire]", value).items()}
    if isinstance(value, list):
        return [plain(item) for item in cast("list[Wire]", value)]
    return value


def has_unknown(value: Wire) -> bool:
    value = unwrap(value)
    if isinstance(value, dict):
        return any(has_unknown(item) for item in cast("dict[str, Wire]", value).values())
    if isinstance(value, list):
        return any(has_unknown(item) for item in cast("list[Wire]", value))
    return value == UNKNOWN


def canonical(value: Wire) -> str:
    """One text for equal values, whatever the order of their keys; assets and archives count by hash."""
    return json.dumps(_hashed(value), sort_keys=True, separators=(",", ":"))


def _hashed(value: Wire) -> Wire:
    value = unwrap(value)
    if isinstance(value, dict):
        fields = cast("dict[str, Wire]", value)
        if signature(fields) in (ASSET, ARCHIVE) and fields.get("hash"):
            return {SIGNATURE: fields[SIGNATURE], "hash": fields["hash"]}
        return {key: _hashed(item) for key, item in fields.items() if item is not None}
    if isinstance(value, list):
        return [_hashed(item) for item in cast("list[Wire]", value)]
    return value
