"""What must be so before a step forward. Each gate says what it saw and what it needs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ops.cutover.origin import Answer
from ops.evidence import Evidence
from ops.rollout.plan import Plan
from ops.rollout.ports import Alarms, Clock, Traffic
from ops.rollout.record import Reading

CLOCK_LIMIT_SECONDS = 30
"""The journal's times are the operators'; requests are counted between them, by the minute."""
CERTIFICATE_DAYS = 14
"""ACM renews 60 days before the end; a certificate this short was not renewed."""


@dataclass(frozen=True, kw_only=True)
class MigrationGate:
    """The copied data was verified, and not long ago."""

    newest: Callable[[], Evidence | None]
    hours: int
    clock: Clock
    name: str = "migration"

    def read(self, start: str, end: str, since: datetime | None) -> Reading:
        del start, end, since
        needed = f"verified within {self.hours} h"
        found = self.newest()
        if found is None:
            return Reading(
                gate=self.name, ok=False, value="never verified: ops migrate verify", needed=needed
            )
        age = self.clock.now() - found.time
        verdict = "passed" if found.passed else "failed"
        value = f"{verdict} {age.total_seconds() / 3600:.1f} h ago, digest {found.digest[:12]}"
        # A verdict from the future comes from a wrong clock and says nothing of its age.
        fresh = -timedelta(seconds=CLOCK_LIMIT_SECONDS) <= age <= timedelta(hours=self.hours)
        return Reading(gate=self.name, ok=found.passed and fresh, value=value, needed=needed)


@dataclass(frozen=True, kw_only=True)
class PoolsGate:
    """Both sides are healthy; not known counts as down, as it does at Cloudflare."""

    traffic: Traffic
    sides: Sequence[str]
    name: str = "pools"

    def read(self, start: str, end: str, since: datetime | None) -> Reading:
        del start, end, since
        seen = self.traffic.health()
        words = {True: "healthy", False: "unhealthy", None: "unknown"}
        states = {side: seen[side].healthy if side in seen else None for side in self.sides}
        value = ", ".join(f"{side} {words[state]}" for side, state in states.items())
        return Reading(gate=self.name, ok=all(states.values()), value=value, needed="all healthy")


@dataclass(frozen=True, kw_only=True)
class AlarmsGate:
    """Every gate alarm is OK. One without data has not judged anything."""

    alarms: Alarms
    name: str = "alarms"

    def read(self, start: str, end: str, since: datetime | None) -> Reading:
        del start, end, since
        states = self.alarms.read()
        wrong = [f"{each.name} {each.state}" for each in states if each.state != "OK"]
        value = ", ".join(wrong) or f"{len(states)} OK"
        return Reading(gate=self.name, ok=bool(states) and not wrong, value=value, needed="all OK")


@dataclass(frozen=True, kw_only=True)
class RequestsGate:
    """Enough requests reached the new side since the last step, unless the stage sends it none."""

    count: Callable[[datetime, datetime], int]
    minimum: int
    plan: Plan
    clock: Clock
    name: str = "requests"

    def read(self, start: str, end: str, since: datetime | None) -> Reading:
        del end
        needed = f"{self.minimum} since the last step"
        if not self.plan.share(start, self.plan.new):
            return Reading(gate=self.name, ok=True, value=f"not counted at stage {start}", needed=needed)
        if since is None:
            return Reading(gate=self.name, ok=False, value="the last step is not known", needed=needed)
        got = self.count(since, self.clock.now())
        return Reading(gate=self.name, ok=got >= self.minimum, value=str(got), needed=needed)


@dataclass(frozen=True, kw_only=True)
class OriginGate:
    """The new origin has a certificate for its name and answers 200 to it."""

    ask: Callable[[], Answer]
    clock: Clock
    name: str = "origin"

    def read(self, start: str, end: str, since: datetime | None) -> Reading:
        del start, end, since
        answer = self.ask()
        left = (answer.certificate_until - self.clock.now()).days
        return Reading(
            gate=self.name,
            ok=answer.status == 200 and left >= CERTIFICATE_DAYS,
            value=f"status {answer.status}, certificate for {left} days",
            needed=f"status 200, certificate for {CERTIFICATE_DAYS} days",
        )


@dataclass(frozen=True, kw_only=True)
class ClockGate:
    """This machine's clock agrees with AWS's."""

    server_time: Callable[[], datetime | None]
    clock: Clock
    name: str = "clock"

    def read(self, start: str, end: str, since: datetime | None) -> Reading:
        del start, end, since
        needed = f"within {CLOCK_LIMIT_SECONDS} s of AWS"
        theirs = self.server_time()
        if theirs is None:
            return Reading(gate=self.name, ok=False, value="AWS did not say", needed=needed)
        off = (self.clock.now() - theirs.astimezone(UTC)).total_seconds()
        return Reading(
            gate=self.name, ok=abs(off) <= CLOCK_LIMIT_SECONDS, value=f"{off:+.0f} s", needed=needed
        )
