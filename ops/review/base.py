"""What a change starts from, without an account: the merge base, deployed to a simulated cloud and kept.

A preview against nothing shows creations alone. Against the deployed merge base the engine says itself what
is replaced, deleted or unlocked. The state is kept under `.cache/review` for each commit and stack, so a
second run on the same base starts at once.
"""

import contextlib
import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path

from ops.errors import OpsError
from ops.guard.run import REPOSITORY

_TAIL = 15


def merge_base(project: Path, ref: str | None) -> str:
    """The commit that the working tree and ``ref`` have in common; ``origin/main``, or ``main``, by default.

    Raises OpsError where there is none.
    """
    for name in [ref] if ref else ["origin/main", "main"]:
        found = _git(project, "merge-base", "HEAD", name)
        if found.returncode == 0:
            return found.stdout.strip()
    raise OpsError(
        f"no commit that HEAD and {ref or 'main'} have in common",
        fix="git fetch origin main (in a shallow clone: git fetch --unshallow), or name it with --base",
    )


def recorded(project: Path, stack: str, commit: str, *, timeout: float) -> Path:
    """The folder with the simulated state of a stack as ``commit`` deploys it; made where it is not kept.

    Empty for a stack that the commit does not have. Raises OpsError where the commit cannot be deployed.
    """
    kept = project / ".cache" / "review" / f"{commit[:12]}-{_simulation()}-{stack}"
    if kept.exists():
        return kept
    kept.parent.mkdir(parents=True, exist_ok=True)
    with worktree(project, commit) as source, tempfile.TemporaryDirectory(dir=kept.parent) as scratch:
        made = Path(scratch) / "state"
        made.mkdir()
        if (source / f"Pulumi.{stack}.yaml").exists():
            _deploy(source, stack, made, timeout)
        with contextlib.suppress(OSError):  # another run has made it meanwhile
            made.rename(kept)
    return kept


@contextlib.contextmanager
def worktree(project: Path, commit: str) -> Generator[Path]:
    """The files of a commit in a folder of their own. Raises OpsError."""
    with tempfile.TemporaryDirectory(prefix="seoul-platform-") as folder:
        source = Path(folder) / "source"
        added = _git(project, "worktree", "add", "--detach", "--quiet", str(source), commit)
        if added.returncode:
            raise OpsError(
                f"{commit}: {added.stderr.strip()}", fix="git fetch, and name the base with --base"
            )
        try:
            yield source
        finally:
            _git(project, "worktree", "remove", "--force", str(source))


def _deploy(source: Path, stack: str, state: Path, timeout: float) -> None:
    command = [sys.executable, "-m", "offline", "up", "--quick", "--no-policy", "--stack", stack]
    command += ["--project", str(source), "--state", str(state)]
    try:
        done = subprocess.run(
            command, cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=timeout
        )
    except subprocess.TimeoutExpired as error:
        raise OpsError(
            f"deploying the base took more than {timeout:.0f} s", fix="give it more with --timeout"
        ) from error
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-_TAIL:])
        raise OpsError(f"the base of {stack} cannot be deployed to a simulated cloud:\n{tail}")


def _simulation() -> str:
    """What else the state hangs on: the simulation, and the SDKs that it takes its schema from."""
    digest = hashlib.sha256()
    for file in [*sorted((REPOSITORY / "offline").rglob("*.py")), REPOSITORY / "uv.lock"]:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def _git(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", *arguments], cwd=project, capture_output=True, text=True, check=False)
