"""What a release did, a line for each step: a killed one is taken up again from it."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ops.errors import OpsError

BEGUN, FINISHED = "begun", "finished"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """``step`` is begun, finished, or a step that ended; ``wanted``, ``previous``: digests by role."""

    release: str
    step: str
    wanted: Mapping[str, str]
    previous: Mapping[str, str]
    outcome: str
    seconds: float
    operator: str
    time: str


class Journal:
    """Lines of JSON, each written through to the disk before the next step."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def entries(self) -> list[Entry]:
        """Raises OpsError for a line that is not the tool's own, but for a last one cut short by a kill."""
        try:
            lines = self.path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []
        found: list[Entry] = []
        for index, line in enumerate(lines):
            try:
                content: Any = json.loads(line)
                found.append(Entry(**content))
            except (ValueError, TypeError) as error:
                if index + 1 < len(lines):
                    raise OpsError(f"{self.path}: line {index + 1} is not a journal's: {error}") from error
        return found

    def unfinished(self) -> Entry | None:
        """The beginning of a release that was not brought to an end."""
        begun: Entry | None = None
        for entry in self.entries():
            if entry.step == BEGUN:
                begun = entry
            elif entry.step == FINISHED:
                begun = None
        return begun

    def append(self, entry: Entry) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(entry)) + "\n")
            file.flush()
            os.fsync(file.fileno())


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
