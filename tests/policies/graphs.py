"""The stacks as recorded by the harness: as shipped, in the other profiles, and with choices turned round.

Building them takes seconds each, so they are made once, and a mutated stack is judged without reading again
what the mutation left alone.
"""

import functools
import importlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args

from policies.evaluation import Evaluation, Verdict, evaluate, judge
from policies.model import Graph, Record, Resource
from policies.rule import Rule, all_rules
from policies.settings import PackConfig
from policies.stack_config import configured
from policies.waivers import load
from settings.stack import SYSTEMS
from tests.harness import PROJECT, program, run_program, stack_config
from tests.policies.recorded import records

STACKS = ("dev", "prod")
RULES = all_rules()
WAIVERS = load(rules=[rule.id for rule in RULES])
_DIGEST = f"sha256:{'a' * 64}"
_SYSTEM = re.compile(r"platform:system:(\w+)")

_MIGRATION: dict[str, Any] = {
    "kind": "dms",
    "source": {"cidr": "221.153.20.249/32", "database": "app"},
    "sourceTls": {"kind": "require"},
    "imageDigest": _DIGEST,
}
TURNED: dict[str, dict[str, Any]] = {
    # The old database is reached through a NAT gateway.
    "safework": {"migration": _MIGRATION, "network": {"natGateways": "single"}},
    "sesami": {"migration": _MIGRATION},
    "petclinic": {
        "platform": "eks",
        "pods": {"imageDigest": _DIGEST, "deployerRole": "deployer"},
        "serverless": True,
        "events": True,
    },
}
"""Choices of a system that no profile makes. Currency Travel's depends on the stack, and is added to them."""


def turned_config(stack: str) -> dict[str, Any]:
    """The stack with every system in the profile it is not shipped in, and each choice made the other way."""
    config = other_config(stack)
    systems = config[f"{PROJECT}:systems"]
    ingestor = {"ingestor": "eks", "kubernetes": {"deployerRole": "platform-deployer"}}
    turned = {**TURNED, "currencyTravel": ingestor if stack == "dev" else {"ingestor": "scheduled_task"}}
    for key, changes in turned.items():
        systems[key] = {**systems[key], **changes}
    return config


def other_config(stack: str) -> dict[str, Any]:
    """The stack with each system in the profile that it is not shipped in."""
    config = stack_config(stack)
    systems = config[f"{PROJECT}:systems"]
    for key, location in SYSTEMS.items():
        module, _, name = location.partition(":")
        field = getattr(importlib.import_module(module), name).model_fields.get("profile")
        if key in systems and field is not None:
            economical = next(choice for choice in get_args(field.annotation) if choice != "standard")
            systems[key] = {**systems[key], "profile": "standard" if stack == "dev" else economical}
    return config


CONFIGS = {"shipped": stack_config, "other": other_config, "turned": turned_config}


@functools.cache
def graph(stack: str, kind: str, *, preview: bool = False) -> tuple[Record, ...]:
    """The recorded resources; ``kind`` is a key of :data:`CONFIGS`."""
    if kind == "shipped":
        return tuple(records(program(stack, preview=preview)))
    return tuple(records(run_program(CONFIGS[kind](stack), stack=stack, preview=preview)))


@functools.cache
def settings_of(stack: str) -> PackConfig:
    """What the pack is told by the stack's file, as the engine passes it on."""
    given: Mapping[str, Any] = stack_config(stack)
    encoded = {key: value if isinstance(value, str) else json.dumps(value) for key, value in given.items()}
    return configured(PackConfig(), encoded, rules=[rule.id for rule in RULES])


def judged(stack: str, changed: Iterable[Record], rules: Sequence[Rule] = RULES) -> Evaluation:
    return evaluate(changed, settings_of(stack), rules=rules, waivers=WAIVERS)


@functools.cache
def baseline(stack: str, kind: str = "shipped", *, preview: bool = False) -> Evaluation:
    return judged(stack, graph(stack, kind, preview=preview))


@functools.cache
def _read(stack: str, kind: str) -> dict[int, Resource]:
    return {id(record): Resource(record, settings_of(stack)) for record in graph(stack, kind)}


def verdicts(stack: str, kind: str, changed: Sequence[Record], rule: Rule) -> list[Verdict]:
    """One rule over a graph of which most is as recorded."""
    known = _read(stack, kind)
    config = settings_of(stack)
    resources = [known.get(id(record)) or Resource(record, config) for record in changed]
    whole = Graph(resources, config)
    return [judge(rule, each, whole, WAIVERS) for each in resources if rule.applies_to(each.type)]


def system_of(urn: str) -> str:
    """The system that a URN is part of; what belongs to the account as a whole is of none."""
    found = _SYSTEM.search(urn)
    return found[1] if found else ""
