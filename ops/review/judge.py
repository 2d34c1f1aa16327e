"""A stack's review out of one preview document: every check asked, every approval accounted for."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ops.cost import difference
from ops.cost.estimate import Estimate, estimate
from ops.cost.free import FREE
from ops.cost.plan import read_plan, systems_of
from ops.cost.prices import load_prices
from ops.cost.services import PRICERS
from ops.cost.usage import load_usage
from ops.guard import judge as guard
from ops.guard import report as guard_report
from ops.guard.approvals import Approval as LossApproval
from ops.guard.preview import Preview, parse
from ops.review import losses, money, policy, tags
from ops.review.limits import Limits
from ops.review.model import Change, Cost, Review, Stop

QUIET = frozenset({"same", "read", "refresh"})
_TAGS_RULE = "tags-required"


@dataclass(frozen=True, kw_only=True)
class Given:
    """What the review is made of."""

    stack: str
    document: str
    """Of ``pulumi preview --json --show-sames``, against the state that the change starts from."""
    policies: policy.Report | None
    against: str
    simulated: bool
    seconds: float
    approvals: Sequence[LossApproval]
    limits: Limits
    today: date


def review(given: Given) -> Review:
    """Raises OpsError for a document that cannot be read, or a stack without limits."""
    limit = given.limits.of(given.stack)
    previews = parse(given.document, f"preview of {given.stack}")
    judgement = guard.judge(previews, given.approvals, given.today)
    document = json.loads(given.document)
    unfinished = any(preview.errors for preview in previews)
    costs = _unknown(given.stack) if unfinished else _costs(document, given.stack)
    over = money.stops(costs, limit)
    dropped = _dropped(previews, given.policies)
    asked = [*over, *((stop, 0.0) for stop in [*money.unpriced(costs), *dropped])]
    passed, open_, wrong = _approve(asked, given)
    found = losses.stops(judgement, previews)
    if given.policies is None:
        line = "the policy pack left no report: the preview ended before it, or ran without it"
        found.append(Stop(kind="preview", id="policies", line=line))
    else:
        found += policy.stops(given.policies)
    changed = [step for preview in previews for step in preview.steps if step.operation not in QUIET]
    return Review(
        stack=given.stack,
        against=given.against,
        simulated=given.simulated,
        counts=dict(Counter(_outcome(preview) for each in previews for preview in each.steps)),
        stops=(*found, *open_, *wrong),
        approved=(*_approved(judgement), *passed),
        notes=("the cost is not known: the preview did not finish",) if unfinished else (),
        changes=_changes(document, [step.urn for step in changed]),
        cost_before=round(costs.before.total, 2),
        cost_after=round(costs.after.total, 2),
        unpriced=costs.newly_unpriced,
        costs=tuple(
            Cost(system=each.system, item=each.item, before=round(each.before, 2), after=round(each.after, 2))
            for each in costs.moved
        ),
        policies=dict(given.policies.counts) if given.policies else {},
        findings=tuple(given.policies.findings) if given.policies else (),
        approvals=guard_report.template(judgement.open) if judgement.open else "",
        seconds=round(given.seconds, 1),
    )


def _dropped(previews: Sequence[Preview], report: policy.Report | None) -> list[Stop]:
    """Tags that are dropped, without those which the pack's own rule names already."""
    said = " ".join(each.message for each in report.findings if each.rule == _TAGS_RULE) if report else ""
    named = {word.strip(",") for word in said.split()}
    return [stop for stop in tags.stops(previews) if stop.id.removeprefix("tags:") not in named]


def _approve(asked: Sequence[tuple[Stop, float]], given: Given) -> tuple[list[str], list[Stop], list[Stop]]:
    """What passes, what stays open, and what is wrong with the approvals."""
    held = {each.stop: each for each in given.limits.approvals if each.stack == given.stack}
    passed: list[str] = []
    open_: list[Stop] = []
    for stop, usd in asked:
        approval = held.get(stop.id)
        enough = approval is not None and (approval.up_to_usd is None or usd <= approval.up_to_usd)
        if approval is not None and enough and given.today <= approval.expires:
            said = f"approved by {approval.owner} until {approval.expires}: {approval.reason}"
            passed.append(f"{stop.line}: {said}")
        elif approval is not None and not enough:
            line = f"{stop.line}; approved were {approval.up_to_usd:,.2f} USD more ({approval.owner})"
            open_.append(stop.model_copy(update={"line": line}))
        else:
            open_.append(stop)
    needed = {stop.id for stop, _ in asked}
    wrong: list[Stop] = []
    for name, each in held.items():
        said = f"approval of {name} in ops/review/limits.yaml ({each.owner})"
        kind = "cost" if name.startswith("cost:") else "tags"
        if given.today > each.expires:
            line = f"{said} expired on {each.expires}: take it out, or have it renewed"
            wrong.append(Stop(kind=kind, id="approvals", line=line))
        elif name not in needed:
            wrong.append(Stop(kind=kind, id="approvals", line=f"{said} is not needed: take it out"))
    return passed, open_, wrong


def _approved(judgement: guard.Judgement) -> list[str]:
    return [
        f"{each.what}: approved by {each.approval.owner} until {each.approval.expires}: "
        f"{' '.join(each.approval.reason.split())}"
        for each in judgement.findings
        if each.approval
    ]


def _outcome(step: Any) -> str:
    """A replacement is three steps of the engine and one thing to a reader."""
    return "replace" if step.operation == "create-replacement" else str(step.operation)


def _changes(document: Mapping[str, Any], urns: Sequence[str]) -> tuple[Change, ...]:
    wanted, found = set(urns), list[Change]()
    steps = document.get("steps") or ()
    system_of = systems_of(str(step["urn"]) for step in steps)
    for step in steps:
        operation = str(step["op"])
        if step["urn"] not in wanted or operation in {"replace", "delete-replaced", *QUIET}:
            continue
        urn = str(step["urn"])
        detailed = sorted({str(key).split(".")[0].split("[")[0] for key in step.get("detailedDiff") or ()})
        found.append(
            Change(
                operation="replace" if operation == "create-replacement" else operation,
                type=urn.split("::")[2].rpartition("$")[2],
                name=urn.split("::", 3)[3],
                system=system_of(urn),
                properties=tuple(detailed),
            )
        )
    order = ("delete", "replace", "update", "create")
    rank = {operation: index for index, operation in enumerate(order)}
    found.sort(key=lambda each: (each.system, rank.get(each.operation, len(order)), each.type, each.name))
    return tuple(found)


def _unknown(stack: str) -> difference.Difference:
    nothing = Estimate(stack, (), ())
    return difference.compare(nothing, nothing)


def _costs(document: Mapping[str, Any], stack: str) -> difference.Difference:
    prices, usage = load_prices(), load_usage()

    def priced(when: Any) -> Estimate:
        plan = read_plan(document, f"preview of {stack}", when=when)
        return estimate(plan, prices, usage, pricers=PRICERS, free=FREE)

    if not any(step.get("oldState") for step in document.get("steps") or ()):
        return difference.compare(Estimate(stack, (), ()), priced("after"))
    return difference.compare(priced("before"), priced("after"))
