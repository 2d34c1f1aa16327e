"""Compiles the type annotations of a generated SDK into checkable types."""

import ast
import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias, cast

from offline import schema_source
from offline.schema_source import Field


@dataclass(frozen=True)
class Scalar:
    name: str
    """``str``, ``int``, ``float``, ``bool``, ``asset`` or ``archive``."""


@dataclass(frozen=True)
class ListOf:
    item: "Type"


@dataclass(frozen=True)
class MapOf:
    item: "Type"


@dataclass(frozen=True)
class Nested:
    folder: Path
    class_name: str


@dataclass(frozen=True)
class Inline:
    """An object that no class of an SDK describes, such as a custom resource of Kubernetes."""

    fields: "tuple[tuple[str, Property], ...]"


@dataclass(frozen=True)
class Enum:
    values: tuple[str | float, ...]


@dataclass(frozen=True)
class OneOf:
    options: "tuple[Type, ...]"


@dataclass(frozen=True)
class Anything:
    pass


Type: TypeAlias = Scalar | ListOf | MapOf | Nested | Inline | Enum | OneOf | Anything


@dataclass(frozen=True)
class Property:
    """An input property. ``documented`` are the values its documentation lists.

    ``closed`` says that the list is the API's own and complete; otherwise it is prose, and only good for
    telling a slip in case or spelling from a value that the prose does not know yet.
    """

    type: Type
    required: bool
    documented: tuple[str, ...] = ()
    closed: bool = False


@functools.cache
def properties(folder: Path, class_name: str) -> Mapping[str, Property] | None:
    """The properties of a nested input class, or None where the SDK does not have the class."""
    folder, bare = schema_source.home(folder, class_name)
    fields = schema_source.nested(folder, bare)
    if fields is None:
        return None
    listed = listed_values(folder, bare)
    return {
        name: replace(each, documented=listed[name], closed=True) if name in listed else each
        for name, each in compile_fields(folder, fields).items()
    }


def compile_fields(folder: Path, fields: tuple[Field, ...]) -> dict[str, Property]:
    return {field.wire: _property(folder, field) for field in fields}


def listed_values(folder: Path, class_name: str) -> Mapping[str, tuple[str, ...]]:
    """Values that the service admits for properties of a nested class, where the SDK has plain text."""
    place = f"{folder.relative_to(schema_source.package_root(folder).parent).as_posix()}:{class_name}"
    return nested_values().get(place, {})


@functools.cache
def nested_values() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """The table behind it: ``pulumi_kubernetes/core/v1:ContainerArgs`` to property to values."""
    text = (Path(__file__).parent / "data" / "nested_values.json").read_text(encoding="utf-8")
    table = cast("dict[str, dict[str, list[str]]]", json.loads(text))
    return {place: {name: tuple(v) for name, v in values.items()} for place, values in table.items()}


def _property(folder: Path, field: Field) -> Property:
    documented, closed = _documented(field.doc)
    kind = _compile(folder, ast.parse(field.annotation, mode="eval").body)
    return Property(type=kind, required=not field.optional, documented=documented, closed=closed)


def _documented(doc: str) -> tuple[tuple[str, ...], bool]:
    """Values listed in the documentation, and whether the list is generated from the API's description."""
    generated = re.search(r'Available values: ((?:"[^"]+"(?:, )?)+)', doc)
    if generated:
        # The generator writes the underscores of a value as asterisks.
        return tuple(value.replace("*", "_") for value in re.findall(r'"([^"]+)"', generated[1])), True
    prose = re.search(
        r"(?:[Vv]alid|[Aa]llowed|[Pp]ossible|[Ss]upported) (?:values?|options)(?: (?:are|is|include))?:? "
        r"((?:`[^`\s]+`(?: \([^)]*\))?(?:,? (?:or|and) |, )?)+)",
        doc,
    )
    if prose and prose[1].count("`") > 2:
        return tuple(value.strip('"') for value in re.findall(r"`([^`]+)`", prose[1])), False
    return (), False


_SCALARS = {"str", "int", "float", "bool"}


def _compile(folder: Path, node: ast.expr) -> Type:  # noqa: PLR0911 - one for each form of annotation
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return _reference(folder, node.value)
    if isinstance(node, ast.Attribute):
        if node.attr in _SCALARS:
            return Scalar(node.attr)
        if node.attr in ("Asset", "Archive"):
            return Scalar(node.attr.lower())
        return Anything()
    if isinstance(node, ast.Name):
        return Scalar(node.id) if node.id in _SCALARS else Anything()
    if isinstance(node, ast.Subscript):
        return _generic(folder, node)
    return Anything()


def _generic(folder: Path, node: ast.Subscript) -> Type:
    head = node.value
    name = head.attr if isinstance(head, ast.Attribute) else getattr(head, "id", "")
    arguments = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if name in ("Input", "Optional"):
        return _compile(folder, arguments[0])
    if name == "Sequence":
        return ListOf(_compile(folder, arguments[0]))
    if name == "Mapping":
        return MapOf(_compile(folder, arguments[1]))
    if name == "Literal":
        return Enum(tuple(cast("str", ast.literal_eval(argument)) for argument in arguments))
    if name == "Union":
        return _union(tuple(_compile(folder, argument) for argument in arguments))
    return Anything()


def _union(options: tuple[Type, ...]) -> Type:
    """A string next to an enum is an open enum: the values are a help, not a limit."""
    unique = tuple(dict.fromkeys(options))
    return unique[0] if len(unique) == 1 else OneOf(unique)


def _reference(folder: Path, name: str) -> Type:
    module, _, bare = name.rpartition(".")
    if bare.endswith(("Args", "ArgsDict")):
        return Nested(folder, name)
    home = schema_source.package_root(folder) / module.strip("_") if module else folder
    values = schema_source.enum_values(home, bare)
    return Enum(values) if values else Anything()
