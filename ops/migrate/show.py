"""What the commands print for people."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from ops.migrate.copy import Outcome
from ops.migrate.journal import Chunk
from ops.migrate.plan import Plan
from ops.migrate.status import CopyStatus
from ops.migrate.verify import Report

TABLES_SHOWN = 25
PROBLEMS_SHOWN = 50


def size(count: float) -> str:
    """Bytes for people, in powers of 1024."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} TiB"


def console() -> Console:
    return Console(highlight=False, soft_wrap=True)


def plan(found: Plan) -> None:
    out = console()
    sides = Grid("", "source", "target")
    for title, name in (("version", "version"), ("database", "database"), ("encoding", "encoding"),
                        ("collation", "collation"), ("character type", "ctype")):  # fmt: skip
        sides.add_row(title, Text(getattr(found.source, name)), Text(getattr(found.target, name)))
    sides.add_row("size", size(found.source.size), size(found.target.size))
    sides.add_row("extensions", ", ".join(found.source.extensions), ", ".join(found.target.extensions))
    out.print(sides)
    grid = Grid("table", "size", "rows (estimate)", "key", "format")
    for table in sorted(found.tables, key=lambda table: -table.size)[:TABLES_SHOWN]:
        form = "binary" if table.binary else "text"
        grid.add_row(
            Text(str(table)), size(table.size), f"{table.rows:,}", Text(", ".join(table.key) or "none"), form
        )
    out.print(grid)
    if len(found.tables) > TABLES_SHOWN:
        out.print(f"and {len(found.tables) - TABLES_SHOWN} smaller tables")
    out.print(
        f"{len(found.tables)} tables, {found.sequences} sequences, {found.large_objects} large objects,"
        f" {size(sum(table.size for table in found.tables))} of rows"
    )
    for finding in found.findings:
        style = "bold red" if finding.severity == "blocker" else "yellow"
        out.print(Text(f"{finding.severity}: {finding.what} [{finding.code}]", style=style))
        out.print(Text(f"  why: {finding.why}\n  fix: {finding.fix}"))
    out.print("blocked" if found.blockers else "nothing blocks a copy")


def chunks(parts: Sequence[Chunk]) -> None:
    grid = Grid("would be copied", "size")
    for part in parts:
        grid.add_row(Text(str(part)), size(part.weight))
    console().print(grid)


def outcome(done: Outcome) -> None:
    out = console()
    seconds = done.seconds.get("rows", 0.0)
    rate = f" at {size(done.bytes / seconds)}/s" if seconds and done.bytes else ""
    out.print(f"{'resumed' if done.resumed else 'copied'}: {done.rows:,} rows, {size(done.bytes)}{rate}")
    for name in done.redone:
        out.print(Text(f"copied again, since the source had changed it: {name}"))
    out.print(", ".join(f"{name} {spent:.1f} s" for name, spent in done.seconds.items()))
    out.print(f"the target holds {done.total_rows:,} rows; next: verify")


def verification(report: Report, folder: Path) -> None:
    out = console()
    problems = report.problems()
    for line in problems[:PROBLEMS_SHOWN]:
        out.print(Text(line, style="red"))
    if len(problems) > PROBLEMS_SHOWN:
        out.print(f"and {len(problems) - PROBLEMS_SHOWN} more lines in the report")
    verdict = "equal" if report.equal else "NOT EQUAL"
    out.print(
        f"{verdict}: {report.rows:,} rows in {len(report.tables)} tables, {report.objects} objects,"
        f" {report.large_objects} large objects, {report.seconds:.1f} s"
    )
    out.print(Text(f"report: {folder / 'verification.html'}"))


def copy_status(found: CopyStatus) -> None:
    out = console()
    state = f"under way ({found.sessions} sessions)" if found.sessions else "not running"
    if found.phase == "done":
        state = f"finished {found.finished_at}"
    out.print(Text(f"copy {found.copy_id} from {found.origin}: {found.phase}, {state}"))
    out.print(f"began {found.started_at}")
    out.print(
        f"rows: {found.share:.0%}, {found.chunks_done} of {found.chunks} chunks, {found.rows:,} rows,"
        f" {size(found.bytes)}"
    )
    out.print(f"schema: {found.statements_done} of {found.statements} statements")
    if found.verified_at is None:
        out.print("not verified")
    else:
        out.print(f"verified {found.verified_at}: {'equal' if found.verified_equal else 'NOT EQUAL'}")
