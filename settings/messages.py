"""Validation errors as a person reads them: the key, what it got, what is allowed, and the fix."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from settings.json_schema import Node, schema_of
from settings.model import RULES, Model, Problem
from settings.vocabulary import NOT_ALLOWED

_SECRET_LIKE = re.compile(
    r"passw|passphrase|secret|token|credential|private|api_?key|access_?key", re.IGNORECASE
)
_UNKNOWN = frozenset({"extra_forbidden", "invalid_key"})
_LONGEST = 60


def explain(
    error: ValidationError, model: type[Model], prefix: str, *, rules_only: bool = False
) -> list[str]:
    """One line for each thing that is wrong, in the order of the file's keys."""
    schema = schema_of(model)
    return [
        line
        for detail in error.errors(include_url=False)
        if not rules_only or detail["type"] == RULES
        for line in _lines(detail, schema, prefix)
    ]


def unknown(name: str, candidates: list[str], *, what: str = "key") -> str:
    """Words for a name that does not exist, with the nearest one that does. Never shows its value."""
    by_folded = {_folded(candidate): candidate for candidate in candidates}
    near = get_close_matches(_folded(name), list(by_folded), n=1, cutoff=0.6)
    if near:
        return f"unknown {what}; did you mean {by_folded[near[0]]}?"
    return f"unknown {what}; allowed: {', '.join(sorted(candidates)) or 'none'}; remove it"


def got(value: object, key: str = "") -> str:  # noqa: PLR0911 - one for each kind of value
    """The value as the file spells it; a mapping, a list or anything that may be a secret is only named."""
    if looks_secret(key):
        return "a value that is not shown"
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case str():
            return repr(value if len(value) <= _LONGEST else f"{value[:_LONGEST]}...")
        case int() | float():
            return str(value)[:_LONGEST]
        case Mapping():
            return "a mapping"
        case list() | tuple():
            items = cast("list[object]", value)
            scalars = all(isinstance(item, str | int) for item in items) and len(items) <= 8
            return f"[{', '.join(got(item) for item in items)}]" if scalars else "a list"
        case _:
            return f"a {type(value).__name__}"


def shown_key(key: object) -> str:
    """A key that may be anything, on one line."""
    text = str(key)
    return text if re.fullmatch(r"[\w:./@-]{1,80}", text) else repr(text[:_LONGEST])


def looks_secret(key: str) -> bool:
    return _SECRET_LIKE.search(key) is not None


def allowed(node: Node) -> str:  # noqa: PLR0911 - one for each kind of node
    """What a schema node accepts, in words."""
    options = [option for option in node.get("anyOf", []) if option.get("type") != "null"]
    if len(options) == 1:
        return f"{allowed(options[0])}, or null"
    if "const" in node or "enum" in node:
        values = node.get("enum", [node.get("const")])
        return f"one of {', '.join(str(value) for value in values)}" if len(values) > 1 else str(values[0])
    if "discriminator" in node:
        tags = ", ".join(sorted(node["discriminator"]["mapping"]))
        return f"a mapping with {node['discriminator']['propertyName']}: one of {tags}"
    match node.get("type"):
        case "boolean":
            return "true or false"
        case "integer":
            return f"a whole number{_range(node)}"
        case "number":
            return f"a number{_range(node)}{' in steps of 0.5' if 'multipleOf' in node else ''}"
        case "array":
            least, most = node.get("minItems", 0), node.get("maxItems")
            size = f" of {least} to {most}" if most is not None else f" of at least {least}" if least else ""
            return f"a list{size}"
        case "string":
            return str(node.get("patternErrorMessage", "text")).removeprefix("must be ")
        case _:
            return "a mapping"


def _range(node: Node) -> str:
    least, above, most = node.get("minimum"), node.get("exclusiveMinimum"), node.get("maximum")
    if least is not None and most is not None:
        return f" from {least} to {most}"
    if above is not None and most is not None:
        return f" above {above}, at most {most}"
    return ""


@dataclass(frozen=True)
class _Place:
    key: str
    node: Node
    parent: Node


def _lines(detail: ErrorDetails, schema: Node, prefix: str) -> Iterator[str]:
    place = _place(detail["loc"], schema, prefix)
    context = detail.get("ctx", {})
    value: object = detail["input"]
    match detail["type"]:
        case kind if kind in _UNKNOWN:
            name = str(detail["loc"][-1])
            yield f"{place.key}: {unknown(name, list(place.parent.get('properties', {})))}"
        case "missing":
            yield f"{place.key}: missing; {allowed(place.node)}; add it"
        case kind if kind == RULES:
            for problem in cast("tuple[Problem, ...]", context[RULES]):
                key = f"{place.key}.{problem.key}"
                yield f"{key}: got {got(problem.got, key)}; {problem.allowed}"
        case "union_tag_invalid" | "union_tag_not_found":
            yield from _tag(place, value)
        case "value_error" | "assertion_error":
            yield f"{place.key}: got {got(value, place.key)}; {context.get('error', 'not allowed')}"
        case kind:
            words = str(context["allowed"]) if kind == NOT_ALLOWED else allowed(place.node)
            yield f"{place.key}: got {got(value, place.key)}; {words}{_fix(value, place.node)}"


def _tag(place: _Place, value: object) -> Iterator[str]:
    tags = sorted(place.node["discriminator"]["mapping"])
    name = str(place.node["discriminator"]["propertyName"])
    key = f"{place.key}.{name}"
    given = cast("Mapping[str, object]", value).get(name) if isinstance(value, Mapping) else None
    if given is None:
        yield f"{key}: missing; one of {', '.join(tags)}; add it"
    else:
        yield f"{key}: got {got(given, key)}; one of {', '.join(tags)}{_nearest(given, tags)}"


def _fix(value: object, node: Node) -> str:
    kind = node.get("type")
    if kind in ("integer", "number", "boolean") and isinstance(value, str):
        return "; write it without quotes"
    if kind == "string" and isinstance(value, int | float) and not isinstance(value, bool):
        return "; write it in quotes"
    return _nearest(value, [item for item in node.get("enum", []) if isinstance(item, str)])


def _nearest(value: object, choices: list[str]) -> str:
    near = get_close_matches(str(value), choices, n=1) if isinstance(value, str) else []
    return f"; did you mean {near[0]}?" if near else ""


def _folded(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()


def _place(loc: tuple[int | str, ...], schema: Node, prefix: str) -> _Place:
    """Walks the schema along an error's location. The tag of a union is in the location, not in the key."""
    key, node, parent = prefix, schema, schema
    for part in loc:
        node = _plain(node, schema)
        parent = node
        if isinstance(part, int) and "items" in node:
            key, node = f"{key}[{part}]", node["items"]
        elif part in node.get("properties", {}):
            key, node = f"{key}.{part}", node["properties"][part]
        elif part in node.get("discriminator", {}).get("mapping", {}):
            node = {"$ref": node["discriminator"]["mapping"][part]}
        else:
            key, node = f"{key}.{shown_key(part)}", {}
    return _Place(key, _plain(node, schema, keep_null=True), parent)


def _plain(node: Node, schema: Node, *, keep_null: bool = False) -> Node:
    while "$ref" in node:
        node = schema["$defs"][str(node["$ref"]).rsplit("/", 1)[-1]]
    options = [option for option in node.get("anyOf", []) if option.get("type") != "null"]
    if len(options) == 1 and not keep_null:
        return _plain(options[0], schema)
    if len(options) == 1 and "$ref" in options[0]:
        return {"anyOf": [_plain(options[0], schema), {"type": "null"}]}
    return node
