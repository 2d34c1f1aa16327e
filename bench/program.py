"""Time and memory of the program: against the floor, against its own copies, and of its imports alone."""

from collections.abc import Callable, Mapping
from typing import Any

from bench import flat, process, stats
from bench.inputs import Inputs
from bench.table import Table

TARGET = 1.25
"""What evaluating the program may cost, relative to the floor."""

COPIES = (1, 2, 4, 8)

IMPORTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("pulumi", ()),
    ("settings.loader", ("pulumi",)),
    ("systems", ("pulumi",)),
    ("systems.safework", ("pulumi", "settings.loader", "systems")),
    ("pulumi_cloudflare", ("pulumi",)),
    ("pulumi_aws", ("pulumi",)),
)
"""Modules, and what is loaded before each, so that nothing is counted twice."""


FLOORS: tuple[tuple[str, flat.Kind, bool], ...] = (
    ("plain", "plain", False),
    ("wired", "wired", False),
    ("plain, one wait", "plain", True),
    ("wired, one wait", "wired", True),
)

NOTE = f"""\
plain: every input a value, the least the SDK can be asked for. wired: the same resources with their
references, as a program without components has them. one wait: all outputs are awaited together before
the SDK's own wait, which looks at all that are pending for each that ends.
Target for evaluation: {TARGET} of the floor."""

MEASURES: Mapping[str, Callable[[process.Run], float]] = {
    "evaluation, CPU s": lambda run: run.phase("evaluation"),
    "evaluation, wall s": lambda run: run.phase("evaluation", "wall"),
    "imports, CPU s": lambda run: run.phase("imports"),
    "whole process, CPU s": lambda run: run.cpu,
    "whole process, wall s": lambda run: run.wall,
    "peak memory, MB": lambda run: run.peak_mb,
}


def floor(inputs: Inputs, repetitions: int) -> tuple[list[Table], dict[str, Any]]:
    """The shipped program and the flat ones, in turn."""
    commands = {
        "program": process.child(*inputs.real()),
        **{name: process.child(*inputs.flat(kind, one_wait=wait)) for name, kind, wait in FLOORS},
    }
    runs = process.in_turn(commands, repetitions)
    report = runs["program"][0].report
    title = (
        f"Evaluating SafeWork in {inputs.stack}: {report['resources']} registrations, "
        f"{report['components']} of them "
        f"components; flat: {runs['plain'][0].report['resources']}"
    )
    figures = Table(title, ("measure", *commands))
    ratios = Table(
        "Program, relative to each floor", ("measure", *(name for name, _, _ in FLOORS)), note=NOTE
    )
    saved: dict[str, Any] = {"target": TARGET}
    for measure, of in MEASURES.items():
        values = {name: [of(run) for run in done] for name, done in runs.items()}
        spreads = {name: stats.Spread.of(each) for name, each in values.items()}
        against = {name: stats.ratios(values["program"], values[name]) for name, _, _ in FLOORS}
        figures.add(measure, *(each.text() for each in spreads.values()))
        ratios.add(measure, *(each.text() for each in against.values()))
        saved[measure] = {
            **{name: each.json() for name, each in spreads.items()},
            "ratios": {name: each.json() for name, each in against.items()},
        }
    return [figures, ratios], saved


def growth(
    inputs: Inputs, repetitions: int, copies: tuple[int, ...] = COPIES
) -> tuple[list[Table], dict[str, Any]]:
    """One, two, four and eight copies of SafeWork; and the same of the floor, to tell whose growth it is."""
    table = Table(
        "Growth with copies of SafeWork (evaluation, CPU)",
        (
            "copies",
            "registrations",
            "s",
            "ms each",
            "to linear",
            "flat: s",
            "ms each",
            "to linear",
            "peak MB",
        ),
    )
    commands = {
        **{f"program {n}": process.child(*inputs.real(n)) for n in copies},
        **{f"flat {n}": process.child(*inputs.flat("wired", n)) for n in copies},
    }
    runs = process.in_turn(commands, repetitions)
    saved: dict[str, Any] = {"copies": list(copies)}
    columns: dict[str, tuple[list[int], list[float], list[float]]] = {}
    for name in ("program", "flat"):
        done = [runs[f"{name} {n}"] for n in copies]
        counts = [int(each[0].report["resources"]) for each in done]
        seconds = [stats.Spread.of([run.phase("evaluation") for run in each]).median for each in done]
        columns[name] = (counts, seconds, stats.linearity(counts, seconds))
        saved[name] = {"registrations": counts, "seconds": seconds, "to linear": columns[name][2]}
    for index, n in enumerate(copies):
        (counts, seconds, linear), (flat_counts, flat_seconds, flat_linear) = (
            columns["program"],
            columns["flat"],
        )
        peak = stats.Spread.of([run.peak_mb for run in runs[f"program {n}"]]).median
        table.add(
            str(n),
            str(counts[index]),
            f"{seconds[index]:.2f}",
            f"{1000 * seconds[index] / counts[index]:.2f}",
            f"{linear[index]:.2f}",
            f"{flat_seconds[index]:.2f}",
            f"{1000 * flat_seconds[index] / flat_counts[index]:.2f}",
            f"{flat_linear[index]:.2f}",
            f"{peak:.0f}",
        )
    return [table], saved


def imports(inputs: Inputs, repetitions: int) -> tuple[list[Table], dict[str, Any]]:
    """Each module in a process of its own; the SDK's sub-packages, those that the stack has resources in."""
    used = {place: name for place, name in inputs.classes() if place.startswith("pulumi_aws.")}
    commands = {
        **{name: process.child("import", "--module", name, "--after", *after) for name, after in IMPORTS},
        **{
            place: process.child(
                *("import", "--module", place, "--touch", name, "--after", "pulumi", "pulumi_aws")
            )
            for place, name in used.items()
        },
    }
    runs = process.in_turn(commands, repetitions)
    base = stats.Spread.of([run.phase("imports") for run in runs["pulumi"]]).median
    table = Table("Imports", ("module", "CPU ms", "ratio to pulumi", "MB"))
    saved: dict[str, Any] = {}
    for name, done in runs.items():
        cpu = stats.Spread.of([run.phase("imports") for run in done])
        memory = stats.Spread.of([run.phase("imports", "mb") for run in done])
        milliseconds = stats.Spread(cpu.median * 1000, cpu.low * 1000, cpu.high * 1000, cpu.count)
        table.add(name, milliseconds.text(0), f"{cpu.median / base:.2f}", f"{memory.median:.0f}")
        saved[name] = {"cpu": cpu.json(), "mb": memory.json(), "ratio to pulumi": cpu.median / base}
    table.note = (
        "Each without what is loaded before it: pulumi, and for sub-packages pulumi_aws.\n"
        "systems.safework includes the sub-packages and pulumi_cloudflare, which it imports."
    )
    return [table], saved
