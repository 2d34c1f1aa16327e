"""The shipped stacks on the real engine, with the policy pack: deployed, deployed again, destroyed."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
import yaml

from tests.engine.conftest import REPOSITORY

STACKS = [
    pytest.param("dev", marks=pytest.mark.xdist_group("stack-dev")),
    pytest.param("prod", marks=[pytest.mark.xdist_group("stack-prod"), pytest.mark.slow]),
]
SECRET_NAME = re.compile(
    r"(password|privatekey|secretstring|secretaccesskey|authtoken|apitoken)$", re.IGNORECASE
)
SECRET_SIGNATURE = "4dabf18193072939515e22adb298388d"
"""The key under which the engine marks a value as encrypted."""

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("cli")]


def offline(*arguments: str, environ: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "offline", *arguments],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **(environ or {})},
    )


def work_tree() -> str:
    """What Git sees as changed, with the content of the stack files."""
    done = subprocess.run(
        ["git", "status", "--porcelain", "--", "Pulumi.yaml", "Pulumi.*.yaml", "policies"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + "".join(file.read_text() for file in sorted(REPOSITORY.glob("Pulumi*.yaml")))


def only(stack: str, system: str, path: Path, **changes: object) -> None:
    """Write the stack's file with one of its systems alone, some of whose settings are others."""
    file = yaml.safe_load((REPOSITORY / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8"))
    systems = file["config"]["seoul-platform:systems"]
    file["config"]["seoul-platform:systems"] = {system: {**systems[system], **changes}}
    path.write_text(yaml.safe_dump(file), encoding="utf-8")


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_deploys_settles_and_is_destroyed(stack: str, tmp_path: Path) -> None:
    """One update creates everything, a second changes nothing, and nothing secret is kept in plain text."""
    before = work_tree()
    done = offline("cycle", "--stack", stack, "--state", str(tmp_path))
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr
    assert [line.split()[:3] for line in done.stdout.splitlines()[-3:]] == [
        [stack, "up", "ok"],
        [stack, "up", "ok"],
        [stack, "destroy", "ok"],
    ]
    assert work_tree() == before
    checkpoints = sorted(tmp_path.rglob("history/**/*.checkpoint.json"))
    assert checkpoints
    for checkpoint in checkpoints:
        assert list(plain_secrets(json.loads(checkpoint.read_text()))) == []


def plain_secrets(node: object, path: str = "") -> Iterator[str]:
    """The path of every value named like a secret that is not encrypted."""
    if isinstance(node, dict):
        mapping = cast("dict[str, object]", node)
        if SECRET_SIGNATURE in mapping:
            return
        for key, value in mapping.items():
            if SECRET_NAME.search(key) and isinstance(value, str) and value:
                yield f"{path}.{key}"
            yield from plain_secrets(value, f"{path}.{key}")
    elif isinstance(node, list):
        for index, value in enumerate(cast("list[object]", node)):
            yield from plain_secrets(value, f"{path}[{index}]")
    elif isinstance(node, str) and "PRIVATE KEY-----" in node:
        yield path


@pytest.mark.xdist_group("stack-dev")
@pytest.mark.slow
@pytest.mark.parametrize("platform", ["ec2", "eks"])
def test_petclinic_alone_with_all_its_switches_deploys_and_settles(platform: str, tmp_path: Path) -> None:
    """What the shipped stacks leave off: functions, events, pods; and a stack of one system."""
    pods = {"imageDigest": f"sha256:{'a' * 64}", "deployerRole": "deployer"}
    given = tmp_path / "Pulumi.dev.yaml"
    only("dev", "petclinic", given, platform=platform, serverless=True, events=True, pods=pods)
    done = offline("cycle", "--stack", "dev", "--config-file", str(given), "--state", str(tmp_path / "state"))
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr
    lines = [line.split() for line in done.stdout.splitlines()[-3:]]
    assert [(line[1], line[2]) for line in lines] == [("up", "ok"), ("up", "ok"), ("destroy", "ok")]
    assert lines[1][3:7] == ["0", "0", "0", "0"], "the second update changes nothing"
    assert [line[8] for line in lines] == ["-", "-", "-"], "the policies are content"


@pytest.mark.slow
@pytest.mark.xdist_group("stack-dev")
def test_both_stacks_preview_in_one_run(tmp_path: Path) -> None:
    done = offline("preview", "--stack", "all", "--state", str(tmp_path))
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr
    assert [line.split()[:3] for line in done.stdout.splitlines()[-2:]] == [
        ["dev", "preview", "ok"],
        ["prod", "preview", "ok"],
    ]


@pytest.mark.xdist_group("stack-prod")
def test_production_is_not_destroyed_without_lifting_its_protection(tmp_path: Path) -> None:
    only("prod", "sesami", tmp_path / "Pulumi.prod.yaml")
    program = (
        "import pathlib, sys\nfrom offline.engine import Options, session\n"
        "given = pathlib.Path(sys.argv[1])\n"
        "file = given / 'Pulumi.prod.yaml'\n"
        "options = Options(state=given, config_file=file, policy=False, durable=False)\n"
        "with session(options) as running:\n"
        "    print(running.up('prod').problem or 'deployed')\n"
        "    refused = running.destroy('prod')\n"
        "    print('destroyed' if refused.ok else 'refused', 'protect' in refused.output)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    assert "deployed" in lines, done.stdout[-6000:] + done.stderr
    assert lines[-1] == "refused True"


@pytest.mark.xdist_group("stack-prod")
def test_a_wrong_setting_is_named_and_stops_the_preview(tmp_path: Path) -> None:
    done = offline("preview", "--state", str(tmp_path), "--set", "systems.safework.profle=economy")
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert "profle" in said
    assert "Traceback" not in said
