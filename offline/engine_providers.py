"""How a run reaches its providers: simulated ones in a process of their own, or installed plugins.

`simulated` serves every package from `python -m offline.provider` and has the engine attach to it.
`installed` leaves the engine to start the real plugins: without an endpoint for a preview alone, with fake
credentials of the valid form, so that nothing can be reached by accident; with one, against an emulator
such as moto's server.
"""

import contextlib
import os
import re
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Kind = Literal["simulated", "installed"]

PACKAGES = ("aws", "cloudflare", "kubernetes")
START_TIMEOUT_SECONDS = 120
"""Reading the installed SDKs takes seconds; two minutes allow for a machine that is busy building."""

REPOSITORY = Path(__file__).parent.parent

FAKE_AWS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_EC2_METADATA_DISABLED": "true",
}
SHARED_AWS = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_DEFAULT_PROFILE", "AWS_ROLE_ARN")
"""Would bring a person's real account into a run that must reach none."""

FAKE_CLOUDFLARE_TOKEN = "0" * 40  # the provider checks the form of a token: 40 characters

NO_ACCOUNT_CONFIG: dict[str, object] = {
    "aws:skipCredentialsValidation": "true",
    "aws:skipRequestingAccountId": "true",
    "aws:skipMetadataApiCheck": "true",
    "aws:maxRetries": "1",
}
ACCOUNT_KEYS = (
    "aws:allowedAccountIds",
    "aws:forbiddenAccountIds",
    "aws:profile",
    "aws:assumeRoles",
    "aws:endpoints",
)
"""Say which account to use: wrong for a run that uses none."""


class ProviderError(Exception):
    """Providers that cannot be started or found; the text says which and how to mend it."""


@dataclass(frozen=True, kw_only=True)
class Access:
    """What the engine needs to reach the providers: environment, and changes of the stack's configuration."""

    env: Mapping[str, str] = field(default_factory=dict[str, str])
    add: Mapping[str, object] = field(default_factory=dict[str, object])
    drop: Sequence[str] = ()


@contextlib.contextmanager
def access(
    kind: Kind, endpoint: str | None, cloudflare_endpoint: str | None, home: Path
) -> Generator[Access]:
    """Reach the providers for the length of a `with` block. Raises ProviderError.

    With an endpoint for AWS and none for Cloudflare, Cloudflare is simulated: a fake token must not travel.
    With an endpoint for AWS, Kubernetes is simulated: an emulated cluster has no API server to talk to.
    """
    if kind == "simulated":
        with simulated(PACKAGES, cloudflare_endpoint) as ports:
            yield Access(env=_attach(ports))
        return
    missing = [package for package in PACKAGES if not installed(package, home)]
    if "aws" in missing:
        raise ProviderError(
            "no AWS provider plugin: `pulumi-resource-aws` is not on PATH and "
            f"{home / 'plugins'} has no resource-aws. Run `pulumi plugin install resource aws`, or use "
            "PROVIDERS=simulated (--providers simulated), which needs no plugin"
        )
    if endpoint and not cloudflare_endpoint and "cloudflare" not in missing:
        missing.append("cloudflare")
    if endpoint and "kubernetes" not in missing:
        missing.append("kubernetes")
    if missing:
        print(f"providers: {', '.join(missing)} simulated, the rest installed", file=sys.stderr)
    with simulated(missing) if missing else contextlib.nullcontext(dict[str, int]()) as ports:
        yield Access(
            env=_attach(ports) | _aws_environment(endpoint) | _cloudflare_token(),
            add=NO_ACCOUNT_CONFIG | _endpoints(endpoint, cloudflare_endpoint),
            drop=ACCOUNT_KEYS,
        )


def installed(package: str, home: Path) -> bool:
    """Whether the engine will find a plugin: an executable on PATH, or one installed under its home."""
    on_path = shutil.which(f"pulumi-resource-{package}") is not None
    return on_path or any(path.is_dir() for path in home.glob(f"plugins/resource-{package}-v*"))


@contextlib.contextmanager
def simulated(packages: Sequence[str], cloudflare_endpoint: str | None = None) -> Generator[dict[str, int]]:
    """Serve packages from a child process until the block ends; yields the port of each.

    The child ends when its standard input closes, so a killed run leaves none behind. With an endpoint its
    Cloudflare keeps load balancers, pools, monitors and records there.
    """
    environ = dict(os.environ)
    environ.pop("CLOUDFLARE_BASE_URL", None)
    if cloudflare_endpoint:
        environ |= {"CLOUDFLARE_BASE_URL": cloudflare_endpoint, **_cloudflare_token()}
    command = [sys.executable, "-m", "offline.provider", "--packages", ",".join(packages)]
    with subprocess.Popen(
        command,
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        env=environ,
    ) as child:
        try:
            yield _await_ports(child, packages)
        finally:
            if child.stdin:
                child.stdin.close()
            try:
                child.wait(5)
            except subprocess.TimeoutExpired:
                child.kill()


def _await_ports(child: subprocess.Popen[bytes], packages: Sequence[str]) -> dict[str, int]:
    """Read `package:port` lines up to `ready`."""
    if child.stdout is None:
        raise ProviderError("the simulated providers have no output to read")
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    text = b""
    while b"ready\n" not in text:
        readable, _, _ = select.select([child.stdout], [], [], max(0.0, deadline - time.monotonic()))
        if not readable:
            child.kill()
            raise ProviderError(f"the simulated providers were not ready in {START_TIMEOUT_SECONDS} seconds")
        chunk = os.read(child.stdout.fileno(), 4096)
        if not chunk:
            raise ProviderError(
                f"the simulated providers ended with exit code {child.wait()} before they served"
            )
        text += chunk
    ports = {name: int(port) for name, port in re.findall(r"^([\w-]+):(\d+)$", text.decode(), re.MULTILINE)}
    absent = set(packages) - set(ports)
    if absent:
        raise ProviderError(f"the simulated providers do not serve {', '.join(sorted(absent))}")
    return ports


def _endpoints(endpoint: str | None, cloudflare_endpoint: str | None) -> dict[str, object]:
    config: dict[str, object] = {}
    if endpoint:
        config["aws:s3UsePathStyle"] = "true"
    if cloudflare_endpoint:
        config["cloudflare:baseUrl"] = cloudflare_endpoint
    return config


def _aws_environment(endpoint: str | None) -> dict[str, str]:
    """Fake ones; an emulator may be given the caller's own, since some tell accounts apart by the key.

    The address goes into the environment, which every service of every version of the plugin reads; the list
    of services in `aws:endpoints` differs between versions, and one unknown name there is an error.
    """
    address = {"AWS_ENDPOINT_URL": endpoint} if endpoint else {}
    if endpoint and os.environ.get("AWS_ACCESS_KEY_ID"):
        return address
    return FAKE_AWS | dict.fromkeys(SHARED_AWS, "") | address


def _cloudflare_token() -> dict[str, str]:
    named = ("CLOUDFLARE_API_TOKEN", "CLOUDFLARE_API_KEY", "CLOUDFLARE_API_USER_SERVICE_KEY")
    return {} if any(os.environ.get(name) for name in named) else {named[0]: FAKE_CLOUDFLARE_TOKEN}


def _attach(ports: Mapping[str, int]) -> dict[str, str]:
    listed = ",".join(f"{package}:{port}" for package, port in sorted(ports.items()))
    return {"PULUMI_DEBUG_PROVIDERS": listed} if listed else {}
