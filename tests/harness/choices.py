"""Every choice that the settings offer, and stacks that between them make each of them.

A choice is what may decide whether a resource exists: a switch, one of several words, one kind of several,
something that may be left out, a list or a number that may be empty. Sizes are none. They are read from the
settings' own schema, so that a new one is here on the day it is written.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any

from settings.json_schema import Node, schema_of
from settings.parsing import SettingsError, parse_config
from settings.stack import StackSettings, system_model
from tests.harness.program import PROJECT, stack_config

Steps = tuple[tuple[tuple[str, ...], Any], ...]

STACK, SYSTEMS = f"{PROJECT}:stack", f"{PROJECT}:systems"

SAMPLES: Mapping[str, Any] = {
    "address": "oncall@example.com",
    "authorityFile": "tests/harness/authority.pem",
    "bucket": "example-pulumi-state",
    "breakGlassHostname": "safework-legacy-dev.jclee.me",
    "channelId": "C0123456789",
    "cidr": "221.153.20.249/32",
    "corsOrigins": "https://www.example.com",
    "database": "app",
    "deployerRole": "platform-deployer",
    "directory": "functions/safework",
    "id": "ami-0123456789abcdef0",
    "imageDigest": f"sha256:{'a' * 64}",
    "keyArn": "arn:aws:kms:ap-northeast-2:111122223333:key/00000000-0000-0000-0000-000000000000",
    "region": "ap-northeast-1",
    "rpoMinutes": 10_080,
    "rtoMinutes": 10_080,
    "secondRegion": "3.5.0",
    "secondRegionId": "ami-0fedcba9876543210",
    "staticHostname": "static-safework2-dev.jclee.me",
    "teamId": "T0123456789",
    "unlockReason": "the system is given up",
    "url": "https://example.com/hook",
}
"""By the last key of its path: a value for what has no default. Any that the schema takes will do."""

TOGETHER: Mapping[tuple[tuple[str, ...], str], Mapping[tuple[str, ...], Any]] = {
    ((SYSTEMS, "petclinic", "hosts", "warmPool"), "stopped"): {
        (SYSTEMS, "petclinic", "hosts", "instanceTypes"): ["t4g.small"]
    },
    ((SYSTEMS, "petclinic", "platform"), "eks"): {
        (SYSTEMS, "petclinic", "pods", "deployerRole"): SAMPLES["deployerRole"],
        (SYSTEMS, "petclinic", "pods", "imageDigest"): SAMPLES["imageDigest"],
    },
    ((SYSTEMS, "safework", "migration"), "dms"): {(SYSTEMS, "safework", "network", "natGateways"): "single"},
    ((SYSTEMS, "safework", "migration"), "task"): {(SYSTEMS, "safework", "network", "natGateways"): "single"},
    **{
        ((SYSTEMS, key, "recovery", "region"), "set"): {
            (SYSTEMS, key, "recovery", "copies"): {"kind": "copies", "region": SAMPLES["region"]}
        }
        for key in ("petclinic", "workRedesign")
    },
    ((SYSTEMS, "workRedesign", "schedule"), "hours"): {(SYSTEMS, "workRedesign", "profile"): "standard"},
}
"""What a choice needs beside it: by its path, and its word or kind, or ``set`` where it has neither."""

SIZES: tuple[Steps, ...] = tuple(
    (((SYSTEMS, key, "rollout"), {"kind": "linear", "percent": 7, "intervalMinutes": 4}),)
    for key in ("currencyTravel", "safework")
)
"""Sizes that decide whether a resource exists: CodeDeploy has no such shift of its own."""

FIXED = frozenset({(STACK, "environment"), (STACK, "region")})
"""Chosen by the file that a covering stack begins from."""


@dataclass(frozen=True)
class Choice:
    """Assignments in their order: the last is the choice, those before it are the kinds that offer it."""

    steps: Steps

    @property
    def system(self) -> str | None:
        """Whose it is; None for the stack's own."""
        root, key, *_ = self.steps[-1][0]
        return key if root == SYSTEMS else None

    def __str__(self) -> str:
        return "; ".join(f"{'.'.join(path[1:])}={value!r}" for path, value in self.steps)


@cache
def choices() -> tuple[Choice, ...]:
    """All of them, of the stack and of every system that the dev stack holds."""
    systems = stack_config("dev")[SYSTEMS]
    found = [*SIZES, *_walk(schema_of(StackSettings), (STACK,), ())]
    for key in systems:
        found += _walk(schema_of(system_model(key)), (SYSTEMS, key), ())
    return tuple(Choice((*_needed(steps), *steps)) for steps in found)


def _needed(steps: Steps) -> Steps:
    return tuple(each for path, value in steps for each in TOGETHER.get((path, _word(value)), {}).items())


def _word(value: Any) -> str:
    if isinstance(value, dict):
        return value.get("kind", "set")
    return value if isinstance(value, str) else ""


