"""Runs measured processes, one at a time, in turn: A B C, A B C, ..., so that noise meets all alike."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

REPOSITORY = Path(__file__).parents[1]


class MeasurementError(RuntimeError):
    """A measured process failed; the message has the end of what it said."""


@dataclass(frozen=True)
class Run:
    """One process: wall and CPU seconds (user and system) from start to end, and what it reported."""

    wall: float
    cpu: float
    report: Mapping[str, Any]
    output: str

    @property
    def peak_mb(self) -> float:
        return float(self.report["peak_mb"])

    def phase(self, name: str, measure: str = "cpu") -> float:
        return float(self.report[name][measure])


def run(command: Sequence[str], *, reports: bool = True) -> Run:
    """Waits for a process; ``reports`` if its last line is JSON. Raises MeasurementError."""
    with tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=REPOSITORY, stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - started
        output.seek(0)
        text = output.read().decode(errors="replace")
    if process.returncode:
        raise MeasurementError(f"{' '.join(command)}: exit {process.returncode}\n{text[-2000:]}")
    report: Mapping[str, Any] = {}
    if reports:
        report = cast("Mapping[str, Any]", json.loads(text.strip().splitlines()[-1]))
    return Run(wall, usage.ru_utime + usage.ru_stime, report, text)


def child(*arguments: str) -> list[str]:
    return [sys.executable, "-W", "ignore", "-m", "bench.child", *arguments]


def in_turn(
    commands: Mapping[str, Sequence[str]], repetitions: int, *, reports: bool = True
) -> dict[str, list[Run]]:
    """``repetitions`` rounds of all commands. Where there are several, one more goes before them, unmeasured,
    to fill the caches of the disk."""
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    rounds = repetitions + 1 if repetitions > 1 else 1
    for number in range(rounds):
        for name, command in commands.items():
            done = run(command, reports=reports)
            if number >= rounds - repetitions:
                runs[name].append(done)
    return runs
