"""Waiting for everything that was registered at once."""

import asyncio
from typing import Any, cast

from pulumi.runtime import settings as runtime


async def settle() -> None:
    """Returns when every registration and every ``apply`` has ended.

    The SDK's own wait, which comes after, looks at every pending output again for each that ends: without
    this it takes more than half of the program's time.
    Failures are left for it to find and raise.
    """
    current = cast("Any", runtime.SETTINGS)
    while True:
        tasks = cast("set[asyncio.Future[Any]]", {*current.rpc_manager.rpcs, *current.outputs})
        pending = [task for task in tasks if not task.done()]
        if not pending:
            return
        await asyncio.gather(*pending, return_exceptions=True)
