"""Locks of the local state that a killed run left behind.

The file backend keeps a lock as a file naming the engine's process. A run that was killed cannot remove it,
and every later update is refused. A lock whose process is gone from this machine is removed; any other is
respected.
"""

import json
import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import cast

PATIENCE_SECONDS = 10.0


class LockedError(Exception):
    """Another run is changing this stack; the text says which and what to do."""


@dataclass(frozen=True)
class Lock:
    """A lock file and the process it names."""

    file: Path
    pid: int
    host: str

    @property
    def local(self) -> bool:
        """Whether its process is or was one of this machine."""
        return self.host == socket.gethostname()

    @property
    def stale(self) -> bool:
        """Whether its process is certainly gone: it ran here, and it is not running now."""
        return self.local and not _alive(self.pid)


def release_stale(
    state: Path, project: str, stack: str, patience_seconds: float = PATIENCE_SECONDS
) -> list[Lock]:
    """Remove the locks of dead processes; returns them. Raises LockedError where a live one remains.

    The engine of a killed run ends by itself, but a moment later: that moment is waited for.
    """
    deadline = time.monotonic() + patience_seconds
    while live := [lock for lock in locks(state, project, stack) if not lock.stale]:
        elsewhere = [lock for lock in live if not lock.local]
        if elsewhere or time.monotonic() > deadline:
            lock = (elsewhere or live)[0]
            raise LockedError(
                f"stack {stack} is being changed by process {lock.pid} on {lock.host}. Wait for it to end; "
                f"if it is certainly gone, delete {lock.file}"
            )
        time.sleep(0.2)
    released = locks(state, project, stack)
    for lock in released:
        lock.file.unlink(missing_ok=True)
        lock.file.with_name(lock.file.name + ".attrs").unlink(missing_ok=True)
    return released


def locks(state: Path, project: str, stack: str) -> list[Lock]:
    """The locks on a stack."""
    folder = state / ".pulumi" / "locks" / "organization" / project / stack
    found: list[Lock] = []
    for file in sorted(folder.glob("*.json")):
        try:
            content = cast("dict[str, object]", json.loads(file.read_text()))
        except (OSError, ValueError):
            continue
        found.append(Lock(file, int(str(content.get("pid", 0))), str(content.get("hostname", ""))))
    return found


def _alive(pid: int) -> bool:
    """Whether a process runs under this number and, where the system tells, whether it is the engine."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True
    name, _, rest = status.partition("(")[2].rpartition(")")
    return "pulumi" in name and not rest.strip().startswith("Z")
