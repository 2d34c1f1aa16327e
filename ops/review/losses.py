"""The guard's findings as lines of a comment: a rename is one line, however much is in it."""

from collections.abc import Sequence

from ops.guard.judge import Finding, Judgement
from ops.guard.preview import Preview, name_of
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
    found: list[Stop] = []
    for finding in judgement.open:
        step = steps.get((finding.stack, finding.urn))
        gone = step is not None and finding.operation in {"delete", "forget"}
        rename = renames[finding.stack].of(step) if step and gone else None
        if rename is None:
            found.append(Stop(kind="guard", id=finding.urn, line=finding.line))
        else:
            renamed.setdefault(rename.old, (rename, []))[1].append(finding)
    found = [
        *(Stop(kind="guard", id=old, line=_line(rename, lost)) for old, (rename, lost) in renamed.items()),
        *found,
    ]
    for problem in judgement.problems:
        unfinished = problem.startswith("the preview did not finish")
        kind: Kind = "preview" if unfinished else "guard"
        found.append(Stop(kind=kind, id="preview" if unfinished else "approvals", line=problem))
    return found


def _line(rename: Rename, lost: Sequence[Finding]) -> str:
    worst = sorted(lost, key=lambda each: ("data store" not in each.what, each.name))
    shown = ", ".join(each.what.split(" ", 1)[1] for each in worst[:_SHOWN])
    more = f" and {len(worst) - _SHOWN} more" if len(worst) > _SHOWN else ""
    verb = "renamed" if rename.same_parent else "moved"
    outcome = "deletes" if any(each.operation == "delete" for each in worst) else "forgets"
    return (
        f"{name_of(rename.old)} is {verb} to {name_of(rename.new)} without an alias, which {outcome} "
        f"{shown}{more}: {worst[0].why}; keep it with {rename.alias}"
    )
