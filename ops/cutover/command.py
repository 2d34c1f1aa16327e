"""``python -m ops cutover``: the stages of a host name, for people and for scripts."""

from collections.abc import Callable

import click

from ops.cutover import cloudflare, emergency
from ops.cutover.options import dry_run_option, no_watch_option, options, reason_option, yes_option
from ops.cutover.report import intent_json, outcome_json, print_status, status_json
from ops.cutover.target import COMMITTED
from ops.cutover.wiring import Where, Wired, wire
from ops.errors import Exit, OpsError
from ops.rollout.clock import SystemClock
from ops.rollout.dynamodb import operator_name
from ops.rollout.moving import Outcome
from ops.rollout.record import Record
from ops.rollout.screen import Screen, gate_table, print_json

_STAGES = click.Choice(["0", "25", "50", "100"])


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cutover() -> None:
    """Move a host name from the old host to the new side: 0, 25, 50, 100 percent, and back at once.

    The token for Cloudflare comes from CLOUDFLARE_API_TOKEN, or from the secret in Secrets Manager that
    CLOUDFLARE_API_TOKEN_SECRET names. Every verb is safe to repeat and safe to kill.

    Exit codes: 0 done, 1 failed, 2 usage, 3 refused and nothing changed, 4 rolled back, 5 incomplete: the
    message names the command that finishes it.
    """


@cutover.command()
@options
def status(*, where: Where, as_json: bool) -> int:
    """Where the cutover stands: journal, config, state and live weights. Exit code 1 where they disagree."""
    with wire(where, quiet=as_json) as wired:
        found = wired.rollout.status()
        entries = wired.journal.entries()
        holder = wired.lock.holder()
    if as_json:
        print_json(status_json(found, entries, holder))
    else:
        print_status(wired, found, entries, holder)
    return int(Exit.OK if found.agreed else Exit.FAILED)


@cutover.command()
@reason_option
@no_watch_option
@yes_option
@dry_run_option
@options
def start(*, where: Where, as_json: bool, dry_run: bool, yes: bool, no_watch: bool, reason: str) -> int:
    """The first step, from 0 to 25, through its gates, and its watch."""
    with wire(where, quiet=as_json) as wired:
        first = wired.rollout.plan.first
        _check_stage(wired, lambda at: at in (None, first), f"start is the step from {first}", "advance")
        return _forward(
            wired, None, as_json=as_json, dry_run=dry_run, yes=yes, watch=not no_watch, reason=reason
        )


@cutover.command()
@reason_option
@no_watch_option
@yes_option
@dry_run_option
@options
def advance(*, where: Where, as_json: bool, dry_run: bool, yes: bool, no_watch: bool, reason: str) -> int:
    """The next step, one stage further, through its gates, and its watch."""
    with wire(where, quiet=as_json) as wired:
        plan = wired.rollout.plan
        _check_stage(
            wired, lambda at: at not in (None, plan.first), f"{plan.first} is left by start", "start"
        )
        _check_stage(
            wired, lambda at: at != plan.last, f"{plan.last} is the last stage", "commit, or rollback"
        )
        return _forward(
            wired, None, as_json=as_json, dry_run=dry_run, yes=yes, watch=not no_watch, reason=reason
        )


@cutover.command()
@options
def watch(*, where: Where, as_json: bool) -> int:
    """Watch the stage for its whole time, anew; finish what a killed run left open. Rolls back at trouble."""
    with wire(where, quiet=as_json) as wired:
        return _ended(wired, wired.rollout.watch(), as_json=as_json)


@cutover.command()
@click.option("--to", "end", type=_STAGES, default="0", show_default=True, help="A lower stage.")
@click.option("--force", is_flag=True, help="Even though the old side is unhealthy.")
@click.option("--emergency", "at_once", is_flag=True, help="Cloudflare alone: needs no Pulumi and no state.")
@click.option("--hostname", help="With --emergency: the name that clients call.")
@click.option("--zone-id", help="With --emergency: the zone at Cloudflare; enough without a journal.")
@click.option("--journal", help="With --emergency: the journal table; enough without a zone.")
@reason_option
@yes_option
@dry_run_option
@options
def rollback(
    *,
    where: Where,
    as_json: bool,
    end: str,
    force: bool,
    at_once: bool,
    hostname: str | None,
    zone_id: str | None,
    journal: str | None,
    reason: str,
    yes: bool,
    dry_run: bool,
) -> int:
    """Back to a lower stage; to 0 with the emergency write first. Takes over from a run that is at work."""
    reason = reason or "by hand"
    if at_once:
        return _emergency(
            where,
            hostname=hostname,
            zone_id=zone_id,
            journal=journal,
            reason=reason,
            as_json=as_json,
            dry_run=dry_run,
        )
    if hostname or zone_id or journal:
        raise click.UsageError("--hostname, --zone-id and --journal go with --emergency")
    with wire(where, quiet=as_json) as wired:
        record = wired.rollout.record()
        if dry_run:
            return _show_rollback(wired, record, end, as_json=as_json)
        _confirm(f"Roll {wired.target.hostname} back to {end}?", yes=yes, as_json=as_json)
        return _ended(wired, wired.rollout.back(end, reason=reason, force=force), as_json=as_json)


