"""Drift for people, for scripts, and as an issue."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console

from ops.drift.find import Drifted, Found

LABEL = "drift"
_ROWS = 200
_PROPERTIES = 6


def marker(stack: str) -> str:
    """The first line of a stack's issue, by which it is found again."""
    return f"<!-- seoul-platform: drift {stack} -->"


def title(found: Found) -> str:
    return f"Drift in {found.stack}: {_resources(len(found.drifted))}"


def verdict(found: Found) -> str:
    """One sentence."""
    looked = f"{_resources(found.looked)} looked at, what is owned at run time left out"
    if found.ok:
        return f"drift: none: stack {found.stack}: {looked}"
    gone = sum(each.kind == "gone" for each in found.drifted)
    return f"drift: found: stack {found.stack}: {_resources(len(found.drifted))} ({gone} gone); {looked}"


def show(console: Console, found: Found) -> None:
    for each in found.drifted:
        line = f"{each.kind} {each.type} {each.name}: {_properties(each) or 'not in the cloud any more'}"
        console.print(line, style="red", markup=False, highlight=False)
    style = "bold green" if found.ok else "bold red"
    console.print(verdict(found), style=style, markup=False, highlight=False)


def as_json(found: Found) -> dict[str, Any]:
    return {"ok": found.ok, "verdict": verdict(found), **asdict(found)}


def as_issue(found: Found, run: str) -> str:
    """The body of a stack's issue; ``run`` is the address of the run that found it."""
    lines = [
        marker(found.stack),
        f"Somebody or something changed `{found.stack}` beside the program. The next deployment may put the "
        "program's values back, without asking why.",
        "",
        "| | system | name | type | properties |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [_row(each) for each in found.drifted[:_ROWS]]
    if len(found.drifted) > _ROWS:
        lines += ["", f"and {len(found.drifted) - _ROWS} more: {run}"]
    lines += ["", f"Found by {run or 'hand'}. What to do: docs/runbooks/drift.md.", ""]
    return "\n".join(lines)


def _row(each: Drifted) -> str:
    properties = _code(_properties(each))
    return f"| {each.kind} | {each.system} | `{_code(each.name)}` | `{each.type}` | {properties} |"


def _properties(each: Drifted) -> str:
    shown: Sequence[str] = each.properties[:_PROPERTIES]
    more = len(each.properties) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _resources(number: int) -> str:
    return f"{number:,} resource{'' if number == 1 else 's'}"


def _code(text: str) -> str:
    return text.replace("|", "\\|").replace("`", "'").replace("<", "&lt;").replace("@", "&#64;")
