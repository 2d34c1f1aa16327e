"""What the policy pack costs, and how the real engine's previews grow with the number of resources."""

import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench import process, stats
from bench.child import copy_names
from bench.inputs import Inputs
from bench.table import Table
from policies.evaluation import evaluate
from policies.settings import PackConfig
from tests.policies.recorded import records

COPIES = (0, 1, 2, 4)
"""Of the stack's resources, registered flat."""


class EngineMissingError(RuntimeError):
    """No engine to be had without a download or a build; the message says where it was looked for."""


def pack(inputs: Inputs, repetitions: int) -> tuple[list[Table], dict[str, Any]]:
    """The rules alone, in this process, over the recorded graph."""
    graph = records(inputs.deployment)
    config = PackConfig(environment=inputs.stack)
    evaluation = evaluate(graph, config)
    seconds: list[float] = []
    for _ in range(repetitions):
        started = time.process_time()
        evaluate(graph, config)
        seconds.append(time.process_time() - started)
    each = stats.Spread.of([1000 * value / len(graph) for value in seconds])
    verdict = stats.Spread.of([1e6 * value / len(evaluation.verdicts) for value in seconds])
    table = Table(
        "Policy rules over the recorded graph (CPU)",
        ("resources", "rules", "verdicts", "ms each", "us a verdict"),
    )
    table.add(
        str(len(graph)), str(evaluation.rules), str(len(evaluation.verdicts)), each.text(3), verdict.text(1)
    )
    return [table], {
        "resources": len(graph),
        "rules": evaluation.rules,
        "ms a resource": each.json(),
        "us a verdict": verdict.json(),
    }


def require_engine() -> None:
    """Raises EngineMissingError where a preview would have to download or build the engine first."""
    if not shutil.which("pulumi"):
        raise EngineMissingError("no `pulumi` on PATH; `make preview` says how it is found or built")


def previews(
    inputs: Inputs, repetitions: int, copies: Sequence[int] = COPIES
) -> tuple[list[Table], dict[str, Any]]:
    """The program with and without the pack, and flat programs of growing size. Raises EngineMissingError."""
    require_engine()
    state = inputs.folder / "state"
    shipped = ("--stack", inputs.stack, "--config-file", str(inputs.stack_file), "--state", str(state))
    commands = {
        "with pack": _preview(*shipped),
        "without pack": _preview(*shipped, "--no-policy"),
        **{
            f"flat {n}": _preview(
                *("--stack", "dev", "--project", str(_project(inputs, n)), "--state", str(state / f"flat{n}"))
            )
            for n in copies
        },
    }
    runs = process.in_turn(commands, repetitions, reports=False)
    walls = {name: [run.wall for run in done] for name, done in runs.items()}
    spreads = {name: stats.Spread.of(values) for name, values in walls.items()}
    count = len(inputs.resources)
    counts = [n * count for n in copies]
    start, slope = stats.line(counts, [spreads[f"flat {n}"].median for n in copies])
    pack_ratio = stats.ratios(walls["with pack"], walls["without pack"])
    tables = [
        Table(
            f"Preview of SafeWork in {inputs.stack} on the real engine (wall)",
            ("what", "resources", "s", "ratio"),
        )
    ]
    tables[0].add("without the pack", str(count), spreads["without pack"].text(1), "1.00")
    tables[0].add("with the pack", str(count), spreads["with pack"].text(1), pack_ratio.text())
    flat = Table("Preview of flat programs on the real engine (wall)", ("resources", "s", "ms above start"))
    for n, total in zip(copies, counts, strict=True):
        seconds = spreads[f"flat {n}"]
        above = f"{1000 * (seconds.median - start) / total:.1f}" if total else "-"
        flat.add(str(total), seconds.text(1), above)
    flat.note = f"Fitted: {start:.1f} s to start, {1000 * slope:.1f} ms a resource above that."
    saved: dict[str, Any] = {
        **{name: spread.json() for name, spread in spreads.items()},
        "pack ratio": pack_ratio.json(),
        "resources": counts,
        "start seconds": start,
        "ms a resource": 1000 * slope,
    }
    if 1 in copies:
        flat_ratio = stats.ratios(walls["without pack"], walls["flat 1"])
        tables[0].add("flat, without the pack", str(count), spreads["flat 1"].text(1), "")
        tables[0].note = f"Program to flat, both without the pack: {flat_ratio.text()}."
        saved["program to flat"] = flat_ratio.json()
    return [*tables, flat], saved


def _preview(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "offline", "preview", *arguments]


def _project(inputs: Inputs, copies: int) -> Path:
    """A project of its own, whose program is so many copies of the flat one."""
    folder = inputs.folder / f"project{copies}"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text(f"name: flat{copies}\nruntime: python\n", encoding="utf-8")
    (folder / "Pulumi.dev.yaml").write_text("config:\n  aws:region: ap-northeast-2\n", encoding="utf-8")
    (folder / "build").symlink_to(process.REPOSITORY / "build")  # the packages that functions upload
    names = copy_names(copies) if copies else []
    main = ""
    if names:
        shutil.copy(inputs.flat_program("plain"), folder / "flat_program.py")
        main += f"import flat_program\n\nflat_program.build_account()\nfor name in {names!r}:\n"
        main += "    flat_program.build(name)\n"
    (folder / "__main__.py").write_text(main, encoding="utf-8")
    return folder
