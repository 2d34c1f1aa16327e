"""The stacks as shipped raise nothing, and every rule notices when they are weakened."""

import functools
import importlib
import json
from collections.abc import Sequence
from time import perf_counter
from typing import get_args

import pytest

from policies.evaluation import WAIVERS_RULE, Evaluation, Outcome, evaluate
from policies.exempt import EXEMPT
from policies.matrix import covered
from policies.model import Record
from policies.report import text
from policies.rule import Rule, all_rules
from policies.settings import PackConfig
from policies.stack_config import configured
from policies.tokens import canonical
from policies.waivers import load
from settings.stack import SYSTEMS
from tests.harness import program, run_program, stack_config
from tests.policies.mutation_tables import MUTATIONS
from tests.policies.mutations import Mutation
from tests.policies.recorded import records

STACKS = ("dev", "prod")
PACKAGES = ("aws:", "cloudflare:", "kubernetes:")
RULES = all_rules()
WAIVERS = load(rules=[rule.id for rule in RULES])
CASES = [
    pytest.param(stack, profile, rule_id, mutation, id=f"{stack}-{profile}-{rule_id}-{number}")
    for stack in STACKS
    for profile in ("shipped", "other")
    for rule_id, mutations in MUTATIONS.items()
    for number, mutation in enumerate(mutations, 1)
]


@functools.cache
def shipped(stack: str) -> tuple[Record, ...]:
    return tuple(records(program(stack)))


@functools.cache
def other_profile(stack: str) -> tuple[Record, ...]:
    """The stack with each system in the profile that it is not shipped in."""
    config = stack_config(stack)
    settings = config["seoul-platform:systems"]
    for key, location in SYSTEMS.items():
        module, _, name = location.partition(":")
        field = getattr(importlib.import_module(module), name).model_fields.get("profile")
        if key in settings and field is not None:
            economical = next(choice for choice in get_args(field.annotation) if choice != "standard")
            settings[key] = {**settings[key], "profile": "standard" if stack == "dev" else economical}
    return tuple(records(run_program(config, stack=stack)))


GRAPHS = {"shipped": shipped, "other": other_profile}


@functools.cache
def settings_of(stack: str) -> PackConfig:
    encoded = {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in stack_config(stack).items()
    }
    return configured(PackConfig(), encoded, rules=[rule.id for rule in RULES])


def judged(stack: str, changed: list[Record], rules: Sequence[Rule] = RULES) -> Evaluation:
    return evaluate(changed, settings_of(stack), rules=rules, waivers=WAIVERS)


@functools.cache
def baseline(stack: str, profile: str = "shipped") -> Evaluation:
    return judged(stack, list(GRAPHS[profile](stack)))


@pytest.mark.parametrize("profile", GRAPHS)
@pytest.mark.parametrize("stack", STACKS)
def test_the_stack_raises_nothing(stack: str, profile: str) -> None:
    # A waiver may have nothing to do in a profile that the stack is not shipped in.
    found = [v for v in baseline(stack, profile).failed if profile == "shipped" or v.rule != WAIVERS_RULE]
    assert found == [], text(baseline(stack, profile), RULES)


@pytest.mark.parametrize("profile", GRAPHS)
@pytest.mark.parametrize("stack", STACKS)
def test_nothing_known_goes_unevaluated(stack: str, profile: str) -> None:
    assert baseline(stack, profile).having(Outcome.NOT_EVALUATED) == []


def test_the_rules_are_not_what_a_preview_waits_for() -> None:
    """Measured: 0.1 s for 466 resources. The bound leaves room for a busy machine."""
    recorded = list(shipped("prod"))
    start = perf_counter()
    judged("prod", recorded)
    assert perf_counter() - start < 3


@pytest.mark.parametrize("stack", STACKS)
def test_every_type_has_a_rule_or_a_reason(stack: str) -> None:
    types = {canonical(r.type) for r in shipped(stack) if r.type.startswith(PACKAGES)}
    assert {token for token in types if not covered(token, RULES)} - set(EXEMPT) == set()


def test_no_exempt_type_has_a_rule() -> None:
    assert {token for token in EXEMPT if covered(token, RULES)} == set()


@pytest.mark.parametrize(("stack", "profile", "rule_id", "mutation"), CASES)
def test_a_weakened_stack_trips_the_rule(stack: str, profile: str, rule_id: str, mutation: Mutation) -> None:
    """That nothing else fires is proved on the small stack, where looking at every rule is cheap."""
    applied = mutation.apply(list(GRAPHS[profile](stack)))
    rule = next(rule for rule in RULES if rule.id == rule_id)
    if applied is None or not mutation.portable or (rule.prod_only and stack == "dev"):
        pytest.skip("this stack has nothing for it")
    before = {v.urn: v.messages for v in baseline(stack, profile).verdicts if v.rule == rule_id}

    after = judged(stack, applied[0], [rule]).verdicts

    assert any(v.rule == rule_id and v.messages and before.get(v.urn) != v.messages for v in after)
