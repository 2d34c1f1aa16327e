"""What is not known until the update is neither passed nor failed, and references still hold."""

from dataclasses import replace

import pytest
from pulumi_policy.proxy import (
    UNKNOWN_ARRAY_VALUE,
    UNKNOWN_BOOLEAN_VALUE,
    UNKNOWN_STRING_VALUE,
    unknown_checking_proxy,
)

from policies.evaluation import Outcome, evaluate
from policies.rule import all_rules
from policies.values import UNKNOWN, NotEvaluatedError, Props, plain
from tests.harness import UNKNOWN as RECORDED_UNKNOWN
from tests.policies.mutation_tables import MUTATIONS
from tests.policies.preview import as_preview
from tests.policies.scenes import compliant

READ = Props(
    plain(
        unknown_checking_proxy(
            {
                "flag": UNKNOWN_BOOLEAN_VALUE,
                "list": UNKNOWN_ARRAY_VALUE,
                "nested": {"known": "x", "unknown": UNKNOWN_STRING_VALUE},
                "items": ["a", UNKNOWN_STRING_VALUE],
                "blocks": [{"deep": [{"on": True}]}],
            }
        )
    )
)


def test_the_sdk_proxy_becomes_plain_values() -> None:
    assert READ.text("nested.known") == "x"
    assert READ.elements("items") == ["a", UNKNOWN]
    assert READ.flag("blocks.0.deep.0.on")
    assert READ.flag("blocks.deep.on")


@pytest.mark.parametrize("path", ["flag", "list", "nested.unknown", "nested.unknown.deeper"])
def test_reading_an_unknown_says_where(path: str) -> None:
    with pytest.raises(NotEvaluatedError):
        READ.get(path)


def test_an_unknown_counts_as_present() -> None:
    assert READ.has("nested.unknown")
    assert not READ.has("nested.absent")


def test_strings_need_every_element() -> None:
    with pytest.raises(NotEvaluatedError, match="items"):
        READ.strings("items")


def test_the_harness_marker_is_unknown() -> None:
    assert plain({"x": RECORDED_UNKNOWN}) == {"x": UNKNOWN}


def test_an_unknown_has_no_truth() -> None:
    with pytest.raises(TypeError):
        bool(UNKNOWN)


def test_a_preview_of_the_compliant_stack_fails_nothing() -> None:
    evaluation = evaluate(as_preview(compliant()))

    assert [(v.rule, v.urn, v.messages) for v in evaluation.failed] == []


def test_in_a_preview_only_documents_and_their_like_wait() -> None:
    """References are followed by property dependencies, so few rules must wait for ``up``."""
    waiting = {v.rule for v in evaluate(as_preview(compliant())).having(Outcome.NOT_EVALUATED)}

    assert waiting == WAITING


WAITING = {
    "batch-job-role",
    "batch-logged",
    "batch-no-secret-in-environment",
    "batch-not-privileged",
    "container-image-by-digest",
    "ecs-log-group-made",
    "ecs-logged",
    "ecs-no-secret-in-environment",
    "ecs-not-privileged",
    "ecs-not-root",
    "ecs-reaches-its-services",
    "ecs-read-only-root",
    "iam-data-on-named-resources",
    "iam-no-decrypt-everywhere",
    "iam-no-escalation",
    "iam-no-exposure-everywhere",
    "iam-no-full-access",
    "iam-no-pass-role-everywhere",
    "iam-no-service-wildcard",
    "iam-role-no-escalation",
    "kms-grant-to-a-role",
    "kubernetes-no-wildcard-rights",
    "lambda-reaches-its-services",
    "route53-failover-paired",
    "sns-not-public",
    "sqs-not-public",
    "sqs-tls-only",
}
"""Documents of policies and containers with an ARN in them are unknown as a whole until it exists."""


def test_one_unknown_property_at_a_time_never_fails() -> None:
    wrong: list[tuple[str, str, str, tuple[str, ...]]] = []
    stack = compliant()
    for index, record in enumerate(stack):
        concerned = [rule for rule in all_rules() if rule.applies_to(record.type)]
        for key in record.inputs if concerned else ():
            hidden = replace(record, inputs={**record.inputs, key: UNKNOWN})
            changed = evaluate([*stack[:index], hidden, *stack[index + 1 :]], rules=concerned)
            wrong += [(v.rule, record.name, key, v.messages) for v in changed.failed if v.urn == record.urn]
    # Without property dependencies an unknown reference is a reference to nothing here.
    assert {(rule, key) for rule, _, key, _ in wrong} == set()


TAKEN_AT_ITS_WORD = ["rds-log-group-made"]
"""A group whose name is not known, and which waits for the database's, is taken to be the database's."""


def test_a_weakness_in_a_preview_is_found_or_counted() -> None:
    missed: list[str] = []
    rules = {rule.id: rule for rule in all_rules()}
    for rule_id, mutations in MUTATIONS.items():
        for mutation in mutations:
            applied = mutation.apply(compliant())
            assert applied is not None
            found = evaluate(as_preview(applied[0]), rules=[rules[rule_id]])
            verdicts = [v for v in found.verdicts if v.rule == rule_id]
            if all(v.outcome is Outcome.PASSED for v in verdicts):
                missed.append(rule_id)
    assert missed == TAKEN_AT_ITS_WORD
