"""How far it is: bars with rate and time left on a terminal, a line now and then elsewhere."""

import time
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

LINE_SECONDS = 15


class Reporter:
    """To standard error, so that ``--json`` has standard output to itself."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.console = Console(stderr=True, highlight=False, soft_wrap=True, quiet=quiet)
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%"),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=self.console,
        )

    def __enter__(self) -> Self:
        if self.console.is_terminal:
            self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.console.is_terminal:
            self._bars.stop()

    def say(self, text: str) -> None:
        self.console.print(text, markup=False)

    def stage(self, title: str, total: int) -> "Stage":
        """``total`` is a weight in any unit; ``done`` of the stage adds up to it."""
        return Stage(self, self._bars, title, total)


class Stage:
    """One bar. The weight of a task in progress is estimated from the bytes that went by."""

    def __init__(self, reporter: Reporter, bars: Progress, title: str, total: int) -> None:
        self._reporter = reporter
        self._bars = bars
        self._title = title
        self._total = max(total, 1)
        self._bar: TaskID = bars.add_task(title, total=self._total, rate="")
        self._finished = 0
        self._under_way: dict[int, tuple[int, int]] = {}
        self._bytes = 0
        self._started = self._spoke = time.monotonic()

    def moved(self, task: int, weight: int, amount: int) -> None:
        """``amount`` bytes so far of a task that weighs ``weight``: never more than nine tenths of it."""
        self._under_way[task] = (min(amount, weight * 9 // 10), amount)
        self._show()

    def done(self, task: int, weight: int, amount: int = 0) -> None:
        self._under_way.pop(task, None)
        self._finished += weight
        self._bytes += amount
        self._show()

    def _show(self) -> None:
        completed = self._finished + sum(weight for weight, _ in self._under_way.values())
        moved = self._bytes + sum(amount for _, amount in self._under_way.values())
        now = time.monotonic()
        rate = moved / max(now - self._started, 0.001)
        shown = f"{rate / 1e6:.1f} MB/s" if moved else ""
        self._bars.update(self._bar, completed=completed, rate=shown)
        if not self._reporter.console.is_terminal and now - self._spoke > LINE_SECONDS:
            self._spoke = now
            share = completed / self._total
            left = (now - self._started) * (1 - share) / share if share else 0
            self._reporter.say(f"{self._title}: {share:.0%} {shown}, {left:.0f} s left")
