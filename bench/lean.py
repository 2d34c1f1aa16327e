"""The cheapest engine there can be: it answers each registration from the recording and checks nothing.

The strict harness costs more than the program it runs and would hide what is measured.
"""

import asyncio
import contextvars
import logging
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime import settings as runtime
from pulumi.runtime.config import set_all_config
from pulumi.runtime.mocks import MockEngine, MockMonitor, Mocks, MockSettings
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.stack import run_in_stack

from bench.recording import Resource
from offline import provider_wire as wire

STACK = "pulumi:pulumi:Stack"


class LeanMonitor(MockMonitor):
    """``requests`` keeps what was registered if ``keep`` is set, which costs memory."""

    def __init__(
        self, resources: Sequence[Resource], *, system: str = "safework", keep: bool = False
    ) -> None:
        super().__init__(cast("Mocks", None))
        self.registered = 0
        self.components = 0
        self.requests: list[Any] = []
        self._keep = keep
        self._system = system
        self._answers = {
            (resource.type, resource.name): (
                resource.id,
                wire.to_struct({**resource.inputs, **resource.outputs}),
            )
            for resource in resources
        }
        self._empty = struct_pb2.Struct()
        self._lock = threading.Lock()

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802
        kind = request.type
        parent = request.parent.split("::")[2] if request.parent else STACK
        qualified = kind if parent == STACK else f"{parent}${kind}"
        urn = f"urn:pulumi:bench::bench::{qualified}::{request.name}"
        if kind == STACK:
            return resource_pb2.RegisterResourceResponse(urn=urn)
        with self._lock:
            self.registered += 1
            self.components += not request.custom
            if self._keep:
                self.requests.append(request)
        identifier, answer = self._answer(request) if request.custom else ("", self._empty)
        return resource_pb2.RegisterResourceResponse(urn=urn, id=identifier, object=answer)

    def _answer(self, request: Any) -> tuple[str, struct_pb2.Struct]:
        """Copies of a system (safework2) get the answers of the recorded one."""
        found = self._answers.get((request.type, request.name))
        if found is None:
            recorded = re.sub(rf"\b{self._system}\d+\b", self._system, request.name)
            found = self._answers[request.type, recorded]
        return found

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: ARG002, N802
        return empty_pb2.Empty()


def run(
    monitor: LeanMonitor,
    build: Callable[[], None],
    config: Mapping[str, str] | None = None,
    *,
    one_wait: bool = False,
) -> None:
    """Run a program to its end, as the SDK's own executor does.

    The SDK waits for each pending output in turn and looks at all of them each time, which costs a program
    of hundreds of resources more than its own work. With ``one_wait`` all are awaited together before that.
    """

    async def build_and_wait() -> None:
        build()
        await _wait()

    def inside() -> None:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        runtime.configure(_settings(monitor))
        set_all_config(dict(config or {}), [])
        try:
            loop.run_until_complete(run_in_stack(build_and_wait if one_wait else build))
        finally:
            loop.close()

    contextvars.copy_context().run(inside)


async def _wait() -> None:
    current = cast("Any", runtime.SETTINGS)
    while True:
        tasks = cast("set[asyncio.Future[Any]]", {*current.rpc_manager.rpcs, *current.outputs})
        pending = [task for task in tasks if not task.done()]
        if not pending:
            return
        await asyncio.gather(*pending, return_exceptions=True)


def _settings(monitor: LeanMonitor) -> MockSettings:
    features = cast("Any", monitor).GetDeploymentInfo(empty_pb2.Empty()).supportedFeatures
    return MockSettings(
        monitor=monitor,
        monitor_features=set(features),
        engine=MockEngine(logging.getLogger("pulumi")),
        project="bench",
        stack="bench",
        dry_run=False,
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
