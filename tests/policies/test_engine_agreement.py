"""The engine and the harness lead to the same verdicts, on every rule and every resource."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from policies.evaluation import WAIVERS_RULE
from policies.report import as_json
from policies.session import REPORT_VARIABLE
from tests.harness import PROJECT
from tests.policies.graphs import CONFIGS, baseline

REPOSITORY = Path(__file__).parents[2]

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]


@pytest.mark.parametrize("stack", [pytest.param("dev", marks=pytest.mark.slow), "prod"])
@pytest.mark.parametrize("kind", ["shipped", pytest.param("turned", marks=pytest.mark.slow)])
def test_a_first_preview_gives_the_same_verdicts(stack: str, kind: str, tmp_path: Path) -> None:
    engine = _run("preview", stack, kind, tmp_path)
    assert _verdicts(engine) == _harness(as_json(baseline(stack, kind, preview=True)))


@pytest.mark.slow
def test_an_update_gives_the_same_verdicts(tmp_path: Path) -> None:
    """What only an update knows is known to both: the simulated cloud and the harness share its values."""
    engine = _run("up", "dev", "shipped", tmp_path)
    assert _verdicts(engine) == _harness(as_json(baseline("dev", "shipped")))


def _run(operation: str, stack: str, kind: str, folder: Path) -> dict[str, Any]:
    """The pack's report of one run on the engine."""
    systems = json.dumps(CONFIGS[kind](stack)[f"{PROJECT}:systems"])
    command = [sys.executable, "-m", "offline", operation, "--stack", stack]
    command += ["--quick"] if operation == "up" else []
    command += ["--state", str(folder / "state"), "--set", f"systems={systems}"]
    done = subprocess.run(
        command,
        cwd=REPOSITORY,
        env={**os.environ, REPORT_VARIABLE: str(folder / "report")},
        capture_output=True,
        text=True,
        check=False,
    )
    report = folder / "report" / "policies.json"
    assert report.exists(), done.stdout + done.stderr
    # A stack with choices that it is not shipped with may rightly be stopped by a rule.
    assert done.returncode == 0 or kind != "shipped", done.stdout + done.stderr
    return json.loads(report.read_text(encoding="utf-8"))


def _harness(report: dict[str, Any]) -> dict[str, Any]:
    """The harness's verdicts, and that on the default provider, which the engine alone makes and judges."""
    report["rules"]["region-allowed"]["passed"] += 1
    return _verdicts(report)


def _verdicts(report: dict[str, Any]) -> dict[str, Any]:
    """How often each rule gave each answer, and every answer that is not a pass.

    The URN of the stack itself differs: the harness does not record it.
    """
    listed = {
        (v["rule"], v["urn"] if v["rule"] != WAIVERS_RULE else "", v["outcome"]) for v in report["verdicts"]
    }
    return {"rules": report["rules"], "not passed": listed}
