"""``python -m ops deploy --stack STACK``: what the workflow of main runs, and a person can."""

import contextlib
import json
import time
from collections.abc import Generator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from ops.aws import Clients
from ops.deploy.engine import PulumiEngine, furnish, head_of
from ops.deploy.steps import Deploy, Outcome
from ops.durations import DURATION
from ops.errors import Exit, OpsError
from ops.guard.approvals import FILE as APPROVALS
from ops.guard.approvals import load
from ops.guard.run import REPOSITORY
from ops.notify import check as check_notify
from ops.notify import notify
from ops.review.base import worktree
from ops.state import State
from ops.verify.command import verdict
from ops.verify.rounds import run as verify_round


@click.command(name="deploy")
@click.option("--stack", required=True)
@click.option("--wait", type=DURATION, default="15m", show_default=True, help="for verify")
@click.option("--timeout", type=DURATION, default="15m", show_default=True, help="for each preview")
@click.option(
    "--notify", "targets", multiple=True, envvar="OPS_NOTIFY", help="SNS topic or webhook; OPS_NOTIFY"
)
@click.option("--json", "json_", is_flag=True, help="the answer as JSON on standard output")
def command(*, stack: str, wait: float, timeout: float, targets: Sequence[str], json_: bool) -> int:
    """Deploy this commit: guard, `pulumi up` with the pack, verify; on a failure, back to the commit before.

    Exit codes: 0 deployed, 3 refused and nothing changed, 4 taken back, 5 a person has to look.
    """
    started = time.monotonic()
    check_notify(targets)
    clients = Clients()
    clients.require_credentials()
    note = Console(stderr=True, soft_wrap=True)

    def say(line: str) -> None:
        note.print(line, markup=False, highlight=False)

    def verify(state: State) -> tuple[bool, str]:
        answer = verify_round(state, clients, wait=wait, every=10.0)
        wrong = [f"{each.name}: {each.found}" for each in answer.results if each.verdict != "ok"]
        return answer.ok, "; ".join([verdict(answer), *wrong[:10]])

    work = Deploy(
        stack=stack,
        commit=head_of(REPOSITORY),
        project=REPOSITORY,
        engine=PulumiEngine(stack, REPOSITORY, timeout=timeout),
        approvals=load(APPROVALS, today=datetime.now(UTC).date(), required=False),
        verify=verify,
        checkout=_checkout,
        say=say,
    )
    try:
        outcome = work.run()
    except OpsError as error:
        _tell(targets, stack, error.message, error.exit_code, say)
        raise
    line = _line(outcome, stack, time.monotonic() - started)
    _tell(targets, stack, line, outcome.exit_code, say)
    if json_:
        click.echo(json.dumps(_as_json(outcome, stack, line), indent=1))
    else:
        say(line)
    return int(outcome.exit_code)


@contextlib.contextmanager
def _checkout(commit: str) -> Generator[Path]:
    with worktree(REPOSITORY, commit) as source:
        furnish(source, REPOSITORY)
        yield source


def _tell(targets: Sequence[str], stack: str, line: str, code: Exit, say: Any) -> None:
    for problem in notify(targets, f"deployment of {stack}: {code.name.lower()}", line):
        say(f"not told: {problem}")


def _line(outcome: Outcome, stack: str, seconds: float) -> str:
    spent = ", ".join(f"{step} {taken:.0f}" for step, taken in outcome.seconds.items())
    return f"deploy: {outcome.exit_code.name.lower()}: {stack}: {outcome.line}; {seconds:.0f} s ({spent})"


def _as_json(outcome: Outcome, stack: str, line: str) -> dict[str, Any]:
    return {
        "ok": outcome.exit_code == Exit.OK,
        "exitCode": int(outcome.exit_code),
        "stack": stack,
        "line": line,
        "before": outcome.before,
        "steps": dict(outcome.seconds),
    }
