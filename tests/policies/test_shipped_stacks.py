"""The stacks as shipped raise nothing, and every rule notices when they are weakened."""

import functools
from time import perf_counter

import pytest

from policies.evaluation import WAIVERS_RULE, Evaluation, Outcome, evaluate
from policies.exempt import EXEMPT
from policies.matrix import covered
from policies.model import Record
from policies.report import text
from policies.rule import all_rules
from policies.settings import PackConfig
from policies.tokens import canonical
from policies.waivers import load
from tests.harness import program
from tests.policies.mutation_tables import MUTATIONS
from tests.policies.mutations import Mutation
from tests.policies.recorded import records

STACKS = ("dev", "prod")
PACKAGES = ("aws:", "cloudflare:", "kubernetes:")
RULES = all_rules()
WAIVERS = load(rules=[rule.id for rule in RULES])
CASES = [
    pytest.param(stack, rule_id, mutation, id=f"{stack}-{rule_id}-{number}")
    for stack in STACKS
    for rule_id, mutations in MUTATIONS.items()
    for number, mutation in enumerate(mutations, 1)
]


@functools.cache
def shipped(stack: str) -> tuple[Record, ...]:
    return tuple(records(program(stack)))


def judged(stack: str, changed: list[Record]) -> Evaluation:
    return evaluate(changed, PackConfig(environment=stack), waivers=WAIVERS)


@functools.cache
def baseline(stack: str) -> Evaluation:
    return judged(stack, list(shipped(stack)))


@pytest.mark.parametrize("stack", STACKS)
def test_the_shipped_stack_raises_nothing(stack: str) -> None:
    assert baseline(stack).failed == [], text(baseline(stack), RULES)


@pytest.mark.parametrize("stack", STACKS)
def test_nothing_known_goes_unevaluated(stack: str) -> None:
    assert baseline(stack).having(Outcome.NOT_EVALUATED) == []


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


@pytest.mark.parametrize(("stack", "rule_id", "mutation"), CASES)
def test_a_weakened_stack_trips_the_rule(stack: str, rule_id: str, mutation: Mutation) -> None:
    applied = mutation.apply(list(shipped(stack)))
    rule = next(rule for rule in RULES if rule.id == rule_id)
    if applied is None or not mutation.portable or (rule.prod_only and stack == "dev"):
        pytest.skip("this stack has nothing for it")
    before = {(v.rule, v.urn): v.messages for v in baseline(stack).verdicts if v.messages}

    evaluation = judged(stack, applied[0])

    fired = {
        v.rule for v in evaluation.verdicts if v.messages and before.get((v.rule, v.urn)) != v.messages
    } - {WAIVERS_RULE}
    assert rule_id in fired, "the rule did not notice"
    assert fired <= {rule_id, *mutation.also, *mutation.also_shipped}
