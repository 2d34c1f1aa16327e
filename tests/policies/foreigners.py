"""Runs a program of ``foreign/`` under the harness, and as a project of its own on the real engine."""

import json
import os
import runpy
import shutil
import subprocess
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from policies.evaluation import Evaluation, evaluate
from policies.rule import all_rules
from policies.session import REPORT_VARIABLE
from policies.settings import PackConfig
from policies.stack_config import KEY, configured
from tests import harness
from tests.policies.recorded import records

FOLDER = Path(__file__).with_name("foreign")
REPOSITORY = Path(__file__).parents[2]
PROJECT = "foreign"
_NETWORK = {"net:vpcId": "vpc-0a1b2c3d", "net:subnetIds": ["subnet-0a1b2c3d", "subnet-1a2b3c4d"]}


def _config(pack: Mapping[str, Any]) -> dict[str, Any]:
    return {"aws:region": "ap-northeast-2", **_NETWORK, KEY: dict(pack)}


def harnessed(program: str, pack: Mapping[str, Any]) -> Evaluation:
    """What the rules say of the program's first preview, as the harness records it."""
    encoded = {k: v if isinstance(v, str) else json.dumps(v) for k, v in _config(pack).items()}
    with warnings.catch_warnings():
        # Programs of others use what the SDK has deprecated.
        warnings.simplefilter("ignore")
        deployment = harness.deploy(
            lambda: runpy.run_path(str(FOLDER / f"{program}.py"), run_name="__main__"),
            preview=True,
            config=encoded,
            project=PROJECT,
            stack="dev",
        )
    rules = all_rules()
    config = configured(PackConfig(), encoded, rules=[rule.id for rule in rules])
    return evaluate(records(deployment), config)


def previewed(program: str, pack: Mapping[str, Any], folder: Path) -> tuple[int, str, dict[str, Any]]:
    """The engine's answer: exit code, what it printed, and the pack's report (empty where there is none)."""
    shutil.copy(FOLDER / f"{program}.py", folder / "__main__.py")
    (folder / "Pulumi.yaml").write_text(f"name: {PROJECT}\nruntime: python\n", encoding="utf-8")
    (folder / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": _config(pack)}), encoding="utf-8")
    (folder / "policies").symlink_to(REPOSITORY / "policies")
    arguments = ["preview", "--stack", "dev", "--project", str(folder), "--state", str(folder / "state")]
    done = subprocess.run(
        [sys.executable, "-m", "offline", *arguments],
        cwd=REPOSITORY,
        env={**os.environ, REPORT_VARIABLE: str(folder / "report")},
        capture_output=True,
        text=True,
        check=False,
    )
    report = folder / "report" / "policies.json"
    found = json.loads(report.read_text(encoding="utf-8")) if report.exists() else {}
    return done.returncode, done.stdout + done.stderr, found
