"""``python -m ops guard``: what would this change destroy, and who allowed it?"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

from ops.durations import DURATION
from ops.errors import Exit, OpsError
from ops.guard import report, run
from ops.guard.approvals import FILE, load
from ops.guard.judge import judge
from ops.guard.preview import parse


@click.command(name="guard")
@click.option(
    "--preview",
    "previews",
    multiple=True,
    type=click.Path(path_type=Path, allow_dash=True),
    help="a document of `pulumi preview --json --show-sames`; - for standard input; may be repeated",
)
@click.option("--stack", help="make the preview of this stack now, instead of reading one")
@click.option("--offline", is_flag=True, help="with --stack: simulated providers and a local state")
@click.option(
    "--state", type=click.Path(path_type=Path, file_okay=False), help="with --offline: where that state is"
)
@click.option("--project", type=click.Path(path_type=Path, file_okay=False), hidden=True)
@click.option(
    "--approvals",
    type=click.Path(path_type=Path, dir_okay=False),
    help="default: ops/guard/approvals.yaml",
)
@click.option("--timeout", type=DURATION, default="15m", show_default=True, help="for the preview")
@click.option("--json", "json_", is_flag=True, help="the answer as JSON on standard output")
@click.option(
    "--markdown",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="write the answer as a pull request comment too",
)
def command(
    *,
    previews: tuple[Path, ...],
    stack: str | None,
    offline: bool,
    state: Path | None,
    project: Path | None,
    approvals: Path | None,
    timeout: float,
    json_: bool,
    markdown: Path | None,
) -> int:
    """Fail where a change would delete, replace, forget or unlock what cannot be made again.

    Data stores, addresses, keys, DNS records, buckets, audit logs and backups need an approval that names the
    resource, the operation, a reason, an owner and a last day. Approvals that have expired or that nothing
    needs fail too.
    """
    if bool(previews) == bool(stack):
        raise click.UsageError("give either --preview FILE or --stack STACK")
    if (offline or state) and not stack:
        raise click.UsageError("--offline and --state go with --stack")
    if state and not offline:
        raise click.UsageError("--state goes with --offline; `pulumi login` chooses the state otherwise")
    today = datetime.now(UTC).date()
    given = load(approvals or FILE, today=today, required=approvals is not None)
    if stack:
        where = project or run.REPOSITORY
        text = (
            run.offline_preview(stack, timeout=timeout, state=state, project=where)
            if offline
            else run.preview(stack, timeout=timeout, project=where)
        )
        documents = [(f"preview of {stack}", text)]
    else:
        documents = [(str(file), _read(file)) for file in previews]
    judgement = judge([each for name, text in documents for each in parse(text, name)], given, today)
    if markdown:
        markdown.write_text(report.as_markdown(judgement), encoding="utf-8")
    if json_:
        click.echo(json.dumps(report.as_json(judgement), indent=2))
    else:
        report.show(Console(soft_wrap=True), judgement)
    return Exit.OK if judgement.ok else Exit.FAILED


def _read(file: Path) -> str:
    if str(file) == "-":
        return sys.stdin.read()
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise OpsError(f"{file}: {said}", fix="name the preview's document with --preview") from error
