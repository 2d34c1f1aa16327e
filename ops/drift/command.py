"""``python -m ops drift``: is the cloud as the last update left it?"""

import json
import os
from pathlib import Path

import click
from rich.console import Console

from offline.cli import CliError, ensure_cli
from offline.engine import EngineError, Options, session
from offline.engine_providers import ProviderError
from ops.drift import report
from ops.drift.find import Found, read
from ops.durations import DURATION
from ops.errors import Exit, OpsError
from ops.github import from_environment
from ops.guard.run import REPOSITORY, document


@click.command(name="drift")
@click.option("--stack", required=True)
@click.option("--offline", is_flag=True, help="a simulated cloud and its local state")
@click.option(
    "--state", type=click.Path(path_type=Path, file_okay=False), help="with --offline: where that is"
)
@click.option("--project", type=click.Path(path_type=Path, file_okay=False), default=REPOSITORY, hidden=True)
@click.option("--timeout", type=DURATION, default="30m", show_default=True)
@click.option("--issue", is_flag=True, help="open, update or close the stack's issue on GitHub")
@click.option("--json", "json_", is_flag=True, help="the answer as JSON on standard output")
def command(
    *, stack: str, offline: bool, state: Path | None, project: Path, timeout: float, issue: bool, json_: bool
) -> int:
    """Compare what the state holds with what the cloud says; change neither.

    Properties that something else owns at run time are left out: desired counts, weights, aliases under a
    rollout. Exit codes: 0 none, 1 drift, 5 the cloud could not be asked.
    """
    if state and not offline:
        raise click.UsageError("--state goes with --offline")
    text = _simulated(stack, state, project) if offline else _refreshed(stack, project, timeout)
    found = read(text, stack)
    if json_:
        click.echo(json.dumps(report.as_json(found), indent=1))
    else:
        report.show(Console(soft_wrap=True), found)
    if issue:
        _issue(found)
    return Exit.OK if found.ok else Exit.FAILED


def _refreshed(stack: str, project: Path, timeout: float) -> str:
    try:
        cli = ensure_cli()
    except CliError as error:
        raise OpsError(str(error), fix="install the Pulumi CLI", exit_code=Exit.INCOMPLETE) from error
    command = [str(cli.binary), "refresh", "--preview-only", "--json", "--stack", stack, "--non-interactive"]
    try:
        return document(command, timeout=timeout, project=project)
    except OpsError as error:
        message = error.message.replace("the preview", "the refresh")
        raise OpsError(message, fix=error.fix, exit_code=Exit.INCOMPLETE) from error


def _simulated(stack: str, state: Path | None, project: Path) -> str:
    options = Options(project=project.resolve(), state=state, policy=False)
    try:
        with session(options) as running, running.opened(stack) as (_, config):
            asked = ["refresh", "--preview-only", "--json", "--stack", stack, "--config-file", config]
            return running.command([*asked, "--non-interactive"])
    except (CliError, EngineError, ProviderError) as error:
        raise OpsError(str(error), exit_code=Exit.INCOMPLETE) from error


def _issue(found: Found) -> None:
    github = from_environment()
    run = os.environ.get("RUN_URL", "")
    mark = report.marker(found.stack)
    if found.ok:
        github.settle(mark, report.LABEL, f"None any more: {run}".strip())
    else:
        click.echo(
            github.issue(mark, report.title(found), report.as_issue(found, run), report.LABEL), err=True
        )
