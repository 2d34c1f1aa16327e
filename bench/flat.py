"""The floor: a program with the same cloud resources, registered flat, in the style of ``pulumi import``.

Two of them. ``plain`` gives every input as a value: the least that the SDK can be asked to do for these
resources. ``wired`` has the references between resources that any program of a person has: an input that the
program makes from outputs of others is made from those here too, in one step, its value written down.
"""

import importlib
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

from pulumi._types import input_type_py_to_pulumi_names

from bench.recording import PACKAGES, Resource, class_of, needs
from offline import provider_wire as wire

Kind = Literal["plain", "wired"]

OPTIONS = {
    "protect": "protect",
    "retain_on_delete": "retain_on_delete",
    "delete_before_replace": "delete_before_replace",
    "ignore_changes": "ignore_changes",
    "replace_on_changes": "replace_on_changes",
}
TIMEOUTS = {"create_timeout": "create", "update_timeout": "update", "delete_timeout": "delete"}

HEADER = """\
import pulumi
from pulumi import FileArchive, ResourceOptions
"""


def source(resources: Sequence[Resource], kind: Kind = "plain", *, system: str = "safework") -> str:
    """The text of the program. ``build(system)`` registers everything that has the system in its name.

    What belongs to the account and not to a system is in ``build_account()``.
    """
    names = {resource.urn: f"r{number}" for number, resource in enumerate(resources)}
    packages = sorted({PACKAGES[resource.type.split(":")[0]] for resource in resources})
    own = [resource for resource in resources if belongs(resource.name, system)]
    rest = [resource for resource in resources if not belongs(resource.name, system)]
    lines = [HEADER, *(f"import {package}" for package in packages), ""]
    for title, members in (("build_account()", rest), ("build(system)", own)):
        inside = {resource.urn for resource in members}
        lines += ["", f"def {title}:", *(["    pass"] if not members else [])]
        lines += [
            f"    {names[resource.urn]} = {_call(resource, kind, system, names, inside)}"
            for resource in members
        ]
        lines.append("")
    return "\n".join(lines)


def belongs(name: str, system: str) -> bool:
    """Whether the system's name is in it: ``safework-auth``, ``aws-waf-logs-safework-site``."""
    return f"-{system}-" in f"-{name}-"


def _call(resource: Resource, kind: Kind, system: str, names: Mapping[str, str], inside: set[str]) -> str:
    path, arguments = constructor(resource.type)
    given: list[str] = [_name(resource.name, system)]
    for wire_name, value in resource.inputs.items():
        text = _literal(value)
        sources = [names[urn] for urn in resource.references.get(wire_name, ()) if urn in inside]
        if kind == "wired" and sources:
            text = f"pulumi.Output.all({', '.join(f'{each}.id' for each in sources)}).apply(lambda _: {text})"
        given.append(f"{arguments[wire_name]}={text}")
    options = _options(resource)
    if kind == "wired":
        implied = {urn for urns in resource.references.values() for urn in urns}
        explicit = [names[urn] for urn in sorted(needs(resource) - implied) if urn in inside]
        options += [f"depends_on=[{', '.join(explicit)}]"] if explicit else []
    if options:
        given.append(f"opts=ResourceOptions({', '.join(options)})")
    return f"{path}({', '.join(given)})"


def constructor(token: str) -> tuple[str, Mapping[str, str]]:
    """Where the class of a type is, and its argument names by property name."""
    path, class_name = class_of(token)
    home = sys.modules[getattr(importlib.import_module(path), class_name).__module__]
    arguments = next(
        found
        for name in (f"{class_name}InitArgs", f"{class_name}Args")
        if (found := vars(home).get(name)) is not None and found.__module__ == home.__name__
    )
    by_argument = cast("Mapping[str, str]", input_type_py_to_pulumi_names(arguments))
    return f"{path}.{class_name}", {name: argument for argument, name in by_argument.items()}


def _name(name: str, system: str) -> str:
    if not belongs(name, system):
        return repr(name)
    before, _, after = f"-{name}-".partition(f"-{system}-")
    parts = (f"{before[1:]}-" if before else "", f"-{after[:-1]}" if after else "")
    return f"{parts[0]!r} + system + {parts[1]!r}"


def _options(resource: Resource) -> list[str]:
    options = [
        f"{argument}={_option(value)}"
        for key, argument in OPTIONS.items()
        if (value := resource.options.get(key))
    ]
    timeouts = [
        f"{argument}={value!r}" for key, argument in TIMEOUTS.items() if (value := resource.options.get(key))
    ]
    return [
        *options,
        *([f"custom_timeouts=pulumi.CustomTimeouts({', '.join(timeouts)})"] if timeouts else []),
    ]


def _option(value: Any) -> str:
    return repr(list(cast("Sequence[str]", value)) if isinstance(value, (list, tuple)) else value)


def _literal(value: Any) -> str:
    """Raises ValueError for a value that has no plain form here."""
    mark = wire.signature(value)
    if mark == wire.ARCHIVE and "path" in value:
        return f"FileArchive({value['path']!r})"
    if mark:
        raise ValueError(f"a value with the mark {mark} cannot be written down: {value!r}")
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value).items()
        return "{" + ", ".join(f"{key!r}: {_literal(item)}" for key, item in items) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_literal(item) for item in cast("list[Any]", value)) + "]"
    return repr(value)