def _walk(schema: Node, path: tuple[str, ...], before: Steps) -> Iterator[Steps]:
    definitions: Node = schema.get("$defs", {})

    def inside(node: Node, path: tuple[str, ...], before: Steps) -> Iterator[Steps]:
        node = _resolved(node, definitions)
        if path in FIXED:
            return
        variants = [_resolved(each, definitions) for each in (*node.get("oneOf", ()), *node.get("anyOf", ()))]
        variants.sort(key=_is_nothing)
        if variants:
            for variant in variants:
                steps = (*before, (path, _sample(variant, path, definitions)))
                yield steps
                yield from inside(variant, path, steps)
        elif "properties" in node:
            for key, child in node["properties"].items():
                yield from inside(child, (*path, key), before)
        else:
            yield from ((*before, (path, value)) for value in _alternatives(node, path, definitions))

    yield from inside(schema, path, before)


def _alternatives(node: Node, path: tuple[str, ...], definitions: Node) -> Iterator[Any]:
    kind = node.get("type")
    if kind == "string":
        yield from node.get("enum", ())
    elif kind == "boolean":
        yield from (True, False)
    elif kind in ("integer", "number") and node.get("minimum") == 0:
        yield from (SAMPLES.get(path[-1], 1), 0)
    elif kind == "array":
        items = _resolved(node["items"], definitions)
        if "enum" in items:
            yield list(items["enum"])
        elif "oneOf" in items:
            yield from ([_sample(_resolved(each, definitions), path, definitions)] for each in items["oneOf"])
        elif not node.get("minItems"):
            yield [_sample(items, path, definitions)]
        if not node.get("minItems"):
            yield []


def _is_nothing(node: Node) -> bool:
    """What turns something off comes last, so that the first stack has as much as goes together."""
    return node.get("type") == "null" or node.get("properties", {}).get("kind", {}).get("const") == "none"


def _resolved(node: Node, definitions: Node) -> Node:
    while "$ref" in node:
        node = {
            **definitions[node["$ref"].rpartition("/")[2]],
            **{k: v for k, v in node.items() if k != "$ref"},
        }
    return node


def _sample(node: Node, path: tuple[str, ...], definitions: Node) -> Any:
    """The least that the schema takes."""
    node = _resolved(node, definitions)
    if node.get("type") == "null":
        return None
    if "oneOf" in node:
        return _sample(node["oneOf"][0], path, definitions)
    if "properties" in node:
        required = node.get("required", ())
        return {key: _sample(node["properties"][key], (*path, key), definitions) for key in required}
    if node.get("type") in ("integer", "number"):
        return SAMPLES.get(path[-1], max(node.get("minimum", 0), 1))
    if "const" in node or "enum" in node:
        return node["const"] if "const" in node else node["enum"][0]
    if path[-1] not in SAMPLES:
        raise AssertionError(f"{'.'.join(path)} has no default: give tests/harness/choices.py a sample of it")
    return SAMPLES[path[-1]]


def covering(stack: str) -> tuple[list[dict[str, Any]], list[Choice]]:
    """Legal configurations that make every choice, each as many as go together; and what none can make.

    A configuration holds the systems in which it makes a choice that those before it do not.
    """
    pending, found = list(choices()), list[dict[str, Any]]()
    while pending:
        config, fixed, left = stack_config(stack), dict[tuple[str, ...], Any](), pending
        while len(rest := [each for each in left if not _taken(each, config, fixed)]) < len(left):
            left = rest
        if len(left) == len(pending):
            break
        new = {each.system for each in pending if each not in left} - {None}
        if new:
            config[SYSTEMS] = {key: each for key, each in config[SYSTEMS].items() if key in new}
        pending = left
        found.append(config)
    return found, pending


def _taken(choice: Choice, config: dict[str, Any], fixed: dict[tuple[str, ...], Any]) -> bool:
    """Makes the choice in the configuration, if it contradicts none made before and the settings take it."""
    for path, value in choice.steps:
        if path in fixed and fixed[path] != value:
            return False
    changed = deepcopy(config)
    for path, value in choice.steps:
        if path not in fixed:
            _set(changed, path, value)
    if not _legal(changed, choice.steps[-1][0]):
        return False
    config.clear()
    config.update(changed)
    fixed.update(choice.steps)
    return True


def _set(config: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """A kind that stands there already keeps what it says beside the kind."""
    *holders, last = path
    node = config
    for key in holders:
        node = node.setdefault(key, {})
    old = node.get(last)
    same_kind = isinstance(value, dict) and isinstance(old, dict) and old.get("kind") == value.get("kind")
    node[last] = {**deepcopy(value), **old} if same_kind else deepcopy(value)


def _legal(config: Mapping[str, Any], path: tuple[str, ...]) -> bool:
    """Rules of a system look at no other system, and the stack's at none of them."""
    systems = config[SYSTEMS]
    key = path[1] if path[0] == SYSTEMS else next(iter(systems))
    try:
        parse_config({**config, SYSTEMS: {key: systems[key]}})
    except SettingsError:
        return False
    return True
