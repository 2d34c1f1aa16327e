"""Runs a builder as Pulumi runs a program, each time from a clean runtime."""

import asyncio
import atexit
import contextvars
import functools
import logging
import threading
from collections.abc import Callable, Mapping
from concurrent import futures
from typing import Any, cast

from google.protobuf import empty_pb2
from pulumi.runtime import resource as registration
from pulumi.runtime import settings as runtime
from pulumi.runtime.config import set_all_config
from pulumi.runtime.mocks import MockEngine, MockSettings
from pulumi.runtime.proto import source_pb2
from pulumi.runtime.stack import run_in_stack

from offline import computed
from tests.harness.monitor import RecordingMonitor
from tests.harness.record import Deployment, plain, secret_paths

# Which line made a resource is for the engine's display; looking it up takes a tenth of a run's time.
registration._get_stack_trace = source_pb2.StackTrace  # pyright: ignore[reportPrivateUsage]


class HarnessError(AssertionError):
    """The program registered something that a provider would refuse, or looked something up."""


def deploy(
    build: Callable[[], Any],
    *,
    preview: bool = False,
    config: Mapping[str, str] | None = None,
    project: str = "seoul-platform",
    stack: str = "dev",
    account_id: str = computed.DEFAULT_ACCOUNT,
) -> Deployment:
    """Everything that ``build`` registers.

    With ``preview``, computed outputs are unknown, and callbacks of ``apply`` on them do not run, as in a
    preview of a first deployment. ``config`` has full keys, such as ``aws:region``. Raises HarnessError with
    every refused input, or the exception of the builder or of a callback.
    """
    given = {"aws:region": computed.DEFAULT_REGION, **(config or {})}
    monitor = RecordingMonitor(
        project=project,
        stack=stack,
        preview=preview,
        context=computed.Context(region=given["aws:region"], account_id=account_id),
    )
    result: list[Any] = []

    def run() -> None:
        asyncio.set_event_loop(event_loop())
        runtime.configure(_settings(monitor, project, stack, preview=preview))
        set_all_config(given, [])
        _run_to_end(lambda: result.append(build()))

    try:
        contextvars.copy_context().run(run)
    except Exception as error:
        if monitor.failures:
            raise HarnessError("\n".join(monitor.failures)) from error
        raise
    if monitor.failures:
        raise HarnessError("\n".join(monitor.failures))
    records = monitor.records()
    return Deployment(
        loop=event_loop(),
        resources=records,
        outputs=plain(monitor.stack_outputs),
        secret_outputs=frozenset(secret_paths(monitor.stack_outputs)),
        result=result[0] if result else None,
        urns={record.urn: record for record in records},
    )


def _settings(monitor: RecordingMonitor, project: str, stack: str, *, preview: bool) -> MockSettings:
    features = cast("Any", monitor.GetDeploymentInfo(empty_pb2.Empty())).supportedFeatures
    return MockSettings(
        monitor=monitor,
        monitor_features=set(features),
        engine=MockEngine(logging.getLogger("pulumi")),
        project=project,
        stack=stack,
        dry_run=preview,
        organization="organization",
        callbacks=None,
        outputs=set(),
        lock=threading.Lock(),
        package_refs={},
        base_providers_by_ref={},
        legacy_apply_enabled=False,
        root_directory=None,
        parallel=None,
    )


def _run_to_end(build: Callable[[], None]) -> None:
    loop = event_loop()
    try:
        loop.run_until_complete(run_in_stack(lambda: _build_and_settle(build)))
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))


@functools.cache
def event_loop() -> asyncio.AbstractEventLoop:
    """One loop for all runs, since outputs are looked at after their run.

    One worker thread: the monitor is not made for two registrations at once.
    """
    loop = asyncio.new_event_loop()
    executor = futures.ThreadPoolExecutor(max_workers=1)
    loop.set_default_executor(executor)
    asyncio.set_event_loop(loop)
    atexit.register(loop.close)
    return loop


async def _build_and_settle(build: Callable[[], None]) -> None:
    """Waits for everything at once. The SDK's own wait looks at every pending output for each that ends.

    Failures are left for the SDK to find and raise.
    """
    build()
    while True:
        tasks = {*runtime.SETTINGS.rpc_manager.rpcs, *runtime.SETTINGS.outputs}
        pending = [task for task in tasks if not task.done()]
        if not pending:
            return
        await asyncio.gather(*pending, return_exceptions=True)
