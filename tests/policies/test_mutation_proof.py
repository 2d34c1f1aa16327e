"""Every rule fires when what it guards is weakened, names the resource, and nothing else fires."""

import pytest

from policies.evaluation import Evaluation, Outcome, evaluate
from policies.rule import all_rules
from policies.tokens import canonical
from tests.policies.mutation_tables import MUTATIONS
from tests.policies.mutations import Mutation
from tests.policies.scenes import compliant

CASES = [
    pytest.param(rule_id, mutation, id=f"{rule_id}-{number}")
    for rule_id, mutations in MUTATIONS.items()
    for number, mutation in enumerate(mutations, 1)
]


def test_every_rule_has_a_mutation() -> None:
    assert {rule.id for rule in all_rules()} == set(MUTATIONS)


def test_the_compliant_stack_raises_nothing() -> None:
    evaluation = evaluate(compliant())

    assert [(v.rule, v.urn, v.messages) for v in evaluation.failed] == []
    assert evaluation.having(Outcome.NOT_EVALUATED) == []


def test_every_rule_looks_at_something_compliant() -> None:
    looked = {v.rule for v in evaluate(compliant()).having(Outcome.PASSED)}

    # Their types are wrong by their being there at all.
    assert {rule.id for rule in all_rules()} - looked == {
        "iam-no-lasting-credentials",
        "iam-no-user-policies",
    }


@pytest.mark.parametrize(("rule_id", "mutation"), CASES)
def test_a_weakened_property_trips_exactly_its_rule(rule_id: str, mutation: Mutation) -> None:
    applied = mutation.apply(compliant())
    assert applied is not None, "the compliant stack has nothing for this mutation"
    records, touched = applied

    evaluation = evaluate(records)

    fired = {v.rule for v in evaluation.failed}
    assert rule_id in fired, "the rule did not notice"
    assert fired <= {rule_id, *mutation.also}, [(v.rule, v.urn, v.messages) for v in evaluation.failed]
    assert named(evaluation, rule_id, mutation, touched)


def named(evaluation: Evaluation, rule_id: str, mutation: Mutation, touched: str) -> bool:
    """Whether the rule names the touched resource, or one of the type it should name."""
    urns = [v.urn for v in evaluation.failed if v.rule == rule_id]
    if mutation.names:
        return any(canonical(u.split("::")[2].split("$")[-1]) == mutation.names for u in urns)
    return urns == [touched]
