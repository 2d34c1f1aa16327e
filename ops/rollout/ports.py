"""What a rollout needs of the world. Each port may raise OpsError, and must do so within its time limit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ops.errors import Exit, OpsError
from ops.rollout.plan import Live
from ops.rollout.record import Entry, Reading


class PortError(OpsError):
    """Something outside did not answer, or answered with an error. Whether it acted is not known."""


class LockHeldError(OpsError):
    """Somebody else is at work."""

    def __init__(self, message: str, *, fix: str | None = None) -> None:
        super().__init__(message, fix=fix, exit_code=Exit.REFUSED)


class LockLostError(OpsError):
    """Somebody else took over: this run must not write any more."""

    def __init__(self, message: str) -> None:
        super().__init__(message, exit_code=Exit.INCOMPLETE)


class Clock(Protocol):
    def now(self) -> datetime:
        """The time of day in UTC, for people and the journal; it may be wrong."""
        ...

    def monotonic(self) -> float:
        """Seconds that only go forward; every time limit is measured with these."""
        ...

    def sleep(self, seconds: float) -> None: ...


class Lock(Protocol):
    def acquire(self, purpose: str) -> None:
        """Raises LockHeldError while somebody else is alive and holds it."""
        ...

    def seize(self, purpose: str) -> None:
        """Take it from whoever has it: they stop at their next renewal."""
        ...

    def renew(self) -> None:
        """Raises LockLostError once somebody else has it."""
        ...

    def release(self) -> None: ...


class Journal(Protocol):
    def entries(self) -> Sequence[Entry]: ...

    def append(self, entry: Entry) -> None:
        """Written once, even if called again for want of an answer. Raises LockLostError."""
        ...


@dataclass(frozen=True, kw_only=True)
class Side:
    """The health of one side, by the balancer's own checks."""

    healthy: bool | None
    """None: not known, which counts as down for a gate."""
    detail: str = ""


class Traffic(Protocol):
    """The balancer."""

    def read(self) -> Live: ...

    def health(self) -> Mapping[str, Side]:
        """By side."""
        ...

    def divert(self) -> None:
        """The emergency write: everything to the old side, at once, without deployment or state."""
        ...

    def target(self) -> Mapping[str, str]:
        """What ``divert`` needs to find the balancer, for the journal."""
        ...


@dataclass(frozen=True, kw_only=True)
class AlarmState:
    name: str
    state: str
    """OK, ALARM, INSUFFICIENT_DATA, or MISSING for one that does not exist."""
    reason: str = ""


class Alarms(Protocol):
    def read(self) -> Sequence[AlarmState]: ...


class Update(Protocol):
    """A deployment under way."""

    def wait(self, seconds: float) -> bool:
        """Wait that long at most; whether it has ended."""
        ...

    def result(self) -> None:
        """Once it has ended: raises PortError if it failed."""
        ...


class Deployment(Protocol):
    """The stage in the stack's config, and the engine that makes it so."""

    def configured(self) -> str:
        """The stage in the stack's config."""
        ...

    def deployed(self) -> str:
        """The stage in the engine's state."""
        ...

    def configure(self, stage: str) -> None: ...

    def check(self) -> None:
        """Raises OpsError where the config holds changes that nobody decided to deploy."""
        ...

    def update(self, *, repair: bool) -> Update:
        """Start an update. ``repair``: first read what is live, since an emergency write changed it."""
        ...


class Gate(Protocol):
    def read(self, start: str, end: str, since: datetime | None) -> Reading: ...


@dataclass(frozen=True, kw_only=True)
class View:
    """One look at everything, for the display and the report."""

    stage: str | None
    moving_to: str | None = None
    live: Live | None = None
    sides: Mapping[str, Side] | None = None
    alarms: Sequence[AlarmState] = ()
    troubles: Sequence[str] = ()
    blind: Sequence[str] = ()
    baked_seconds: float = 0
    bake_seconds: float = 0


class Screen(Protocol):
    """What an operator sees."""

    def say(self, text: str, *, level: str = "info") -> None:
        """``level``: info, good, warn or bad."""
        ...

    def gates(self, readings: Sequence[Reading]) -> None: ...

    def view(self, view: View) -> None: ...
