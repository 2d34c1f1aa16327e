"""The guard's answer: lines for people, JSON for scripts, Markdown for a pull request."""

from collections.abc import Sequence
from typing import Any

import yaml
from rich.console import Console

from ops.guard.judge import Finding, Judgement


def verdict(judgement: Judgement) -> str:
    """One sentence."""
    where = f"stack {', '.join(judgement.stacks)}"
    counted = f"{judgement.changes:,} change{'' if judgement.changes == 1 else 's'}"
    approved = len(judgement.findings) - len(judgement.open)
    if judgement.ok:
        rest = f"{approved} approved" if approved else "nothing guarded is lost or unlocked"
        return f"guard: passed: {where}: {counted}, {rest}"
    parts = [f"{len(judgement.open)} without an approval"] if judgement.open else []
    if judgement.problems:
        parts.append(f"{len(judgement.problems)} problem{'' if len(judgement.problems) == 1 else 's'}")
    return f"guard: failed: {where}: {counted}, {', '.join(parts)}"


def show(console: Console, judgement: Judgement) -> None:
    """A line for each finding and problem, the approvals to fill in, the verdict last."""
    for finding in judgement.findings:
        if finding.approval is None:
            console.print(finding.line, style="red", markup=False, highlight=False)
        else:
            console.print(_approved(finding), style="yellow", markup=False, highlight=False)
    for problem in judgement.problems:
        console.print(problem, style="red", markup=False, highlight=False)
    if judgement.open:
        console.print(
            "\nTo approve, fill in and commit to the approvals file:", markup=False, highlight=False
        )
        console.print(template(judgement.open), markup=False, highlight=False)
    console.print(
        verdict(judgement), style="bold green" if judgement.ok else "bold red", markup=False, highlight=False
    )


def template(findings: Sequence[Finding]) -> str:
    """Entries for the approvals file; the empty values are the approver's to write."""
    entries = [
        {"urn": each.urn, "operation": each.operation, "reason": "", "owner": "", "expires": ""}
        for each in findings
    ]
    return yaml.safe_dump(entries, sort_keys=False, width=1000).rstrip()


def as_json(judgement: Judgement) -> dict[str, Any]:
    """Everything, for a script."""
    return {
        "ok": judgement.ok,
        "verdict": verdict(judgement),
        "stacks": list(judgement.stacks),
        "changes": judgement.changes,
        "findings": [
            {
                **{key: value for key, value in vars(finding).items() if key != "approval"},
                "approval": finding.approval.model_dump(mode="json") if finding.approval else None,
            }
            for finding in judgement.findings
        ],
        "problems": list(judgement.problems),
    }


def as_markdown(judgement: Judgement) -> str:
    """A comment for a pull request: verdict, table, and the approvals to fill in."""
    lines = [f"### {'Guard passed' if judgement.ok else 'Guard failed'}", "", verdict(judgement), ""]
    if judgement.findings:
        lines += ["| | what | why it matters | how to mend |", "| --- | --- | --- | --- |"]
        for each in judgement.findings:
            mark, fix = ("approved", _by(each)) if each.approval else ("**open**", each.fix)
            lines.append(f"| {mark} | {_cell(each.what)} | {_cell(each.why)} | {_cell(fix)} |")
        lines.append("")
    lines += [f"- {_escape(problem)}" for problem in judgement.problems]
    if judgement.problems:
        lines.append("")
    if judgement.open:
        lines += [
            "<details><summary>Approvals to fill in</summary>",
            "",
            "```yaml",
            template(judgement.open),
            "```",
            "",
            "</details>",
            "",
        ]
    return "\n".join(lines)


def _approved(finding: Finding) -> str:
    return f"{finding.what}: {_by(finding)}"


def _by(finding: Finding) -> str:
    approval = finding.approval
    return (
        f"approved by {approval.owner} until {approval.expires}: {' '.join(approval.reason.split())}"
        if approval
        else ""
    )


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_")


def _cell(text: str) -> str:
    return _escape(" ".join(text.split())).replace("|", "\\|")
