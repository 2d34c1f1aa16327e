"""``python -m ops diagram``: what a stack holds, drawn and counted from its state."""

from collections.abc import Sequence
from pathlib import Path

import click

from ops import state as states
from ops.diagram import drawing
from ops.errors import Exit, OpsError

BLOCKS = ("picture", "resources")


@click.command(name="diagram")
@click.option("--stack", help="read the state of this stack")
@click.option(
    "--state-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="or from a file of `pulumi stack export`, where there is no Pulumi CLI",
)
@click.option("--system", "systems", multiple=True, help="this system alone; may be repeated")
@click.option("--show", type=click.Choice(BLOCKS), multiple=True, help="this alone; may be repeated")
@click.option(
    "--into",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="fill the generated parts of this page instead of printing; with one --system",
)
@click.option(
    "--check", is_flag=True, help="with --into: write nothing, and fail when the page is out of date"
)
def command(
    *,
    stack: str | None,
    state_file: Path | None,
    systems: Sequence[str],
    show: Sequence[str],
    into: Path | None,
    check: bool,
) -> int:
    """Draw each system as Mermaid and list its resources by type.

    What is drawn is what was deployed. The pages under docs/ are drawn by `make docs` from what the shipped
    stacks would deploy; this is for a stack of your own, and for the night when the two differ.
    """
    if bool(stack) == bool(state_file):
        raise click.UsageError("give either --stack STACK or --state-file FILE")
    if into and len(systems) != 1:
        raise click.UsageError(f"--into: got {len(systems)} systems; a page holds one: give one --system")
    if check and not into:
        raise click.UsageError("--check: only with --into PAGE")
    state = states.from_file(state_file) if state_file else states.from_stack(str(stack))
    chosen = systems or state.systems
    wanted = [each for each in BLOCKS if not show or each in show]
    state.only(systems)
    if into:
        return _fill(into, _blocks(state, chosen[0], wanted), check=check)
    for system in chosen:
        click.echo(f"## {system}\n")
        click.echo("\n".join(_blocks(state, system, wanted).values()))
    return Exit.OK


def _blocks(state: states.State, system: str, wanted: Sequence[str]) -> dict[str, str]:
    """The generated parts of a page, by the name of their markers."""
    made = {
        "picture": lambda: drawing.fenced(drawing.mermaid(state.resources, system)),
        "resources": lambda: "\n" + drawing.resource_table({state.stack: state.resources}, system) + "\n",
    }
    return {each: made[each]() for each in wanted}


def _fill(page: Path, blocks: dict[str, str], *, check: bool) -> int:
    before = page.read_text(encoding="utf-8")
    try:
        after = drawing.fill(before, blocks)
    except drawing.DiagramError as error:
        raise OpsError(f"{page}: {error}", fix="add the markers where the parts belong") from error
    if before == after:
        click.echo(f"{page}: up to date")
        return Exit.OK
    if check:
        click.echo(f"{page}: out of date; run the same command without --check")
        return Exit.FAILED
    page.write_text(after, encoding="utf-8")
    click.echo(f"{page}: written")
    return Exit.OK
