"""The guard's findings as lines of a comment: a rename, or a component that goes, is one line."""

from collections.abc import Mapping, Sequence

from ops.guard.judge import Finding, Judgement
from ops.guard.preview import Preview, Step, name_of
from ops.guard.renames import Rename, Renames
from ops.review.model import Kind, Stop

_SHOWN = 3


def stops(judgement: Judgement, previews: Sequence[Preview]) -> list[Stop]:
    """Whatever lacks an approval, and what is wrong with the approvals there are."""
    renames = {preview.stack: Renames(preview.steps) for preview in previews}
    steps = {
        (preview.stack, step.urn): step
        for preview in previews
        for step in preview.steps
        if step.operation == "delete"
    }
    renamed: dict[str, tuple[Rename, list[Finding]]] = {}
    whole: dict[tuple[str, str], list[Finding]] = {}
    rest: list[Stop] = []
    for finding in judgement.open:
        step = steps.get((finding.stack, finding.urn))
        if step is None or finding.operation not in {"delete", "forget"}:
            rest.append(Stop(kind="guard", id=finding.urn, line=finding.line))
        elif (rename := renames[finding.stack].of(step)) is None:
            key = finding.stack, _outermost(step, steps, finding.stack)
            whole.setdefault(key, []).append(finding)
        else:
            renamed.setdefault(rename.old, (rename, []))[1].append(finding)
    found: list[Stop] = [
        *(Stop(kind="guard", id=old, line=_line(rename, lost)) for old, (rename, lost) in renamed.items()),
        *(Stop(kind="guard", id=urn, line=_together(urn, lost)) for (_, urn), lost in whole.items()),
        *rest,
    ]
    for problem in judgement.problems:
        unfinished = problem.startswith("the preview did not finish")
        kind: Kind = "preview" if unfinished else "guard"
        found.append(Stop(kind=kind, id="preview" if unfinished else "approvals", line=problem))
    return found


def _outermost(step: Step, deleted: Mapping[tuple[str, str], Step], stack: str) -> str:
    """The component around the deleted resource that goes with it; itself where that stays."""
    current = step
    while current.old and (around := deleted.get((stack, current.old.parent))) is not None:
        current = around
    return current.urn


def _together(urn: str, lost: Sequence[Finding]) -> str:
    """What is worst says why; the rest is named with it."""
    if len(lost) == 1:
        return lost[0].line
    worst, shown = _ordered(lost)
    return f"{name_of(urn)} goes, which {_verb(lost)} {shown}: {worst.why}; {worst.fix}"


def _verb(lost: Sequence[Finding]) -> str:
    return "deletes" if any(each.operation == "delete" for each in lost) else "forgets"


def _ordered(lost: Sequence[Finding]) -> tuple[Finding, str]:
    """The worst, and the first few by name."""
    ordered = sorted(lost, key=lambda each: ("data store" not in each.what, each.name))
    shown = ", ".join(each.what.split(" ", 1)[1] for each in ordered[:_SHOWN])
    more = f" and {len(ordered) - _SHOWN} more" if len(ordered) > _SHOWN else ""
    return ordered[0], f"{shown}{more}"


def _line(rename: Rename, lost: Sequence[Finding]) -> str:
    worst, shown = _ordered(lost)
    verb = "renamed" if rename.same_parent else "moved"
    return (
        f"{name_of(rename.old)} is {verb} to {name_of(rename.new)} without an alias, which {_verb(lost)} "
        f"{shown}: {worst.why}; keep it with {rename.alias}"
    )
