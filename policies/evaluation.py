"""Rules over resources: one verdict for each rule and each resource it applies to."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from policies.model import Graph, Record, Resource
from policies.rule import Found, Rule, all_rules
from policies.settings import PackConfig
from policies.values import NotEvaluatedError
from policies.waivers import Waiver

WAIVERS_RULE = "waivers-valid"


class Outcome(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    WAIVED = "waived"
    NOT_EVALUATED = "not evaluated"


@dataclass(frozen=True)
class Verdict:
    """``messages`` say what is wrong; ``unknown`` is the property that stood in the way."""

    rule: str
    urn: str
    outcome: Outcome
    messages: tuple[str, ...] = ()
    unknown: str = ""


@dataclass(frozen=True)
class Mended:
    """What a remediation set right before the resource was judged."""

    rule: str
    urn: str
    paths: tuple[str, ...]


@dataclass
class Evaluation:
    """Every verdict of a run, and the numbers people ask for."""

    verdicts: list[Verdict] = field(default_factory=list[Verdict])
    mended: list[Mended] = field(default_factory=list["Mended"])
    resources: int = 0
    rules: int = 0

    def having(self, outcome: Outcome) -> list[Verdict]:
        return [verdict for verdict in self.verdicts if verdict.outcome is outcome]

    @property
    def failed(self) -> list[Verdict]:
        return self.having(Outcome.FAILED)

    def counts(self) -> dict[Outcome, int]:
        counted = Counter(verdict.outcome for verdict in self.verdicts)
        return {outcome: counted[outcome] for outcome in Outcome}

    def summary(self) -> str:
        """One line for a terminal."""
        n = self.counts()
        mended = f", {len(self.mended):,} mended" if self.mended else ""
        return (
            f"policies: {self.rules} rules, {self.resources} resources: {n[Outcome.PASSED]:,} passed, "
            f"{n[Outcome.FAILED]:,} failed, {n[Outcome.WAIVED]:,} waived, "
            f"{n[Outcome.NOT_EVALUATED]:,} not evaluated until up{mended}"
        )


def judge(rule: Rule, resource: Resource, graph: Graph, waivers: Sequence[Waiver] = ()) -> Verdict:
    """One rule on one resource. A failure that is found outweighs a value that is unknown."""
    messages: list[str] = []
    unknown = ""
    try:
        for message in _answers(rule.check(resource, graph)):
            messages.append(message)  # noqa: PERF402 - what was found before an unknown must be kept
    except NotEvaluatedError as error:
        unknown = error.path
    except Exception as error:
        error.add_note(f"while rule {rule.id} looked at {resource.urn}")
        raise
    if messages:
        waived = any(w.covers(rule.id, resource.urn, resource.config.today) for w in waivers)
        outcome = Outcome.WAIVED if waived else Outcome.FAILED
        return Verdict(rule.id, resource.urn, outcome, tuple(messages))
    if unknown:
        return Verdict(rule.id, resource.urn, Outcome.NOT_EVALUATED, unknown=unknown)
    return Verdict(rule.id, resource.urn, Outcome.PASSED)


def _answers(found: Found) -> Iterator[str]:
    if isinstance(found, str):
        yield found
    elif found is not None:
        yield from (message for message in found if message)


def applicable(rules: Iterable[Rule], config: PackConfig) -> list[Rule]:
    """Rules that apply in this environment, are of a chosen pack, and are not disabled."""
    return [rule for rule in rules if applies(rule, config)]


def applies(rule: Rule, config: PackConfig) -> bool:
    """Whether the rule is asked at all under these settings."""
    if rule.prod_only and config.relaxed:
        return False
    if config.levels.get(rule.id) == "disabled":
        return False
    return rule.id in config.levels or not config.packs or bool(config.packs & rule.packs)


def waiver_verdicts(waivers: Sequence[Waiver], verdicts: Iterable[Verdict], graph: Graph) -> list[Verdict]:
    """The verdict of :data:`WAIVERS_RULE`: an expired waiver, or one that waived nothing, fails.

    A waiver of a rule that was not asked here is neither, nor is one of a rule that has nothing to look at: a
    stack with one system keeps the waivers of all.
    """
    config = graph.config
    types = {resource.type for resource in graph.resources}
    asked = {
        rule.id
        for rule in applicable(all_rules(), replace(config, environment="prod"))
        if any(map(rule.applies_to, types))
    }
    stack_urn = next((stack.urn for stack in graph.of("pulumi:pulumi:Stack")), "")
    systems = {system for r in graph.resources if isinstance(system := r.raw("tags.system"), str)}
    waived = [verdict for verdict in verdicts if verdict.outcome is Outcome.WAIVED]
    messages: list[str] = []
    for waiver in waivers:
        if waiver.rule not in asked:
            continue
        what = f"{waiver.rule} for {waiver.urn} ({waiver.owner}: {waiver.reason})"
        if waiver.expired(config.today):
            messages.append(f"expired on {waiver.expires}: {what}; mend the resource or renew the waiver")
        elif waiver.concerns(stack_urn, systems) and not any(
            waiver.covers(v.rule, v.urn, config.today) for v in waived
        ):
            messages.append(f"unused: {what}; nothing it names fails any more, so remove it")
    outcome = Outcome.FAILED if messages else Outcome.PASSED
    return [Verdict(WAIVERS_RULE, stack_urn, outcome, tuple(messages))]


def evaluate(
    records: Iterable[Record],
    config: PackConfig | None = None,
    *,
    rules: Iterable[Rule] | None = None,
    waivers: Sequence[Waiver] = (),
    overrides: Mapping[str, Mapping[str, Any]] | None = None,
) -> Evaluation:
    """Every applicable rule over a whole graph, as the engine would run the pack.

    ``overrides`` is the pack configuration by rule id; settings not given keep the defaults here as well.
    """
    base = config or PackConfig()
    chosen = applicable(all_rules() if rules is None else rules, base)
    resources = [Resource(record, base) for record in records]
    graph = Graph(resources, base)
    result = Evaluation(resources=len(resources), rules=len(chosen) + 1)
    for rule in chosen:
        settings = base.with_settings((overrides or {}).get(rule.id, {}))
        for resource in resources:
            if rule.applies_to(resource.type):
                result.verdicts.append(judge(rule, resource.configured(settings), graph, waivers))
    result.verdicts.extend(waiver_verdicts(waivers, result.verdicts, graph))
    return result
