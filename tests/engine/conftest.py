"""What the engine's tests share: the CLI, small projects made on the spot, and sessions on them."""

import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
TIMEOUT_SECONDS = 300


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of the engine share few cores: those of one file run one after another, in one worker.

    Their time limit leaves out the making of the CLI, which takes minutes the first time.
    """
    for item in items:
        if item.get_closest_marker("engine") and item.path.is_relative_to(Path(__file__).parent):
            if not item.get_closest_marker("xdist_group"):
                item.add_marker(pytest.mark.xdist_group(item.path.stem))
            item.add_marker(pytest.mark.timeout(TIMEOUT_SECONDS, func_only=True))


class Project:
    """A Pulumi project of a few lines, and runs of `python -m offline` on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = folder / "state"
        self.settings("dev", {})
        (folder / "Pulumi.yaml").write_text("name: sample\nruntime: python\nmain: .\n")

    def settings(self, stack: str, config: dict[str, str]) -> None:
        lines = [f"  {key}: {value}\n" for key, value in config.items()]
        (self.folder / f"Pulumi.{stack}.yaml").write_text("config:\n" + "".join(lines) if lines else "{}\n")

    def program(self, text: str) -> None:
        body = textwrap.dedent(text)
        (self.folder / "__main__.py").write_text("import pulumi\nimport pulumi_aws as aws\n\n" + body)

    def command(self, *arguments: str) -> list[str]:
        where = ["--project", str(self.folder), "--state", str(self.state)]
        return [sys.executable, "-m", "offline", arguments[0], *where, *arguments[1:]]

    def run(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments),
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, **environ},
        )

    def passes(self, *arguments: str) -> str:
        done = self.run(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def fails(self, *arguments: str, code: int = 1) -> str:
        done = self.run(*arguments)
        said = done.stdout + done.stderr
        assert done.returncode == code, said
        assert "Traceback" not in said
        return said


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project with a dev stack."""
    return Project(tmp_path)


@pytest.fixture
def fake_pulumi(tmp_path: Path) -> Callable[[str], Path]:
    """Makes a folder with a `pulumi` that answers `version` with the given text."""

    def make(version: str) -> Path:
        folder = tmp_path / f"fake-{version or 'mute'}"
        folder.mkdir()
        script = folder / "pulumi"
        script.write_text(f"#!{shutil.which('sh')}\necho '{version}'\n")
        script.chmod(0o755)
        return folder

    return make
