"""Real previews and updates of this program on the real engine, with local state and no account.

A session finds the CLI, reaches the providers once, and then runs operations on any number of stacks. The
committed stack files are read and never written; state lies in a folder of its own for each way of reaching
the providers.
"""

import contextlib
import os
import shlex
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pulumi.automation import CommandError, Stack

from offline import engine_config, engine_locks, engine_program, engine_providers, service_locks
from offline.cli import Cli, ensure_cli
from offline.engine_report import OncePrinter, Outcome, Recorder
from offline.engine_workspace import FoundCommand, QuietWorkspace, write_analyzer

_UNCHANGED: Mapping[str, str] = {}

PASSPHRASE = "offline"  # noqa: S105 (protects nothing: the state holds values of a simulation)
POLICY_PACK = "policies"
Operation = Literal["preview", "up", "destroy"]


def _print(line: str) -> None:
    print(line, flush=True)


def _print_error(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a session runs."""

    project: Path = engine_providers.REPOSITORY
    providers: engine_providers.Kind = "simulated"
    endpoint: str | None = None
    cloudflare_endpoint: str | None = None
    state: Path | None = None
    """Folder of the state; `.cache/state` in the project when not given."""
    policy: bool = True
    config_file: Path | None = None
    """Read instead of `Pulumi.<stack>.yaml`."""
    assignments: Sequence[str] = ()
    color: bool = False
    durable: bool = True
    """Whether the engine writes the state after every step, so that a killed run loses nothing. Once at the
    end takes half the time (400 resources: 13 s against 28 s)."""
    write: Callable[[str], None] = field(default=_print)
    write_error: Callable[[str], None] = field(default=_print_error)


class EngineError(Exception):
    """A run that cannot start; the text says why and what to do."""


class Session:
    """Operations on the stacks of one project, with providers that are served meanwhile."""

    def __init__(self, options: Options, cli: Cli, access: engine_providers.Access, scratch: Path) -> None:
        self.options = options
        self.project_name = engine_config.project_name(options.project)
        self.state = state_folder(options)
        self._cli = cli
        self._access = access
        self._scratch = scratch
        self._env = self._environment()

    def preview(self, stack: str, *, json: bool = False) -> Outcome:
        """What an update would do.

        With `json`, nothing is written and the output is the engine's document, unchanged resources included.
        """

        def run(target: Stack, config: str, recorder: Recorder, write: Callable[[str], None]) -> None:
            target.preview(
                config_file=config,
                policy_packs=self._packs(),
                color=self._color(),
                on_output=write,
                on_error=self.options.write_error,
                on_event=recorder.event,
                json=json,
            )

        return self._run("preview", stack, run, silent=json)

    def up(self, stack: str) -> Outcome:
        """Bring the simulated cloud to what the program says. Previews nothing first."""

        def run(target: Stack, config: str, recorder: Recorder, write: Callable[[str], None]) -> None:
            target.up(
                config_file=config,
                policy_packs=self._packs(),
                color=self._color(),
                on_output=write,
                on_error=self.options.write_error,
                on_event=recorder.event,
                show_secrets=False,
                suppress_progress=True,
            )

        self._unlock(stack)
        return self._run("up", stack, run)

    def destroy(self, stack: str, *, unprotect: bool = False) -> Outcome:
        """Delete everything of a stack. What is protected stops it unless `unprotect` lifts that first."""
        self._unlock(stack)
        if unprotect and self.resources_exist(stack):
            self.command(["state", "unprotect", "--all", "--yes", "--stack", stack])
            if self.options.providers == "simulated":
                service_locks.lift(self.state_file(stack))

        def run(target: Stack, config: str, recorder: Recorder, write: Callable[[str], None]) -> None:
            target.destroy(
                config_file=config,
                color=self._color(),
                on_output=write,
                on_error=self.options.write_error,
                on_event=recorder.event,
                show_secrets=False,
                suppress_progress=True,
            )

        return self._run("destroy", stack, run)

    @contextlib.contextmanager
    def opened(self, stack: str) -> Generator[tuple[Stack, str]]:
        """A stack for the Automation API's own operations, and the settings file to give to each."""
        config = self._prepare(stack)
        with engine_program.working_directory(self.options.project):
            yield Stack.select(stack, self._workspace()), str(config)

    def command(self, arguments: list[str], cwd: Path | None = None) -> str:
        """Run any command of the CLI on this session's state; returns its output. Raises EngineError."""
        try:
            done = FoundCommand(self._cli).run(arguments, str(cwd or self.options.project), self._env)
        except CommandError as error:
            raise EngineError(f"`pulumi {shlex.join(arguments)}` failed:{error}") from error
        return done.stdout

    def state_file(self, stack: str) -> Path:
        """Where the engine keeps the state of a stack."""
        return self.state / ".pulumi" / "stacks" / self.project_name / f"{stack}.json"

    def resources_exist(self, stack: str) -> bool:
        """Whether anything was ever deployed to a stack."""
        file = self.state_file(stack)
        return file.exists() and '"urn"' in file.read_text()

    def _run(
        self,
        operation: Operation,
        stack: str,
        run: Callable[[Stack, str, Recorder, Callable[[str], None]], None],
        *,
        silent: bool = False,
    ) -> Outcome:
        started = time.monotonic()
        recorder, printer = Recorder(), OncePrinter(_ignore if silent else self.options.write)
        config = self._prepare(stack)
        # The Automation API has no argument for it; a reader of the document misses lifted locks without.
        workspace = self._workspace({"PULUMI_OPTION_SHOW_SAMES": "true"} if silent else {})
        problem = ""
        with engine_program.working_directory(self.options.project):
            try:
                run(Stack.select(stack, workspace), str(config), recorder, printer)
            except CommandError as error:
                problem = type(error).__name__
            except RuntimeError as error:
                problem = str(error)
        return Outcome(
            stack=stack,
            operation=operation,
            ok=not problem,
            seconds=time.monotonic() - started,
            changes=recorder.changes,
            changed=recorder.changed,
            policy=recorder.policy,
            output="\n".join(printer.lines),
            problem=problem,
        )

    def _workspace(self, environ: Mapping[str, str] = _UNCHANGED) -> QuietWorkspace:
        return QuietWorkspace(
            work_dir=str(self.options.project),
            program=engine_program.inline(self.options.project),
            env_vars={**self._env, **environ},
            pulumi_command=FoundCommand(self._cli),
        )

    def _prepare(self, stack: str) -> Path:
        """Settle what an operation needs: its copy of the settings, and the stack in the state."""
        options = self.options
        source = options.config_file or options.project / f"Pulumi.{stack}.yaml"
        if not source.exists():
            known = ", ".join(engine_config.stack_names(options.project)) or "none"
            raise EngineError(f"stack {stack}: {source.name} does not exist; stacks of this project: {known}")
        folder = Path(tempfile.mkdtemp(dir=self._scratch))
        changes = engine_config.Changes(
            assignments=options.assignments, add=self._access.add, drop=self._access.drop
        )
        target = folder / f"Pulumi.{stack}.yaml"
        prepared = engine_config.prepare(source, target, self.project_name, changes)
        if not self.state_file(stack).exists():
            self._create_stack(stack)
        for lock in engine_locks.release_stale(self.state, self.project_name, stack):
            options.write_error(
                f"stack {stack}: process {lock.pid} was killed while it held this; lock removed"
            )
        if prepared.secrets:
            pairs = [
                argument
                for path, value in prepared.secrets.items()
                for argument in ("--secret", f"{path}={value}")
            ]
            command = ["config", "set-all", "--path", "--stack", stack, "--config-file", str(target)]
            self.command([*command, *pairs])
        return target

    def _unlock(self, stack: str) -> None:
        """Let a changing operation begin. Raises LockedError while another one runs."""
        for lock in engine_locks.release_stale(self.state, self.project_name, stack):
            self.options.write_error(
                f"stack {stack}: removed the lock of process {lock.pid}, which was killed"
            )

    def _create_stack(self, stack: str) -> None:
        """Make an empty stack, from a folder of its own: the engine would write a salt to the stack file."""
        folder = Path(tempfile.mkdtemp(dir=self._scratch))
        shutil.copy(self.options.project / "Pulumi.yaml", folder)
        command = ["stack", "init", "--no-select", "--secrets-provider", "passphrase", "--stack", stack]
        self.command(command, cwd=folder)

    def _environment(self) -> dict[str, str]:
        env = {
            "PULUMI_BACKEND_URL": f"file://{self.state}",
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_CONFIG_PASSPHRASE_FILE": "",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            **self._access.env,
        }
        if not self.options.durable:
            env |= {"PULUMI_EXPERIMENTAL": "true", "PULUMI_SKIP_CHECKPOINTS": "true"}
        if self.options.providers == "simulated":
            env["PULUMI_HOME"] = str(self.state / "home")
        analyzers = self._scratch / "bin"
        analyzers.mkdir(exist_ok=True)
        if not self._cli.has_language_host:
            write_analyzer(analyzers)
        first = [str(Path(sys.executable).parent), str(analyzers)]
        env["PATH"] = os.pathsep.join([*first, os.environ.get("PATH", os.defpath)])
        return env

    def _packs(self) -> list[str] | None:
        pack = self.options.project / POLICY_PACK
        return [str(pack)] if self.options.policy and (pack / "PulumiPolicy.yaml").exists() else None

    def _color(self) -> str:
        return "always" if self.options.color else "never"


def state_folder(options: Options) -> Path:
    """Where a session keeps its state: simulations, emulators and plain plugins must not mix."""
    base = options.state or options.project / ".cache" / "state"
    kind = "emulated" if options.endpoint else options.providers
    return (base / kind).resolve()


@contextlib.contextmanager
def session(options: Options, find_cli: Callable[[], Cli] = ensure_cli) -> Generator[Session]:
    """A session for the length of a `with` block.

    Raises CliError, ProviderError or EngineError where it cannot start.
    """
    if options.providers == "simulated" and options.endpoint:
        raise EngineError("simulated providers reach no endpoint: use --providers installed with --endpoint")
    cli = find_cli()
    state = state_folder(options)
    state.mkdir(parents=True, exist_ok=True)
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    with (
        tempfile.TemporaryDirectory(prefix="seoul-platform-") as scratch,
        engine_providers.access(
            options.providers, options.endpoint, options.cloudflare_endpoint, home
        ) as access,
    ):
        yield Session(options, cli, access, Path(scratch))


def may_change(options: Options) -> bool:
    """Whether updates are possible: real plugins without an endpoint would reach for a real account."""
    return options.providers == "simulated" or options.endpoint is not None


def _ignore(_line: str) -> None:
    """For output that is kept and not shown."""
