"""The control matrix: every rule in one document. ``python -m policies.matrix`` writes it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from policies.evaluation import WAIVERS_RULE
from policies.exempt import EXEMPT
from policies.rule import ANY, Enforcement, Rule, all_rules

FILE: Final = Path(__file__).resolve().parent.parent / "docs" / "policies.md"
_HEADER: Final = """\
# Control matrix

Generated from the rules by `python -m policies.matrix`; a test fails when it is out of date.

M is mandatory in prod and advisory in dev, A is advisory. S marks a rule that follows references through the
whole stack, P one that holds outside dev alone. An exception is an entry of `policies/waivers.yaml`: rule,
URN pattern, reason, owner and last day. An expired or unused entry fails as `{waivers}`.

| rules | M | A | S | with an FSBP control | with a CIS control |
| --- | --- | --- | --- | --- | --- |
| {rules} | {mandatory} | {advisory} | {stack} | {fsbp} | {cis} |
"""


def render(rules: Iterable[Rule] | None = None) -> str:
    """The document as Markdown."""
    listed = list(all_rules() if rules is None else rules)
    head = _HEADER.format(
        waivers=WAIVERS_RULE,
        rules=len(listed) + 1,
        mandatory=sum(rule.enforcement is not Enforcement.A for rule in listed) + 1,
        advisory=sum(rule.enforcement is Enforcement.A for rule in listed),
        stack=sum(rule.stack for rule in listed) + 1,
        fsbp=sum(bool(rule.fsbp) for rule in listed),
        cis=sum(bool(rule.cis) for rule in listed),
    )
    services = sorted({rule.service for rule in listed})
    sections = [
        _section(service, [rule for rule in listed if rule.service == service]) for service in services
    ]
    return "\n".join([head, *sections, _controls(listed), _exempt()])


def _section(service: str, rules: list[Rule]) -> str:
    lines = [f"## {service.strip('_').replace('_', ' ')}", ""]
    lines += ["| rule | demand | level | severity | controls | why | mend |", "| --- " * 7 + "|"]
    for rule in rules:
        controls = ", ".join([*rule.fsbp, *(f"CIS {number}" for number in rule.cis)]) or "own"
        level = str(rule.enforcement) + ("S" if rule.stack else "") + ("P" if rule.prod_only else "")
        cells = [f"`{rule.id}`", rule.title, level, str(rule.severity), controls, rule.why, rule.fix]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join([*lines, ""])


def _controls(rules: list[Rule]) -> str:
    held: dict[str, list[str]] = {}
    for rule in rules:
        for control in (*rule.fsbp, *(f"CIS {number}" for number in rule.cis)):
            held.setdefault(control, []).append(f"`{rule.id}`")
    rows = [f"| {control} | {', '.join(held[control])} |" for control in sorted(held, key=_by_number)]
    return "\n".join(["## Controls", "", "| control | rules |", "| --- | --- |", *rows, ""])


def _by_number(control: str) -> tuple[str, list[int]]:
    service, _, number = control.replace("CIS ", "CIS.").partition(".")
    return service, [int(part) for part in number.split(".")]


def _exempt() -> str:
    rows = [f"| `{token}` | {reason} |" for token, reason in sorted(EXEMPT.items())]
    head = ["## Types without a rule of their own", "", "| type | reason |", "| --- | --- |"]
    return "\n".join([*head, *rows, ""])


def covered(token: str, rules: Iterable[Rule]) -> bool:
    """Whether a rule looks at the type for its own sake; tags and region apply to everything."""
    general = {"tags-required", "region-allowed"}
    return any(token in rule.types and ANY not in rule.types for rule in rules if rule.id not in general)


def main() -> None:
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main()
