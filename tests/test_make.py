"""The Makefile and the CI script: they say what there is, and every command they name exists."""

import importlib
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ops.__main__ import VERBS

REPOSITORY = Path(__file__).parents[1]
TARGETS = (
    "install",
    "preview",
    "up",
    "destroy",
    "demo",
    "demo-cutover",
    "pr",
    "test",
    "check",
    "format",
    "schema",
    "docs",
    "bench",
    "loadtest",
    "clean",
)

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="no make on PATH")


def make(*arguments: str) -> str:
    environ = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    done = subprocess.run(
        ["make", *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=False, env=environ
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_help_is_the_default_and_lists_every_target() -> None:
    listed = re.findall(r"^ {2}make ([\w-]+) +(\S.*)$", make(), re.MULTILINE)
    assert set(TARGETS) <= {name for name, _ in listed}


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (("preview",), "offline preview --stack all --providers simulated"),
        (
            ("preview", "STACK=dev", "PROVIDERS=installed"),
            "offline preview --stack dev --providers installed",
        ),
        (("up",), "offline up --stack dev --providers simulated"),
        (
            ("up", "STACK=prod", "PROVIDERS=installed", "ENDPOINT=http://127.0.0.1:5000"),
            "offline up --stack prod --providers installed --endpoint http://127.0.0.1:5000",
        ),
        (
            ("loadtest", "URL=https://workshop.example.com"),
            "locust -f loadtest/locustfile.py --headless --host https://workshop.example.com",
        ),
        (("pr", "STACK=dev"), "ops review local --stack dev --run check --run test"),
        (("pr", "CHECKS="), "ops review local --stack all"),
        (("demo", "ARGS=--without-cutover"), "tests.demo --without-cutover"),
        (("destroy", "ARGS=--unprotect"), "offline destroy --stack dev --providers simulated --unprotect"),
    ],
)
def test_variables_reach_the_engine(arguments: tuple[str, ...], command: str) -> None:
    assert command in " ".join(make("-n", *arguments).split())


def test_a_load_test_without_an_address_says_what_is_missing() -> None:
    environ = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    done = subprocess.run(
        ["make", "loadtest"], cwd=REPOSITORY, capture_output=True, text=True, check=False, env=environ
    )
    assert done.returncode != 0
    assert "loadtest: URL is missing: make loadtest URL=https://" in done.stderr


def test_ci_runs_the_checks_and_the_tests_with_the_engine_required() -> None:
    script = (REPOSITORY / ".ci" / "run").read_text()
    workflow = (REPOSITORY / ".github" / "workflows" / "ci.yml").read_text()
    for command in ("make check", "make test"):
        assert command in script
        assert command in workflow
    assert "REQUIRE_ENGINE=1" in script
    assert os.access(REPOSITORY / ".ci" / "run", os.X_OK)


@pytest.mark.parametrize("workflow", sorted((REPOSITORY / ".github" / "workflows").glob("*.yml")), ids=str)
def test_workflows_name_verbs_and_pages_that_exist(workflow: Path) -> None:
    text = workflow.read_text()
    for verb in re.findall(r"-m ops ([\w-]+)", text):
        assert verb in VERBS
    for page in re.findall(r"docs/[\w/.-]+\.md", text):
        assert (REPOSITORY / page).exists(), page
    for call in re.findall(r"-m ops [^\n]*(?:\\\n[^\n]*)*", text):
        for option in re.findall(r"(?<= )--[a-z][\w-]*", call):
            assert any(option in each for each in options(call.split()[2])), f"{call}: {option}"


def options(verb: str) -> set[str]:
    """Every option of a verb and of the verbs below it."""
    module, attribute = VERBS[verb][0].split(":")
    found = getattr(importlib.import_module(module), attribute)
    commands = [found, *getattr(found, "commands", {}).values()]
    return {option for command in commands for each in command.params for option in each.opts}


@pytest.mark.parametrize("version", ["Python 2.7", "none"])
def test_without_a_new_enough_python_installing_says_so(tmp_path: Path, version: str) -> None:
    """The script sees a PATH with one Python that is too old, or none at all."""
    for tool in ("dirname", "bash"):
        (tmp_path / tool).symlink_to(shutil.which(tool) or tool)
    if version != "none":
        (tmp_path / "python3").write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / "python3").chmod(0o755)
    done = subprocess.run(
        [str(tmp_path / "bash"), str(REPOSITORY / ".ci" / "bootstrap")],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": str(tmp_path)},
    )
    assert done.returncode == 1
    assert "no Python 3.11 or newer" in done.stderr


@pytest.mark.xdist_group("heard")
def test_groups_of_tests_are_heard(request: pytest.FixtureRequest) -> None:
    """Versions of pytest and xdist that do not know each other drop them in silence, and all takes longer."""
    if not getattr(request.config.option, "loadgroup", False):
        pytest.skip("not run in groups")
    assert request.node.nodeid.endswith("@heard")
