"""What the verbs of ``ops cutover`` take on the command line."""

import contextlib
from collections.abc import Callable, Generator, Mapping
from dataclasses import replace
from functools import update_wrapper
from pathlib import Path
from typing import Any, TypeVar

import click

from ops.cutover.wiring import Reached, Where
from ops.errors import OpsError
from ops.rollout.screen import print_json

Command = TypeVar("Command", bound=Callable[..., Any])


def options(command: Command) -> Command:
    """What every verb takes; hands the command a ``Where`` and ``as_json``."""

    def run(
        *, stack: str | None, system: str, project: Path, region: str, as_json: bool, **given: Any
    ) -> Any:
        if stack is None and not given.get("at_once"):
            raise click.UsageError("Missing option '--stack'.")
        where = Where(stack=stack or "", system=system, project=project, region=region)
        reached = click.get_current_context().obj
        if isinstance(reached, Reached):
            where = replace(where, reached=reached)
        with _json_errors(as_json):
            return command(where=where, as_json=as_json, **given)

    update_wrapper(run, command)
    for option in (
        click.option(
            "--json", "as_json", is_flag=True, help="One JSON document on standard output, no display."
        ),
        click.option(
            "--region", default="ap-northeast-2", show_default=True, help="Where the journal lives."
        ),
        click.option(
            "--project",
            default=".",
            show_default=True,
            type=click.Path(path_type=Path, exists=True, file_okay=False, resolve_path=True),
            help="Folder with Pulumi.yaml.",
        ),
        click.option(
            "--system", default="safework", show_default=True, help="Key of the system in the stack file."
        ),
        click.option("--stack", help="Which stack: dev, prod. Required, except for an emergency."),
    ):
        run = option(run)
    return run  # pyright: ignore[reportReturnType]


dry_run_option = click.option(
    "--dry-run", is_flag=True, help="Read everything, change nothing, say what would be done."
)
yes_option = click.option("--yes", is_flag=True, help="Ask nothing.")
reason_option = click.option("--reason", default="", help="Goes into the journal.")
no_watch_option = click.option(
    "--no-watch", is_flag=True, help="End after the step; `watch` must follow before the next."
)


@contextlib.contextmanager
def _json_errors(as_json: bool) -> Generator[None]:
    """With ``--json`` an error is on standard output too, as a document."""
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
