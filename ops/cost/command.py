"""``ops cost``: what a stack costs a month, and what a change adds."""

from pathlib import Path

import click
from rich.console import Console

from ops.cost import difference, report
from ops.cost.estimate import Estimate, estimate
from ops.cost.free import FREE
from ops.cost.plan import load_plan
from ops.cost.prices import SNAPSHOT, PriceList, load_prices
from ops.cost.services import PRICERS
from ops.cost.usage import ASSUMPTIONS, METRICS, load_usage
from ops.errors import Exit, OpsError

PLAN = click.Path(path_type=Path, dir_okay=False)


@click.group(name="cost")
def command() -> None:
    """What a stack costs a month, from its plan, a dated price list and usage assumptions.

    A plan is what `pulumi preview --json` prints, or without an account
    `python -m offline preview --stack dev --json`.
    """


def _files(function: click.decorators.FC) -> click.decorators.FC:
    for option in (
        click.option("--prices", type=PLAN, default=SNAPSHOT, help="Price list instead of the snapshot."),
        click.option("--usage", type=PLAN, default=ASSUMPTIONS, help="Usage assumptions of your own."),
        click.option("--json", "as_json", is_flag=True, help="Print JSON alone."),
        click.option("--markdown", "as_markdown", is_flag=True, help="Print Markdown alone."),
    ):
        function = option(function)
    return function


@command.command()
@click.argument("plan", type=PLAN)
@click.option("--items", is_flag=True, help="Show what each system pays for.")
@_files
def show(plan: Path, *, items: bool, prices: Path, usage: Path, as_json: bool, as_markdown: bool) -> int:
    """Price PLAN. Exit code 1 when something in it has no price."""
    listed = load_prices(prices)
    found = _estimate(plan, listed, usage)
    console = Console()
    if as_json:
        report.write_json(console, report.document(found, listed))
    elif as_markdown:
        console.print(report.markdown(found, listed), markup=False, highlight=False, soft_wrap=True, end="")
    else:
        report.show(console, found, listed, items=items)
    return int(Exit.FAILED if found.unpriced else Exit.OK)


@command.command()
@click.argument("before", type=PLAN)
@click.argument("after", type=PLAN)
@click.option(
    "--fail-above",
    type=click.FloatRange(min=0),
    metavar="PERCENT",
    help="Exit code 1 when the sum grows by more than this.",
)
@_files
def diff(
    before: Path,
    after: Path,
    *,
    fail_above: float | None,
    prices: Path,
    usage: Path,
    as_json: bool,
    as_markdown: bool,
) -> int:
    """Compare the plan BEFORE with the plan AFTER."""
    del as_markdown  # a difference is short: the same text serves a terminal
    listed = load_prices(prices)
    found = difference.compare(_estimate(before, listed, usage), _estimate(after, listed, usage))
    console = Console()
    if as_json:
        report.write_json(console, difference.document(found))
    else:
        console.print(difference.markdown(found), markup=False, highlight=False, soft_wrap=True, end="")
    if fail_above is not None and found.exceeds(fail_above):
        raise OpsError(
            f"{found.after.stack} would cost {report.money(found.after.total)} USD a month, "
            f"{report.change(found.by)} against {report.money(found.before.total)}; "
            f"allowed without approval: {fail_above:g} percent more",
            fix="make it smaller, or let the owner of the budget approve it",
        )
    return int(Exit.OK)


@command.command()
@click.option("--prices", type=PLAN, default=SNAPSHOT, help="The price list to renew.")
def refresh(prices: Path) -> None:
    """Read the prices again over the AWS Price List API (permission pricing:GetProducts)."""
    from ops.cost.refresh import pricing_client, refreshed, write  # noqa: PLC0415 - no other talks to AWS

    old = load_prices(prices)
    new = refreshed(old, pricing_client())
    write(new, prices)
    console = Console()
    for name, price in new.prices.items():
        was = old[name].usd
        if price.usd != was:
            console.print(f"{name}: {was:g} to {price.usd:g} USD per {price.unit}", highlight=False)
    console.print(f"{prices.name}: {len(new.prices)} prices of {new.oldest} or later", highlight=False)


@command.command()
def metrics() -> None:
    """List the usage assumptions that prices ask for, with their units."""
    for name, meaning in METRICS.items():
        click.echo(f"{name:<20} {meaning}")


def _estimate(plan: Path, prices: PriceList, usage: Path) -> Estimate:
    return estimate(load_plan(plan), prices, load_usage(usage), pricers=PRICERS, free=FREE)
