"""Where the Pulumi CLI is kept between runs, and how a kept one is trusted.

A kept CLI is a folder with `bin/` (the whole bundle) and `manifest.json`, which records the SHA-256 of every
file in `bin/`. It is used only while those digests match and `pulumi version` answers. A folder appears by
one rename, so a killed build or download never leaves a half-made CLI that a later run would believe.
"""

import contextlib
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import cast

if sys.platform != "win32":
    import fcntl

PINNED_VERSION = "3.250.0"
"""The version that is downloaded or built: the newest published as a Go module when this was written."""

MINIMUM_VERSION = (3, 250, 0)
"""The oldest CLI accepted from PATH: the version every test of this repository ran against."""

MANIFEST = "manifest.json"

Say = Callable[[str], None]


class CliError(Exception):
    """No usable Pulumi CLI; the text says what was tried and how to mend it."""


def cache_folder(environ: Mapping[str, str]) -> Path:
    """The cache: `SEOUL_PLATFORM_CACHE`, else `seoul-platform` under `XDG_CACHE_HOME` or `~/.cache`."""
    chosen = environ.get("SEOUL_PLATFORM_CACHE")
    if chosen:
        return Path(chosen).expanduser()
    base = environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "seoul-platform"


def platform_names() -> tuple[str, str]:
    """This machine as Pulumi's release names have it, such as `("linux", "x64")`."""
    machine = platform.machine().lower()
    return sys.platform, {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64"}.get(machine, machine)


def home_of(cache: Path, version: str = PINNED_VERSION) -> Path:
    """The folder a CLI of this version is kept in on this machine."""
    return cache / "cli" / f"v{version}-{'-'.join(platform_names())}"


def parse_version(text: str) -> tuple[int, int, int] | None:
    """The version in the first line of `pulumi version`, or None where there is none."""
    found = re.match(r"v?(\d+)\.(\d+)\.(\d+)", text.strip())
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def probe(binary: Path) -> tuple[int, int, int]:
    """Ask a CLI its version.

    Raises CliError where the file cannot run, hangs for a minute, or answers without a version: the
    Automation API refuses such a CLI too.
    """
    environ = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        answer = subprocess.run(
            [str(binary), "version"], capture_output=True, text=True, timeout=60, check=False, env=environ
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise CliError(f"{binary} does not run: {error}") from error
    version = parse_version(answer.stdout)
    if answer.returncode != 0 or version is None:
        said = (answer.stdout + answer.stderr).strip() or "nothing"
        raise CliError(f"{binary} gives no version: exit code {answer.returncode}, said {said!r}")
    return version


def digest(file: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def verify(home: Path) -> Path:
    """The `pulumi` inside a kept folder, once all its files are found unchanged and it runs.

    Raises CliError with the first thing that is wrong.
    """
    try:
        manifest = cast("dict[str, object]", json.loads((home / MANIFEST).read_text()))
        files = cast("dict[str, str]", manifest["files"])
    except (OSError, ValueError, KeyError) as error:
        raise CliError(f"{home / MANIFEST} cannot be read: {error}") from error
    if "pulumi" not in files:
        raise CliError(f"{home / MANIFEST} names no pulumi")
    for name, expected in files.items():
        file = home / "bin" / name
        if not file.is_file():
            raise CliError(f"{file} is missing")
        if digest(file) != expected:
            raise CliError(f"{file} is not the file that was kept: its SHA-256 differs")
    probe(home / "bin" / "pulumi")
    return home / "bin" / "pulumi"


def install(home: Path, fill: Callable[[Path], str]) -> Path:
    """Make a kept CLI: `fill` puts files into a new `bin` folder and says where they came from.

    The folder takes its place by a rename, after it was verified. Returns the `pulumi` in it.
    """
    home.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=".new-", dir=home.parent))
    try:
        folder = staging / "bin"
        folder.mkdir()
        source = fill(folder)
        files = {entry.name: digest(entry) for entry in sorted(folder.iterdir()) if entry.is_file()}
        (staging / MANIFEST).write_text(json.dumps({"source": source, "files": files}, indent=1) + "\n")
        verify(staging)
        discard(home)
        staging.rename(home)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return home / "bin" / "pulumi"


def discard(home: Path) -> None:
    """Take a kept CLI out of use at once, then delete it."""
    if not home.exists():
        return
    doomed = Path(tempfile.mkdtemp(prefix=".old-", dir=home.parent))
    home.rename(doomed / "cli")
    shutil.rmtree(doomed, ignore_errors=True)


def sweep(cache: Path) -> None:
    """Delete what killed runs left. Call it with the lock held, so that nothing here is still being made."""
    for pattern in (".new-*", ".old-*"):
        for leftover in (cache / "cli").glob(pattern):
            shutil.rmtree(leftover, ignore_errors=True)


@contextlib.contextmanager
def lock(cache: Path, say: Say) -> Generator[None]:
    """Hold the cache for one run, waiting for another that is already filling it.

    The kernel drops the lock with its process, so a killed run leaves none behind.
    """
    cache.mkdir(parents=True, exist_ok=True)
    if sys.platform == "win32":
        yield
        return
    with (cache / "lock").open("a") as file:
        told = False
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not told:
                    say("another run is fetching or building the Pulumi CLI; waiting for it")
                    told = True
                time.sleep(0.5)
        yield
