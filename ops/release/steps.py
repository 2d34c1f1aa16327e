"""The steps of a release, each safe to repeat, and the way back."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ops.errors import Exit, OpsError
from ops.release import migration
from ops.release.deployment import Deployment
from ops.release.images import ImageFile
from ops.release.journal import BEGUN, FINISHED, Entry, Journal, now
from ops.state import State

BACK = "back"
Verify = Callable[[State], tuple[bool, str]]


@dataclass(frozen=True, kw_only=True)
class Ports:
    """What a release reaches."""

    file: ImageFile
    deployment: Deployment
    ecs: Callable[[], Any]
    verify: Verify
    journal: Journal
    say: Callable[[str], None]
    push: Callable[[], None] | None = None
    """Brings the images to their repositories. Raises OpsError (refused)."""
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, kw_only=True)
class Plan:
    """``wanted`` and ``previous`` are digests by role; ``previous`` lacks a role that was never deployed."""

    system: str
    stack: str
    wanted: Mapping[str, str]
    previous: Mapping[str, str]
    release: str
    """The same for the same digests: by it a task that was started before a kill is found again."""
    operator: str
    migration_timeout: float


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How it ended, and where the time went."""

    exit_code: Exit
    line: str
    seconds: Mapping[str, float] = field(default_factory=dict[str, float])


class Release:
    """One release, from its plan to its end."""

    def __init__(self, plan: Plan, ports: Ports) -> None:
        self._plan = plan
        self._ports = ports
        self._seconds: dict[str, float] = {}

    def run(self) -> Outcome:
        """Everything. A failure after the settings were changed goes back; what cannot go back says so.

        Raises OpsError (refused) where a push fails: the release has not begun by then.
        """
        if self._ports.push:
            self._step("push", self._ports.push)
        self._write(BEGUN)
        try:
            migrated = self._forward()
        except OpsError as error:
            return self.back(error.message)
        if not migrated.ok:
            return self.back(migrated.line)
        return self._end(Exit.OK, f"released {_short(self._plan.wanted)}")

    def _forward(self) -> migration.Ran:
        ports, plan = self._ports, self._plan
        self._step("configure", lambda: ports.file.write(plan.wanted))
        found = migration.of(ports.deployment.outputs(ports.deployment.state()))
        if found:
            self._step("register", ports.deployment.update_migration)
            ran = self._step("migrate", lambda: self._migrate(found))
            ports.say(ran.line)
            if not ran.ok:
                return ran
        self._step("update", ports.deployment.update)
        ok, line = self._step("verify", self._verify)
        return migration.Ran(ok=ok, line=line)

    def _verify(self) -> tuple[bool, str]:
        return self._ports.verify(self._ports.deployment.state().only([self._plan.system]))

    def _migrate(self, found: migration.Migration) -> migration.Ran:
        newest = self._ports.deployment.migration(self._ports.deployment.state())
        return migration.run(
            self._ports.ecs(),
            found.model_copy(update={"task_definition": newest}) if newest else found,
            self._plan.release,
            timeout=self._plan.migration_timeout,
            sleep=self._ports.sleep,
            clock=self._ports.clock,
        )

    def back(self, why: str) -> Outcome:
        """To the digests that were recorded before the first step, and verified there."""
        ports, plan = self._ports, self._plan
        missing = sorted(set(plan.wanted) - set(plan.previous))
        self._write(BACK, why)
        ports.say(f"going back: {why}")
        if missing:
            line = f"{why}; {', '.join(missing)} ran nothing before, so there is nothing to go back to"
            return self._end(Exit.INCOMPLETE, line)
        try:
            self._step("configure back", lambda: ports.file.write(plan.previous))
            self._step("update back", lambda: ports.deployment.update(back=True))
            ok, line = self._step("verify back", self._verify)
        except OpsError as error:
            ok, line = False, error.message
        if not ok:
            # Not an end: the next run of the same command goes on going back.
            return Outcome(
                exit_code=Exit.INCOMPLETE,
                line=f"{why}; and the way back did not succeed: {line}. Repeat with --back",
                seconds=self._seconds,
            )
        return self._end(Exit.ROLLED_BACK, f"{why}; {_short(plan.previous)} runs again")

    def _end(self, code: Exit, line: str) -> Outcome:
        self._write(FINISHED, line)
        return Outcome(exit_code=code, line=line, seconds=self._seconds)

    def _step(self, name: str, do: Callable[[], Any]) -> Any:
        self._ports.say(f"{name} ...")
        started = self._ports.clock()
        try:
            result = do()
        finally:
            self._seconds[name] = round(self._ports.clock() - started, 1)
        self._write(name, seconds=self._seconds[name])
        return result

    def _write(self, step: str, outcome: str = "", seconds: float = 0.0) -> None:
        self._ports.journal.append(
            Entry(
                release=self._plan.release,
                step=step,
                wanted=dict(self._plan.wanted),
                previous=dict(self._plan.previous),
                outcome=outcome,
                seconds=seconds,
                operator=self._plan.operator,
                time=now(),
            )
        )


def resumed(plan: Plan, journal: Journal, *, back: bool) -> tuple[Plan, bool]:
    """The plan with what the journal recorded, and whether it is on its way back.

    Raises OpsError (refused) where another release was begun and not ended.
    """
    begun = journal.unfinished()
    if begun is None:
        return plan, back
    if dict(begun.wanted) != dict(plan.wanted) and not back:
        raise OpsError(
            f"a release of {_short(begun.wanted)} was begun on {begun.time} by {begun.operator}, not ended",
            fix="repeat that one, or take it back with --back; then begin this one",
            exit_code=Exit.REFUSED,
        )
    entries = journal.entries()
    last = max(index for index, entry in enumerate(entries) if entry.step == BEGUN)
    returning = any(entry.step == BACK for entry in entries[last:])
    kept = replace(plan, wanted=begun.wanted, previous=begun.previous, release=begun.release)
    return kept, back or returning


def previous(
    configured: Mapping[str, str], wanted: Mapping[str, str], deployed: Mapping[str, set[str]]
) -> dict[str, str]:
    """What to go back to, by role: what the state says is deployed, or else what the settings say."""
    found: dict[str, str] = {}
    for role, digest in wanted.items():
        others = deployed.get(role, set()) - {digest}
        if configured.get(role) in others or (role not in deployed and configured.get(role)):
            found[role] = configured[role]
        elif len(others) == 1:
            found[role] = next(iter(others))
        elif digest in deployed.get(role, set()):
            found[role] = digest
    return found


def _short(digests: Mapping[str, str]) -> str:
    return ", ".join(f"{role or 'image'} {digest[7:19]}" for role, digest in digests.items())
