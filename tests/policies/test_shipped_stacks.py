"""The stacks as shipped raise nothing, and every rule notices when any of their systems is weakened."""

from collections.abc import Callable, Iterator
from time import process_time

import pytest

from policies.evaluation import WAIVERS_RULE, Outcome
from policies.exempt import EXEMPT
from policies.matrix import covered
from policies.model import Record
from policies.report import text
from policies.rule import Rule
from policies.tokens import canonical
from tests.policies.graphs import CONFIGS, RULES, STACKS, baseline, graph, judged, system_of, verdicts
from tests.policies.mutation_table_found import FOUND
from tests.policies.mutation_tables import MUTATIONS
from tests.policies.mutations import Mutation

PACKAGES = ("aws:", "cloudflare:", "kubernetes:")
MILLISECONDS = 1.0
"""For each resource, all rules together."""

ONE_INSTANCE = ("rds-two-instances", "safework-database-cluster")
"""SafeWork's economy profile has no reader: an owner who wants it in prod says so in a waiver."""

ENDS = ("migration-source-secret", "migration-target-secret")
NOT_ROTATED = {("secret-rotated", f"safework-{end}") for end in ENDS}
"""Logins of a database move are worth nothing after it, so nothing rotates them."""

WEAKER_ON_PURPOSE = {
    ("prod", "other"): {ONE_INSTANCE},
    ("prod", "turned"): {ONE_INSTANCE, *NOT_ROTATED},
    ("dev", "turned"): NOT_ROTATED,
}

NOTHING_TO_WEAKEN = {
    "dynamodb-in-backup-plan",  # waived: the tables of the stacks are in no plan
    "eventbridge-own-dead-letters",  # no bus of an application as shipped
    "elb-health-checked-by-tls",  # waived for every target group
    "elb-targets-by-tls",
    "rds-own-port",  # waived for every database
    "route53-failover-checked",  # dev has one region
    "route53-failover-paired",
    "secret-copy-own-key",
}
"""Rules that look at something in some stack and find it waived, or without the choice that concerns them."""

NO_CONCERN = {
    ("sqs-consumed-with-dead-letters", "Sesami"): "a pipe reads it, which pipe-dead-letter is for",
    ("sqs-visibility", "PetClinic"): "no function reads a queue",
    ("sqs-visibility", "Sesami"): "no function reads a queue",
}

over_graphs = pytest.mark.parametrize(
    ("stack", "kind"), [(stack, kind) for stack in STACKS for kind in CONFIGS]
)


@over_graphs
def test_the_stack_raises_nothing(stack: str, kind: str) -> None:
    # A waiver may have nothing to do in a profile that the stack is not shipped in.
    failed = [v for v in baseline(stack, kind).failed if kind == "shipped" or v.rule != WAIVERS_RULE]
    found = {(v.rule, v.urn.rsplit("::", 1)[-1]) for v in failed}
    assert found == WEAKER_ON_PURPOSE.get((stack, kind), set()), text(baseline(stack, kind), RULES)


@over_graphs
def test_nothing_known_goes_unevaluated(stack: str, kind: str) -> None:
    assert baseline(stack, kind).having(Outcome.NOT_EVALUATED) == []


def test_every_system_is_in_the_graphs() -> None:
    for stack in STACKS:
        systems = {system_of(record.urn) for record in graph(stack, "shipped")}
        assert systems >= {"CurrencyTravel", "PetClinic", "SafeWork", "Sesami", "WorkRedesign"}


def test_the_rules_are_not_what_a_preview_waits_for() -> None:
    """Processor time, of the best of three, so that a busy machine does not decide."""
    recorded = list(graph("prod", "shipped"))
    spent: list[float] = []
    for _ in range(3):
        start = process_time()
        judged("prod", recorded)
        spent.append(process_time() - start)
    assert 1000 * min(spent) / len(recorded) < MILLISECONDS


@over_graphs
def test_every_type_has_a_rule_or_a_reason(stack: str, kind: str) -> None:
    types = {canonical(r.type) for r in graph(stack, kind) if r.type.startswith(PACKAGES)}
    assert {token for token in types if not covered(token, RULES)} - set(EXEMPT) == set()


def test_no_exempt_type_has_a_rule() -> None:
    assert {token for token in EXEMPT if covered(token, RULES)} == set()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
@over_graphs
def test_a_weakened_system_trips_the_rule(stack: str, kind: str, rule: Rule) -> None:
    """In each system of which the rule looks at something and a mutation finds what to weaken.

    That nothing else fires is proved on the small stack, where looking at every rule is cheap.
    """
    before = {v.urn: v.messages for v in baseline(stack, kind).verdicts if v.rule == rule.id}
    if not before:
        pytest.skip("this stack has nothing for it")

    def trips(changed: list[Record]) -> bool:
        after = verdicts(stack, kind, changed, rule)
        return any(v.messages and before.get(v.urn) != v.messages for v in after)

    mutations = [*(m for m in MUTATIONS[rule.id] if m.portable), *FOUND.get(rule.id, ())]
    unnoticed: list[str] = []
    proved = False
    for system in sorted({system_of(urn) for urn in before}):
        recorded = _from(system, graph(stack, kind))
        answers = {_noticed(mutation, recorded, trips, system) for mutation in mutations}
        proved |= True in answers
        if False in answers and True not in answers and (rule.id, system) not in NO_CONCERN:
            unnoticed.append(system or "the account")
    assert unnoticed == []
    assert proved or rule.id in NOTHING_TO_WEAKEN


def _from(system: str, recorded: tuple[Record, ...]) -> list[Record]:
    """The stack with a system's resources in front, where a mutation looks first."""
    return sorted(recorded, key=lambda record: system_of(record.urn) != system)


def _noticed(
    mutation: Mutation, records: list[Record], trips: Callable[[list[Record]], bool], system: str
) -> bool | None:
    """Whether the rule notices the mutation of some resource of the system; None where there is none.

    A type may also serve where the rule has nothing to say: not every queue feeds a pipe. What a mutation
    adds belongs to no system, and must be noticed in any.
    """
    answer: bool | None = None
    known = {record.urn for record in records}
    for changed, touched in _each(mutation, records):
        if touched in known and system_of(touched) != system:
            break
        answer = trips(changed)
        if answer:
            break
    return answer


def _each(mutation: Mutation, records: list[Record]) -> Iterator[tuple[list[Record], str]]:
    """The mutation applied to one candidate after another: what was touched goes to the end."""
    seen: set[str] = set()
    while (applied := mutation.apply(records)) is not None and applied[1] not in seen:
        yield applied
        seen.add(applied[1])
        records = sorted(records, key=lambda record: record.urn == applied[1])
