"""What the journal says: entries, and where a rollout stands after them. Nothing here reaches out."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal

from ops.errors import OpsError
from ops.rollout.plan import Plan


class Kind(StrEnum):
    ADOPTED = "adopted"
    """The journal was empty: the stage that config, state and balancer agree on is taken over."""
    REFUSED = "refused"
    """A gate said no. Nothing was changed."""
    BEGUN = "begun"
    """A move starts: nothing was changed before this entry."""
    DIVERTED = "diverted"
    """The emergency write was read back: all traffic is on the old side."""
    APPLIED = "applied"
    """Config, state and balancer are at the end of the move."""
    BAKED = "baked"
    """The stage was watched for its whole time."""
    HELD = "held"
    """There was trouble, and no healthy side to go back to: a person has to decide."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a gate saw, and whether that is enough."""

    gate: str
    ok: bool
    value: str
    needed: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the journal. ``sequence`` counts from 1 without a gap."""

    sequence: int
    kind: Kind
    time: datetime
    operator: str
    start: str
    end: str
    reason: str = ""
    gates: Sequence[Reading] = ()
    target: Mapping[str, str] = field(default_factory=dict[str, str])
    """Where the balancer is, so that the journal alone is enough for an emergency."""
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    """Tells an entry that was written by a call whose answer was lost from somebody else's."""


@dataclass(frozen=True, kw_only=True)
class Move:
    """A move that was begun and is not applied yet."""

    start: str
    end: str
    back: bool
    diverted: bool = False
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Record:
    """Where the rollout stands, by its journal."""

    stage: str | None = None
    """The stage that was applied last; None for an empty journal."""
    move: Move | None = None
    baked: bool = False
    since: datetime | None = None
    """When the stage was applied, by the clock of whoever did it."""
    last: int = 0
    """The number of the last entry."""

    @property
    def at_rest(self) -> bool:
        return self.move is None and self.stage is not None


class JournalError(OpsError):
    """A journal that no run of this tool can have written."""


def fold(plan: Plan, entries: Iterable[Entry]) -> Record:
    """The record after all entries, in order. Raises JournalError for a gap or an illegal move."""
    record = Record()
    for entry in entries:
        if entry.sequence != record.last + 1:
            raise JournalError(
                f"journal: entry {entry.sequence} follows entry {record.last}",
                fix="restore the table to a point in time; until then use rollback --emergency",
            )
        record = replace(_after(plan, record, entry), last=entry.sequence)
    return record


def _after(plan: Plan, record: Record, entry: Entry) -> Record:  # noqa: PLR0911 - one for each kind
    match entry.kind:
        case Kind.ADOPTED if record.stage is None and record.move is None:
            return replace(record, stage=entry.end, since=entry.time, baked=_needs_no_bake(plan, entry.end))
        case Kind.REFUSED | Kind.HELD:
            return record
        case Kind.BEGUN if direction := way(plan, record, entry.end):
            if record.move and record.move.end == entry.end and record.move.back == (direction == "back"):
                return replace(record, move=replace(record.move, reason=entry.reason))
            start = record.stage or entry.start
            back = direction == "back"
            return replace(record, move=Move(start=start, end=entry.end, back=back, reason=entry.reason))
        case Kind.DIVERTED if record.move and record.move.back and record.move.end == plan.first:
            return replace(record, move=replace(record.move, diverted=True))
        case Kind.APPLIED if record.move and entry.end == record.move.end:
            baked = _needs_no_bake(plan, entry.end)
            return replace(record, stage=entry.end, move=None, since=entry.time, baked=baked)
        case Kind.BAKED if record.at_rest and entry.end == record.stage:
            return replace(record, baked=True)
        case _:
            standing = f"stage {record.stage}" + (f", moving to {record.move.end}" if record.move else "")
            raise JournalError(
                f"journal: entry {entry.sequence} ({entry.kind} {entry.end}) cannot follow {standing}"
            )


def way(plan: Plan, record: Record, end: str) -> Literal["forward", "back"] | None:
    """Which way a move to ``end`` would go, and None where it may not begin.

    At rest: one step forward, or back to any lower stage; back to the same stage repairs what has left it. In
    the middle of a move: the same again, or back, no higher than where a step set out or a way back leads.
    A move to the final stage is only finished: its update may have removed the old side already.
    """
    if end not in plan.names or (plan.final is not None and record.stage == plan.final):
        return None
    move = record.move
    if move is not None and not move.back and end == move.end:
        return "forward"
    if move is not None and move.end == plan.final:
        return None
    if move is not None:
        limit = move.end if move.back else move.start
    elif record.stage is not None:
        if end == plan.next(record.stage):
            return "forward"
        limit = record.stage
    else:
        limit = plan.first
    return "back" if plan.place(end) <= plan.place(limit) else None


def _needs_no_bake(plan: Plan, stage: str) -> bool:
    return stage in (plan.first, plan.final)
