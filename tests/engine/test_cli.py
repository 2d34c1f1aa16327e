"""Finding a CLI: what is accepted, what is not, and what is said when there is none."""

import hashlib
import io
import json
import shutil
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from offline import cli_build, cli_cache, cli_download
from offline.cli import ensure_cli
from offline.cli_cache import PINNED_VERSION, CliError

MakeFake = Callable[[str], Path]
SCRIPT = f"#!/bin/sh\necho v{PINNED_VERSION}\n"


def quiet(_message: str) -> None:
    """Progress that no test reads."""


def refuse(*_arguments: object) -> str:
    raise CliError("not in this test")


def fill(folder: Path) -> str:
    binary = folder / "pulumi"
    binary.write_text(SCRIPT)
    binary.chmod(0o755)
    return "a test"


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """An environment with an empty cache and PATH, where nothing can be downloaded or built."""
    monkeypatch.setattr(cli_download, "fill", refuse)
    monkeypatch.setattr(cli_build, "fill", refuse)
    return {"SEOUL_PLATFORM_CACHE": str(tmp_path / "cache"), "PATH": ""}


def test_takes_a_new_enough_cli_from_path(environ: dict[str, str], fake_pulumi: MakeFake) -> None:
    environ["PATH"] = str(fake_pulumi("v3.251.3"))
    found = ensure_cli(quiet, environ)
    assert (found.source, found.version) == ("PATH", "3.251.3")


@pytest.mark.parametrize("version", ["v3.249.9", "v2.99.0", "", "unknown"])
def test_passes_over_an_unfit_cli_on_path(
    environ: dict[str, str], fake_pulumi: MakeFake, version: str
) -> None:
    folder = fake_pulumi(version)
    environ["PATH"] = str(folder)
    with pytest.raises(CliError, match=str(folder)):
        ensure_cli(quiet, environ)


def test_says_everything_it_tried_and_how_to_mend_it(environ: dict[str, str]) -> None:
    with pytest.raises(CliError) as failure:
        ensure_cli(quiet, environ)
    text = str(failure.value)
    for part in (
        "PATH: no pulumi",
        "cache: nothing kept",
        "download: not in this test",
        "build: not in",
        "To mend",
    ):
        assert part in text


def test_keeps_what_it_made_and_uses_it_again(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli_build, "fill", lambda folder, _cache, _say: fill(folder))
    assert ensure_cli(quiet, environ).source == "built"
    monkeypatch.setattr(cli_build, "fill", refuse)
    assert ensure_cli(quiet, environ).source.startswith("cache")


