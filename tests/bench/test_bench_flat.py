"""The floor is only a floor if it registers what the program registers."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench import flat, lean, recording
from tests.harness import deploy, system
from tests.harness.record import Record

REPOSITORY = Path(__file__).parents[2]
BENCH = (sys.executable, "-m", "bench")


def resource(name: str, *needs: str) -> recording.Resource:
    return recording.Resource(
        type="aws:sqs/queue:Queue",
        name=name,
        urn=name,
        id=name,
        inputs={},
        outputs={},
        options={},
        references={},
        dependencies=needs,
    )


def builder(text: str, name: str = "safework") -> Callable[[], None]:
    names: dict[str, Any] = {}
    exec(compile(text, "flat", "exec"), names)  # noqa: S102 - what is tested is a program

    def build() -> None:
        names["build_account"]()
        names["build"](name)

    return build


def told(record: Record) -> tuple[Any, ...]:
    options = {
        key: value
        for key, value in vars(record.options).items()
        # The floor has one provider for all.
        if key not in ("aliases", "additional_secret_outputs", "provider") and value
    }
    return record.type, record.name, record.inputs, options


@pytest.mark.parametrize("kind", ["plain", "wired"])
def test_the_floor_registers_exactly_what_the_program_does(kind: flat.Kind) -> None:
    shipped = system("prod", "safework")
    text = flat.source(recording.recorded(shipped), kind)

    floor = deploy(builder(text), stack="prod")

    def resources(records: Any) -> list[tuple[Any, ...]]:
        found = (told(r) for r in records if r.custom and r.type.split(":")[0] in recording.PACKAGES)
        return sorted(found, key=lambda row: row[:2])

    assert floor.components == ()
    assert len(floor.resources) > 300
    assert resources(floor) == resources(shipped)


def test_the_wired_floor_waits_for_what_the_program_waits_for() -> None:
    shipped = system("prod", "safework")
    floor = deploy(builder(flat.source(recording.recorded(shipped), "wired")), stack="prod")
    account = {record.name for record in shipped if not flat.belongs(record.name, "safework")}

    def awaited(records: Any) -> dict[tuple[str, str], set[str]]:
        return {
            (record.type, record.name): {urn.split("::")[-1] for urn in record.dependencies}
            for record in records
            if record.custom and record.name not in account
        }

    wanted, got = awaited(shipped), awaited(floor)
    assert {
        key: names - got[key] - account - {record.name for record in shipped.components}
        for key, names in wanted.items()
        if names - got[key] - account - {record.name for record in shipped.components}
    } == {}


def test_a_copy_has_names_of_its_own() -> None:
    text = flat.source([resource("safework-jobs"), resource("account-jobs")])
    made = deploy(builder(text, "safework2"))
    assert sorted(record.name for record in made) == ["account-jobs", "safework2-jobs"]


def test_resources_come_after_what_they_wait_for() -> None:
    ordered = recording.in_order([resource("a", "b", "elsewhere"), resource("b", "c"), resource("c")])
    assert [each.name for each in ordered] == ["c", "b", "a"]


def test_a_circle_is_refused() -> None:
    with pytest.raises(ValueError, match="wait for one another: a, b"):
        recording.in_order([resource("a", "b"), resource("b", "a")])


def test_a_value_that_cannot_be_written_down_is_refused() -> None:
    secret = {flat.wire.SIGNATURE: flat.wire.SECRET, "value": "x"}
    marked = replace(resource("a"), inputs={"name": secret})
    with pytest.raises(ValueError, match="cannot be written down"):
        flat.source([marked])


def test_the_lean_monitor_answers_for_copies(tmp_path: Path) -> None:
    answered = replace(resource("safework-jobs"), outputs={"arn": "arn:jobs"})
    recording.write([answered], tmp_path / "recording.json")
    monitor = lean.LeanMonitor(recording.read(tmp_path / "recording.json"), keep=True)
    seen: list[str] = []

    def build() -> None:
        from pulumi_aws import sqs  # noqa: PLC0415 - loaded where it is used

        sqs.Queue("safework4-jobs").arn.apply(seen.append)

    lean.run(monitor, build)
    assert seen == ["arn:jobs"]
    assert [request.name for request in monitor.requests] == ["safework4-jobs"]


@pytest.mark.slow
def test_quick_mode_measures_and_saves(tmp_path: Path) -> None:
    target = tmp_path / "results.json"
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "bench",
            "--quick",
            "--only",
            "pack",
            "--stack",
            "dev",
            "--output",
            str(target),
        ],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Policy rules over the recorded graph" in done.stdout
    assert target.exists()
