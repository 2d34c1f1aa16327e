"""The real clock, and one that runs faster for a demonstration."""

import threading
import time
from datetime import UTC, datetime


class SystemClock:
    """``speed`` shortens what is slept and lengthens what is measured; 1 for real work."""

    def __init__(self, *, speed: float = 1.0) -> None:
        self._speed = speed

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic() * self._speed

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait for an event, that long at most; whether it happened."""
        return event.wait(seconds / self._speed)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds / self._speed)