@pytest.mark.parametrize("damage", ["changed", "missing", "manifest", "empty manifest", "not executable"])
def test_does_not_trust_a_damaged_cache_and_replaces_it(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    monkeypatch.setattr(cli_build, "fill", lambda folder, _cache, _say: fill(folder))
    binary = ensure_cli(quiet, environ).binary
    manifest = binary.parents[1] / cli_cache.MANIFEST
    if damage == "changed":
        binary.write_text(SCRIPT + "# other\n")
    elif damage == "missing":
        binary.unlink()
    elif damage == "manifest":
        manifest.write_text("{")
    elif damage == "empty manifest":
        manifest.write_text(json.dumps({"files": {}}))
    else:
        binary.chmod(0o644)
    assert ensure_cli(quiet, environ).source == "built"
    assert ensure_cli(quiet, environ).source.startswith("cache")


def test_a_failed_build_leaves_nothing_half_done(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(folder: Path, _cache: Path, _say: object) -> str:
        (folder / "pulumi").write_text("half")
        raise CliError("stopped in the middle")

    monkeypatch.setattr(cli_build, "fill", half)
    with pytest.raises(CliError, match="stopped in the middle"):
        ensure_cli(quiet, environ)
    assert list((Path(environ["SEOUL_PLATFORM_CACHE"]) / "cli").iterdir()) == []


def test_a_killed_build_is_swept_and_made_again(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = Path(environ["SEOUL_PLATFORM_CACHE"])
    kill_while_filling(cache)
    assert list((cache / "cli").glob(".new-*")), "the killed build should have left its staging folder"
    monkeypatch.setattr(cli_build, "fill", lambda folder, _cache, _say: fill(folder))
    assert ensure_cli(quiet, environ).source == "built"
    assert [entry.name for entry in (cache / "cli").iterdir()] == [cli_cache.home_of(cache).name]


def kill_while_filling(cache: Path) -> None:
    """Kill a process that holds the lock and has begun to fill a new CLI."""
    program = (
        "import pathlib, sys, time\nfrom offline import cli_cache\ncache = pathlib.Path(sys.argv[1])\n"
        "def fill(folder):\n    print('filling', flush=True)\n    time.sleep(60)\n"
        "with cli_cache.lock(cache, print):\n    cli_cache.install(cli_cache.home_of(cache), fill)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(cache)], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"filling\n"
        child.kill()


def test_two_runs_do_not_build_twice(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    builds: list[Path] = []

    def slow(folder: Path, _cache: Path, _say: object) -> str:
        builds.append(folder)
        time.sleep(0.5)
        return fill(folder)

    monkeypatch.setattr(cli_build, "fill", slow)
    said: list[str] = []
    runs = [threading.Thread(target=ensure_cli, args=(said.append, environ)) for _ in range(3)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert len(builds) == 1
    assert any("another run" in message for message in said)


def release(content: bytes) -> bytes:
    """An archive laid out as Pulumi's releases are."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name in ("pulumi", "pulumi-language-python"):
            entry = tarfile.TarInfo(f"pulumi/{name}")
            entry.size, entry.mode = len(content), 0o755
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


@pytest.mark.parametrize("honest", [True, False])
def test_a_download_is_used_only_when_its_checksum_is_the_published_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, honest: bool
) -> None:
    archive = release(SCRIPT.encode())
    system, machine = cli_cache.platform_names()
    digest = hashlib.sha256(archive if honest else b"other").hexdigest()
    sums = f"{digest}  pulumi-v{PINNED_VERSION}-{system}-{machine}.tar.gz\n".encode()
    monkeypatch.setattr(
        cli_download, "_fetch", lambda address, _timeout: sums if address.endswith(".txt") else archive
    )
    home = tmp_path / "cli" / "kept"
    if not honest:
        with pytest.raises(CliError, match="not used"):
            cli_cache.install(home, lambda folder: cli_download.fill(folder, quiet))
        return
    binary = cli_cache.install(home, lambda folder: cli_download.fill(folder, quiet))
    assert sorted(file.name for file in binary.parent.iterdir()) == ["pulumi", "pulumi-language-python"]


def test_a_platform_without_a_release_is_named() -> None:
    with pytest.raises(CliError, match=r"plan9.*no release for this platform"):
        cli_download.published_digest("abc  pulumi-v1-linux-x64.tar.gz\n", "pulumi-v1-plan9-x64.tar.gz")


def test_an_old_go_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "go"
    old.write_text("#!/bin/sh\necho go version go1.20.1 linux/amd64\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    asked: list[Path] = []
    monkeypatch.setattr(cli_build, "_install_go", asked.append)
    said: list[str] = []
    with pytest.raises(CliError):
        cli_build.fill(tmp_path, tmp_path / "cache", said.append)
    assert asked == [tmp_path / "cache" / "go"]
    assert "older than" in said[0]


def test_the_build_is_pinned() -> None:
    module = (cli_build.MODULE / "go.mod").read_text()
    assert f"github.com/pulumi/pulumi/pkg/v3 v{PINNED_VERSION}" in module
    assert f"tool {cli_build.COMMAND}" in module
    assert "--hash=sha256:" in (cli_build.MODULE / "requirements.txt").read_text()


def test_platform_names_are_those_of_the_releases() -> None:
    assert cli_cache.platform_names()[1] in {"x64", "arm64"} or shutil.which("uname") is None
