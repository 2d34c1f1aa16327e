"""``python -m ops VERB``: one command line for everything that people do beside ``pulumi up``.

A verb is a Click command in ``ops/<verb>/command.py``, imported when it is called: ``--help`` costs no SDK.
"""

import importlib
import sys
from collections.abc import Mapping
from typing import Any

import click
from rich.console import Console

from ops.errors import Exit, OpsError

VERBS: Mapping[str, tuple[str, str]] = {
    "cost": ("ops.cost.command:command", "What a stack costs a month, and what a change adds"),
    "bluegreen": (
        "ops.bluegreen.command:bluegreen",
        "Release on hosts: fill and prove the idle group, shift, watch, and back at once",
    ),
    "cutover": (
        "ops.cutover.command:cutover",
        "Move a host name to the new side in stages, watched, and back at once",
    ),
    "diagram": (
        "ops.diagram.command:command",
        "Draw each system and list its resources, from a stack's state",
    ),
    "drill": ("ops.drill.command:command", "Rehearse a failover to the second region, or do it step by step"),
    "drift": ("ops.drift.command:command", "Say what was changed in the cloud beside the program"),
    "guard": ("ops.guard.command:command", "Fail a change that would destroy what cannot be made again"),
    "release": ("ops.release.command:command", "Release by image digest: migrate, deploy, verify, or back"),
    "review": ("ops.review.command:command", "Say in one comment what a change would do, and what stops it"),
    "teardown": ("ops.teardown.command:teardown", "Plan how a stack is taken away, in order, and what stays"),
    "verify": ("ops.verify.command:command", "Fail unless what runs is what was planned"),
    "migrate": ("ops.migrate.command:migrate", "move PostgreSQL without losing a row"),
}
"""Verb to the Click command that serves it (module:attribute), and its line in the list of verbs."""


class LazyVerbs(click.Group):
    """Knows the names of all verbs, and the code of the one that runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in VERBS:
            return None
        module, attribute = VERBS[cmd_name][0].split(":")
        return getattr(importlib.import_module(module), attribute)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Verbs"):
            formatter.write_dl([(verb, line) for verb, (_, line) in VERBS.items()])


def main(arguments: list[str] | None = None) -> int:
    """Run a verb; returns the exit code (``ops.errors.Exit``)."""
    group = LazyVerbs(name="ops", help="Operator tools: what people run beside `pulumi up`.")
    try:
        answer: Any = group.main(args=arguments, prog_name="python -m ops", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        Console(stderr=True).print("stopped", highlight=False)
        return 130
    except OpsError as error:
        console = Console(stderr=True, soft_wrap=True)
        console.print(f"error: {error.message}", style="bold red", markup=False, highlight=False)
        if error.fix:
            console.print(f"  fix: {error.fix}", markup=False, highlight=False)
        return int(error.exit_code)
    return int(answer) if isinstance(answer, int) else int(Exit.OK)


if __name__ == "__main__":
    sys.exit(main())
