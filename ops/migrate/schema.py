"""The schema by pg_dump and pg_restore, taken apart into statements that the journal can count.

Running them one by one, each in a transaction with its line of the journal, makes a killed copy resume in the
middle of the indexes, and builds indexes in parallel.
"""

import hashlib
import re
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ops.errors import Exit, OpsError
from ops.migrate.catalog import JOURNAL_SCHEMA
from ops.migrate.connect import Endpoint

LOCK_WAIT = "30s"

HEADER = re.compile(r"--\n-- Name: (?P<name>[^\n]*); Type: (?P<kind>[A-Z ]+); Schema: [^\n]*\n--\n")
QUOTED = re.compile(
    HEADER.pattern.replace("?P<name>", "?P<header>").replace("?P<kind>", "?:")
    + r"|--[^\n]*|/\*.*?\*/|[eE]'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\""
    + r"|\$(?P<tag>(?:[^\W\d]\w*)?)\$.*?\$(?P=tag)\$",
    re.DOTALL,
)
"""A header counts only where it stands outside of strings, quoted names and function bodies."""

RESTRICT = re.compile(r"^\\(?:un)?restrict \S+\n?", re.MULTILINE)
"""psql's own commands, which newer pg_restores put at both ends of a script."""

PARALLEL = frozenset({"INDEX", "CONSTRAINT"})
KEYS_BETWEEN_TABLES = frozenset({"FK CONSTRAINT"})


@dataclass(frozen=True)
class Tools:
    """pg_dump and pg_restore of one version."""

    pg_dump: Path
    pg_restore: Path
    major: int


@dataclass(frozen=True)
class Statement:
    """One entry of the archive: everything between two headers."""

    section: str
    kind: str
    name: str
    text: str

    @property
    def title(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True)
class Schema:
    """``preamble`` belongs at the start of each session that runs statements."""

    preamble: str
    statements: tuple[Statement, ...]

    @property
    def digest(self) -> str:
        lines = sorted(hashlib.sha256(s.text.encode()).hexdigest() for s in self.statements)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def find_tools(folder: Path | None) -> Tools:
    """In ``folder``, or on PATH. Raises OpsError where there are none or their versions differ."""
    found = {
        name: shutil.which(name, path=str(folder) if folder else None) for name in ("pg_dump", "pg_restore")
    }
    for name, path in found.items():
        if path is None:
            raise OpsError(
                f"{name} was not found {f'in {folder}' if folder else 'on PATH'}",
                fix="install PostgreSQL's client programs, and name their folder with --pg-bin",
                exit_code=Exit.REFUSED,
            )
    majors = {name: _major(str(path)) for name, path in found.items()}
    if len(set(majors.values())) > 1:
        raise OpsError(f"pg_dump is {majors['pg_dump']}, pg_restore {majors['pg_restore']}", fix="--pg-bin")
    return Tools(Path(str(found["pg_dump"])), Path(str(found["pg_restore"])), majors["pg_dump"])


def _major(program: str) -> int:
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    matched = re.search(r"(\d+)(?:\.\d+)?", answer.stdout)
    if answer.returncode or matched is None:
        raise OpsError(f"{program} does not run: {answer.stderr.strip()}", fix="--pg-bin")
    return int(matched[1])


def dump(source: Endpoint, tools: Tools, snapshot: str | None, *, owners: bool, privileges: bool) -> Schema:
    """The schema as ``snapshot`` sees it (None: as it is now). Raises OpsError with pg_dump's own words."""
    with tempfile.TemporaryDirectory(prefix="ops-migrate-") as folder:
        archive = Path(folder) / "schema"
        arguments = [
            str(tools.pg_dump),
            "--format=custom",
            "--section=pre-data",
            "--section=post-data",
            "--no-password",
            "--no-tablespaces",
            "--no-subscriptions",
            "--encoding=UTF8",
            f"--exclude-schema={JOURNAL_SCHEMA}",
            f"--lock-wait-timeout={LOCK_WAIT}",
            f"--file={archive}",
            f"--dbname={source.client_argument()}",
            *([f"--snapshot={snapshot}"] if snapshot else []),
        ]
        _run(arguments, source)
        scripts: dict[str, str] = {}
        for section in ("pre-data", "post-data"):
            scripts[section] = _run(
                [
                    str(tools.pg_restore),
                    f"--section={section}",
                    "--file=-",
                    *([] if owners else ["--no-owner"]),
                    *([] if privileges else ["--no-privileges"]),
                    str(archive),
                ],
                source,
            )
    preamble, before = split(scripts["pre-data"], "pre-data")
    _, after = split(scripts["post-data"], "post-data")
    return Schema(preamble, (*before, *after))


def _run(arguments: Sequence[str], source: Endpoint) -> str:
    answer = subprocess.run(
        arguments,
        capture_output=True,
        text=True,
        check=False,
        env=source.client_environment(),
        encoding="utf-8",
    )
    if answer.returncode:
        fix = None
        if "lock" in answer.stderr:
            fix = "somebody changes a table of the source, or waits to: let that end, then run this again"
        raise OpsError(f"{Path(arguments[0]).name}: {answer.stderr.strip()}", fix=fix)
    return answer.stdout


def split(script: str, section: str) -> tuple[str, list[Statement]]:
    """A script of pg_restore as its preamble and its statements."""
    script = RESTRICT.sub("", script)
    starts: list[re.Match[str]] = []
    for token in QUOTED.finditer(script):
        matched = HEADER.match(script, token.start()) if token["header"] is not None else None
        if matched is not None:
            starts.append(matched)
    if not starts:
        return script, []
    statements: list[Statement] = []
    for number, header in enumerate(starts):
        end = starts[number + 1].start() if number + 1 < len(starts) else len(script)
        text = script[header.end() : end].strip()
        if text and not all(line.startswith("--") or not line for line in text.splitlines()):
            statements.append(Statement(section, header["kind"], header["name"], text))
    return script[: starts[0].start()], statements


def differences(then: Sequence[tuple[str, str]], now: Sequence[Statement]) -> list[str]:
    """One line for each statement that differs; ``then`` is a list of ``(title, text)``."""
    before = Counter(text for _, text in then)
    after = Counter(statement.text for statement in now)
    gone = [f"gone or changed: {title}" for title, text in then if after[text] < before[text]]
    new = [f"new or changed: {s.title}" for s in now if before[s.text] < after[s.text]]
    return [*gone, *new]
