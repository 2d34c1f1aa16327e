"""``python -m ops drill``: rehearse a failover, or do it step by step."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import monotonic, sleep
from typing import Any, cast

import click
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.table import Table

from ops import state as states
from ops.aws import Clients, section
from ops.drill.cloud import Seen, look
from ops.drill.journal import FileJournal
from ops.drill.steps import Drill, Step
from ops.drill.target import Target, parse
from ops.durations import DURATION
from ops.errors import Exit, OpsError
from ops.rollout.dynamodb import operator_name
from ops.rollout.screen import print_json

_LOOK_SECONDS = 10.0


@click.command(name="drill")
@click.option("--stack", help="Which stack: dev, prod.")
@click.option(
    "--state-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Of `pulumi stack export`: keep one outside the first region, the state may be gone with it.",
)
@click.option("--system", default="petclinic", show_default=True, help="Which system of the stack.")
@click.option("--region", default="ap-northeast-2", show_default=True, help="The first region.")
@click.option("--check/--no-check", default=True, help="Rehearsal: also look at each condition.")
@click.option("--execute", is_flag=True, help="Do the steps, each after a question.")
@click.option("--yes", is_flag=True, help="With --execute: ask nothing.")
@click.option("--region-gone", is_flag=True, help="With --execute: leave the first region alone.")
@click.option("--journal", type=click.Path(path_type=Path, dir_okay=False), default=Path("drill.jsonl"))
@click.option(
    "--wait", type=DURATION, default="30m", show_default=True, help="With --execute: for each step."
)
@click.option("--json", "as_json", is_flag=True, help="The rehearsal as JSON on standard output.")
def command(
    *,
    stack: str | None,
    state_file: Path | None,
    system: str,
    region: str,
    check: bool,
    execute: bool,
    yes: bool,
    region_gone: bool,
    journal: Path,
    wait: float,
    as_json: bool,
) -> int:
    """Rehearse a failover to the second region: the conditions, the steps with their names, the way back.

    Changes nothing without --execute. With it, each step is looked at first and left out where it is done, so
    a drill that was stopped goes on when it is run again.
    """
    if bool(stack) == bool(state_file):
        raise click.UsageError("give either --stack STACK or --state-file FILE")
    if as_json and execute:
        raise click.UsageError("--json goes with a rehearsal")
    state = states.from_file(state_file) if state_file else states.from_stack(str(stack))
    key = states.camel(system)
    target = parse(state.outputs, key=key, stack=state.stack)
    clients = Clients(region)
    exported = cast("Mapping[str, Any]", state.outputs[key])
    drill = Drill(
        target,
        clients,
        stack=state.stack,
        first_region=region,
        groups=_groups(exported),
        **_stop(exported, region),
    )
    if execute:
        clients.require_credentials()
        record = FileJournal(journal, operator=operator_name())
        return _execute(drill, record, yes=yes, region_gone=region_gone, wait=wait)
    if check:
        clients.require_credentials()
    seen = [(each, look(each.look) if check else None) for each in drill.checks()]
    if as_json:
        print_json(_document(drill, [(each.title, each.needed, found) for each, found in seen]))
    else:
        _print(target, drill, [(each.title, each.needed, found) for each, found in seen])
    return int(Exit.OK if all(found is None or found.ok for _, found in seen) else Exit.FAILED)


def _groups(exported: Mapping[str, Any]) -> list[str]:
    """The groups of the first region that write."""
    named = section(section(exported, "bluegreen"), "autoScalingGroups")
    return [str(each) for each in named.values()]


def _stop(exported: Mapping[str, Any], region: str) -> dict[str, str]:
    """How a person stops pods that write. At no replica the autoscaler leaves them alone."""
    pods = section(exported, "eks")
    if not pods:
        return {}
    return {
        "stop": f"aws eks update-kubeconfig --region {region} --name {pods['cluster']}\n"
        f"kubectl --namespace {pods['namespace']} scale deployment/{pods['deployment']} --replicas 0"
    }


def _execute(drill: Drill, journal: FileJournal, *, yes: bool, region_gone: bool, wait: float) -> int:
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    for number, step in enumerate(drill.failover(), 1):
        console.print(f"{number}. {step.title}", style="bold", markup=False)
        console.print(f"   {step.why}", markup=False)
        if step.optional and region_gone:
            console.print("   left out: --region-gone", style="yellow", markup=False)
            journal.write("left out", step.title, "--region-gone")
            continue
        if step.done and (seen := look(step.done)).ok:
            console.print(f"   done already: {seen.value}", style="green", markup=False)
            journal.write("done already", step.title, seen.value)
            continue
        if not step.do and not step.done:
            _print_steps(console, [step])
        asked = "do it?" if step.do else "" if step.done else "have you done it?"
        if asked and not yes and not click.confirm(f"   {asked}", err=True):
            journal.write("refused", step.title)
            raise OpsError(
                f"stopped before: {step.title}", fix="run it again to go on", exit_code=Exit.INCOMPLETE
            )
        seen = _do(step, journal, wait=wait)
        console.print(f"   done: {seen.value}", style="green", markup=False)
        journal.write("done", step.title, seen.value)
    console.print("the second region serves; the way back:", style="bold green")
    _print_steps(console, drill.way_back())
    return int(Exit.OK)


def _do(
    step: Step,
    journal: FileJournal,
    *,
    wait: float,
    clock: Callable[[], float] = monotonic,
    pause: Callable[[float], None] = sleep,
) -> Seen:
    """Begin a step and wait until it is done. Raises OpsError with INCOMPLETE."""
    journal.write("begun", step.title)
    if step.do:
        try:
            step.do()
        except (ClientError, BotoCoreError) as error:
            journal.write("failed", step.title, str(error))
            fix = "--region-gone leaves it out" if step.optional else "mend it and run this again"
            raise OpsError(f"{step.title}: {error}", fix=fix, exit_code=Exit.INCOMPLETE) from error
    deadline = clock() + wait
    while step.done:
        seen = look(step.done)
        if seen.ok:
            return seen
        if clock() >= deadline:
            journal.write("not done in time", step.title, seen.value)
            raise OpsError(
                f"{step.title}: not done after {wait:.0f} s: {seen.value}",
                fix="look at it, then run this again: what is done is left out",
                exit_code=Exit.INCOMPLETE,
            )
        pause(_LOOK_SECONDS)
    return Seen(ok=True, value="")


def _print(target: Target, drill: Drill, seen: Sequence[tuple[str, str, Seen | None]]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print("Rehearsal: nothing is changed", style="bold")
    for failure, times in target.times.items():
        said = ", ".join(
            f"{key.removesuffix('Minutes').upper()} {'none' if value is None else f'{value:g} min'}"
            for key, value in times.items()
        )
        console.print(f"computed for {failure}: {said}", markup=False)
    table = Table("condition", "needed", "found", box=None, pad_edge=False)
    for title, needed, found in seen:
        style = "" if found is None else "green" if found.ok else "bold red"
        value = "not looked at" if found is None else found.value
        table.add_row(title, needed, value.replace("[", "\\["), style=style)
    console.print(table)
    console.print("\nFailover, in this order", style="bold")
    _print_steps(console, drill.failover())
    console.print("\nThe way back", style="bold")
    _print_steps(console, drill.way_back())


def _print_steps(console: Console, steps: Sequence[Step]) -> None:
    for number, step in enumerate(steps, 1):
        console.print(f"{number}. {step.title}\n   {step.why}", markup=False)
        for line in step.command.splitlines():
            console.print(f"   $ {line}", markup=False, style="cyan")


def _document(drill: Drill, seen: Sequence[tuple[str, str, Seen | None]]) -> dict[str, Any]:
    def shown(steps: Sequence[Step]) -> list[dict[str, Any]]:
        return [{"title": each.title, "why": each.why, "command": each.command} for each in steps]

    return {
        "times": dict(drill.target.times),
        "conditions": [
            {"title": title, "needed": needed, **({"ok": found.ok, "found": found.value} if found else {})}
            for title, needed, found in seen
        ],
        "failover": shown(drill.failover()),
        "wayBack": shown(drill.way_back()),
    }
