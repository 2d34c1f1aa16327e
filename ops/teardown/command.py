"""``python -m ops teardown plan``: how a stack, or one system of it, is taken away."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

from ops import state as states
from ops.errors import Exit, OpsError
from ops.state import State
from ops.teardown.before import copies, emptying, unlocking
from ops.teardown.deletion import deleting, remaining
from ops.teardown.model import PURPOSE, Phase, Plan, Step


@click.group(name="teardown")
def teardown() -> None:
    """Take a stack away, in an order in which nothing is lost by accident and nothing gets stuck."""


@teardown.command(name="plan")
@click.option("--stack", help="read the state of this stack")
@click.option(
    "--state-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="or from a file of `pulumi stack export`, where there is no Pulumi CLI",
)
@click.option("--system", "systems", multiple=True, help="this system alone; may be repeated")
@click.option("--json", "json_", is_flag=True, help="the plan as JSON on standard output")
def plan_command(*, stack: str | None, state_file: Path | None, systems: Sequence[str], json_: bool) -> int:
    """Print the plan. Changes nothing and calls nobody: every command in it is for a person to run."""
    if bool(stack) == bool(state_file):
        raise click.UsageError("give either --stack STACK or --state-file FILE")
    state = states.from_file(state_file) if state_file else states.from_stack(str(stack))
    plan = make(state, systems, now=datetime.now(UTC))
    if json_:
        click.echo(json.dumps({**asdict(plan), "minutes": plan.minutes}, indent=2))
    else:
        show(Console(soft_wrap=True), plan)
    return Exit.OK


def make(state: State, systems: Sequence[str], *, now: datetime) -> Plan:
    """The plan for the state. Raises OpsError for an unknown system, and for an update that broke off."""
    if state.interrupted:
        raise OpsError(
            f"stack {state.stack}: an update broke off in {', '.join(state.interrupted)}",
            fix=f"finish it first: `pulumi refresh --stack {state.stack}`, then `pulumi up`",
        )
    part = state.only(systems)
    stamp = now.strftime("%Y%m%d%H%M")
    steps = [
        *copies(part, stamp),
        *unlocking(part),
        *emptying(part),
        *deleting(part, systems, stamp),
        *remaining(part, stamp),
    ]
    cloud = [each for each in part.resources if not each.type.startswith(("platform:", "pulumi:"))]
    return Plan(stack=state.stack, systems=list(systems), resources=len(cloud), steps=steps)


def show(console: Console, plan: Plan) -> None:
    """For a terminal and for a file: no colour carries meaning."""
    what = ", ".join(plan.systems) or "everything in it"
    usual, worst = plan.minutes
    _line(console, f"Stack {plan.stack}: {what}, {plan.resources} resources", "bold")
    _line(
        console, f"About {_span(usual)} when all goes well, up to {_span(worst)}; nothing has been done yet."
    )
    number = 0
    for phase in Phase:
        _line(console, "")
        _line(console, f"{phase.value.upper()}  {PURPOSE[phase]}", "bold cyan")
        if not plan.of(phase):
            _line(console, "  nothing")
        for step in plan.of(phase):
            number += 1
            _show_step(console, number, step)


def _show_step(console: Console, number: int, step: Step) -> None:
    time = f"  ({_span(step.minutes[0])} to {_span(step.minutes[1])})" if step.minutes[1] else ""
    _line(console, f"{number:3}. {step.title}{time}", "bold")
    if step.why:
        _line(console, f"     {step.why}")
    for name in step.names:
        _line(console, f"       - {name}")
    for command in step.commands:
        _line(console, f"       $ {command}" if not command.startswith("Pulumi.") else f"       {command}")


def _line(console: Console, text: str, style: str | None = None) -> None:
    console.print(text, style=style, markup=False, highlight=False)


def _span(minutes: int) -> str:
    return f"{minutes} min" if minutes < 90 else f"{minutes / 60:.0f} h"
