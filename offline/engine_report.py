"""What the engine said of a run: its output passed on, its events counted, several runs as one table."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pulumi.automation import EngineEvent

QUIET_OPERATIONS = frozenset({"same", "read", "refresh"})
COLUMNS = ("create", "update", "replace", "delete", "same")
ECHO = re.compile(r"^(?P<before>.*)error: an unhandled error occurred: (?P<text>.*)$")
OWN_ANALYZER = "warning: using pulumi-analyzer-policy-python from $PATH"
"""The engine's remark on a program that this package puts there itself: no news to anyone."""

ANSI = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class Recorder:
    """Counts what the engine does and finds. One per run."""

    changed: list[str] = field(default_factory=list[str])
    changes: dict[str, int] = field(default_factory=dict[str, int])
    policy: Counter[str] = field(default_factory=Counter[str])

    def event(self, event: EngineEvent) -> None:
        """Take in one event of the engine."""
        if event.resource_pre_event:
            step = event.resource_pre_event.metadata
            if str(step.op.value) not in QUIET_OPERATIONS:
                properties = ", ".join(sorted(step.detailed_diff or step.diffs or []))
                self.changed.append(
                    f"{step.op.value} {step.urn}" + (f" ({properties})" if properties else "")
                )
        if event.policy_event:
            self.policy[event.policy_event.enforcement_level] += 1
        if event.summary_event:
            self.changes = {
                str(getattr(operation, "value", operation)): count
                for operation, count in event.summary_event.resource_changes.items()
            }


class OncePrinter:
    """Passes the engine's lines on, without its remarks on how it was set up here, and each error once.

    A language host logs the error of a program and returns it; the engine prints both.
    """

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._copy: list[str] = []
        self.lines: list[str] = []

    def __call__(self, line: str) -> None:
        plain = ANSI.sub("", line)
        if OWN_ANALYZER in plain:
            return
        echo = ECHO.match(plain)
        if echo:
            original = f"{echo['before']}error: {echo['text']}"
            self._copy = self.lines[self._last(original) + 1 :] if original in self.lines else []
            return
        if self._copy and plain == self._copy[0]:
            del self._copy[0]
            return
        self._copy = []
        self.lines.append(plain)
        self._write(line)

    def _last(self, line: str) -> int:
        return len(self.lines) - 1 - self.lines[::-1].index(line)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One operation on one stack."""

    stack: str
    operation: str
    ok: bool
    seconds: float
    changes: Mapping[str, int] = field(default_factory=dict[str, int])
    changed: Sequence[str] = ()
    policy: Mapping[str, int] = field(default_factory=dict[str, int])
    output: str = ""
    problem: str = ""

    @property
    def unchanged(self) -> bool:
        """Whether the engine would do nothing."""
        return not self.changed


def table(outcomes: Sequence[Outcome]) -> str:
    """Several runs, a line each: counts by operation, policy findings, seconds."""
    header = ("stack", "operation", "result", *COLUMNS, "policy", "seconds")
    rows = [header, *(_row(outcome) for outcome in outcomes)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(header))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column < 3 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _row(outcome: Outcome) -> tuple[str, ...]:
    counts = (str(outcome.changes.get(column, 0)) for column in COLUMNS)
    found = ", ".join(f"{count} {level}" for level, count in sorted(outcome.policy.items())) or "-"
    result = "ok" if outcome.ok else "FAILED"
    return (outcome.stack, outcome.operation, result, *counts, found, f"{outcome.seconds:.1f}")
