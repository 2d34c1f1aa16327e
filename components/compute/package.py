"""Reproducible zips for Lambda: the same sources give the same bytes on every machine, so no diff."""

import base64
import hashlib
import io
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

MAX_BYTES = 50 * 1024 * 1024
"""Lambda's limit for a zip in the request itself; its quotas page says 50 MB, before base64."""

LAYOUT_VERSION = 1
"""Part of a layer's cache key: raise it when this module would write other bytes for the same sources."""

INSTALL_TIMEOUT_SECONDS = 300

_TIMESTAMP = (1980, 1, 1, 0, 0, 0)
"""The earliest that a zip can hold."""
_FILE_MODE = 0o100644
_UNIX = 3
_COMPILED = {".pyc", ".pyo"}
_INSTALLER_NOTES = {
    "INSTALLER",
    "RECORD",
    "REQUESTED",
    "direct_url.json",
    "uv_build.json",
    "uv_cache.json",
}
"""Written by the installer beside each package: they name this machine's tools, or vary in order."""


class PackagingError(RuntimeError):
    """The dependencies of a layer could not be installed; the message says what to do."""


def build_package(sources: Mapping[str, Path], output_dir: Path, *, name: str) -> Path:
    """Write ``{name}-{content hash}.zip`` into ``output_dir`` and return its path.

    ``sources`` maps a path inside the zip to a file or a directory; ``""`` is the root of the zip, for a
    directory. Compiled files and all dot files (``.env``, ``.git``) stay out. A package that is there
    already is not written again. The path is relative to the working directory where it can be, so that
    a stack's state does not name one machine's folders.

    Raises ValueError for a source that is missing, a path that two sources claim, an empty or an oversized
    package.
    """
    data = _archive(_collect(sources), name)
    target = output_dir / f"{name}-{hashlib.sha256(data).hexdigest()[:16]}.zip"
    if not target.is_file() or target.read_bytes() != data:
        _write_atomically(target, data)
    return _portable(target)


def build_layer(
    requirements: Path,
    output_dir: Path,
    *,
    name: str,
    runtime: str,
    architecture: str = "arm64",
    modules: Mapping[str, Path] | None = None,
) -> Path:
    """Write a Python layer: the pinned packages of ``requirements``, and our own shared ``modules``.

    ``requirements`` pins every package with hashes, so its text decides what is installed, whatever serves
    it; wheels are taken for the function's platform, not for this machine's. The result is kept in
    ``output_dir`` under a hash of all that decides it: only the first call installs anything.

    Raises PackagingError when the packages cannot be installed, ValueError as ``build_package`` does.
    """
    platform, version = wheel_platform(runtime, architecture), runtime.removeprefix("python")
    if not requirements.is_file():
        raise ValueError(
            f"{name}: requirements file {requirements} is missing; make it with "
            "'uv pip compile --universal --generate-hashes --no-emit-index-url'"
        )
    shared = _collect({f"python/{path}": source for path, source in (modules or {}).items()})
    key = hashlib.sha256(f"{LAYOUT_VERSION} {platform} {version}\0".encode())
    key.update(requirements.read_bytes())
    for path, content in sorted(shared.items()):
        key.update(f"\0{path}\0{len(content)}\0".encode() + content)
    target = output_dir / f"{name}-{key.hexdigest()[:16]}.zip"
    if not target.is_file():
        with tempfile.TemporaryDirectory() as scratch:
            _install(requirements, Path(scratch), platform, version)
            packages = _collect({"python": Path(scratch)})
        packages = {path: content for path, content in packages.items() if _belongs_in_layer(path)}
        _write_atomically(target, _archive(_merge(packages, shared), name))
    return _portable(target)


def sha256_base64(path: Path) -> str:
    """The digest of a package in the form that Lambda reports, so that a changed upload shows as drift."""
    return base64.b64encode(hashlib.sha256(path.read_bytes()).digest()).decode()


def wheel_platform(runtime: str, architecture: str) -> str:
    """The platform whose wheels run there.

    Runtimes to python3.11 are Amazon Linux 2 (glibc 2.26), later ones Amazon Linux 2023 (glibc 2.34), so
    a wheel for glibc 2.28 imports on the later ones alone.
    """
    machines = {"arm64": "aarch64", "x86_64": "x86_64"}
    if architecture not in machines:
        raise ValueError(f"architecture: got {architecture!r}; allowed are {', '.join(machines)}")
    major, _, minor = runtime.removeprefix("python").partition(".")
    if not runtime.startswith("python") or major != "3" or not minor.isdigit():
        raise ValueError(f"runtime: got {runtime!r}; a Python layer needs one like 'python3.12'")
    return f"{machines[architecture]}-{'manylinux_2_28' if int(minor) >= 12 else 'manylinux2014'}"


