"""What in a preview needs an approval, which approvals cover it, and what is wrong with the others."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from ops.guard import guarded, harmless, locks
from ops.guard.approvals import Approval, Operation
from ops.guard.preview import DESTROYING, Preview, Step
from ops.guard.renames import Renames

ENGINE_TYPES = ("pulumi:", "platform:")
"""Stacks, providers and this program's components: nothing in the cloud is lost with them alone."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One resource that a change would lose or unlock."""

    stack: str
    urn: str
    type: str
    name: str
    operation: Operation
    """delete, forget, replace or unlock: what an approval of it says."""
    what: str
    why: str
    fix: str
    approval: Approval | None = None

    @property
    def line(self) -> str:
        return f"{self.what}: {self.why}; {self.fix}"


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """The verdict on one or more previews."""

    findings: Sequence[Finding]
    problems: Sequence[str]
    """Previews that did not finish, and approvals that have expired or approve nothing."""
    stacks: Sequence[str]
    changes: int
    """Steps that are not `same`."""

    @property
    def open(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.approval is None]

    @property
    def ok(self) -> bool:
        return not self.open and not self.problems


def judge(previews: Sequence[Preview], approvals: Sequence[Approval], today: date) -> Judgement:
    """Every finding with the approval that covers it. An approval of another stack is left alone until that
    stack's preview comes, unless it has expired."""
    findings = [finding for preview in previews for finding in _findings(preview)]
    valid = {(each.urn, each.operation): each for each in approvals if not each.expired(today)}
    covered = [replace(finding, approval=valid.get((finding.urn, finding.operation))) for finding in findings]
    stacks = [preview.stack for preview in previews]
    problems = [f"the preview did not finish: {error}" for preview in previews for error in preview.errors]
    needed = {(finding.urn, finding.operation) for finding in findings}
    for each in approvals:
        said = f"approval to {each.operation} {each.urn} ({each.owner})"
        if each.expired(today):
            problems.append(f"{said} expired on {each.expires}: take it out, or have it renewed")
        elif each.stack in stacks and (each.urn, each.operation) not in needed:
            problems.append(f"{said} approves nothing in this preview: take it out")
    return Judgement(
        findings=covered,
        problems=problems,
        stacks=stacks,
        changes=sum(step.operation != "same" for preview in previews for step in preview.steps),
    )


def _findings(preview: Preview) -> Iterator[Finding]:
    renames = Renames(preview.steps)
    lost: set[str] = set()
    for step in preview.steps:
        if step.type.startswith(ENGINE_TYPES):
            continue
        if step.operation in DESTROYING:
            if step.urn in lost:
                continue
            finding = _loss(preview, step, renames)
            if finding:
                lost.add(step.urn)
                yield finding
        elif step.old and step.new:
            yield from _unlocked(preview, step)


def _loss(preview: Preview, step: Step, renames: Renames) -> Finding | None:
    """A finding for a step that destroys something guarded, or something that nobody has judged."""
    known = guarded.lost_with(step.type)
    if known:
        kind, why = known
        label = str(kind)
    elif harmless.why_harmless(step.type):
        return None
    else:
        label = "type that nobody has judged"
        why = "it may hold data: list the type in ops/guard/guarded.py or ops/guard/harmless.py"
    retained = bool(step.old and step.old.retain_on_delete)
    if step.operation != "delete":
        changed = ", ".join(step.replacing) or "a property"
        return _finding(
            preview,
            step,
            "replace",
            what=f"replaces {step.type} {step.name} ({label})",
            why=f"another {changed} makes a new, empty one{'' if retained else ' and deletes this'}: {why}",
            fix=f"keep {changed} as it is, or copy over what it holds and approve the replacement",
        )
    rename = renames.of(step)
    if rename:
        mend = f"if {rename.new} is the same thing renamed or moved, keep it with {rename.alias}"
    elif step.old and step.old.protect:
        mend = "put it back; it is protected, so the update would stop here"
    else:
        mend = "put it back into the program"
    if retained:
        return _finding(
            preview,
            step,
            "forget",
            what=f"forgets {step.type} {step.name} ({label})",
            why="it stays in the cloud, where nothing manages, watches or pays attention to it",
            fix=f"{mend}, or approve forgetting it",
        )
    return _finding(
        preview,
        step,
        "delete",
        what=f"deletes {step.type} {step.name} ({label})",
        why=why,
        fix=f"{mend}, or approve the deletion",
    )


def _unlocked(preview: Preview, step: Step) -> Iterator[Finding]:
    """One finding for all the locks that a step lifts from a resource."""
    if not step.old or not step.new:
        return
    known = guarded.lost_with(step.type)
    lifted = [
        f"{lock.path} from {_show(lock.before)} to {_show(lock.after)} ({lock.why})"
        for lock in locks.lifted(step.type, step.old.inputs, step.new.inputs)
    ]
    if step.old.protect and not step.new.protect:
        lifted.append("protect (the engine no longer refuses its deletion)")
    if step.old.retain_on_delete and not step.new.retain_on_delete:
        lifted.append("retainOnDelete (leaving the program then deletes it)")
    if lifted:
        yield _finding(
            preview,
            step,
            "unlock",
            what=f"unlocks {step.type} {step.name} ({known[0] if known else 'locked on purpose'})",
            why=f"lifts {', '.join(lifted)}; the next change may lose it"
            + (f": {known[1]}" if known else ""),
            fix="leave the lock as it is, or approve the unlock",
        )


def _finding(preview: Preview, step: Step, operation: Operation, *, what: str, why: str, fix: str) -> Finding:
    return Finding(
        stack=preview.stack,
        urn=step.urn,
        type=step.type,
        name=step.name,
        operation=operation,
        what=what,
        why=why,
        fix=fix,
    )


def _show(value: object) -> str:
    if value is None:
        return "unset"
    return str(value).lower() if isinstance(value, bool) else str(value)
