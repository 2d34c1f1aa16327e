"""The official Pulumi CLI, downloaded and checked against the published checksums.

The whole bundle is kept, with the Python language host beside the CLI. A short connect timeout makes a
machine without Internet access fall through to the next way within seconds.
"""

import hashlib
import shutil
import tarfile
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

from offline.cli_cache import PINNED_VERSION, CliError, Say, platform_names

RELEASES = "https://get.pulumi.com/releases/sdk"
CONNECT_TIMEOUT_SECONDS = 5
READ_TIMEOUT_SECONDS = 60


def fill(folder: Path, say: Say) -> str:
    """Download, check and unpack the release for this machine into `folder`; returns its address.

    Raises CliError where the site is out of reach, the platform has no release, or the archive does not
    match.
    """
    system, machine = platform_names()
    archive_name = f"pulumi-v{PINNED_VERSION}-{system}-{machine}.tar.gz"
    checksums = _fetch(f"{RELEASES}/pulumi-{PINNED_VERSION}-checksums.txt", CONNECT_TIMEOUT_SECONDS).decode()
    expected = published_digest(checksums, archive_name)
    address = f"{RELEASES}/{archive_name}"
    say(f"downloading {address} (about 100 MB)")
    content = _fetch(address, READ_TIMEOUT_SECONDS)
    got = hashlib.sha256(content).hexdigest()
    if got != expected:
        raise CliError(f"{address}: SHA-256 is {got}, the published one is {expected}; not used")
    unpack(content, folder)
    return address


def published_digest(checksums: str, archive_name: str) -> str:
    """The SHA-256 that a checksums file (`<digest>  <name>` lines) gives for an archive."""
    for line in checksums.splitlines():
        fields = line.split()
        if len(fields) == 2 and fields[1].lstrip("*").removeprefix("./") == archive_name:
            return fields[0].lower()
    raise CliError(f"the published checksums have no {archive_name}: no release for this platform")


def unpack(content: bytes, folder: Path) -> None:
    """Put the files of a release archive (all under `pulumi/`) flat into `folder`, executable."""
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        archive = Path(temporary) / "release.tar.gz"
        archive.write_bytes(content)
        try:
            with tarfile.open(archive) as bundle:
                bundle.extractall(temporary, filter="data")
        except tarfile.TarError as error:
            raise CliError(f"the downloaded archive cannot be unpacked: {error}") from error
        binary = next(Path(temporary).rglob("pulumi*/pulumi"), None)
        if binary is None:
            raise CliError("the downloaded archive has no pulumi/pulumi")
        for file in binary.parent.iterdir():
            shutil.move(file, folder / file.name)


def _fetch(address: str, timeout_seconds: int) -> bytes:
    try:
        with urllib.request.urlopen(address, timeout=timeout_seconds) as answer:  # noqa: S310 (https constant)
            return answer.read()
    except (TimeoutError, urllib.error.URLError, OSError) as error:
        reason = getattr(error, "reason", error)
        raise CliError(f"{address} cannot be fetched: {reason}") from error
