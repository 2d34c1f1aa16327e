"""The engine and the harness lead to the same verdicts."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from policies.evaluation import Outcome, evaluate
from policies.report import as_json
from policies.rule import all_rules
from policies.session import REPORT_VARIABLE
from policies.settings import PackConfig
from policies.stack_config import configured
from policies.waivers import load
from tests.harness import program, stack_config
from tests.policies.recorded import records

REPOSITORY = Path(__file__).parents[2]

pytestmark = pytest.mark.engine


@pytest.mark.timeout(600)
@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_a_first_preview_gives_the_same_verdicts(stack: str, tmp_path: Path) -> None:
    report = tmp_path / "report"
    command = [
        sys.executable,
        "-m",
        "offline",
        "preview",
        "--stack",
        stack,
        "--state",
        str(tmp_path / "state"),
    ]
    done = subprocess.run(
        command,
        cwd=REPOSITORY,
        env={**os.environ, REPORT_VARIABLE: str(report)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    engine = json.loads((report / "policies.json").read_text(encoding="utf-8"))

    rules = all_rules()
    encoded = {k: v if isinstance(v, str) else json.dumps(v) for k, v in stack_config(stack).items()}
    here = evaluate(
        records(program(stack, preview=True)),
        configured(PackConfig(), encoded, rules=[rule.id for rule in rules]),
        waivers=load(rules=[rule.id for rule in rules]),
    )
    harness = as_json(here)

    # The URN of the stack itself differs: the harness does not record it.
    assert _verdicts(engine) == _verdicts(harness)
    assert engine["summary"][Outcome.PASSED] >= harness["summary"][Outcome.PASSED]


def _verdicts(report: dict[str, list[dict[str, str]]]) -> set[tuple[str, str, str]]:
    return {(v["rule"], v["urn"], v["outcome"]) for v in report["verdicts"]}
