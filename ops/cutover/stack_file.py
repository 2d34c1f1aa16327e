"""The stage in ``Pulumi.<stack>.yaml``: read, and changed with every other character left as it is."""

import os
import re
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ops.cutover.target import COMMITTED
from ops.errors import Exit, OpsError

SYSTEMS = "seoul-platform:systems"


class StackFile:
    """The cutover section of one system in one stack's settings."""

    def __init__(self, path: Path, *, system: str) -> None:
        self.path = path
        self._system = system

    def stage(self) -> str:
        """Raises OpsError for a file without a cutover of the system."""
        section = self._section(self._parse(self._text()))
        return COMMITTED if section.get("kind") == COMMITTED else str(section["percent"])

    def set_stage(self, stage: str) -> bool:
        """Write a stage; returns whether the file changed. Raises OpsError and leaves the file as it was."""
        before = self._text()
        if self.stage() == stage:
            return False
        after = self._committed(before) if stage == COMMITTED else self._with_percent(before, stage)
        self._check_only_stage_changed(before, after, stage)
        write_whole(self.path, after)
        return True

    def check_clean(self) -> None:
        """Raises OpsError where the file differs from the last commit in more than the stage.

        An update would deploy that as well. Outside of a Git repository there is nothing to compare with.
        """
        done = subprocess.run(
            ["git", "show", f"HEAD:./{self.path.name}"],
            cwd=self.path.parent,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            return
        now, then = self._plain(self._text()), self._plain(done.stdout)
        for document in (now, then):
            section = self._section(document)
            section.pop("percent", None)
        if now != then:
            raise OpsError(
                f"{self.path.name} holds changes that are not committed, besides the stage",
                fix=f"git diff {self.path.name}; commit or stash them, so that a step deploys the step alone",
                exit_code=Exit.REFUSED,
            )

    def _with_percent(self, text: str, stage: str) -> str:
        """The text with another number at the place where the parser found the present one."""
        section = self._section(self._parse(text))
        if "percent" not in section:
            raise OpsError(
                f"{self.path.name}: the cutover is committed and has no stage any more",
                fix=f"git log -p {self.path.name} has the section as it was; put it back first",
            )
        line, column = cast("tuple[int, int]", section.lc.value("percent"))
        lines = text.splitlines(keepends=True)
        number = re.compile(r"\d+")
        lines[line] = lines[line][:column] + number.sub(stage, lines[line][column:], count=1)
        return "".join(lines)

    def _committed(self, text: str) -> str:
        """The text with ``kind: committed`` for the whole section, in block style."""
        systems: Any = self._parse(text)["config"][SYSTEMS][self._system]
        line, column = cast("tuple[int, int]", systems.lc.key("cutover"))
        lines = text.splitlines(keepends=True)
        end = line + 1
        while end < len(lines) and (not lines[end].strip() or _indent(lines[end]) > column):
            end += 1
        ending = "\n" if lines[line].endswith("\n") else ""
        lines[line:end] = [f"{' ' * column}cutover: {{ kind: {COMMITTED} }}{ending}"]
        return "".join(lines)

    def _check_only_stage_changed(self, before: str, after: str, stage: str) -> None:
        wanted, got = self._plain(before), self._plain(after)
        systems: Any = wanted["config"][SYSTEMS][self._system]
        if stage == COMMITTED:
            systems["cutover"] = {"kind": COMMITTED}
        else:
            systems["cutover"]["percent"] = int(stage)
        if got != wanted:
            raise OpsError(
                f"{self.path.name}: the stage cannot be changed without changing more",
                fix="write `cutover:` as a block of its own, `percent: NUMBER` on a line",
            )

    def _section(self, document: Any) -> Any:
        try:
            section = document["config"][SYSTEMS][self._system]["cutover"]
        except (KeyError, TypeError):
            section = None
        if not isinstance(section, dict) or "kind" not in section:
            raise OpsError(
                f"{self.path.name} has no {SYSTEMS} -> {self._system} -> cutover", fix="--stack, --system"
            )
        return cast("Any", section)

    def _plain(self, text: str) -> Any:
        try:
            return cast("Mapping[str, Any]", YAML(typ="safe", pure=True).load(text))  # pyright: ignore[reportUnknownMemberType]
        except YAMLError as error:
            raise OpsError(f"{self.path.name} is not YAML: {error}") from error

    def _parse(self, text: str) -> Any:
        try:
            return YAML().load(text)  # pyright: ignore[reportUnknownMemberType]
        except YAMLError as error:
            raise OpsError(f"{self.path.name} is not YAML: {error}") from error

    def _text(self) -> str:
        try:
            return self.path.read_text(encoding="utf-8")
        except OSError as error:
            raise OpsError(
                f"{self.path} cannot be read: {error.strerror}", fix="--project, --stack"
            ) from error


def write_whole(path: Path, text: str) -> None:
    """In one step: a killed run leaves the old file or the new one. Raises OpsError."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(path.stat().st_mode & 0o777)
        Path(name).replace(path)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise OpsError(f"{path} cannot be written: {error.strerror}") from error


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
