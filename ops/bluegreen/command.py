"""``python -m ops bluegreen``: a release on hosts, for people and for scripts."""

import contextlib
from collections.abc import Callable, Generator, Mapping
from dataclasses import asdict, dataclass
from functools import update_wrapper
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.table import Table

from ops import state as states
from ops.aws import Clients
from ops.bluegreen.pair import Pair
from ops.bluegreen.target import COLOURS, Colour, parse, plan_of
from ops.bluegreen.view import View, plain
from ops.cutover.report import intent_json, outcome_json
from ops.durations import DURATION
from ops.errors import Exit, OpsError
from ops.rollout.clock import SystemClock
from ops.rollout.dynamodb import open_table, operator_name
from ops.rollout.moving import Outcome
from ops.rollout.screen import Screen, gate_table, print_json

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, kw_only=True)
class Wired:
    """A pair with its screen, and how it answers."""

    pair: Pair
    screen: Screen
    as_json: bool

    def ended(self, outcome: Outcome) -> int:
        level = {Exit.OK: "good", Exit.ROLLED_BACK: "warn"}.get(outcome.exit_code, "bad")
        self.screen.say(outcome.message, level=level)
        if self.as_json:
            print_json(outcome_json(outcome))
        return int(outcome.exit_code)

    def confirm(self, question: str, *, yes: bool) -> None:
        if yes:
            return
        if self.as_json:
            raise OpsError("--json asks nothing", fix="--yes", exit_code=Exit.REFUSED)
        click.confirm(question, abort=True, err=True)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def bluegreen() -> None:
    """Release on hosts without a pause.

    deploy fills the idle group and proves it; promote gives it the traffic, watches the error rate and brings
    the traffic back at an alarm; rollback does so by hand.

    Exit codes: 0 done, 1 failed, 2 usage, 3 refused and nothing changed, 4 rolled back, 5 incomplete: the
    message names the command that finishes it.
    """


def _options(command: Command) -> Command:
    def run(
        *, stack: str | None, state_file: Path | None, system: str, region: str, as_json: bool, **given: Any
    ) -> Any:
        if bool(stack) == bool(state_file):
            raise click.UsageError("give either --stack STACK or --state-file FILE")
        with _json_errors(as_json):
            state = states.from_file(state_file) if state_file else states.from_stack(str(stack))
            with _wired(state, system=system, region=region, as_json=as_json) as wired:
                return command(wired, **given)

    update_wrapper(run, command)
    for option in (
        click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output."),
        click.option("--region", default="ap-northeast-2", show_default=True, help="Of the pair."),
        click.option("--system", default="petclinic", show_default=True, help="Which system of the stack."),
        click.option(
            "--state-file", type=click.Path(path_type=Path, dir_okay=False), help="Of a stack export."
        ),
        click.option("--stack", help="Which stack: dev, prod."),
    ):
        run = option(run)
    return run  # pyright: ignore[reportReturnType]


_yes = click.option("--yes", is_flag=True, help="Ask nothing.")
_dry_run = click.option(
    "--dry-run", is_flag=True, help="Read everything, change nothing, say what would be done."
)
_reason = click.option("--reason", default="", help="Goes into the journal.")


@bluegreen.command()
@_options
def status(wired: Wired) -> int:
    """Which colour serves, the hosts of both, the release under way, and what comes next."""
    view = wired.pair.status()
    if wired.as_json:
        print_json({**_view_json(view), "releases": dict(wired.pair.target.releases)})
    else:
        _print(wired.screen, view, wired.pair.target.releases)
    return int(Exit.OK)


@bluegreen.command()
@click.option("--wait", type=DURATION, default="15m", show_default=True, help="For the hosts to be healthy.")
@_yes
@_dry_run
@_options
def deploy(wired: Wired, *, wait: float, yes: bool, dry_run: bool) -> int:
    """Fill the idle colour, wait until every host is healthy, and ask it past the listener's rule."""
    colour, desired = wired.pair.plan_deploy()
    template = wired.pair.groups.read(colour).template
    said = f"fill {colour} with {desired} hosts of launch template version {template}"
    wired.screen.say(said)
    if dry_run:
        if wired.as_json:
            print_json({"colour": colour, "hosts": desired})
        return int(Exit.OK)
    wired.confirm(f"{said}?", yes=yes)
    return wired.ended(wired.pair.deploy(wait=wait))


