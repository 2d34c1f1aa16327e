"""The arithmetic of the bench, and how it runs processes."""

import sys
from pathlib import Path

import pytest

from bench import child, engine, process, stats
from bench.table import Table


def test_a_spread_is_the_median_and_the_extremes() -> None:
    spread = stats.Spread.of([3.0, 1.0, 2.0, 10.0])
    assert (spread.median, spread.low, spread.high, spread.count) == (2.5, 1.0, 10.0, 4)
    assert spread.text() == "2.50 (1.00-10.00)"
    assert stats.Spread.of([2.0]).text(1) == "2.0"


def test_no_measurements_are_an_error() -> None:
    with pytest.raises(ValueError, match="no measurements"):
        stats.Spread.of([])


def test_ratios_compare_within_a_round() -> None:
    """A round on a busy machine is slow for both, and its ratio is as good as any."""
    spread = stats.ratios([2.0, 20.0, 2.2], [1.0, 10.0, 1.0])
    assert (spread.median, spread.low, spread.high) == (2.0, 2.0, 2.2)


def test_linearity_is_one_for_linear_growth() -> None:
    assert stats.linearity([10, 20, 40], [1.0, 2.0, 4.0]) == [1.0, 1.0, 1.0]
    assert stats.linearity([10, 20], [1.0, 4.0]) == [1.0, 2.0]


def test_a_line_has_a_start_and_a_slope() -> None:
    start, slope = stats.line([0, 100, 200], [3.0, 4.0, 5.0])
    assert (start, slope) == (pytest.approx(3.0), pytest.approx(0.01))


def test_runs_alternate_after_a_round_that_does_not_count(tmp_path: Path) -> None:
    log = tmp_path / "log"
    write = "import sys; open(sys.argv[1], 'a').write(sys.argv[2]); print('{}')"
    commands = {name: [sys.executable, "-c", write, str(log), name] for name in "ab"}
    runs = process.in_turn(commands, 2)
    assert log.read_text() == "ababab"
    assert {name: len(done) for name, done in runs.items()} == {"a": 2, "b": 2}
    assert {name: len(done) for name, done in process.in_turn(commands, 1).items()} == {"a": 1, "b": 1}


def test_a_failed_process_says_why() -> None:
    with pytest.raises(process.MeasurementError, match=r"exit 1\n(.|\n)*no such thing"):
        process.run([sys.executable, "-c", "raise SystemExit('no such thing')"])


def test_a_process_is_told_by_its_own_memory_and_time() -> None:
    run = process.run(process.child("import", "--module", "json.tool", "--touch", "main"))
    assert 0 < run.peak_mb < 60
    assert run.cpu > 0
    assert run.wall > 0
    assert run.phase("imports") >= 0


def test_copies_have_names() -> None:
    assert child.copy_names(3) == ["safework", "safework2", "safework3"]


def test_previews_are_skipped_without_an_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(engine.EngineMissingError, match="no `pulumi` on PATH"):
        engine.require_engine()


def test_a_table_lines_up() -> None:
    table = Table("Title", ("what", "s"))
    table.add("short", "1.0")
    assert table.text().splitlines()[2:] == ["what     s", "short  1.0"]
    with pytest.raises(ValueError, match="3 cells"):
        table.add("a", "b", "c")
