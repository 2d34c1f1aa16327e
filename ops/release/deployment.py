"""The stack behind a release: what is deployed, and updates of the system alone."""

import contextlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from pulumi.automation import CommandError, Stack

from offline.cli import CliError, ensure_cli
from offline.engine_workspace import FoundCommand, QuietWorkspace
from ops import state as states
from ops.cutover.deployment import OpenStack
from ops.errors import OpsError

_LINES = 12
TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"


class Deployment:
    """One system of one stack, through the Automation API."""

    def __init__(
        self,
        open_stack: OpenStack,
        *,
        system: str,
        policy_packs: Sequence[str] = (),
        say: Callable[[str], None] = lambda _line: None,
    ) -> None:
        self._open = open_stack
        self._system = system
        self._packs = list(policy_packs)
        self._say = say

    def state(self) -> states.State:
        """Raises OpsError where nothing is deployed."""
        with self._open() as (stack, _), _errors():
            exported = stack.export_stack()
        return states.parse({"deployment": exported.deployment}, f"stack {stack.name}")

    def outputs(self, state: states.State) -> Mapping[str, Any]:
        """What the system exports. Raises OpsError for a system that the stack does not hold."""
        state.only([self._system])
        found = state.outputs.get(states.camel(self._system))
        return cast("Mapping[str, Any]", found) if isinstance(found, Mapping) else {}

    def deployed(self, state: states.State, repositories: Mapping[str, str]) -> dict[str, set[str]]:
        """Repository to the digests of it that resources of the system name."""
        text = json.dumps([dict(each.inputs) for each in state.only([self._system]).resources])
        return {
            role: set(re.findall(re.escape(url) + r"@(sha256:[0-9a-f]{64})", text))
            for role, url in repositories.items()
        }

    def migration(self, state: states.State) -> str | None:
        """The newest revision of the migration's task definition, which its export may lag behind."""
        for each in state.only([self._system]).resources:
            if each.type == TASK_DEFINITION and each.name.startswith(f"{self._system}-migration"):
                return str(each.outputs.get("arn") or "") or None
        return None

    def update_migration(self, *, back: bool = False) -> None:
        """Register the migration's new revision, and change nothing else."""
        self._up([f"**::{self._system}-migration**"], back=back)

    def update(self, *, back: bool = False) -> None:
        """Bring the system, and nothing else that waits in the program, to what the settings say."""
        state = self.state()
        types = {each.type for each in state.resources if each.name == self._system}
        types = {each for each in types if each.startswith(states.SYSTEM_TYPE)}
        self._up([f"urn:pulumi:*::*::{each}**" for each in sorted(types)], back=back)

    def _up(self, targets: Sequence[str], *, back: bool) -> None:
        """The way back runs no policy pack: it must not wait for a waiver to be renewed."""
        with self._open() as (stack, config_file), _errors():
            stack.up(
                target=list(targets),
                policy_packs=None if back else self._packs or None,
                config_file=config_file,
                on_output=self._say,
                on_error=self._say,
                show_secrets=False,
                suppress_progress=True,
                color="never",
            )


def local(project: Path, stack: str) -> OpenStack:
    """The stack of the backend that is logged in to, by the CLI that is found or made. Raises OpsError."""

    @contextlib.contextmanager
    def opened() -> Any:
        try:
            workspace = QuietWorkspace(work_dir=str(project), pulumi_command=FoundCommand(ensure_cli()))
        except CliError as error:
            raise OpsError(str(error), fix="install the Pulumi CLI") from error
        with _errors():
            selected = Stack.select(stack, workspace)
        yield selected, None

    return opened


def repositories(outputs: Mapping[str, Any], roles: Iterable[str]) -> dict[str, str]:
    """Role to the address of its repository, as far as the system exports one by the role's last part."""
    listed = cast("Mapping[str, Any]", outputs.get("repositories") or {})
    return {role: str(listed[name]) for role in roles if (name := role.rpartition(".")[2]) in listed}


@contextlib.contextmanager
def _errors() -> Any:
    try:
        yield
    except CommandError as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        fix = "another update runs; if it was killed: pulumi cancel" if "locked" in str(error) else None
        raise OpsError(f"pulumi: {' | '.join(lines[-_LINES:])}", fix=fix) from error
