"""The engine behind a deployment, by the CLI: what it would do, doing it, and which commit it did last."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, cast

from offline.cli import CliError, ensure_cli
from ops import state as states
from ops.errors import OpsError
from ops.guard.run import document

_TAIL = 25
FORWARD, BACK = "deploy", "back to"
_MESSAGE = re.compile(rf"(?:{FORWARD}|{BACK}) ([0-9a-f]{{40}})")


class Engine(Protocol):
    """One stack; a project is the folder of the program at some commit."""

    def preview(self, project: Path) -> str: ...

    def up(self, project: Path, *, message: str, policy: bool) -> None:
        """Raises OpsError with the engine's last lines. ``message`` is kept in the stack's history."""
        ...

    def state(self) -> states.State: ...

    def head(self) -> str | None:
        """The commit that was deployed last with success; None where the history names none."""
        ...


class PulumiEngine:
    """The stack of the backend that is logged in to. Raises OpsError where there is no CLI."""

    def __init__(self, stack: str, project: Path, *, timeout: float) -> None:
        try:
            self._binary = str(ensure_cli().binary)
        except CliError as error:
            raise OpsError(str(error), fix="install the Pulumi CLI") from error
        self._stack = stack
        self._project = project
        self._timeout = timeout

    def preview(self, project: Path) -> str:
        command = [self._binary, "preview", "--stack", self._stack, "--json", "--show-sames"]
        return document([*command, "--non-interactive"], timeout=self._timeout, project=project)

    def up(self, project: Path, *, message: str, policy: bool) -> None:
        command = [self._binary, "up", "--stack", self._stack, "--yes", "--skip-preview", "--non-interactive"]
        command += ["--message", message, *(["--policy-pack", "policies"] if policy else [])]
        # Without a time limit: half an update is worse than a late one.
        lines: list[str] = []
        with subprocess.Popen(
            command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as child:
            for line in cast("Any", child.stdout):
                print(line, end="", file=sys.stderr, flush=True)
                lines.append(line.rstrip())
        if child.returncode:
            said = [line for line in lines if line.strip()]
            raise OpsError("pulumi up failed:\n" + "\n".join(said[-_TAIL:]))

    def state(self) -> states.State:
        return states.from_stack(self._stack, self._project)

    def head(self) -> str | None:
        command = [self._binary, "stack", "history", "--stack", self._stack, "--json", "--page-size", "50"]
        done = subprocess.run(command, cwd=self._project, capture_output=True, text=True, check=False)
        if done.returncode:
            raise OpsError(f"pulumi stack history: {done.stderr.strip()}", fix="pulumi login; --stack")
        return last_head(json.loads(done.stdout))


def last_head(history: Sequence[Mapping[str, Any]]) -> str | None:
    """Of a history with the newest first: by the message of a deployment, or, of an update by hand, by its
    clean work tree. A release or a cutover leaves the stack file changed: such an update is of no commit."""
    for each in history:
        if each.get("kind") != "update" or each.get("result") != "succeeded":
            continue
        named = _MESSAGE.fullmatch(str(each.get("message") or "").strip())
        if named:
            return named.group(1)
        environment = cast("Mapping[str, str]", each.get("environment") or {})
        if environment.get("git.dirty") == "false" and environment.get("git.head"):
            return environment["git.head"]
    return None


def head_of(project: Path) -> str:
    """The commit that is checked out. Raises OpsError outside of a repository."""
    done = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=project, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise OpsError(f"{project}: {done.stderr.strip()}", fix="deploy from a clone of the repository")
    return done.stdout.strip()


def furnish(source: Path, repository: Path) -> None:
    """Give an older commit's folder its Python: this one's where the lock file is the same, or its own."""
    same = (source / "uv.lock").read_bytes() == (repository / "uv.lock").read_bytes()
    if same and (repository / ".venv").exists():
        (source / ".venv").symlink_to(repository / ".venv")
        return
    if shutil.which("bash") is None:
        raise OpsError("no bash to install the older commit's dependencies with")
    environ = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"}
    done = subprocess.run(
        [".ci/bootstrap"], cwd=source, capture_output=True, text=True, check=False, env=environ
    )
    if done.returncode:
        raise OpsError(f"the older commit's dependencies cannot be installed: {done.stderr.strip()[-500:]}")
