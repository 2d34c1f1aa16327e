"""One measurement in a process of its own: ``python -m bench.child SCENARIO ...`` prints a JSON object.

Times are of this process: wall and CPU (user and system, all threads) seconds. ``imports`` is what the program
needs loaded before its first line runs, ``evaluation`` the program itself. The parent adds the whole process.
"""

import argparse
import gc
import importlib
import importlib.util
import json
import resource
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def peak_mb() -> float:
    """Peak resident memory so far; Linux reports KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@contextmanager
def timed(into: dict[str, Any], name: str) -> Iterator[None]:
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
        lean.run(monitor, build, config)
    return {**result, "resources": monitor.registered, "components": monitor.components, "peak_mb": peak_mb()}


def _real(copies: int) -> Callable[[], None]:
    """What ``__main__.py`` does, with any number of copies of SafeWork."""
    import pulumi  # noqa: PLC0415

    import systems  # noqa: PLC0415
    from settings import loader  # noqa: PLC0415
    from systems.account import Account  # noqa: PLC0415
    from systems.safework import SafeWork  # noqa: PLC0415

    importlib.import_module("components.edge.rest_api_logs")

    def build() -> None:
        if copies == 1:
            exports = systems.build(loader.load())
        else:
            stack = loader.load()
            account = Account(stack)
            settings: Any = stack.systems["safework"]
            exports = {
                name: SafeWork(stack, settings, account, name=name).exports for name in copy_names(copies)
            }
        for key, values in exports.items():
            pulumi.export(key, dict(values))

    return build


def _flat(path: Path, copies: int) -> Callable[[], None]:
    spec = importlib.util.spec_from_file_location("flat_program", path)
    assert spec and spec.loader
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)

    def build() -> None:
        program.build_account()
        for name in copy_names(copies):
            program.build(name)

    return build


def copy_names(copies: int) -> list[str]:
    return ["safework", *(f"safework{number}" for number in range(2, copies + 1))]


def imports(given: argparse.Namespace) -> dict[str, Any]:
    """One module in a process that has nothing else; ``after`` names what is loaded, unmeasured, before it."""
    result: dict[str, Any] = {}
    for name in given.after:
        importlib.import_module(name)
    with timed(result, "imports"):
        importlib.import_module(given.module)
    return {**result, "modules": len(sys.modules), "peak_mb": peak_mb()}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("scenario", choices=("real", "flat", "import"))
    parser.add_argument("--recording", type=Path)
    parser.add_argument("--config", type=Path)
    parser.add_argument("--program", type=Path)
    parser.add_argument("--copies", type=int, default=1)
    parser.add_argument("--module")
    parser.add_argument("--after", nargs="*", default=[])
    given = parser.parse_args()
    print(json.dumps(imports(given) if given.scenario == "import" else evaluate(given)))


if __name__ == "__main__":
    main()
