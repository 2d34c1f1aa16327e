"""The command line of ``ops migrate``."""

import json
import shlex
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table as Grid

from ops.errors import Exit, OpsError
from ops.migrate import copy as copying
from ops.migrate import evidence, report, schema, show, status
from ops.migrate import plan as planning
from ops.migrate import verify as verifying
from ops.migrate.connect import Endpoint, resolve
from ops.migrate.snapshot import Holder
from ops.progress import Reporter

MEGABYTE = 1024 * 1024

Command = Callable[..., Any]


@click.group()
def migrate() -> None:
    """Move PostgreSQL to PostgreSQL: plan, copy, verify, status.

    A database is named by the ARN of its secret (what follows adds to it: "ARN host=db dbname=app"), by
    service=NAME, or by host=... user=... dbname=... with the password in a passfile. TLS is verified
    (verify-full).
    """


def source_options(command: Command) -> Command:
    command = click.option(
        "--source-ca", type=click.Path(path_type=Path), help="CA of the source's certificate."
    )(command)
    return click.option("--source", required=True, help="The database that is read.")(command)


def target_options(command: Command) -> Command:
    command = click.option(
        "--target-ca", type=click.Path(path_type=Path), help="CA of the target's certificate."
    )(command)
    return click.option("--target", required=True, help="The database that is filled.")(command)


def pg_bin_option(command: Command) -> Command:
    return click.option(
        "--pg-bin", type=click.Path(path_type=Path), help="Folder of pg_dump and pg_restore (default: PATH)."
    )(command)


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")


def ends(
    source: str, source_ca: Path | None, target: str, target_ca: Path | None
) -> tuple[Endpoint, Endpoint]:
    left, right = resolve("source", source, source_ca), resolve("target", target, target_ca)
    same = ("host", "hostaddr", "port", "dbname", "service")
    if [left.parameters.get(k) for k in same] == [right.parameters.get(k) for k in same]:
        raise OpsError("source and target are the same database", exit_code=Exit.REFUSED)
    return left, right


def print_json(value: object) -> None:
    click.echo(json.dumps(value, indent=1, default=str, ensure_ascii=False))


@migrate.command()
@source_options
@target_options
@pg_bin_option
@json_option
@click.option("--no-owner", is_flag=True, help="Plan for a copy without owners.")
@click.option("--no-privileges", is_flag=True, help="Plan for a copy without privileges.")
def plan(
    *,
    source: str,
    source_ca: Path | None,
    target: str,
    target_ca: Path | None,
    pg_bin: Path | None,
    as_json: bool,
    no_owner: bool,
    no_privileges: bool,
) -> int:
    """What a copy would meet. Writes nothing; exit code 3 where something blocks it."""
    left, right = ends(source, source_ca, target, target_ca)
    found = examine(left, right, pg_bin, owners=not no_owner, privileges=not no_privileges)
    if as_json:
        print_json(found.json())
    else:
        show.plan(found)
    return Exit.REFUSED if found.blockers else Exit.OK


def examine(
    left: Endpoint, right: Endpoint, pg_bin: Path | None, *, owners: bool, privileges: bool
) -> planning.Plan:
    try:
        major = schema.find_tools(pg_bin).major
    except OpsError:
        major = None
    with left.connect("plan") as reading, right.connect("plan") as writing:
        return planning.examine(reading, writing, major, owners=owners, privileges=privileges)


@migrate.command()
@source_options
@target_options
@pg_bin_option
@json_option
@click.option(
    "--jobs", default=4, show_default=True, type=click.IntRange(1, 64), help="Tables or ranges at a time."
)
@click.option(
    "--chunk-mb",
    default=64,
    show_default=True,
    type=click.IntRange(1),
    help="Size of a range of a large table.",
)
@click.option("--no-owner", is_flag=True, help="Everything belongs to the target's user.")
@click.option("--no-privileges", is_flag=True, help="Leave grants out.")
@click.option("--no-statistics", is_flag=True, help="Leave ANALYZE out.")
@click.option("--take-over", is_flag=True, help="End the session of a copy whose machine is gone.")
@click.option("--dry-run", is_flag=True, help="Show what would be copied, in which ranges; write nothing.")
def copy(
    *,
    source: str,
    source_ca: Path | None,
    target: str,
    target_ca: Path | None,
    pg_bin: Path | None,
    as_json: bool,
    jobs: int,
    chunk_mb: int,
    no_owner: bool,
    no_privileges: bool,
    no_statistics: bool,
    take_over: bool,
    dry_run: bool,
) -> int:
    """Copy schema and rows. Run it again after an interruption: it goes on where it stopped."""
    left, right = ends(source, source_ca, target, target_ca)
    options = copying.Options(
        jobs,
        chunk_mb * MEGABYTE,
        owners=not no_owner,
        privileges=not no_privileges,
        statistics=not no_statistics,
        take_over=take_over,
        pg_bin=pg_bin,
    )
    with Reporter(quiet=as_json) as reporter:
        job = copying.Copy(left, right, options, reporter, resume_command())
        if dry_run:
            return preview(job, left, right, options, as_json=as_json)
        outcome = job.run()
    if as_json:
        print_json(asdict(outcome))
    else:
        show.outcome(outcome)
    return Exit.OK


