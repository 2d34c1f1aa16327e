"""Locks of the local state that a killed run left behind.

The file backend keeps a lock as a file naming the engine's process. A run that was killed cannot remove it,
and every later update is refused. A lock whose process is gone from this machine is removed; any other is
respected.
"""

import json
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import cast


class LockedError(Exception):
    """Another run is changing this stack; the text says which and what to do."""


@dataclass(frozen=True)
class Lock:
    """A lock file and the process it names."""

    file: Path
    pid: int
    host: str

    @property
    def stale(self) -> bool:
        """Whether its process is certainly gone: it ran here, and no process has its number."""
        return self.host == socket.gethostname() and not _alive(self.pid)


def release_stale(state: Path, project: str, stack: str) -> list[Lock]:
    """Remove the locks of dead processes; returns them. Raises LockedError where a live one remains."""
    released: list[Lock] = []
    for lock in locks(state, project, stack):
        if not lock.stale:
            raise LockedError(
                f"stack {stack} is being changed by process {lock.pid} on {lock.host}. Wait for it to end; "
                f"if it is certainly gone, delete {lock.file}"
            )
        lock.file.unlink(missing_ok=True)
        lock.file.with_name(lock.file.name + ".attrs").unlink(missing_ok=True)
        released.append(lock)
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
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
