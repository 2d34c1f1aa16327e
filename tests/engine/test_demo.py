"""`make demo` goes as it is told, and says so when it does not."""

import dataclasses
import io
from pathlib import Path

import pytest
from rich.console import Console

from tests import demo

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("cli")]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    output = io.StringIO()
    monkeypatch.setattr(demo, "console", Console(file=output, highlight=False, soft_wrap=True, width=200))
    return output


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_act_goes_as_told(told: io.StringIO) -> None:
    assert demo.main(["--without-cutover"]) == 0, told.getvalue()
    said = told.getvalue()
    for heading in ("1. What", "2. Deploy", "3. Somebody weakens", "4. Somebody tidies", "5. The guard"):
        assert heading in said
    assert "data-store-protected" in said
    assert "replaces aws:route53/record:Record sesami-site-alias-a" in said
    assert "All acts went as told" in said


@pytest.mark.parametrize(
    "change",
    [{"exit_code": 0}, {"says": "no such words"}],
    ids=["another exit code", "other words"],
)
def test_an_act_that_goes_otherwise_is_not_passed_over(
    told: io.StringIO, tmp_path: Path, change: dict[str, object]
) -> None:
    document = tmp_path / "preview.json"
    document.write_text("[]")
    guard = demo.acts(tmp_path)[-1]
    act = dataclasses.replace(guard, **change)
    assert not demo.play(act)
    assert "This did not go as told" in told.getvalue()


def test_the_demo_ends_at_the_first_act_that_goes_otherwise(
    told: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    played: list[str] = []
    monkeypatch.setattr(demo, "play", lambda act: played.append(act.title) is not None)
    assert demo.main(["--without-cutover"]) == 1
    assert len(played) == 1
    assert "All acts" not in told.getvalue()


def test_a_cutover_that_goes_otherwise_fails_the_demo(
    told: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "play", lambda _act: True)
    monkeypatch.setattr(demo, "cutover", lambda: False)
    assert demo.main([]) == 1
    assert "The cutover did not go as told" in told.getvalue()