@bluegreen.command()
@click.option("--keep", is_flag=True, help="Keep the old hosts; promote again lets them go.")
@_reason
@_yes
@_dry_run
@_options
def promote(wired: Wired, *, keep: bool, reason: str, yes: bool, dry_run: bool) -> int:
    """Give the proven colour the traffic, watch it, back at once on alarm; then let the old hosts go."""
    release = wired.pair.open_release()
    if dry_run:
        intent = wired.pair.intent(wired.screen)
        wired.screen.say(f"{intent.start} -> {intent.end}")
        wired.screen.console.print(gate_table(intent.gates))
        if wired.as_json:
            print_json(intent_json(intent))
        return int(Exit.OK if intent.allowed else Exit.REFUSED)
    wired.confirm(f"Give {release.new} all the traffic?", yes=yes)
    return wired.ended(wired.pair.promote(wired.screen, reason=reason, keep=keep))


@bluegreen.command()
@click.option("--keep", is_flag=True, help="Keep the new hosts for a look.")
@click.option("--force", is_flag=True, help="Even though the old hosts are unhealthy.")
@_reason
@_yes
@_dry_run
@_options
def rollback(wired: Wired, *, keep: bool, force: bool, reason: str, yes: bool, dry_run: bool) -> int:
    """All the traffic to the old colour at once; takes over from a run that is at work."""
    release = wired.pair.open_release()
    if dry_run:
        steps = [f"all the traffic to {release.old}"]
        steps += [] if keep else [f"{release.new} emptied", f"release {release.number} over"]
        wired.screen.say("; ".join(steps))
        if wired.as_json:
            print_json({"steps": steps})
        return int(Exit.OK)
    wired.confirm(f"Send all the traffic to {release.old}?", yes=yes)
    outcome = wired.pair.rollback(wired.screen, reason=reason or "by hand", keep=keep, force=force)
    return wired.ended(outcome)


@contextlib.contextmanager
def _wired(state: states.State, *, system: str, region: str, as_json: bool) -> Generator[Wired]:
    target = parse(state.outputs, key=states.camel(system), stack=state.stack)
    clients = Clients(region)
    clients.require_credentials()
    operator = operator_name()
    title = f"{system}, stack {state.stack}, {operator}"
    # The colours change places from release to release; which is old shows in each line.
    with Screen(plan_of("blue"), title=title, quiet=as_json) as screen:
        table = open_table(target.journal_table, region=region)
        pair = Pair(target, clients, table, SystemClock(), operator=operator, say=screen.say)
        yield Wired(pair=pair, screen=screen, as_json=as_json)


def _print(screen: Screen, view: View, releases: Mapping[Colour, str]) -> None:
    table = Table("colour", "traffic", "hosts", "wanted", "version", "launch template")
    for colour in COLOURS:
        hosts = view.hosts[colour]
        wanted = f"{hosts.least} to {hosts.most}, {hosts.desired} now"
        version = hosts.template + (f" ({hosts.stale} hosts on another)" if hosts.stale else "")
        share = f"{view.shares.get(colour, 0):.0%}"
        table.add_row(colour, share, str(hosts), wanted, releases.get(colour, "-"), version)
    screen.console.print(table)
    if view.release:
        how = view.release.over or ("proven" if view.release.proven else "being deployed")
        screen.say(f"release {view.release.number} ({view.release.new}, {view.release.operator}): {how}")
    screen.say(f"next: {view.advice}")


def _view_json(view: View) -> dict[str, Any]:
    return {
        "serving": view.serving,
        "shares": view.shares,
        "hosts": {colour: asdict(hosts) for colour, hosts in view.hosts.items()},
        "release": plain(view.release) if view.release else None,
        "stage": view.record.stage,
        "advice": view.advice,
    }


@contextlib.contextmanager
def _json_errors(as_json: bool) -> Generator[None]:
    try:
        yield
    except OpsError as error:
        if as_json:
            document: Mapping[str, Any] = {
                "exitCode": int(error.exit_code),
                "error": error.message,
                "fix": error.fix,
            }
            print_json(document)
        raise
