"""A plan of taking a stack away: what is done in which order, how long it takes, and what stays."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Phase(StrEnum):
    """The order of a tear-down. Nothing of a phase begins before the one above it is done."""

    COPY = "copy"
    UNLOCK = "unlock"
    EMPTY = "empty"
    DELETE = "delete"
    AFTER = "after"


PURPOSE = {
    Phase.COPY: "Copies under names that are free, before anything can be lost",
    Phase.UNLOCK: "First deployment: take the locks off, and delete nothing",
    Phase.EMPTY: "What AWS will not delete while something is in it",
    Phase.DELETE: "Second deployment: delete, and what it waits for",
    Phase.AFTER: "What stays behind, and until when",
}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing to do, or to know, about one or several resources."""

    phase: Phase
    title: str
    names: Sequence[str]
    """Physical names, as AWS knows them."""
    commands: Sequence[str] = ()
    """For a person to run; one command may serve several names."""
    minutes: tuple[int, int] = (0, 0)
    """How long it usually takes and how long it may, in minutes, waiting included. What one phase waits for,
    it waits for at once."""
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The steps of a stack, or of one of its systems, in order."""

    stack: str
    systems: Sequence[str]
    resources: int
    """Resources in the state that the second deployment deletes or forgets."""
    steps: Sequence[Step]

    def of(self, phase: Phase) -> list[Step]:
        return [step for step in self.steps if step.phase == phase]

    @property
    def minutes(self) -> tuple[int, int]:
        """From the first copy to the last deletion. The steps of a phase run side by side."""
        usual = [max((step.minutes[0] for step in self.of(phase)), default=0) for phase in Phase]
        worst = [max((step.minutes[1] for step in self.of(phase)), default=0) for phase in Phase]
        return sum(usual), sum(worst)
