"""What goes through the pipe between the coordinator of a copy and its workers."""

from dataclasses import dataclass
from typing import Any, Literal

from ops.migrate.catalog import Table
from ops.migrate.connect import Endpoint
from ops.migrate.journal import Chunk
from ops.migrate.snapshot import Snapshot


@dataclass(frozen=True)
class Setup:
    """What a worker is born with."""

    source: Endpoint
    target: Endpoint
    preamble: str
    owners: bool
    privileges: bool
    snapshot: str | None = None
    """The exported snapshot; None once rows are done, when the source is not looked at any more."""


@dataclass(frozen=True)
class Task:
    """``copy`` a chunk, ``prove`` that one is unchanged, run a ``statement``, or ``analyze`` a table."""

    kind: Literal["copy", "prove", "statement", "analyze"]
    id: int
    title: str
    weight: int
    chunk: Chunk | None = None
    table: Table | None = None
    snapshot: int = 0
    then: Snapshot | None = None
    now: Snapshot | None = None
    relation: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Message:
    """``progress`` (bytes so far of this task), ``done`` (a result) or ``failed`` (why, and whether it was
    the snapshot or a connection that is gone)."""

    kind: Literal["progress", "done", "failed"]
    task: int
    amount: int = 0
    result: Any = None
    error: str = ""
    code: str = ""
