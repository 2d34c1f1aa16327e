"""The steps of a deployment, and the way back to the commit before."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from ops.deploy.engine import BACK, FORWARD, Engine
from ops.errors import Exit, OpsError
from ops.guard.approvals import Approval
from ops.guard.judge import judge
from ops.guard.preview import parse
from ops.release.deployment import deployed_digests, repositories
from ops.release.images import ImageFile
from ops.state import State, camel

_SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How it ended, and where the time went."""

    exit_code: Exit
    line: str
    before: str | None
    """The commit that the stack ran before, and would go back to."""
    seconds: Mapping[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True, kw_only=True)
class Deploy:
    """One deployment of ``project``, which is at ``commit``, to ``stack``."""

    stack: str
    commit: str
    project: Path
    engine: Engine
    approvals: Sequence[Approval]
    verify: Callable[[State], tuple[bool, str]]
    checkout: Callable[[str], AbstractContextManager[Path]]
    """The program at a commit, ready to run."""
    say: Callable[[str], None]
    seconds: dict[str, float] = field(default_factory=dict[str, float])

    def run(self) -> Outcome:
        """Raises OpsError before anything was changed; afterwards every end is an outcome."""
        before = self.engine.head()
        self.say(f"{self.stack} runs {before or 'no commit that is known'}")
        losses = self._step("guard", lambda: self._losses(self.project, self.approvals))
        if losses:
            raise OpsError(
                "the guard stops this:\n" + "\n".join(losses),
                fix="docs/runbooks/verify-and-guard.md; the state may have changed since the pull request",
                exit_code=Exit.REFUSED,
            )
        digests = self._digests()
        try:
            self._step("update", lambda: self._up(self.project, f"{FORWARD} {self.commit}", policy=True))
            ok, line = self._step("verify", lambda: self.verify(self.engine.state()))
        except OpsError as error:
            ok, line = False, error.message
        if ok:
            return self._outcome(Exit.OK, line, before)
        self.say(line)
        return self._back(line, before, digests)

    def _back(self, why: str, before: str | None, digests: Mapping[str, Mapping[str, str]]) -> Outcome:
        """To the commit before, unless that would lose something: then a person decides.

        The images are those that ran: a release may have been newer than the commit.
        """
        if before is None:
            return self._outcome(Exit.INCOMPLETE, f"{why}; no earlier commit is known to go back to", before)
        try:
            with self.checkout(before) as source:
                _keep(source / f"Pulumi.{self.stack}.yaml", digests)
                losses = self._step("guard back", lambda: self._losses(source, ()))
                if losses:
                    line = (
                        f"{why}; not taken back, since {before[:12]} would lose: {'; '.join(losses[:_SHOWN])}"
                    )
                    return self._outcome(Exit.INCOMPLETE, line, before)
                self._step("update back", lambda: self._up(source, f"{BACK} {before}", policy=False))
                ok, line = self._step("verify back", lambda: self.verify(self.engine.state()))
        except OpsError as error:
            ok, line = False, error.message
        if not ok:
            return self._outcome(Exit.INCOMPLETE, f"{why}; and the way back failed: {line}", before)
        return self._outcome(Exit.ROLLED_BACK, f"{why}; {before[:12]} runs again", before)

    def _up(self, project: Path, message: str, *, policy: bool) -> None:
        self.engine.up(project, message=message, policy=policy)

    def _losses(self, project: Path, approvals: Sequence[Approval]) -> list[str]:
        """What would be lost without an approval. One that is not needed stops no deployment: the same commit
        may be deployed twice."""
        previews = parse(self.engine.preview(project), f"preview of {self.stack}")
        errors = [error for preview in previews for error in preview.errors]
        judgement = judge(previews, approvals, datetime.now(UTC).date())
        return [*errors, *(finding.line for finding in judgement.open)]

    def _digests(self) -> dict[str, dict[str, str]]:
        """System to role to the one digest of it that is deployed."""
        try:
            state = self.engine.state()
        except OpsError:  # nothing is deployed yet
            return {}
        return dict(_running(state))

    def _outcome(self, code: Exit, line: str, before: str | None) -> Outcome:
        return Outcome(exit_code=code, line=line, before=before, seconds=self.seconds)

    def _step(self, name: str, do: Callable[[], Any]) -> Any:
        self.say(f"{name} ...")
        started = time.monotonic()
        try:
            return do()
        finally:
            self.seconds[name] = round(time.monotonic() - started, 1)


def _running(state: State) -> Iterator[tuple[str, dict[str, str]]]:
    for system in state.systems:
        outputs = cast("Mapping[str, Any]", state.outputs.get(camel(system)) or {})
        names = cast("Mapping[str, Any]", outputs.get("repositories") or {})
        found = deployed_digests(state, system, repositories(outputs, names))
        yield system, {role: next(iter(each)) for role, each in found.items() if len(each) == 1}


def _keep(stack_file: Path, digests: Mapping[str, Mapping[str, str]]) -> None:
    """Write what ran into an older commit's stack file, for the roles that both know."""
    for system, running in digests.items():
        file = ImageFile(stack_file, system=system)
        try:
            roles = {role: role.rpartition(".")[2] for role in file.digests()}
        except OpsError:  # the system is not in that commit, or has no images
            continue
        file.write({role: running[name] for role, name in roles.items() if name in running})
