"""The review of a stack with an account: the command line of the engine, with one that only answers."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from offline.cli import Cli
from ops.deploy import engine
from ops.errors import OpsError
from ops.guard.approvals import FILE as APPROVALS
from ops.review import limits, run

STATE = {"urn": "urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev", "type": "pulumi:pulumi:Stack", "inputs": {}}
PREVIEW = {"steps": [{"op": "same", "urn": STATE["urn"], "oldState": STATE, "newState": STATE}]}
SARIF = {"runs": [{"tool": {"driver": {"rules": []}}, "results": []}]}
Make = Callable[[str], Path]


@pytest.fixture
def pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Makes a `pulumi` out of a shell script, which notes its arguments in a file."""

    def make(body: str) -> Path:
        script = tmp_path / "pulumi"
        script.write_text(f'#!{shutil.which("sh")}\necho "$@" >> "{tmp_path}/asked"\n{body}\n')
        script.chmod(0o755)
        found = Cli(script, "3.250.0", "PATH")
        monkeypatch.setattr(run, "ensure_cli", lambda: found)
        monkeypatch.setattr(engine, "ensure_cli", lambda: found)
        return tmp_path / "asked"

    return make


def test_a_review_reads_the_deployed_state_with_the_pack(tmp_path: Path, pulumi: Make) -> None:
    """A pack that finds something mandatory makes the engine fail, and its document still counts."""
    (tmp_path / "preview").write_text(json.dumps(PREVIEW))
    (tmp_path / "sarif").write_text(json.dumps(SARIF))
    asked = pulumi(
        f'echo \'{{"summary": {{"failed": 0}}}}\' > "$POLICY_REPORT/policies.json"\n'
        f'cp "{tmp_path}/sarif" "$POLICY_REPORT/policies.sarif"\ncat "{tmp_path}/preview"\nexit 1'
    )
    found = run.review(
        run.Where(
            stack="dev",
            out=tmp_path / "out",
            offline=False,
            base=None,
            timeout=30,
            approvals=APPROVALS,
            limits=limits.FILE,
            project=tmp_path,
        )
    )
    assert asked.read_text().strip() == (
        "preview --stack dev --json --show-sames --non-interactive --policy-pack policies"
    )
    assert (found.stops, found.against, found.simulated) == ((), "the deployed state", False)
    assert {each.name for each in (tmp_path / "out").iterdir()} >= {"review.json", "comment.md"}


def test_an_update_shows_its_last_lines_when_it_fails(tmp_path: Path, pulumi: Make) -> None:
    asked = pulumi('echo "updating"; echo "error: quota reached" >&2; exit 255')
    stack = engine.PulumiEngine("prod", tmp_path, timeout=30)
    with pytest.raises(OpsError, match="error: quota reached"):
        stack.up(tmp_path, message="deploy abc", policy=True)
    said = asked.read_text()
    assert "up --stack prod --yes --skip-preview --non-interactive --message deploy abc" in said
    assert said.strip().endswith("--policy-pack policies")
    with pytest.raises(OpsError):
        stack.up(tmp_path, message="back to abc", policy=False)
    assert not asked.read_text().strip().endswith("--policy-pack policies")


def test_the_history_names_the_commit_that_runs(tmp_path: Path, pulumi: Make) -> None:
    history = [{"kind": "update", "result": "succeeded", "message": f"deploy {'a' * 40}"}]
    (tmp_path / "history").write_text(json.dumps(history))
    pulumi(f'cat "{tmp_path}/history"')
    assert engine.PulumiEngine("prod", tmp_path, timeout=30).head() == "a" * 40


def test_an_older_commit_with_the_same_lock_file_takes_this_python(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    for folder in (here, there):
        folder.mkdir()
        (folder / "uv.lock").write_text("version = 1\n")
    (here / ".venv").mkdir()
    engine.furnish(there, here)
    assert (there / ".venv").resolve() == here / ".venv"
    (there / ".venv").unlink()
    (there / "uv.lock").write_text("version = 2\n")
    (there / ".ci").mkdir()
    bootstrap = there / ".ci" / "bootstrap"
    bootstrap.write_text("#!/bin/sh\nmkdir .venv\n")
    bootstrap.chmod(0o755)
    engine.furnish(there, here)
    assert (there / ".venv").is_dir()
    assert not (there / ".venv").is_symlink()
