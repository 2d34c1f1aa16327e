"""``python -m ops verify``: did the rollout happen?"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from ops import state as states
from ops.aws import Clients
from ops.durations import DURATION
from ops.errors import Exit
from ops.verify.result import Result, Verdict
from ops.verify.rounds import Answer, run

STYLES = {Verdict.OK: "green", Verdict.PENDING: "yellow", Verdict.FAILED: "red"}


@click.command(name="verify")
@click.option("--stack", help="read what was planned from the state of this stack")
@click.option(
    "--state-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="or from a file of `pulumi stack export`, where there is no Pulumi CLI",
)
@click.option("--system", "systems", multiple=True, help="this system alone; may be repeated")
@click.option("--wait", type=DURATION, default="10m", show_default=True, help="for what is still moving")
@click.option("--every", type=DURATION, default="10s", show_default=True, help="between two looks")
@click.option("--https/--no-https", default=True, help="ask the addresses in the outputs, or not")
@click.option("--json", "json_", is_flag=True, help="the answer as JSON on standard output")
def command(
    *,
    stack: str | None,
    state_file: Path | None,
    systems: Sequence[str],
    wait: float,
    every: float,
    https: bool,
    json_: bool,
) -> int:
    """Fail unless what runs is what was planned.

    Compares the stack's state with what AWS says of every service, function, group, queue and cluster in it,
    and asks the addresses in its outputs. Waits for what is still moving; a failure ends the wait.
    """
    if bool(stack) == bool(state_file):
        raise click.UsageError("give either --stack STACK or --state-file FILE")
    if every <= 0:
        raise click.UsageError("--every: got 0; at least a second or so, or AWS throttles")
    planned = states.from_file(state_file) if state_file else states.from_stack(str(stack))
    planned = planned.only(systems)
    clients = Clients()
    clients.require_credentials()
    note = Console(stderr=True)
    with note.status("looking") as status:

        def progress(results: Sequence[Result]) -> None:
            moving = sum(each.verdict == Verdict.PENDING for each in results)
            status.update(f"{len(results)} lines, {moving} still moving")

        answer = run(planned, clients, wait=wait, every=every, https=https, progress=progress)
    if json_:
        click.echo(json.dumps(as_json(answer), indent=2))
    else:
        show(Console(), answer)
    return Exit.OK if answer.ok else Exit.FAILED


def show(console: Console, answer: Answer) -> None:
    """One table, one verdict."""
    table = Table(header_style="bold", expand=False)
    for title in ("system", "what", "name", "verdict", "expected", "found", "what to do"):
        table.add_column(title, overflow="fold")
    for each in answer.results:
        style = STYLES[each.verdict]
        cells = (each.system, each.kind, each.name, f"[{style}]{each.verdict}[/]")
        table.add_row(*cells, _plain(each.expected), _plain(each.found), _plain(each.fix))
    console.print(table)
    console.print(
        verdict(answer), style="bold green" if answer.ok else "bold red", markup=False, highlight=False
    )


def verdict(answer: Answer) -> str:
    """One sentence."""
    counts = Counter(each.verdict for each in answer.results)
    parts = [f"{counts[each]} {each}" for each in Verdict if counts[each]] or ["nothing to check"]
    word = "passed" if answer.ok else "failed"
    return (
        f"verify: {word}: stack {answer.stack}: {', '.join(parts)}; {answer.unchecked} resources without a "
        f"state of their own; {answer.seconds:.0f} s"
    )


def as_json(answer: Answer) -> dict[str, Any]:
    """Everything, for a script."""
    return {
        "ok": answer.ok,
        "verdict": verdict(answer),
        "stack": answer.stack,
        "seconds": round(answer.seconds, 1),
        "unchecked": answer.unchecked,
        "results": [asdict(each) for each in answer.results],
    }


def _plain(text: str) -> str:
    return text.replace("[", "\\[")
