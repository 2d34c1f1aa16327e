"""Running the preview that the guard reads."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from offline.cli import CliError, ensure_cli
from ops.errors import OpsError

REPOSITORY = Path(__file__).parents[2]
GRACE_SECONDS = 20.0
"""How long the engine may take to stop in good order before it is killed."""


def preview(stack: str, *, timeout: float, project: Path = REPOSITORY) -> str:
    """The document of ``pulumi preview`` for a stack of the backend that is logged in to.

    A preview that failed still gives its document, whose errors the guard reports. Raises OpsError where
    there is no document, and after ``timeout`` seconds.
    """
    try:
        cli = ensure_cli()
    except CliError as error:
        raise OpsError(str(error), fix="install the Pulumi CLI, or give a file with --preview") from error
    command = [str(cli.binary), "preview", "--stack", stack, "--json", "--show-sames", "--non-interactive"]
    return document(command, timeout=timeout, project=project)


def offline_preview(
    stack: str, *, timeout: float, state: Path | None = None, project: Path = REPOSITORY
) -> str:
    """The document of a preview with simulated providers against a local state, without an account."""
    with tempfile.TemporaryDirectory(prefix="seoul-platform-") as folder:
        file = Path(folder) / "preview.json"
        command = [sys.executable, "-m", "offline", "preview", "--stack", stack, "--json", str(file)]
        command += ["--no-policy", "--project", str(project)]
        if state:
            command += ["--state", str(state.resolve())]
        said = document(command, timeout=timeout, project=REPOSITORY, file=file)
        return file.read_text(encoding="utf-8") if file.exists() else said


def document(
    command: Sequence[str],
    *,
    timeout: float,
    project: Path,
    file: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> str:
    """What a command prints on standard output, or writes to ``file``. ``environ`` is laid over
    this process's own.

    On a time-out, and when this process is interrupted, the whole process group is stopped: an engine left
    behind would keep the stack locked.
    """
    try:
        process = subprocess.Popen(
            command,
            cwd=project,
            env={**os.environ, **(environ or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
    except OSError as error:
        raise OpsError(f"{command[0]}: {error.strerror}") from error
    try:
        output, errors = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired as error:
        _stop(process)
        raise OpsError(
            f"the preview took more than {timeout:.0f} s and was stopped",
            fix="give it more with --timeout, or make the document apart and give it with --preview",
        ) from error
    except BaseException:
        _stop(process)
        raise
    made = file.exists() if file else output.lstrip().startswith("{")
    if not made:
        tail = "\n".join((errors or output).strip().splitlines()[-15:])
        raise OpsError(
            f"the preview ended with {process.returncode} and wrote no document:\n{tail}",
            fix="run the same preview by hand: " + " ".join(command),
        )
    return output


def _stop(process: subprocess.Popen[str]) -> None:
    for number in (signal.SIGINT, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.communicate(timeout=GRACE_SECONDS)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
        return