def preview(
    job: copying.Copy, left: Endpoint, right: Endpoint, options: copying.Options, *, as_json: bool
) -> int:
    """What ``copy`` would do."""
    found = examine(left, right, options.pg_bin, owners=options.owners, privileges=options.privileges)
    with Holder(left) as holder:
        parts = job.divide(holder)
    if as_json:
        chunks = [{"what": str(part), "bytes": part.weight} for part in parts]
        print_json({"plan": found.json(), "chunks": chunks})
    else:
        show.plan(found)
        show.chunks(parts)
    return Exit.REFUSED if found.blockers else Exit.OK


def resume_command() -> str:
    """This very command: it holds no secret, since passwords on it are refused."""
    return shlex.join(["python", "-m", "ops", *[part for part in sys.argv[1:] if part != "--take-over"]])


@migrate.command()
@source_options
@target_options
@json_option
@click.option(
    "--jobs", default=2, show_default=True, type=click.IntRange(1, 64), help="Sessions on each side."
)
@click.option(
    "--range-mb",
    default=16,
    show_default=True,
    type=click.IntRange(1),
    help="Size of what one digest covers.",
)
@click.option(
    "--report",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("verification"),
    show_default=True,
    help="Folder for verification.json and verification.html.",
)
@click.option("--evidence-table", help="DynamoDB table of the cutover's journal: leaves the verdict there.")
@click.option(
    "--system", help="Whose data it is, as in the stack: safework, sesami. Goes with --evidence-table."
)
def verify(
    *,
    source: str,
    source_ca: Path | None,
    target: str,
    target_ca: Path | None,
    as_json: bool,
    jobs: int,
    range_mb: int,
    folder: Path,
    evidence_table: str | None,
    system: str | None,
) -> int:
    """Compare rows and schema. Exit code 1 where anything differs; the report says what."""
    if (evidence_table is None) != (system is None):
        raise click.UsageError("--evidence-table and --system go together")
    left, right = ends(source, source_ca, target, target_ca)
    with Reporter(quiet=as_json) as reporter:
        done = verifying.verify(left, right, verifying.Options(jobs, range_mb * MEGABYTE), reporter)
    folder.mkdir(parents=True, exist_ok=True)
    written = json.dumps(done.json(), indent=1, default=str, ensure_ascii=False)
    (folder / "verification.json").write_text(written + "\n", encoding="utf-8")
    (folder / "verification.html").write_text(report.html(done), encoding="utf-8")
    if as_json:
        click.echo(written)
    else:
        show.verification(done, folder)
    if evidence_table is not None and system is not None:
        evidence.leave(evidence_table, system, done)
    return Exit.OK if done.equal else Exit.FAILED


@migrate.command(name="status")
@click.option("--target", help="The database that is filled: shows the copy's journal.")
@click.option("--target-ca", type=click.Path(path_type=Path), help="CA of the target's certificate.")
@click.option(
    "--replication-config", help="ARN of a DMS replication config: shows its load, lag and validation."
)
@json_option
def status_(target: str | None, target_ca: Path | None, replication_config: str | None, as_json: bool) -> int:
    """How far it is. With a replication, exit code 0 means that the switch may be made, 5 that it may not
    yet."""
    if (target is None) == (replication_config is None):
        raise click.UsageError("give --target or --replication-config, one of them")
    console = Console(highlight=False)
    if replication_config is not None:
        found = status.replication(replication_config)
        print_json(found.json()) if as_json else console.print(replication_grid(found))
        return Exit.OK if found.ready else Exit.INCOMPLETE
    with resolve("target", target or "", target_ca).connect("status") as connection:
        copied = status.copy_status(connection)
    print_json(copied.json()) if as_json else show.copy_status(copied)
    return Exit.OK


def replication_grid(found: status.Replication) -> Grid:
    lag = "unknown" if found.lag_seconds is None else f"{found.lag_seconds:.0f} s"
    title = f"{found.status}, {found.kind}: {found.full_load_percent}% loaded, lag {lag}"
    if found.stop_reason:
        title += f", {found.stop_reason}"
    grid = Grid(title=title, title_justify="left")
    for name in ("table", "state", "validation", "loaded", "inserts", "updates", "deletes", "failed"):
        grid.add_column(name)
    for table in found.tables:
        counts = (table.full_load_rows, table.inserts, table.updates, table.deletes, table.failed)
        grid.add_row(table.name, table.state, table.validation, *(f"{count:,}" for count in counts))
    return grid
