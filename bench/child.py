"""One measurement in a process of its own: ``python -m bench.child SCENARIO ...`` prints a JSON object.

Times are of this process: wall and CPU (user and system, all threads) seconds. ``imports`` is what the
program needs loaded before its first line runs, ``evaluation`` the program itself. The parent adds the whole
process.
"""

import argparse
import gc
import importlib
import json
import re
import resource
import runpy
import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROC = Path("/proc/self/status")


def peak_mb() -> float:
    """Peak resident memory so far.

    ``getrusage`` would answer with the parent's where that was larger: the mark survives the start of a
    program. It is used where there is no ``/proc``.
    """
    if PROC.exists():
        found = re.search(r"^VmHWM:\s+(\d+) kB", PROC.read_text(encoding="ascii"), re.MULTILINE)
        return int(found[1]) / 1024 if found else 0.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@contextmanager
def timed(into: dict[str, Any], name: str) -> Generator[None]:
    gc.collect()
    wall, cpu, before = time.perf_counter(), time.process_time(), peak_mb()
    yield
    into[name] = {
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "mb": peak_mb() - before,
    }


def evaluate(given: argparse.Namespace) -> dict[str, Any]:
    """The program (``real``), or a flat one (``flat``), under the lean monitor."""
    result: dict[str, Any] = {}
    with timed(result, "runtime"):
        from bench import lean, recording  # noqa: PLC0415 - each import is timed where it belongs

        resources = recording.read(given.recording)
        monitor = lean.LeanMonitor(resources)
        classes = sorted({recording.class_of(each.type) for each in resources})
    config: Mapping[str, str] = json.loads(given.config.read_text(encoding="utf-8")) if given.config else {}
    with timed(result, "imports"):
        build = _real(given.copies) if given.scenario == "real" else _flat(given.program, given.copies)
        for place, name in classes:
            getattr(importlib.import_module(place), name)
    with timed(result, "evaluation"):
        lean.run(monitor, build, config, one_wait=given.one_wait)
    return {**result, "resources": monitor.registered, "components": monitor.components, "peak_mb": peak_mb()}


def _real(copies: int) -> Callable[[], None]:
    """``__main__.py`` as it is; for more than one copy of SafeWork, ``systems.build`` makes them all."""
    import systems  # noqa: PLC0415
    from systems.account import Account  # noqa: PLC0415
    from systems.safework import SafeWork  # noqa: PLC0415

    importlib.import_module("settings.loader")
    importlib.import_module("components.edge.rest_api_logs")

    def build(stack: Any) -> dict[str, Any]:
        account, settings = Account(stack), stack.systems["safework"]
        return {name: SafeWork(stack, settings, account, name=name).exports for name in copy_names(copies)}

    if copies > 1:
        systems.build = build

    def program() -> None:
        runpy.run_path("__main__.py", run_name="__main__")

    return program


def _flat(path: Path, copies: int) -> Callable[[], None]:
    sys.path.insert(0, str(path.parent))
    program = importlib.import_module(path.stem)

    def build() -> None:
        program.build_account()
        for name in copy_names(copies):
            program.build(name)

    return build


def copy_names(copies: int) -> list[str]:
    return ["safework", *(f"safework{number}" for number in range(2, copies + 1))]


def imports(given: argparse.Namespace) -> dict[str, Any]:
    """One module in a process of its own; ``after`` names what is loaded, unmeasured, before it."""
    result: dict[str, Any] = {}
    for name in given.after:
        importlib.import_module(name)
    with timed(result, "imports"):
        module = importlib.import_module(given.module)
        for name in given.touch:
            getattr(module, name)  # the SDK loads its sub-packages when they are first used
    return {**result, "modules": len(sys.modules), "peak_mb": peak_mb()}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("scenario", choices=("real", "flat", "import"))
    parser.add_argument("--recording", type=Path)
    parser.add_argument("--config", type=Path)
    parser.add_argument("--program", type=Path)
    parser.add_argument("--copies", type=int, default=1)
    parser.add_argument("--one-wait", action="store_true")
    parser.add_argument("--module")
    parser.add_argument("--touch", nargs="*", default=[], help="names of the module to use")
    parser.add_argument("--after", nargs="*", default=[])
    given = parser.parse_args()
    print(json.dumps(imports(given) if given.scenario == "import" else evaluate(given)))


if __name__ == "__main__":
    main()
