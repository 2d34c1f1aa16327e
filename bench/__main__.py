"""``python -m bench``: measure, print tables, save ``bench/results/latest.json``."""

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench import engine, inputs, migrate, program
from bench.table import Table

RESULTS = Path(__file__).parent / "results" / "latest.json"
Section = Callable[[inputs.Inputs, int], tuple[list[Table], dict[str, Any]]]

SECTIONS: dict[str, Section] = {
    "floor": program.floor,
    "growth": program.growth,
    "imports": program.imports,
    "migrate": migrate.migrate,
    "pack": engine.pack,
    "previews": engine.previews,
}
QUICK: dict[str, Section] = {
    "floor": program.floor,
    "pack": engine.pack,
}
"""What takes seconds: shows that the bench works, and a first impression."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--stack", default="prod")
    parser.add_argument("--repetitions", type=int, default=5, help="rounds of each section (default: 5)")
    parser.add_argument("--quick", action="store_true", help="one round of the short sections")
    parser.add_argument("--only", nargs="+", choices=tuple(SECTIONS), help="these sections alone")
    parser.add_argument("--output", type=Path, default=RESULTS, help="where the JSON goes")
    given = parser.parse_args(arguments)
    repetitions = 1 if given.quick else given.repetitions
    available = QUICK if given.quick else SECTIONS
    chosen = {name: SECTIONS[name] for name in given.only or available}
    saved: dict[str, Any] = {"stack": given.stack, "repetitions": repetitions, "machine": machine()}
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        prepared = inputs.prepare(given.stack, Path(scratch))
        for name, section in chosen.items():
            started = time.monotonic()
            try:
                tables, saved[name] = section(prepared, repetitions)
            except engine.EngineMissingError as error:
                saved[name] = {"skipped": str(error)}
                print(f"{name}: skipped: {error}\n", flush=True)
                continue
            for table in tables:
                print(table.text(), flush=True)
            print(f"({name}: {time.monotonic() - started:.0f} s)\n", file=sys.stderr, flush=True)
    given.output.parent.mkdir(parents=True, exist_ok=True)
    given.output.write_text(json.dumps(saved, indent=1) + "\n", encoding="utf-8")
    print(f"Saved to {given.output}. Figures of different runs or machines do not compare; ratios do.")
    return 0


def machine() -> dict[str, Any]:
    """What the figures were measured on, and how busy it was at the start."""
    return {
        "python": platform.python_version(),
        "cpus": os.cpu_count(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }


if __name__ == "__main__":
    sys.exit(main())
