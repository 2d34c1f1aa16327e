"""``python -m ops review``: may this change be merged, and if not, why?"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from offline.engine_config import stack_names
from ops.durations import DURATION
from ops.errors import Exit
from ops.github import from_environment
from ops.guard.approvals import FILE as APPROVALS
from ops.guard.run import REPOSITORY
from ops.review import comment as comments
from ops.review import limits, run
from ops.review.comment import Check
from ops.review.model import FILE, Review, load

FOLDER = Path("build/review")
_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group(name="review")
def command() -> None:
    """What a change would do to a stack, and what stops it: plan, policies, losses, cost, tags."""


def _previewing(function: click.decorators.FC) -> click.decorators.FC:
    for option in (
        click.option("--base", help="commit to compare with, offline; default: the merge base with main"),
        click.option("--out", type=_FOLDER, default=FOLDER, show_default=True, help="where the files go"),
        click.option("--timeout", type=DURATION, default="15m", show_default=True, help="for each preview"),
        click.option("--approvals", type=_FILE, default=APPROVALS, help="of losses, for the guard"),
        click.option("--limits", "limits_file", type=_FILE, default=limits.FILE, help="of cost and tags"),
        click.option("--project", type=_FOLDER, default=REPOSITORY, hidden=True),
    ):
        function = option(function)
    return function


@command.command()
@click.option("--stack", required=True)
@click.option("--offline", is_flag=True, help="simulated providers, against the deployed merge base")
@_previewing
def stack(*, stack: str, offline: bool, out: Path, limits_file: Path, **given: Any) -> int:
    """Review one stack: review.json, comment.md and the pack's SARIF go to OUT/STACK. 1 when stopped."""
    found = run.review(_where(stack, offline=offline, out=out, limits_file=limits_file, **given))
    _say([found], [])
    return Exit.OK if found.ok else Exit.FAILED


@command.command()
@click.argument("folder", type=_FOLDER)
@click.option("--expect", multiple=True, metavar="STACK", help="stopped where this stack has no review")
@click.option("--check", "checks", multiple=True, metavar="NAME=RESULT", help="how another job ended")
@click.option("--rest", default="the whole review is in the job's artifacts", help="where what is cut is")
@click.option("--output", type=_FILE, help="write the comment here")
@click.option("--pull-request", type=int, metavar="NUMBER", help="post it there, over the one before")
def comment(
    *,
    folder: Path,
    expect: Sequence[str],
    checks: Sequence[str],
    rest: str,
    output: Path | None,
    pull_request: int | None,
) -> int:
    """One comment out of every review below FOLDER. 1 when anything stops the change."""
    reviews = sorted((load(file) for file in folder.rglob(FILE)), key=lambda each: each.stack)
    results = [_check(each) for each in checks]
    absent = sorted(set(expect) - {review.stack for review in reviews})
    results += [Check(f"review of {each}", "no result: see its job") for each in absent]
    text = comments.render(reviews, results, rest=rest)
    if output:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, encoding="utf-8")
    if pull_request:
        click.echo(from_environment().comment(pull_request, comments.MARKER, text), err=True)
    _say(reviews, results)
    return Exit.FAILED if comments.stopped(reviews, results) else Exit.OK


@command.command()
@click.option("--stack", "name", default="all", show_default=True)
@click.option(
    "--account", is_flag=True, help="the stack of the backend that is logged in to, not a simulation"
)
@click.option("--run", "targets", multiple=True, metavar="TARGET", help="a make target to run first")
@_previewing
def local(*, name: str, account: bool, targets: Sequence[str], out: Path, project: Path, **given: Any) -> int:
    """The steps of a pull request, here: make targets, a review of each stack, the comment in OUT."""
    checks = [_make(target) for target in targets]
    names = stack_names(project) if name == "all" else [name]
    reviews = [
        run.review(_where(each, offline=not account, out=out, project=project, **given)) for each in names
    ]
    out.mkdir(parents=True, exist_ok=True)
    file = out / "comment.md"
    file.write_text(comments.render(reviews, checks, rest=f"see {out}/STACK/comment.md"), encoding="utf-8")
    _say(reviews, checks)
    Console(soft_wrap=True).print(f"comment: {file}", markup=False, highlight=False)
    return Exit.FAILED if comments.stopped(reviews, checks) else Exit.OK


def _where(stack: str, *, offline: bool, out: Path, limits_file: Path, **given: Any) -> run.Where:
    return run.Where(stack=stack, out=out / stack, offline=offline, limits=limits_file, **given)


def _check(text: str) -> Check:
    name, equals, result = text.rpartition("=")
    if not equals or not name or not result:
        raise click.UsageError(f"--check: got {text!r}; a name and a result, as test=success")
    return Check(name, result)


def _make(target: str) -> Check:
    print(f"== make {target}", file=sys.stderr, flush=True)
    done = subprocess.run(["make", target], cwd=REPOSITORY, stdout=sys.stderr, check=False)
    return Check(f"make {target}", "failure" if done.returncode else "success")


def _say(reviews: Sequence[Review], checks: Sequence[Check]) -> None:
    """For a terminal: what stops it, one line each, and the verdict last."""
    console = Console(soft_wrap=True)
    for check in checks:
        if not check.ok:
            console.print(f"check: {check.name}: {check.result}", style="red", markup=False, highlight=False)
    for review in reviews:
        for stop in review.stops:
            line = f"{review.stack}: {stop.kind}: {stop.line}"
            console.print(line, style="red", markup=False, highlight=False)
        for line in review.approved:
            console.print(f"{review.stack}: {line}", style="yellow", markup=False, highlight=False)
    failed = comments.stopped(reviews, checks)
    counted = ", ".join(f"{number} {kind}" for kind, number in comments.counts(reviews).items())
    names = ", ".join(review.stack for review in reviews)
    verdict = f"review: {'stopped' if failed else 'passed'}: {names}" + (f": {counted}" if counted else "")
    console.print(verdict, style="bold red" if failed else "bold green", markup=False, highlight=False)
