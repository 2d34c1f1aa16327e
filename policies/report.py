"""A run as files: JSON for machines, SARIF for pull requests."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from policies.evaluation import WAIVERS_RULE, Evaluation, Outcome, Verdict
from policies.rule import Rule, Severity

_SARIF_LEVEL: Final = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
}
_SARIF_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_ANCHOR: Final = "__main__.py"
"""SARIF wants a file; a resource is declared by the program as a whole."""


def as_json(evaluation: Evaluation) -> dict[str, Any]:
    """Counts, and every verdict that is not a pass."""
    return {
        "summary": {
            "rules": evaluation.rules,
            "resources": evaluation.resources,
            **{outcome.replace(" ", "_"): count for outcome, count in evaluation.counts().items()},
        },
        "verdicts": [_verdict(v) for v in evaluation.verdicts if v.outcome is not Outcome.PASSED],
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    found: dict[str, Any] = {"rule": verdict.rule, "urn": verdict.urn, "outcome": str(verdict.outcome)}
    if verdict.messages:
        found["messages"] = list(verdict.messages)
    if verdict.unknown:
        found["unknown"] = verdict.unknown
    return found


def as_sarif(evaluation: Evaluation, rules: Iterable[Rule]) -> dict[str, Any]:
    """SARIF 2.1.0. A waived failure is a suppressed result, so that reviewers still see it."""
    known = {rule.id: rule for rule in rules}
    shown = [v for v in evaluation.verdicts if v.outcome in (Outcome.FAILED, Outcome.WAIVED)]
    named = sorted({verdict.rule for verdict in shown})
    return {
        "$schema": _SARIF_SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "seoul-platform-policies",
                        "rules": [_descriptor(rule_id, known.get(rule_id)) for rule_id in named],
                    }
                },
                "results": [_result(verdict, known.get(verdict.rule)) for verdict in shown],
            }
        ],
    }


def _descriptor(rule_id: str, rule: Rule | None) -> dict[str, Any]:
    if rule is None:
        return {"id": rule_id}
    return {
        "id": rule_id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": rule.fix},
        "properties": {"tags": [*rule.fsbp, *(f"CIS {n}" for n in rule.cis)], "severity": str(rule.severity)},
    }


def _result(verdict: Verdict, rule: Rule | None) -> dict[str, Any]:
    level = _SARIF_LEVEL[rule.severity] if rule else "error"
    found: dict[str, Any] = {
        "ruleId": verdict.rule,
        "level": level,
        "message": {"text": "; ".join(verdict.messages)},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": _ANCHOR}},
                "logicalLocations": [{"fullyQualifiedName": verdict.urn, "kind": "resource"}],
            }
        ],
    }
    if verdict.outcome is Outcome.WAIVED:
        found["suppressions"] = [{"kind": "inSource", "justification": "policies/waivers.yaml"}]
    return found


def write(evaluation: Evaluation, rules: Iterable[Rule], folder: Path) -> tuple[Path, Path]:
    """``policies.json`` and ``policies.sarif`` in ``folder``, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    plain, sarif = folder / "policies.json", folder / "policies.sarif"
    plain.write_text(json.dumps(as_json(evaluation), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    sarif.write_text(
        json.dumps(as_sarif(evaluation, rules), indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    return plain, sarif


def text(evaluation: Evaluation, rules: Iterable[Rule]) -> str:
    """Failures for a terminal, grouped by rule: what is wrong, why it matters, how to mend it."""
    known = {rule.id: rule for rule in rules}
    lines: list[str] = []
    for rule_id in sorted({verdict.rule for verdict in evaluation.failed}):
        rule = known.get(rule_id)
        lines.append(f"{rule_id}: {rule.title}" if rule else f"{rule_id}: waivers are in date and in use")
        for verdict in evaluation.failed:
            if verdict.rule == rule_id:
                lines += [
                    f"  {verdict.urn.rsplit('::', 1)[-1] or WAIVERS_RULE}: {m}" for m in verdict.messages
                ]
        if rule:
            lines += [f"  why: {rule.why}", f"  fix: {rule.fix}"]
    return "\n".join([*lines, evaluation.summary()])
