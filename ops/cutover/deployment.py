"""Config and ``pulumi up``, through the Automation API."""

import contextlib
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, cast

from pulumi.automation import CommandError, LocalWorkspace, Stack

from ops.cutover.stack_file import StackFile
from ops.cutover.target import COMMITTED, parse
from ops.errors import OpsError
from ops.rollout.clock import SystemClock
from ops.rollout.ports import PortError, Update

OpenStack = Callable[[], AbstractContextManager[tuple[Stack, str | None]]]
"""A stack of the Automation API, and the settings file to run it with if it is not its own."""

_OWNER = "platform:dns:DnsCutover$cloudflare:"
"""What the URNs of the load balancer, pools, monitor and records have in common."""
_MESSAGE_LINES = 12


def local(project: Path, stack: str) -> OpenStack:
    """The stack as ``pulumi`` in the project's folder sees it. Raises PortError where there is none."""

    @contextlib.contextmanager
    def opened() -> Any:
        try:
            yield Stack.select(stack, LocalWorkspace(work_dir=str(project))), None
        except CommandError as error:
            raise PortError(f"pulumi: {_last_lines(error)}", fix="pulumi login, and check --stack") from error

    return opened


class PulumiDeployment:
    """The stage of a system in its stack's settings and state.

    An update is of the cutover's own resources alone: a step at night deploys nothing else that waits.
    Steps forward run the policy pack; a way back does not wait for an exception to be renewed.
    """

    def __init__(
        self,
        open_stack: OpenStack,
        file: StackFile,
        *,
        stack: str,
        system: str,
        clock: SystemClock,
        policy_packs: list[str] | None = None,
        say: Callable[[str], None] = lambda _line: None,
    ) -> None:
        self._open = open_stack
        self._file = file
        self._stack = stack
        self._system = system
        self._clock = clock
        self._packs = policy_packs
        self._say = say

    def exported(self) -> Any:
        """What the system exports, from the state. Raises PortError."""
        with self._open() as (stack, _), _as_port_errors():
            outputs = stack.outputs()
        found = outputs.get(self._system)
        return cast("Mapping[str, Any]", found.value) if found else None

    def configured(self) -> str:
        return self._file.stage()

    def deployed(self) -> str:
        return parse(self.exported(), system=self._system, stack=self._stack).stage

    def configure(self, stage: str) -> None:
        if self._file.set_stage(stage):
            self._say(f"{self._file.path.name}: {self._system}.cutover is at stage {stage}; commit it")

    def check(self) -> None:
        self._file.check_clean()

    def update(self, *, repair: bool) -> Update:
        return _Running(lambda: self._up(repair=repair), self._clock)

    def _up(self, *, repair: bool) -> None:
        with self._open() as (stack, config_file), _as_port_errors():
            urns = self._urns(stack)
            stack.up(
                target=urns,
                refresh=repair or None,
                policy_packs=None if repair else self._packs,
                config_file=config_file,
                on_output=self._say,
                on_error=self._say,
                show_secrets=False,
                suppress_progress=True,
                color="never",
            )

    def _urns(self, stack: Stack) -> list[str] | None:
        """The cutover's resources in the state; None, for all, where some are still to be made."""
        deployment = stack.export_stack().deployment or {}
        resources = cast("list[Mapping[str, Any]]", deployment.get("resources") or [])
        found = [str(each["urn"]) for each in resources if _OWNER in str(each["urn"])]
        complete = any(urn.endswith("-legacy") for urn in found) or self.configured() == COMMITTED
        return found if complete else None


class _Running:
    """An update in a thread of its own."""

    def __init__(self, work: Callable[[], None], clock: SystemClock) -> None:
        self._clock = clock
        self._ended = threading.Event()
        self._error: Exception | None = None
        self._work = work
        # Not a daemon: an interrupted tool lets its update end rather than leave the stack locked.
        threading.Thread(target=self._run, name="pulumi-up").start()

    def _run(self) -> None:
        try:
            self._work()
        except Exception as error:  # noqa: BLE001 - handed to whoever asks for the result
            self._error = error
        finally:
            self._ended.set()

    def wait(self, seconds: float) -> bool:
        return self._clock.wait(self._ended, seconds)

    def result(self) -> None:
        if isinstance(self._error, OpsError):
            raise self._error
        if self._error is not None:
            raise PortError(f"pulumi up: {type(self._error).__name__}: {self._error}") from self._error


@contextlib.contextmanager
def _as_port_errors() -> Any:
    try:
        yield
    except CommandError as error:
        fix = None
        if "is currently locked" in str(error) or "conflict" in type(error).__name__.lower():
            fix = "another update runs; if it was killed: pulumi cancel"
        raise PortError(f"pulumi: {_last_lines(error)}", fix=fix) from error


def _last_lines(error: CommandError) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return " | ".join(lines[-_MESSAGE_LINES:])
