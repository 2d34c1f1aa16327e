"""Checks resource inputs against the installed provider SDK, as far as an SDK can tell.

Property names at every depth, required properties, types, enums, and slips in documented values. What only
the service knows (ranges, name patterns, combinations) is not checked here.
"""

import difflib
import functools
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from offline import kubernetes_custom, kubernetes_objects, schema_source, schema_types
from offline import provider_wire as wire
from offline.provider_wire import Wire
from offline.schema_failures import SCALAR_NAMES, STRINGIFIED, Failure, is_scalar, mismatch, not_allowed
from offline.schema_source import UnknownTypeError
from offline.schema_types import (
    Anything,
    Enum,
    Inline,
    ListOf,
    MapOf,
    Nested,
    OneOf,
    Property,
    Scalar,
    Type,
)

__all__ = ["Failure", "Schema", "UnknownTypeError", "check", "immutable", "schema"]

_DATA = Path(__file__).parent / "data"
_FORCES_NEW = re.compile(
    r"forces? (?:a )?(?:new|replacement|the creation of a new|re-?creation)|forces resource replacement"
    r"|will (?:create|recreate|replace) (?:a new|the) resource|cannot be (?:changed|modified|updated) after"
    r"|changing this (?:value |will )?(?:forces|creates|destroys)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Schema:
    """What the SDK says about one resource type."""

    token: str
    inputs: Mapping[str, Property]
    outputs: frozenset[str]
    computed: frozenset[str]
    """Outputs that always have a value, whether or not the program gave one."""
    output_types: Mapping[str, str]
    forces_new: frozenset[str]
    taggable: bool


@functools.cache
def schema(token: str) -> Schema:
    """Raises UnknownTypeError for a type that no installed SDK declares."""
    if token in kubernetes_custom.SPECS:
        return _custom(token)
    declared = schema_source.declaration(token)
    outputs = {field.wire: field for field in declared.outputs}
    return Schema(
        token=token,
        inputs=schema_types.compile_fields(declared.folder, declared.inputs),
        outputs=frozenset(outputs),
        computed=frozenset(name for name, field in outputs.items() if not field.optional),
        output_types={name: field.annotation for name, field in outputs.items()},
        forces_new=frozenset(field.wire for field in declared.inputs if _FORCES_NEW.search(field.doc)),
        taggable=any(field.wire == "tags" for field in declared.inputs),
    )


@functools.cache
def provider_properties(package: str) -> frozenset[str]:
    """Names of what a provider resource of the package takes."""
    return frozenset(field.wire for field in schema_source.provider_declaration(package))


def _custom(token: str) -> Schema:
    metadata = Nested(schema_source.package_folder("kubernetes") / "meta" / "v1", "ObjectMetaArgs")
    text = Scalar("str")
    inputs = {
        "apiVersion": Property(text, required=True),
        "kind": Property(text, required=True),
        "metadata": Property(metadata, required=False),
        "spec": Property(kubernetes_custom.SPECS[token], required=True),
    }
    outputs = frozenset({*inputs, "status"})
    return Schema(token, inputs, outputs, frozenset(inputs), dict.fromkeys(outputs, ""), frozenset(), False)


@functools.cache
def _table(name: str) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", json.loads((_DATA / name).read_text(encoding="utf-8")))


@functools.cache
def immutable(token: str) -> frozenset[str]:
    """Top-level inputs, or paths, that no API call can change in place: a new value means a new resource.

    From the SDK's documentation, and from a table for what the documentation leaves out. A property in the
    table with a leading ``!`` is one that the documentation calls immutable and the provider updates.
    """
    if kubernetes_objects.is_object(token):
        return kubernetes_objects.immutable(token)
    listed = cast("list[str]", _table("immutable.json").get(token, []))
    corrections = {name[1:] for name in listed if name.startswith("!")}
    return (schema(token).forces_new - corrections) | {name for name in listed if not name.startswith("!")}


def check(token: str, inputs: Mapping[str, Any]) -> list[Failure]:
    """Every reason to refuse ``inputs`` (wire form), or an empty list.

    Unknown values pass. Secret values are checked and never quoted. Raises UnknownTypeError.
    """
    failures: list[Failure] = []
    _check_fields(schema(token).inputs, inputs, "", failures, quiet=False)
    for path, allowed in allowed_values(token).items():
        value = at(inputs, path)
        plain = wire.unwrap(value)
        if plain is not None and plain != wire.UNKNOWN and plain not in allowed:
            quiet = wire.signature(value) == wire.SECRET
            failures.append(not_allowed(path, plain, [str(item) for item in allowed], quiet=quiet))
    if kubernetes_objects.is_object(token):
        failures += [Failure(*problem) for problem in kubernetes_objects.problems(token, inputs)]
    return failures


def allowed_values(token: str) -> Mapping[str, list[Any]]:
    """Values that the service admits where the SDK's types and documentation leave them open, by path."""
    return cast("Mapping[str, list[Any]]", _table("values.json").get(token, {}))


def tokens_with_values() -> list[str]:
    return sorted(_table("values.json"))


def tokens_with_immutables() -> list[str]:
    return sorted(_table("immutable.json"))


def at(inputs: Mapping[str, Wire], path: str) -> Wire:
    """The value at a dotted path, None where there is none."""
    value: Wire = dict(inputs)
    for name in path.split("."):
        value = wire.unwrap(value)
        value = cast("dict[str, Wire]", value).get(name) if isinstance(value, dict) else None
    return value


def _check_fields(
    known: Mapping[str, Property],
    given: Mapping[str, Wire],
    path: str,
    failures: list[Failure],
    *,
    quiet: bool,
) -> None:
    for name, value in given.items():
        if name.startswith("__"):
            continue
        here = f"{path}.{name}" if path else name
        if name not in known:
            failures.append(Failure(here, _unknown_property(name, known)))
        elif value is not None:
            field = known[name]
            _check(field.type, value, here, failures, quiet=quiet)
            _check_documented(field, value, here, failures, quiet=quiet)
    for name, field in known.items():
        if field.required and given.get(name) is None:
            here = f"{path}.{name}" if path else name
            failures.append(Failure(here, "required, and no value was given"))


def _unknown_property(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if near:
        return f"no such property; did you mean {near[0]!r}?"
    return f"no such property; allowed: {', '.join(names)}"


def _check(  # noqa: PLR0912 - one case for each kind of type
    kind: Type, value: Wire, path: str, failures: list[Failure], *, quiet: bool
) -> None:
    quiet = quiet or wire.signature(value) == wire.SECRET
    value = wire.unwrap(value)
    if value is None or value == wire.UNKNOWN or wire.signature(value) == wire.RESOURCE:
        return
    match kind:
        case Anything():
            return
        case Scalar(name):
            if not is_scalar(name, value):
                failures.append(mismatch(path, value, SCALAR_NAMES[name], quiet=quiet))
            elif isinstance(value, str) and STRINGIFIED in value:
                failures.append(Failure(path, "got an Output made into text; use Output.format or apply"))
        case Enum(values):
            if value not in values:
                failures.append(not_allowed(path, value, [str(item) for item in values], quiet=quiet))
        case ListOf(item):
            if not isinstance(value, list):
                failures.append(mismatch(path, value, "a list", quiet=quiet))
                return
            for index, element in enumerate(cast("list[Wire]", value)):
                _check(item, element, f"{path}[{index}]", failures, quiet=quiet)
        case MapOf(item):
            if not isinstance(value, dict) or wire.signature(value):
                failures.append(mismatch(path, value, "a map", quiet=quiet))
                return
            for key, element in cast("dict[str, Wire]", value).items():
                _check(item, element, f"{path}.{key}", failures, quiet=quiet)
        case Nested(folder, class_name):
            known = schema_types.properties(folder, class_name)
            if known is not None:
                _check_object(known, value, path, failures, quiet=quiet)
        case Inline(fields):
            _check_object(dict(fields), value, path, failures, quiet=quiet)
        case OneOf(options):
            _check_options(options, value, path, failures, quiet=quiet)


def _check_object(
    known: Mapping[str, Property], value: Wire, path: str, failures: list[Failure], *, quiet: bool
) -> None:
    if not isinstance(value, dict) or wire.signature(value):
        failures.append(mismatch(path, value, f"an object with {', '.join(sorted(known))}", quiet=quiet))
        return
    _check_fields(known, cast("dict[str, Wire]", value), path, failures, quiet=quiet)


def _check_options(
    options: tuple[Type, ...], value: Wire, path: str, failures: list[Failure], *, quiet: bool
) -> None:
    """Passes if any option does; otherwise reports the option that fits best."""
    results: list[list[Failure]] = []
    for option in options:
        found: list[Failure] = []
        _check(option, value, path, found, quiet=quiet)
        results.append(found)
    if all(results):
        failures.extend(min(results, key=len))
        return
    for option in options:
        if isinstance(option, Enum) and isinstance(value, str):
            _check_slip([str(item) for item in option.values], value, path, failures, quiet=quiet)


def _check_documented(
    field: Property, value: Wire, path: str, failures: list[Failure], *, quiet: bool
) -> None:
    value = wire.unwrap(value)
    if not field.documented or not isinstance(value, str) or value == wire.UNKNOWN:
        return
    if field.type != Scalar("str"):
        return
    allowed = list(field.documented)
    if field.closed and value not in allowed:
        failures.append(not_allowed(path, value, allowed, quiet=quiet))
    elif not field.closed:
        _check_slip(allowed, value, path, failures, quiet=quiet)


def _check_slip(allowed: list[str], value: str, path: str, failures: list[Failure], *, quiet: bool) -> None:
    """A value that differs from a listed one only by case or by ``-`` against ``_`` is a slip."""

    def folded(text: str) -> str:
        return text.casefold().replace("-", "_")

    if value not in allowed and folded(value) in {folded(item) for item in allowed}:
        failures.append(not_allowed(path, value, allowed, quiet=quiet))
