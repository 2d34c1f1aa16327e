"""A copy of this program in a Git repository of its own, with one system, for tests to change."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import yaml

from tests.engine.conftest import REPOSITORY

PARTS = ("__main__.py", "Pulumi.yaml", "components", "functions", "policies", "settings", "systems")
SYSTEMS = "seoul-platform:systems"


class Checkout:
    """Edits are of the real source, so that what a test sees is what a pull request with it would meet."""

    def __init__(self, folder: Path, *, system: str = "sesami", stacks: tuple[str, ...] = ("dev",)) -> None:
        self.folder = folder
        self._system = system
        for part in PARTS:
            source = REPOSITORY / part
            if source.is_dir():
                shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, folder)
        for stack in stacks:
            document = yaml.safe_load((REPOSITORY / f"Pulumi.{stack}.yaml").read_text())
            config = document["config"]
            config[SYSTEMS] = {system: config[SYSTEMS][system]}
            if "policies:config" in config:
                objectives = config["policies:config"].get("recoveryObjectives", {})
                config["policies:config"]["recoveryObjectives"] = {
                    key: value for key, value in objectives.items() if key == system
                }
            self._write(stack, document)
        (folder / ".gitignore").write_text("__pycache__/\nbuild/\n.cache/\nPulumi.*.yaml.lock\n")
        self.git("init", "--quiet", "--initial-branch", "main")
        self.commit("the program")

    def git(self, *arguments: str) -> str:
        identity = ["-c", "user.name=kim", "-c", "user.email=kim@example.com", "-c", "commit.gpgsign=false"]
        done = subprocess.run(
            ["git", *identity, *arguments], cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def commit(self, message: str) -> str:
        """Commit everything; returns the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")

    def edit(self, file: str, before: str, after: str) -> None:
        """Replace a text that must be there once."""
        path = self.folder / file
        text = path.read_text()
        assert text.count(before) == 1, f"{file}: {text.count(before)} times: {before}"
        path.write_text(text.replace(before, after))

    def settings(self, stack: str) -> Any:
        """The system's settings in a stack file."""
        return yaml.safe_load((self.folder / f"Pulumi.{stack}.yaml").read_text())["config"][SYSTEMS][
            self._system
        ]

    def configure(self, stack: str, **sections: Any) -> None:
        """Lay sections over the system's settings, key by key."""
        document = yaml.safe_load((self.folder / f"Pulumi.{stack}.yaml").read_text())
        system = document["config"][SYSTEMS][self._system]
        for key, value in sections.items():
            system[key] = {**system.get(key, {}), **value} if isinstance(value, dict) else value
        self._write(stack, document)

    def _write(self, stack: str, document: Any) -> None:
        (self.folder / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
