"""The steps of one move, each safe to repeat: journal, write, read back, journal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ops.errors import Exit, OpsError
from ops.rollout.diverting import divert
from ops.rollout.plan import Plan
from ops.rollout.ports import LockLostError
from ops.rollout.record import Entry, Kind, Reading, Record, fold
from ops.rollout.updating import Updates, view_of
from ops.rollout.watching import Limits, Look, Ports, Watch, way_out

_READ_BACKS = 3
_PAUSE_SECONDS = 2.0
_UPDATES = 3
"""How often the update of a way back is tried: the first may meet the lock of the one it takes back."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a verb ended, without an error."""

    exit_code: Exit
    stage: str | None
    message: str


class Mover:
    """Moves of one rollout, under the lock that its caller holds."""

    def __init__(self, plan: Plan, ports: Ports, limits: Limits, *, operator: str) -> None:
        self._plan = plan
        self._ports = ports
        self._limits = limits
        self._operator = operator
        self.updates = Updates(plan, ports, limits)

    def append(
        self, kind: Kind, start: str, end: str, *, reason: str = "", gates: Sequence[Reading] = ()
    ) -> None:
        """Write the next entry. Raises LockLostError or PortError."""
        before = self._ports.journal.entries()
        entry = Entry(
            sequence=len(before) + 1,
            kind=kind,
            time=self._ports.clock.now(),
            operator=self._operator,
            start=start,
            end=end,
            reason=reason,
            gates=tuple(gates),
            target=self._ports.traffic.target(),
        )
        fold(self._plan, [*before, entry])  # what could not be read again is not written
        self._ports.journal.append(entry)
        self._ports.screen.say(f"journal {entry.sequence}: {kind} {start} -> {end}")

    def read_gates(self, start: str, end: str, since: datetime | None) -> list[Reading]:
        """What every gate sees; one that cannot be read says no."""
        readings: list[Reading] = []
        for gate in self._ports.gates:
            try:
                readings.append(gate.read(start, end, since))
            except OpsError as error:
                name = getattr(gate, "name", type(gate).__name__)
                readings.append(Reading(gate=name, ok=False, value=error.message, needed="an answer"))
        return readings

    def forward(self, start: str, end: str, *, reason: str, gates: Sequence[Reading]) -> Outcome:
        """Config, update, read-back; back to the old side at the first trouble, unless the old side goes.

        Raises LockLostError, and OpsError with INCOMPLETE on the way to the final stage.
        """
        self.append(Kind.BEGUN, start, end, reason=reason, gates=gates)
        try:
            problem = self._step(end)
            if problem is None:
                self.append(Kind.APPLIED, start, end)
        except LockLostError:
            raise
        except OpsError as error:
            problem = error.message
        if problem is not None and end == self._plan.final:
            raise OpsError(
                f"on the way to {end}: {problem}",
                fix="there is no way back from here: commit again finishes it",
                exit_code=Exit.INCOMPLETE,
            )
        if problem is not None:
            return self.retreat(problem)
        self._ports.screen.say(f"stage {end}: what is live is what was asked for", level="good")
        return Outcome(exit_code=Exit.OK, stage=end, message=f"stage {end} is applied")

    def _step(self, end: str) -> str | None:
        """Bring the stack to a stage; returns what was wrong."""
        self._ports.lock.renew()
        self._ports.deployment.check()
        if end == self._plan.final:
            self._bring(end, repair=False)
            return None
        self._ports.deployment.configure(end)
        problem = self.updates.under_watch(end)
        if problem is None:
            self._ports.lock.renew()
            wrong = self._read_back(end)
            problem = f"after the update: {'; '.join(wrong)}" if wrong else None
        return problem

    def bake(self, stage: str) -> Outcome:
        """Watch the stage for its whole time; any trouble starts the way back, or starts the time anew."""
        watch = Watch(plan=self._plan, ports=self._ports, limits=self._limits)
        clock = self._ports.clock
        begun = clock.monotonic()
        held_since: float | None = None
        self._ports.screen.say(f"stage {stage}: watched for {self._limits.bake / 60:g} minutes")
        while True:
            look = watch.look(stage)
            now = clock.monotonic()
            if look.troubles:
                begun = now
                if way_out(self._plan, look.sides) == "back":
                    return self.retreat("; ".join(look.troubles), at=stage)
                held_since = self._hold(stage, look, held_since, now)
            elif not look.blind:
                held_since = None
                if now - begun >= self._limits.bake:
                    self.append(Kind.BAKED, stage, stage)
                    self._show(stage, look, self._limits.bake)
                    message = (
                        f"stage {stage} was watched for {self._limits.bake / 60:g} minutes without trouble"
                    )
                    return Outcome(exit_code=Exit.OK, stage=stage, message=message)
            self._show(stage, look, now - begun)
            clock.sleep(max(0.1, min(self._limits.poll, begun + self._limits.bake - now)))

    def _hold(self, stage: str, look: Look, since: float | None, now: float) -> float:
        """Trouble without a healthy side to go back to. Raises OpsError once nobody has decided for long."""
        said = "; ".join(look.troubles)
        if since is None:
            self.append(Kind.HELD, stage, stage, reason=said)
            self._ports.screen.say(
                f"held at {stage}, the {self._plan.old} side is down as well: {said}", level="bad"
            )
            return now
        if now - since > self._limits.hold:
            raise OpsError(
                f"held at {stage} for {self._limits.hold / 60:g} minutes: {said}",
                fix=f"mend the {self._plan.old} side and run watch; or rollback --force",
                exit_code=Exit.INCOMPLETE,
            )
        return since

    def retreat(self, problem: str, *, at: str | None = None) -> Outcome:
        """All the way back to the old side, because of trouble. Raises OpsError where that is down too."""
        self._ports.screen.say(f"rolling back: {problem}", level="bad")
        if way_out(self._plan, self._ports.traffic.latest()) == "hold":
            self.append(Kind.HELD, at or self._plan.first, at or self._plan.first, reason=problem)
            raise OpsError(
                f"{problem}; and the {self._plan.old} side is down, so nothing was moved",
                fix="watch resumes; rollback --force goes back all the same",
                exit_code=Exit.INCOMPLETE,
            )
        try:
            record = fold(self._plan, self._ports.journal.entries())
        except OpsError:
            record = Record(stage=at)
        return self.back(record, self._plan.first, reason=problem)

    def back(self, record: Record, end: str, *, reason: str) -> Outcome:
        """The emergency write at once if all goes to the old side; then config and state.

        A journal that does not answer delays neither. Raises OpsError with INCOMPLETE where a part is left.
        """
        start = record.stage or self._plan.last
        begun = self._begin_back(start, end, reason)
        try:
            if end == self._plan.first:
                self.divert()
                if not begun:
                    self.append(Kind.BEGUN, start, end, reason=reason)
                self.append(Kind.DIVERTED, start, end)
            elif not begun:
                self.append(Kind.BEGUN, start, end, reason=reason)
            self.updates.wait(locked=True)
            self._bring(end, repair=True)
            self.append(Kind.APPLIED, start, end)
        except LockLostError:
            raise
        except OpsError as error:
            raise OpsError(
                f"on the way back to {end}: {error.message}",
                fix=error.fix or "rollback finishes it",
                exit_code=Exit.INCOMPLETE,
            ) from error
        self._ports.screen.say(f"stage {end}: what is live is what was asked for", level="good")
        return Outcome(exit_code=Exit.ROLLED_BACK, stage=end, message=f"rolled back to {end}: {reason}")

    def _begin_back(self, start: str, end: str, reason: str) -> bool:
        try:
            self.append(Kind.BEGUN, start, end, reason=reason)
        except LockLostError:
            raise
        except OpsError as error:
            self._ports.screen.say(
                f"the journal does not answer, the traffic goes back first: {error.message}", level="bad"
            )
            return False
        return True

    def divert(self) -> None:
        """Raises OpsError after its time limit."""
        divert(
            self._ports.traffic, self._plan, self._ports.clock, self._limits.divert, self._ports.screen.say
        )

    def _bring(self, end: str, *, repair: bool) -> None:
        """Config and state. Tried again, since an update of this or another run may hold the stack."""
        problem = ""
        for attempt in range(_UPDATES):
            if attempt:
                self._ports.screen.say(f"update, again: {problem}", level="warn")
                self._wait(self._limits.poll)
            try:
                self._ports.lock.renew()
                self._ports.deployment.configure(end)
                self.updates.run(repair=repair)
                wrong = self._read_back(end)
            except LockLostError:
                raise
            except OpsError as error:
                problem = error.message
                continue
            if not wrong:
                return
            problem = "; ".join(wrong)
        raise OpsError(problem, fix="mend what the update names, then run this again")

    def _wait(self, seconds: float) -> None:
        self.updates.renew()
        self._ports.clock.sleep(seconds)

    def _read_back(self, stage: str) -> list[str]:
        """What the balancer still has otherwise, after a moment's patience."""
        wrong: list[str] = []
        for attempt in range(_READ_BACKS):
            if attempt:
                self._ports.clock.sleep(_PAUSE_SECONDS)
            try:
                wrong = self._plan.differences(stage, self._ports.traffic.read())
            except OpsError as error:
                wrong = [f"not read: {error.message}"]
            if not wrong:
                break
        return wrong

    def _show(self, stage: str, look: Look, baked: float) -> None:
        self._ports.screen.view(view_of(look, stage=stage, baked=baked, bake=self._limits.bake))
