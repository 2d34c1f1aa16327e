"""Bring images that a build wrote to the system's repositories in ECR, under their digest and a tag."""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ops.errors import Exit, OpsError
from ops.progress import Reporter, Stage
from ops.release.layout import Blob, Image
from ops.release.registry import Repository

AT_ONCE = 4
"""Layers under way together: one stream does not fill the line to ECR."""


def tag_of(digest: str) -> str:
    """The tag of an image that was given no name: as unique as its digest, so that it never has to move."""
    return f"release-{digest.removeprefix('sha256:')[:12]}"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """An image, and where it goes. ``image`` is None for one that is there and has no tag yet."""

    role: str
    address: str
    """HOST/NAME of the repository."""
    digest: str
    tag: str
    image: Image | None = None


Connect = Callable[[str], Repository]
"""HOST/NAME to its registry."""


@dataclass(kw_only=True)
class Pushing:
    """What a release sends before it changes anything. Safe to kill and to repeat: what is there stays."""

    wanted: Sequence[Wanted]
    connect: Connect
    say: Callable[[str], None]
    quiet: bool = False
    sent: dict[str, int] = field(default_factory=dict[str, int])
    """Bytes sent of layers and configurations, by role."""

    def intended(self) -> list[str]:
        """What would be sent and where, a line each. Reads the registry and sends nothing."""
        lines: list[str] = []
        for each in self.wanted:
            with self.connect(each.address) as there:
                if each.image is None:
                    lines.append(f"tag {each.role} {each.digest} in {each.address} as {each.tag}")
                    continue
                missing = _missing(each.image, there)
                for blob in missing:
                    blob.verify()
                _free(there, each)
                amount = _amount(each.image, missing, each.tag)
                lines.append(f"push {each.role} to {each.address}@{each.digest}, {amount}")
        return lines

    def run(self) -> None:
        """Push each image. Raises OpsError (refused); nothing that a stack uses is changed by then."""
        for each in self.wanted:
            with self.connect(each.address) as there:
                _free(there, each)
                self._push(each, there)

    def _push(self, each: Wanted, there: Repository) -> None:
        """Layers, then manifests from the leaves to the image, and the tag last: what is seen is whole."""
        if each.image is None:
            manifest = there.get(each.digest)
        else:
            missing = _missing(each.image, there)
            self.say(f"{each.role}: {_amount(each.image, missing, each.tag)}")
            for blob in missing:
                blob.verify()
            self._upload(each.role, missing, there)
            for manifest in each.image.manifests:
                if there.digest(manifest.digest) is None:
                    there.put(manifest, manifest.digest)
            self.sent[each.role] = sum(blob.size for blob in missing)
            manifest = each.image.manifests[-1]
        if there.digest(each.tag) is None:
            there.put(manifest, each.tag)
        self.say(f"{each.role}: {each.address}@{each.digest}, tag {each.tag}")

    def _upload(self, role: str, blobs: Sequence[Blob], there: Repository) -> None:
        if not blobs:
            return
        with Reporter(quiet=self.quiet) as reporter:
            stage = reporter.stage(f"push {role}", sum(blob.size for blob in blobs))
            sending = _Sending(there, stage)
            with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
                under_way = [pool.submit(sending.send, number, blob) for number, blob in enumerate(blobs)]
                try:
                    done, _ = wait(under_way, return_when=FIRST_EXCEPTION)
                    for future in done:
                        future.result()
                except BaseException:
                    sending.stop()
                    pool.shutdown(wait=False, cancel_futures=True)
                    raise


class _Sending:
    """The layers of one image that are under way together."""

    def __init__(self, there: Repository, stage: Stage) -> None:
        self._there = there
        self._stage = stage
        self._lock = threading.Lock()
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Do not wait for gigabytes where another layer was refused."""
        self._stopped.set()

    def send(self, number: int, blob: Blob) -> None:
        def moved(sent: int) -> None:
            if self._stopped.is_set():
                raise OpsError("push: stopped", exit_code=Exit.REFUSED)
            with self._lock:
                self._stage.moved(number, blob.size, sent)

        self._there.upload(blob, moved)
        with self._lock:
            self._stage.done(number, blob.size, blob.size)


def ecr_token(ecr: Any, host: str) -> Callable[[], str]:
    """Asks ECR for the caller's token: 12 hours valid, for the registries of one region."""

    def ask() -> str:
        try:
            [given] = ecr.get_authorization_token()["authorizationData"]
        except (ClientError, BotoCoreError) as error:
            raise OpsError(f"push: ECR gives no token: {error}", exit_code=Exit.REFUSED) from error
        endpoint = str(given["proxyEndpoint"]).removeprefix("https://")
        if endpoint.partition(".")[2] != host.partition(".")[2]:
            raise OpsError(
                f"push: ECR's token is for {endpoint}; the repository is in {host}",
                fix="export AWS_REGION as the stack's region",
                exit_code=Exit.REFUSED,
            )
        return str(given["authorizationToken"])

    return ask


def ecr_connect(ecr: Callable[[], Any]) -> Connect:
    """Repositories of ECR, by the address that the stack exports."""

    def connect(address: str) -> Repository:
        host, _, name = address.partition("/")
        return Repository(host, name, ecr_token(ecr(), host))

    return connect


def addresses(roles: Sequence[str], known: Mapping[str, str]) -> dict[str, str]:
    """Role to the repository that it is pushed to. Raises OpsError (refused) for one without."""
    missing = sorted(set(roles) - set(known))
    if missing:
        raise OpsError(
            f"{', '.join(missing)}: the stack exports no repository to push to",
            fix="deploy the stack once; push to another registry with its own tool, and give the digest",
            exit_code=Exit.REFUSED,
        )
    return {role: known[role] for role in roles}


def _missing(image: Image, there: Repository) -> list[Blob]:
    return [blob for blob in image.blobs if not there.has(blob.digest)]


def _free(there: Repository, each: Wanted) -> None:
    """Raises OpsError (refused) for a tag that is another image's: the repository's tags do not move."""
    found = there.digest(each.tag)
    if found not in (None, each.digest):
        raise OpsError(
            f"push: {each.address}: the tag {each.tag} is of {found}, and tags do not move",
            fix="--tag with a name that is free",
            exit_code=Exit.REFUSED,
        )


def _amount(image: Image, missing: Sequence[Blob], tag: str) -> str:
    size = f"{sum(blob.size for blob in missing) / 1e6:.1f} of {image.size / 1e6:.1f} MB"
    return (
        f"{len(missing)} of {len(image.blobs)} layers and configurations ({size}), "
        f"{len(image.manifests)} {'manifest' if len(image.manifests) == 1 else 'manifests'}, tag {tag}"
    )
