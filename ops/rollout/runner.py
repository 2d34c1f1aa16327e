"""Drives a rollout: forward through its gates, the bake, and the way back. Safe to kill at any instant.

Every move is in the journal before anything is changed and after it was read back, so that the next run knows
what to finish. ``moving`` has the steps of a move.
"""

import contextlib
from collections.abc import Generator
from dataclasses import dataclass

from ops.errors import Exit, OpsError
from ops.rollout.moving import Mover, Outcome
from ops.rollout.plan import Plan
from ops.rollout.record import Kind, Reading, Record, fold, way
from ops.rollout.status import Status, disagreements, read_status
from ops.rollout.watching import Limits, Ports, way_out


@dataclass(frozen=True, kw_only=True)
class Intent:
    """What a move forward would do."""

    start: str
    end: str
    gates: tuple[Reading, ...]

    @property
    def allowed(self) -> bool:
        return all(reading.ok for reading in self.gates)


class Rollout:
    """The verbs. ``operator`` goes into the journal."""

    def __init__(self, plan: Plan, ports: Ports, limits: Limits, *, operator: str) -> None:
        self.plan = plan
        self.ports = ports
        self.limits = limits
        self._mover = Mover(plan, ports, limits, operator=operator)

    def record(self) -> Record:
        return fold(self.plan, self.ports.journal.entries())

    def intent(self, end: str | None = None) -> Intent:
        """A dry run of ``forward``: reads everything, takes no lock and writes nothing.

        Raises OpsError where the move may not begin.
        """
        record = self.record()
        if record.stage is None:
            stage = self._agreed_stage()
            record = Record(stage=stage, baked=stage == self.plan.first)
        end = self._destination(record, end)
        if record.move is None:
            self._check_rest(record, end)
        start = record.stage or end
        return Intent(start=start, end=end, gates=tuple(self._mover.read_gates(start, end, record.since)))

    def forward(self, end: str | None = None, *, reason: str = "", watch: bool = True) -> Outcome:
        """One step forward, with its gates and its bake. Finishes first what a killed run left open.

        Raises OpsError: REFUSED before anything was changed, INCOMPLETE where a person has to act.
        """
        with self._locked("a step forward"):
            record = self._adopted()
            if record.move is not None and record.move.back:
                return self._mover.back(record, record.move.end, reason=record.move.reason)
            end = self._destination(record, end)
            if record.move is None:
                self._check_rest(record, end)
            start = record.stage or end
            if record.move is not None and end == self.plan.final:
                # Its gates said yes, and the old side may be gone: there is nothing to judge any more.
                return self._mover.forward(start, end, reason="resumed", gates=())
            readings = self._mover.read_gates(start, end, record.since)
            self.ports.screen.gates(readings)
            refused = [reading for reading in readings if not reading.ok]
            if refused:
                said = "; ".join(f"{each.gate}: {each.value}, needed: {each.needed}" for each in refused)
                self._mover.append(Kind.REFUSED, start, end, reason=said, gates=readings)
                if record.move is not None:
                    return self._mover.retreat(f"resumed, and a gate says no: {said}")
                raise OpsError(
                    f"{start} -> {end}: {len(refused)} of {len(readings)} gates say no: {said}",
                    fix="mend what the gate names and run this again; nothing was changed",
                    exit_code=Exit.REFUSED,
                )
            outcome = self._mover.forward(start, end, reason=reason, gates=readings)
            if outcome.exit_code is not Exit.OK or not watch or end == self.plan.final:
                return outcome
            return self._mover.bake(end)

    def watch(self) -> Outcome:
        """Watch the stage for its whole time, anew; finish first what a killed run left open."""
        with self._locked("a watch"):
            record = self._adopted()
            if record.move is not None and record.move.back:
                return self._mover.back(record, record.move.end, reason=record.move.reason)
        if record.move is not None:
            return self.forward(record.move.end, reason="resumed by watch")
        with self._locked("a watch"):
            record = self.record()
            if record.stage is None or record.stage in (self.plan.first, self.plan.final):
                return Outcome(
                    exit_code=Exit.OK, stage=record.stage, message=f"nothing to watch at {record.stage}"
                )
            return self._mover.bake(record.stage)

    def back(self, end: str | None = None, *, reason: str, force: bool = False) -> Outcome:
        """Back to a lower stage, by default to all on the old side; takes the lock from whoever has it.

        Raises OpsError: REFUSED where the old side is known to be down and ``force`` is not given.
        """
        end = end or self.plan.first
        if not force and way_out(self.plan, self.ports.traffic.latest()) == "hold":
            raise OpsError(
                f"the {self.plan.old} side is unhealthy and the {self.plan.new} side answers",
                fix="repeat with --force if the old side is better all the same",
                exit_code=Exit.REFUSED,
            )
        try:
            self.ports.lock.seize("a way back")
            record = self.record()
        except OpsError as error:
            if end != self.plan.first:
                raise
            self._mover.divert()
            raise OpsError(
                f"all new sessions go to the {self.plan.old} side, "
                f"but the journal is not to be had: {error.message}",
                fix="run rollback again when it is, so that config and state follow",
                exit_code=Exit.INCOMPLETE,
            ) from error
        with self._releasing():
            if record.stage is None and record.move is None:
                record = self._adopted_if_agreed(end)
            if way(self.plan, record, end) != "back":
                raise OpsError(
                    f"{_standing(record)} -> {end}: not a way back",
                    fix="a lower stage; a move to the final one is only finished, by watch",
                    exit_code=Exit.REFUSED,
                )
            return self._mover.back(record, end, reason=reason)

    def status(self) -> Status:
        """Reads all that can be read; raises nothing for what cannot."""
        return read_status(self.plan, self.ports)

    def _adopted(self) -> Record:
        """The record; of an empty journal, after taking over the stage that all the rest agrees on."""
        record = self.record()
        if record.stage is None and record.move is None:
            stage = self._agreed_stage()
            self._mover.append(Kind.ADOPTED, stage, stage, reason="first use of the journal")
            record = self.record()
        return record

    def _adopted_if_agreed(self, end: str) -> Record:
        """The record of an empty journal; all on the old side may be wanted because nothing agrees."""
        try:
            return self._adopted()
        except OpsError:
            if end != self.plan.first:
                raise
            return self.record()

    def _agreed_stage(self) -> str:
        deployed, configured = self.ports.deployment.deployed(), self.ports.deployment.configured()
        live = self.ports.traffic.read()
        wrong = self.plan.differences(deployed, live)
        if configured != deployed:
            wrong.append(f"config is at stage {configured}, state at {deployed}")
        if wrong:
            raise OpsError(
                f"the journal is empty, and what is deployed does not agree: {'; '.join(wrong)}",
                fix="pulumi up --refresh, or rollback",
                exit_code=Exit.REFUSED,
            )
        return deployed

    def _destination(self, record: Record, end: str | None) -> str:
        standing = record.stage or self.plan.first
        wanted = end or (record.move.end if record.move else self.plan.next(standing))
        if wanted is None or way(self.plan, record, wanted) != "forward":
            following = record.move.end if record.move else self.plan.next(standing)
            raise OpsError(
                f"{_standing(record)} -> {wanted or 'further'}: not a step forward",
                fix=f"the only step forward is to {following}" if following else "the cutover is committed",
                exit_code=Exit.REFUSED,
            )
        return wanted

    def _check_rest(self, record: Record, end: str) -> None:
        """Raises OpsError unless config, state and balancer are at the recorded stage, and it was watched."""
        stage = record.stage or self.plan.first
        wrong = disagreements(
            self.plan,
            record,
            self.ports.deployment.configured(),
            self.ports.deployment.deployed(),
            self.ports.traffic.read(),
        )
        if wrong:
            raise OpsError(
                f"stage {stage} is not what is there: {'; '.join(wrong)}",
                fix=f"rollback --to {stage} makes all agree again, rollback puts everything on the old side",
                exit_code=Exit.REFUSED,
            )
        if not record.baked:
            raise OpsError(
                f"{stage} -> {end}: stage {stage} was not watched for its {self.limits.bake / 60:g} minutes",
                fix="watch",
                exit_code=Exit.REFUSED,
            )

    @contextlib.contextmanager
    def _locked(self, purpose: str) -> Generator[None]:
        self.ports.lock.acquire(purpose)
        with self._releasing():
            yield

    @contextlib.contextmanager
    def _releasing(self) -> Generator[None]:
        try:
            yield
        finally:
            self._mover.updates.wait(locked=False)
            try:
                self.ports.lock.release()
            except OpsError as error:
                self.ports.screen.say(f"the lock was not released; it expires: {error.message}", level="warn")


def _standing(record: Record) -> str:
    return f"{record.stage}" + (f" (moving to {record.move.end})" if record.move else "")
