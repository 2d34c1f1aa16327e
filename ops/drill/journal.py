"""What a drill did and when, in a file of lines: the tables of the first region may be gone with it."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

from ops.errors import OpsError


class FileJournal:
    """Appends, and does not return before the line is on disk."""

    def __init__(self, file: Path, *, operator: str) -> None:
        self._file = file
        self._operator = operator

    def write(self, event: str, step: str, value: str = "") -> None:
        """Raises OpsError where the file cannot be written: a step without a record is not begun."""
        line = {
            "time": datetime.now(UTC).isoformat(timespec="seconds"),
            "operator": self._operator,
            "event": event,
            "step": step,
            "value": value,
        }
        try:
            with self._file.open("a", encoding="utf-8") as out:
                out.write(json.dumps(line) + "\n")
                out.flush()
                os.fsync(out.fileno())
        except OSError as error:
            raise OpsError(f"{self._file}: {error.strerror}", fix="name a file with --journal") from error
