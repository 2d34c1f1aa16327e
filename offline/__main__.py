"""`python -m offline preview|up|destroy|cycle`: this program on the real engine, without an account."""

import argparse
import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

from offline.cli import CliError
from offline.engine import EngineError, Options, Session, may_change, session
from offline.engine_config import ConfigError, stack_names
from offline.engine_locks import LockedError
from offline.engine_providers import REPOSITORY, ProviderError
from offline.engine_report import Outcome, table

FAILED = 1
CANNOT_START = 3
INTERRUPTED = 130

UNPROTECT = (
    "protected resources are not destroyed. Repeat with --unprotect to lift that in this local state; "
    "on a real stack, follow the two-step unlock in docs/runbooks"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line; returns the exit code: 1 for a failed run, 2 for usage, 3 for no engine."""
    parser = _parser()
    given = parser.parse_args(arguments)
    options = _options(given)
    if given.command != "preview" and not may_change(options):
        parser.error(
            f"{given.command} with installed providers and no --endpoint would need a real account; "
            "preview is possible, or give the --endpoint of an emulator"
        )
    interrupted = _note_interrupts()
    try:
        with session(options) as running:
            outcomes = _execute(running, given)
    except (CliError, ProviderError, EngineError, ConfigError, LockedError) as error:
        print(f"error: {error}", file=sys.stderr)
        return INTERRUPTED if interrupted else CANNOT_START
    if interrupted:
        return INTERRUPTED
    return 0 if all(outcome.ok for outcome in outcomes) else FAILED


def _execute(running: Session, given: argparse.Namespace) -> list[Outcome]:
    stacks = stack_names(running.options.project) if given.stack == "all" else [given.stack]
    if not stacks:
        raise EngineError(f"{running.options.project} has no Pulumi.<stack>.yaml")
    if given.command == "preview" and given.json:
        return _preview_json(running, stacks, given.json)
    steps: dict[str, Callable[[str], list[Outcome]]] = {
        "preview": lambda stack: [running.preview(stack)],
        "up": lambda stack: [running.up(stack)],
        "destroy": lambda stack: [_destroy(running, stack, unprotect=given.unprotect)],
        "cycle": lambda stack: _cycle(running, stack),
    }
    outcomes: list[Outcome] = []
    for stack in stacks:
        if len(stacks) > 1:
            print(f"== {running.project_name}, stack {stack}: {given.command}", flush=True)
        outcomes.extend(steps[given.command](stack))
    print(table(outcomes), flush=True)
    return outcomes


def _destroy(running: Session, stack: str, *, unprotect: bool) -> Outcome:
    outcome = running.destroy(stack, unprotect=unprotect)
    if not outcome.ok and not unprotect and "protect" in outcome.output:
        print(UNPROTECT, file=sys.stderr)
    return outcome


def _cycle(running: Session, stack: str) -> list[Outcome]:
    """Deploy, deploy again expecting no change, destroy. Stops at the first failure."""
    outcomes = [running.up(stack)]
    if outcomes[-1].ok:
        outcomes.append(_unchanged(running.up(stack)))
    if outcomes[-1].ok:
        outcomes.append(running.destroy(stack, unprotect=True))
    return outcomes


def _unchanged(outcome: Outcome) -> Outcome:
    """A second update that changed something is a failure, and says what."""
    if not outcome.ok or outcome.unchanged:
        return outcome
    changed = "\n  ".join(outcome.changed)
    print(f"error: a second update of {outcome.stack} changed:\n  {changed}", file=sys.stderr)
    return Outcome(
        stack=outcome.stack,
        operation=outcome.operation,
        ok=False,
        seconds=outcome.seconds,
        changes=outcome.changes,
        changed=outcome.changed,
        problem="a second update changed something",
    )


def _preview_json(running: Session, stacks: Sequence[str], target: str) -> list[Outcome]:
    """The engine's own document for one stack; for several, an object with one for each."""
    with contextlib.redirect_stdout(sys.stderr):  # what the program prints must not mix with the document
        outcomes = [running.preview(stack, json=True) for stack in stacks]
    if len(outcomes) == 1:
        document = outcomes[0].output
    else:
        document = json.dumps({outcome.stack: json.loads(outcome.output) for outcome in outcomes}, indent=1)
    if target == "-":
        print(document)
    else:
        Path(target).write_text(document + "\n", encoding="utf-8")
        print(table(outcomes), flush=True)
    return outcomes


def _note_interrupts() -> list[int]:
    """Leave Ctrl-C to the engine, which gets it too and stops in good order; this process waits for it."""
    seen: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        if seen:
            os._exit(INTERRUPTED)
        seen.append(number)
        print("interrupted: the engine is stopping; once more to leave it", file=sys.stderr, flush=True)

    signal.signal(signal.SIGINT, note)
    return seen


def _options(given: argparse.Namespace) -> Options:
    return Options(
        project=given.project.resolve(),
        providers=given.providers,
        endpoint=given.endpoint,
        cloudflare_endpoint=given.cloudflare_endpoint,
        state=given.state,
        policy=given.policy,
        config_file=given.config_file,
        assignments=given.set,
        durable=given.command != "cycle" and not getattr(given, "quick", False),
        color=sys.stdout.isatty() and not os.environ.get("NO_COLOR"),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m offline",
        description="Run this program on the real Pulumi engine with local state and no account.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    helps = {
        "preview": "show what an update would do",
        "up": "deploy to the simulated (or emulated) cloud",
        "destroy": "delete what was deployed there",
        "cycle": "deploy, deploy again expecting no change, destroy",
    }
    for name, text in helps.items():
        command = commands.add_parser(name, help=text, description=text)
        every = ", or `all` for every stack file" if name in {"preview", "cycle"} else ""
        command.add_argument(
            "--stack", default="dev", metavar="STACK", help=f"dev or prod{every} (default: dev)"
        )
        command.add_argument("--providers", choices=("simulated", "installed"), default="simulated")
        command.add_argument("--endpoint", metavar="URL", help="AWS emulator for installed providers")
        command.add_argument("--cloudflare-endpoint", metavar="URL", help="Cloudflare emulator, likewise")
        command.add_argument(
            "--no-policy", dest="policy", action="store_false", help="without the policy pack"
        )
        command.add_argument(
            "--config-file", type=Path, metavar="FILE", help="instead of Pulumi.<stack>.yaml"
        )
        command.add_argument(
            "--set", action="append", default=[], metavar="PATH=VALUE", help="change a setting for this run"
        )
        command.add_argument("--project", type=Path, default=REPOSITORY, help=argparse.SUPPRESS)
        command.add_argument("--state", type=Path, metavar="FOLDER", help="where the local state is kept")
        if name == "up":
            command.add_argument(
                "--quick",
                action="store_true",
                help="write the state once, at the end: twice as fast, and lost when it is killed",
            )
        if name == "preview":
            command.add_argument(
                "--json",
                nargs="?",
                const="-",
                metavar="FILE",
                help="the engine's JSON document alone, printed or written to a file; `ops guard` reads it",
            )
        if name == "destroy":
            command.add_argument(
                "--unprotect", action="store_true", help="lift protection first, in this state"
            )
    return parser


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    if code == INTERRUPTED:
        os._exit(code)  # the program's thread may still be in the middle of something
    sys.exit(code)
