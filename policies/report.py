"""A run as files: text for people, JSON for machines, SARIF for pull requests."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
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
_ELEMENT: Final = re.compile(r"\.\d+|(?<=policy) .*$| statement .*$")
"""What tells one element of a list or one statement from another."""

_ANCHOR: Final = "__main__.py"
"""SARIF wants a file; a resource is declared by the program as a whole."""


def as_json(evaluation: Evaluation) -> dict[str, Any]:
    """Counts, in all and by rule, and every verdict that is not a pass."""
    by_rule: dict[str, Counter[str]] = {}
    for verdict in evaluation.verdicts:
        by_rule.setdefault(verdict.rule, Counter())[_key(verdict.outcome)] += 1
    return {
        "summary": {
            "rules": evaluation.rules,
            "resources": evaluation.resources,
            **{_key(outcome): count for outcome, count in evaluation.counts().items()},
        },
        "rules": {rule: dict(sorted(by_rule[rule].items())) for rule in sorted(by_rule)},
        "verdicts": [_verdict(v) for v in evaluation.verdicts if v.outcome is not Outcome.PASSED],
        "mended": [{"rule": m.rule, "urn": m.urn, "paths": list(m.paths)} for m in evaluation.mended],
    }


def _key(outcome: str) -> str:
    return outcome.replace(" ", "_")


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
    """``policies.json`` and ``policies.sarif`` in ``folder``, which is made if need be; the first two paths.

    ``policies.txt`` lies beside them.
    """
    listed = tuple(rules)
    folder.mkdir(parents=True, exist_ok=True)
    plain, sarif = folder / "policies.json", folder / "policies.sarif"
    plain.write_text(json.dumps(as_json(evaluation), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    sarif.write_text(
        json.dumps(as_sarif(evaluation, listed), indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    (folder / "policies.txt").write_text(text(evaluation, listed) + "\n", encoding="utf-8")
    return plain, sarif


def text(evaluation: Evaluation, rules: Iterable[Rule]) -> str:
    """The run for people, grouped by resource, the worst first: what is wrong, why, and how to mend it.

    What could not be judged follows, with the property that stood in the way, and then one line of counts.
    """
    known = {rule.id: rule for rule in rules}
    by_urn: dict[str, list[Verdict]] = {}
    for verdict in evaluation.failed:
        by_urn.setdefault(verdict.urn, []).append(verdict)
    lines: list[str] = []
    for urn in sorted(by_urn, key=lambda urn: (min(_rank(v, known) for v in by_urn[urn]), _called(urn))):
        lines += [_called(urn), *_findings(by_urn[urn], known), ""]
    lines += [f"mended {m.rule} on {_called(m.urn)}: {', '.join(m.paths)}" for m in evaluation.mended]
    return "\n".join([*lines, *_waiting(evaluation), evaluation.summary()])


def _findings(verdicts: Iterable[Verdict], known: Mapping[str, Rule]) -> Iterator[str]:
    for verdict in sorted(verdicts, key=lambda v: (_rank(v, known), v.rule)):
        rule = known.get(verdict.rule)
        yield f"  {verdict.rule}: " + (f"{rule.title} ({rule.severity})" if rule else "waivers are in date")
        yield from (f"    {message}" for message in verdict.messages)
        if rule:
            yield from (f"    why: {rule.why}", f"    fix: {rule.fix}")


def _rank(verdict: Verdict, known: Mapping[str, Rule]) -> int:
    order = [Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW]
    return order.index(known[verdict.rule].severity) if verdict.rule in known else 0


def _called(urn: str) -> str:
    """``name (type)``: a URN is long, and both are in it."""
    parts = urn.split("::")
    return f"{parts[-1]} ({parts[2].split('$')[-1]})" if len(parts) > 3 else urn or WAIVERS_RULE


def _waiting(evaluation: Evaluation) -> Iterator[str]:
    """Why verdicts are missing, the commonest reason first."""
    waiting = evaluation.having(Outcome.NOT_EVALUATED)
    if not waiting:
        return
    yield "Not evaluated, because a value is made by the cloud or is not of this stack:"
    reasons: dict[str, list[Verdict]] = {}
    for verdict in waiting:
        kind = verdict.urn.split("::")[2].split("$")[-1] if "::" in verdict.urn else verdict.urn
        reasons.setdefault(f"{_ELEMENT.sub('', verdict.unknown)} of {kind}", []).append(verdict)
    for reason, found in sorted(reasons.items(), key=lambda item: (-len(item[1]), item[0])):
        rules = sorted({verdict.rule for verdict in found})
        shown = ", ".join(rules[:3]) + (f" and {len(rules) - 3} more" if len(rules) > 3 else "")
        resources = len({verdict.urn for verdict in found})
        yield f"  {reason}: {len(found)} verdicts on {resources} resources ({shown})"
    yield ""