def _collect(sources: Mapping[str, Path]) -> dict[str, bytes]:
    entries: dict[str, bytes] = {}
    for prefix, source in sources.items():
        if source.is_dir():
            found = {_join(prefix, path.relative_to(source)): path for path in _files(source)}
        elif source.is_file() and prefix:
            found = {_join(prefix, Path()): source}
        elif source.is_file():
            raise ValueError(f"{source}: got '' as a file's path in the zip; give it a name, as 'handler.py'")
        else:
            raise ValueError(f"{source}: no such file or directory; it was to be {prefix or '/'} in the zip")
        entries = _merge(entries, {path: file.read_bytes() for path, file in found.items()})
    return entries


def _files(directory: Path) -> Iterator[Path]:
    for path in sorted(directory.rglob("*")):
        parts = path.relative_to(directory).parts
        hidden = any(part.startswith(".") or part == "__pycache__" for part in parts)
        if path.is_file() and not hidden and path.suffix not in _COMPILED:
            yield path


def _join(prefix: str, relative: Path) -> str:
    path = PurePosixPath(prefix, *relative.parts)
    if path.is_absolute() or ".." in path.parts:
        raise ValueError(f"{prefix}: a path inside the zip is relative and has no '..'")
    return str(path)


def _merge(one: dict[str, bytes], other: dict[str, bytes]) -> dict[str, bytes]:
    doubled = sorted(one.keys() & other.keys())
    if doubled:
        raise ValueError(f"{doubled[0]}: two sources claim this path in the zip; give one another path")
    return {**one, **other}


def _belongs_in_layer(path: str) -> bool:
    parts = PurePosixPath(path).parts
    is_script = parts[1] == "bin"
    is_note = parts[1].endswith(".dist-info") and parts[-1] in _INSTALLER_NOTES
    return not is_script and not is_note


def _archive(entries: Mapping[str, bytes], name: str) -> bytes:
    """Stored, not compressed: zlib's output differs between its versions."""
    if not entries:
        raise ValueError(f"{name}: the package would be empty; check its sources")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(entries):
            info = zipfile.ZipInfo(path, _TIMESTAMP)
            info.create_system = _UNIX
            info.external_attr = _FILE_MODE << 16
            archive.writestr(info, entries[path])
    data = buffer.getvalue()
    if len(data) > MAX_BYTES:
        raise ValueError(
            f"{name}: got {len(data):,} bytes; Lambda takes at most {MAX_BYTES:,} directly. "
            "Drop dependencies, or deploy a container image"
        )
    return data


def _write_atomically(target: Path, data: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, scratch = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(scratch).replace(target)
    except BaseException:
        Path(scratch).unlink(missing_ok=True)
        raise


def _portable(path: Path) -> Path:
    absolute, here = path.resolve(), Path.cwd().resolve()
    return absolute.relative_to(here) if absolute.is_relative_to(here) else absolute


def _install(requirements: Path, target: Path, platform: str, python_version: str) -> None:
    command = [
        *(sys.executable, "-m", "uv", "pip", "install", "--quiet"),
        *("--requirement", str(requirements), "--target", str(target)),
        *("--python-platform", platform, "--python-version", python_version),
        *("--only-binary", ":all:", "--require-hashes", "--no-deps", "--link-mode", "copy"),
    ]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=INSTALL_TIMEOUT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise _unavailable(requirements, f"no answer in {INSTALL_TIMEOUT_SECONDS} s") from None
    if done.returncode != 0:
        raise _unavailable(requirements, done.stderr.strip() or f"exit code {done.returncode}")


def _unavailable(requirements: Path, reason: str) -> PackagingError:
    if "No module named uv" in reason:
        fix = "Install the project's dependencies first ('uv sync'): they include uv"
    else:
        fix = (
            "The packages must be reachable once, from the package index or from uv's cache; after that "
            "the layer is kept. If a hash differs, compile the requirements file again"
        )
    return PackagingError(f"{requirements}: could not install the layer's packages.\n{reason}\n{fix}")
