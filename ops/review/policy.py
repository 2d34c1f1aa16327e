"""The policy pack's report, read from the files that it leaves."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from ops.errors import OpsError
from ops.guard.preview import name_of
from ops.review.model import Finding, Stop

SARIF = "policies.sarif"
_ORDER = ("critical", "high", "medium", "low")
_SHOWN = 3
_SAID = 200
"""Characters of a message in a reason, so that what mends it and the rule still stand in the line."""


@dataclass(frozen=True)
class Report:
    """Counts of verdicts by outcome, and every failure that no waiver covers."""

    counts: Mapping[str, int]
    findings: Sequence[Finding]


def load(folder: Path) -> Report | None:
    """None where the pack left nothing. Raises OpsError for files that cannot be read."""
    plain, sarif = folder / "policies.json", folder / SARIF
    if not plain.exists() or not sarif.exists():
        return None
    try:
        counts = json.loads(plain.read_text(encoding="utf-8"))["summary"]
        [run] = json.loads(sarif.read_text(encoding="utf-8"))["runs"]
        rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
        found = [_finding(each, rules.get(each["ruleId"], {})) for each in run["results"] if _open(each)]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OpsError(f"{folder}: not a report of the policy pack: {error!r}") from error
    found.sort(key=lambda each: (_rank(each.severity), each.rule, each.resource))
    return Report({key: int(count) for key, count in counts.items()}, found)


def stops(report: Report) -> list[Stop]:
    """One line for each rule, however many resources break it; the worst first."""
    by_rule: dict[str, list[Finding]] = {}
    for each in report.findings:
        by_rule.setdefault(each.rule, []).append(each)
    return [Stop(kind="policy", id=rule, line=_line(found)) for rule, found in by_rule.items()]


def _line(found: Sequence[Finding]) -> str:
    first = found[0]
    names = sorted({each.resource for each in found})
    shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    messages = sorted({each.message for each in found}, key=lambda each: (len(each), each))
    said = _cut(messages[0])
    if (more := len(messages) - 1) > 0:
        said += f" (and {more} other message{'' if more == 1 else 's'})"
    severity = f", {first.severity}" if first.severity else ""
    title = f"{first.title}: " if first.title else ""
    mend = f". {first.fix}" if first.fix else ""
    return f"{title}{shown}: {said}{mend} (rule {first.rule}{severity})"


def _cut(message: str) -> str:
    """The first parts of a message that has several, or as much as fits."""
    if len(message) <= _SAID:
        return message
    whole, semicolon, _ = message[: _SAID - 3].rpartition("; ")
    return f"{whole}; and more" if semicolon else f"{message[: _SAID - 3]}..."


def _open(result: Mapping[str, Any]) -> bool:
    return not result.get("suppressions")


def _finding(result: Mapping[str, Any], rule: Mapping[str, Any]) -> Finding:
    urn = str(result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"])
    properties = cast("Mapping[str, Any]", rule.get("properties") or {})
    return Finding(
        rule=str(result["ruleId"]),
        severity=str(properties.get("severity") or ""),
        title=_text(rule, "shortDescription"),
        resource=name_of(urn) if urn.count("::") > 2 else urn or "the stack",
        message=" ".join(str(result["message"]["text"]).split()),
        fix=_text(rule, "help"),
    )


def _text(rule: Mapping[str, Any], key: str) -> str:
    section = cast("Mapping[str, Any]", rule.get(key) or {})
    return str(section.get("text") or "").strip().rstrip(".")


def _rank(severity: str) -> int:
    return _ORDER.index(severity) if severity in _ORDER else 0