@cutover.command()
@click.option("--confirm", "confirmed", help="The host name, to confirm without being asked.")
@reason_option
@dry_run_option
@options
def commit(*, where: Where, as_json: bool, confirmed: str | None, dry_run: bool, reason: str) -> int:
    """Remove the old side: its pool and the break-glass record. There is no way back."""
    with wire(where, quiet=as_json) as wired:
        plan, hostname = wired.rollout.plan, wired.target.hostname
        _check_stage(wired, lambda at: at == plan.last, f"commit follows {plan.last}", "advance")
        if not dry_run and confirmed is None and not as_json:
            confirmed = click.prompt(
                f"There is no way back. Type {hostname} to remove its old side", err=True
            )
        if not dry_run and confirmed != hostname:
            raise OpsError(
                f"not confirmed: got {confirmed!r}; {hostname} was expected",
                fix=f"--confirm {hostname}",
                exit_code=Exit.REFUSED,
            )
        return _forward(
            wired, COMMITTED, as_json=as_json, dry_run=dry_run, yes=True, watch=False, reason=reason
        )


def _forward(
    wired: Wired, end: str | None, *, as_json: bool, dry_run: bool, yes: bool, watch: bool, reason: str
) -> int:
    if dry_run or not yes:
        intent = wired.rollout.intent(end)
        if dry_run and as_json:
            print_json(intent_json(intent))
        elif not as_json:
            wired.screen.say(f"{wired.target.hostname}: {intent.start} -> {intent.end}")
            wired.screen.console.print(gate_table(intent.gates))
        if dry_run:
            return int(Exit.OK if intent.allowed else Exit.REFUSED)
        _confirm(f"Move {wired.target.hostname} to {intent.end}?", yes=yes, as_json=as_json)
    return _ended(wired, wired.rollout.forward(end, reason=reason, watch=watch), as_json=as_json)


def _emergency(
    where: Where,
    *,
    hostname: str | None,
    zone_id: str | None,
    journal: str | None,
    reason: str,
    as_json: bool,
    dry_run: bool,
) -> int:
    if hostname is None or (zone_id is None and journal is None):
        raise click.UsageError("--emergency needs --hostname, and --zone-id or --journal or both")
    clock = SystemClock()
    with Screen(emergency.PLAN, title=f"emergency: {hostname}", quiet=as_json) as screen:
        api = cloudflare.Cloudflare(cloudflare.http(cloudflare.token()), clock)
        given = emergency.Emergency(
            hostname=hostname,
            zone_id=zone_id,
            journal_table=journal,
            region=where.region,
            operator=operator_name(),
            reason=reason,
        )
        if dry_run:
            place = emergency.locate(given, api, clock, screen.say)
            screen.say(f"would send all new sessions of {hostname} to pool {place.legacy_pool_id}")
            if as_json:
                print_json({"hostname": hostname, **place.published()})
            return int(Exit.OK)
        outcome = emergency.run(given, api, clock, screen.say)
        screen.say(outcome.message, level="good")
    if as_json:
        print_json(outcome_json(outcome))
    return int(outcome.exit_code)


def _ended(wired: Wired, outcome: Outcome, *, as_json: bool) -> int:
    level = {Exit.OK: "good", Exit.ROLLED_BACK: "warn"}.get(outcome.exit_code, "bad")
    wired.screen.say(outcome.message, level=level)
    if as_json:
        print_json(outcome_json(outcome, wired.journal.entries()))
    return int(outcome.exit_code)


def _show_rollback(wired: Wired, record: Record, end: str, *, as_json: bool) -> int:
    steps = ["config to the stage, update of the load balancer's resources, weights read back"]
    if end == wired.rollout.plan.first:
        steps.insert(0, "at once: all new sessions to the old pool, no affinity, the new pool off")
    if as_json:
        print_json({"start": record.stage, "end": end, "steps": steps})
    for number, step in enumerate(steps, 1):
        wired.screen.say(f"{number}. {step}")
    return int(Exit.OK)


def _check_stage(wired: Wired, fits: Callable[[str | None], bool], problem: str, fix: str) -> None:
    """A stage that the verb is not for is refused; an open move is always finished first."""
    record = wired.rollout.record()
    if record.move is not None:
        return
    stage = record.stage if record.stage is not None else wired.target.stage
    if not fits(stage):
        raise OpsError(f"stage {stage}: {problem}", fix=fix, exit_code=Exit.REFUSED)


def _confirm(question: str, *, yes: bool, as_json: bool) -> None:
    if yes:
        return
    if as_json:
        raise OpsError("--json asks nothing", fix="--yes", exit_code=Exit.REFUSED)
    click.confirm(question, abort=True, err=True)
