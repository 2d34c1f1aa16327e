"""The image digests of one system in ``Pulumi.<stack>.yaml``: found by their key, changed alone."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ops.cutover.stack_file import SYSTEMS, write_whole
from ops.errors import OpsError
from ops.state import camel

KEY = "imageDigest"
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class ImageFile:
    """The digests of a system's images, by role: the path of the section that holds ``imageDigest``."""

    def __init__(self, path: Path, *, system: str) -> None:
        self.path = path
        self._system = camel(system)

    def digests(self) -> dict[str, str]:
        """``backend`` or ``services.currency`` to its digest. Raises OpsError where the system has none."""
        section = self._section(self._parse(self._text()))
        found = {path: str(node[KEY]) for path, node in _sections(section, "")}
        if not found:
            raise OpsError(f"{self.path.name}: {self._system} has no {KEY}: it is not released by digest")
        return found

    def role(self, name: str) -> str:
        """A role by its whole path or its last part. Raises OpsError for one that is not there."""
        roles = list(self.digests())
        found = [each for each in roles if name in {each, each.rpartition(".")[2]}]
        if len(found) != 1:
            raise OpsError(f"--image: got the role {name!r}; {self._system} has {', '.join(roles)}")
        return found[0]

    def write(self, digests: Mapping[str, str]) -> bool:
        """Put digests in place; whether the file changed. Raises OpsError and leaves it as it was."""
        before = after = self._text()
        for role, digest in digests.items():
            if self.digests().get(role) != digest:
                after = self._with(after, role, digest)
        if after == before:
            return False
        wanted = self._parse(before)
        for role, digest in digests.items():
            _at(self._section(wanted), role)[KEY] = digest
        if self._parse(after) != wanted:
            raise OpsError(
                f"{self.path.name}: the digests cannot be changed without changing more",
                fix=f"write `{KEY}: sha256:...` on a line of its own",
            )
        write_whole(self.path, after)
        return True

    def _with(self, text: str, role: str, digest: str) -> str:
        node = _at(self._section(self._parse(text)), role)
        line, column = cast("tuple[int, int]", node.lc.value(KEY))
        lines = text.splitlines(keepends=True)
        lines[line] = lines[line][:column] + DIGEST.sub(digest, lines[line][column:], count=1)
        return "".join(lines)

    def _section(self, document: Any) -> Any:
        try:
            return document["config"][SYSTEMS][self._system]
        except (KeyError, TypeError):
            raise OpsError(
                f"{self.path.name} has no {SYSTEMS} -> {self._system}", fix="--stack, and the system's name"
            ) from None

    def _parse(self, text: str) -> Any:
        try:
            return YAML().load(text)  # pyright: ignore[reportUnknownMemberType]
        except YAMLError as error:
            raise OpsError(f"{self.path.name} is not YAML: {error}") from error

    def _text(self) -> str:
        try:
            return self.path.read_text(encoding="utf-8")
        except OSError as error:
            raise OpsError(f"{self.path} cannot be read: {error.strerror}", fix="--stack") from error


def _sections(node: Any, path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(node, Mapping):
        mapping = cast("Mapping[str, Any]", node)
        if isinstance(mapping.get(KEY), str):
            yield path, mapping
        for key, value in mapping.items():
            yield from _sections(value, f"{path}.{key}" if path else key)


def _at(node: Any, path: str) -> Any:
    for part in path.split(".") if path else []:
        node = node[part]
    return node
