"""The part of JSON Schema that the pack's settings use: built, and checked with messages for people."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, cast

_KINDS: dict[str, tuple[type, ...]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}
_CALLED = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "object": "a mapping",
    "string": "a text",
}


def strings(what: str) -> dict[str, Any]:
    """A list of texts."""
    return {"type": "array", "items": {"type": "string"}, "description": what}


def table(of: Mapping[str, Any], what: str) -> dict[str, Any]:
    """A mapping with keys of the owner's choice."""
    return {"type": "object", "additionalProperties": dict(of), "description": what}


def faults(value: Any, schema: Mapping[str, Any], at: str) -> Iterator[str]:
    """Each fault with the key it is under, what it got and what is allowed."""
    kind = schema["type"]
    known = isinstance(value, _KINDS[kind]) and (kind == "boolean" or not isinstance(value, bool))
    if not known:
        what = schema.get("description")
        yield f"{at}: got {value!r}; {_CALLED[kind]}" + (f" ({what})" if what else "")
    elif kind == "array":
        for index, item in enumerate(cast("list[Any]", value)):
            yield from faults(item, schema["items"], f"{at}[{index}]")
    elif kind == "object":
        yield from _of_object(cast("dict[str, Any]", value), schema, at)
    else:
        yield from _of_scalar(value, schema, at)


def _of_object(value: Mapping[str, Any], schema: Mapping[str, Any], at: str) -> Iterator[str]:
    named: Mapping[str, Any] = schema.get("properties", {})
    for key, item in value.items():
        known = named.get(key, schema.get("additionalProperties"))
        if known is None:
            yield f"{at}.{key}: not a key; allowed: {', '.join(sorted(named))}"
        else:
            yield from faults(item, known, f"{at}.{key}")


def _of_scalar(value: Any, schema: Mapping[str, Any], at: str) -> Iterator[str]:
    allowed = schema.get("enum")
    if allowed and value not in allowed:
        yield f"{at}: got {value!r}; allowed: {', '.join(allowed)}"
    if value < schema["minimum"] if "minimum" in schema else False:
        yield f"{at}: got {value}; at least {schema['minimum']}"
    if schema.get("format") == "date" and not _is_day(value):
        yield f"{at}: got {value!r}; a day such as 2027-01-31"


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True
