"""One repository of a registry, by the OCI distribution specification: what pushing an image needs of it."""

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self, cast

import httpx
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from ops.errors import Exit, OpsError
from ops.release.layout import MAX_MANIFEST, MEDIA_TYPES, Blob, Manifest

ATTEMPTS = 6
_TIMEOUT = httpx.Timeout(60.0, connect=10.0, read=120.0)
"""Seconds. A registry reads a large layer once more before it answers."""
_MOVED = range(300, 400)
_LOOPBACK = ("127.0.0.1", "localhost")

Content = Callable[[], Iterator[bytes]]


class _Temporary(Exception):  # noqa: N818 - not an error of its own: the next attempt may succeed
    pass


class Repository:
    """``token`` gives what follows ``Authorization: Basic``; it is asked again where the registry refuses it.

    A call that gets no answer, or one of 429 and 5xx, is repeated with growing pauses. What the registry
    refuses is an OpsError (refused).
    """

    def __init__(
        self,
        host: str,
        name: str,
        token: Callable[[], str],
        *,
        base_url: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.address = f"{host}/{name}"
        self._base = httpx.URL(base_url or f"https://{host}")
        if self._base.scheme != "https" and self._base.host not in _LOOPBACK:
            raise OpsError(f"registry: got {self._base}; https only, since a token travels with each call")
        self._path = f"/v2/{name}"
        self._token = token
        self._known: str | None = None
        self._sleep = sleep
        self._client = httpx.Client(timeout=_TIMEOUT, trust_env=self._base.host not in _LOOPBACK)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def has(self, digest: str) -> bool:
        """Whether a layer or configuration is there. A registry may point to where it keeps it."""
        return self._asked("HEAD", f"{self._path}/blobs/{digest}", {200, 404, *_MOVED}).status_code != 404

    def upload(self, blob: Blob, moved: Callable[[int], None] = lambda _bytes: None) -> None:
        """Send a blob in one piece; one that was cut off is sent again from its beginning.

        A session and one PUT, as containerd does. ECR drops what follows the first part of a layer that is
        sent in several (aws/containers-roadmap issue 2831).
        """
        for number, attempt in enumerate(self._attempts()):
            with attempt:
                if number and self.has(blob.digest):  # the answer alone was lost
                    return
                session = self._once("POST", f"{self._path}/blobs/uploads/", {202})
                location = session.headers.get("Location")
                if not location:
                    raise _refused(f"{self.address}: the registry began an upload and said not where to")
                self._once(
                    "PUT",
                    self._base.join(location).copy_merge_params({"digest": blob.digest}),
                    {201},
                    headers={"Content-Type": "application/octet-stream", "Content-Length": str(blob.size)},
                    content=lambda: _counted(blob, moved),
                )

    def digest(self, reference: str) -> str | None:
        """The digest of the manifest under a tag or digest; None where there is none."""
        answer = self._asked("HEAD", self._manifest(reference), {200, 404}, headers=_ACCEPT)
        if answer.status_code == 404:
            return None
        found = answer.headers.get("Docker-Content-Digest")
        if not found:
            raise _refused(f"{self.address}: the registry does not say the digest of {reference}")
        return found

    def get(self, digest: str) -> Manifest:
        """A manifest that is there. Raises OpsError where its bytes are not those of the digest."""
        answer = self._asked("GET", self._manifest(digest), {200}, headers=_ACCEPT)
        body = answer.content
        if len(body) > MAX_MANIFEST or f"sha256:{hashlib.sha256(body).hexdigest()}" != digest:
            raise _refused(f"{self.address}: the registry answered something else than {digest}")
        return Manifest(digest=digest, media_type=answer.headers.get("Content-Type", ""), body=body)

    def put(self, manifest: Manifest, reference: str) -> None:
        """Put a manifest under a tag or its digest. Raises OpsError where the registry gives it another.

        A tag that has it already is as good: ECR refuses to put it there twice, where an answer was lost.
        """
        answer = self._asked(
            "PUT",
            self._manifest(reference),
            {201, 400},
            headers={"Content-Type": manifest.media_type, "Content-Length": str(len(manifest.body))},
            content=lambda: iter([manifest.body]),
        )
        if answer.status_code == 400:
            if self.digest(reference) == manifest.digest:
                return
            raise _refused(f"{self.address}: PUT {reference}: 400 {_reason(answer)}")
        found = answer.headers.get("Docker-Content-Digest") or self.digest(reference)
        if found != manifest.digest:
            raise _refused(
                f"{self.address}: sent {manifest.digest}; the registry keeps it as {found}",
                fix="nothing was released; the registry, or something between, changes what is sent",
            )

    def _manifest(self, reference: str) -> str:
        return f"{self._path}/manifests/{reference}"

    def _attempts(self) -> Any:
        return Retrying(
            retry=retry_if_exception_type(_Temporary),
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_random_exponential(multiplier=1, max=20),
            sleep=self._sleep,
            retry_error_callback=self._gave_up,
        )

    def _gave_up(self, state: Any) -> None:
        raise _refused(
            f"{self.address}: {state.outcome.exception()}; {ATTEMPTS} attempts",
            fix="repeat the command: what arrived is not sent again",
        )

    def _asked(self, method: str, path: str, good: set[int], **given: Any) -> httpx.Response:
        return self._attempts()(self._once, method, path, good, **given)

    def _once(
        self,
        method: str,
        where: str | httpx.URL,
        good: set[int],
        *,
        headers: Mapping[str, str] | None = None,
        content: Content | None = None,
    ) -> httpx.Response:
        url = self._base.join(where)
        answer = self._answer(method, url, headers, content)
        if answer.status_code in (401, 403) and self._ours(url):
            # ECR answers 403 to a token that has expired.
            self._known = None
            answer = self._answer(method, url, headers, content)
        if answer.status_code in good:
            return answer
        line = f"{method} {url.path}: {answer.status_code} {_reason(answer)}".rstrip()
        if answer.status_code == 429 or answer.status_code >= 500:
            raise _Temporary(line)
        raise _refused(f"{self.address}: {line}")

    def _answer(
        self, method: str, url: httpx.URL, headers: Mapping[str, str] | None, content: Content | None
    ) -> httpx.Response:
        sent = dict(headers or {})
        if self._ours(url):
            self._known = self._known or self._token()
            sent["Authorization"] = f"Basic {self._known}"
        try:
            return self._client.request(method, url, headers=sent, content=content() if content else None)
        except httpx.TransportError as error:
            raise _Temporary(f"{method} {url.path}: {error or type(error).__name__}") from error

    def _ours(self, url: httpx.URL) -> bool:
        """Whether the token may go there: an upload may be sent to another host."""
        return (url.scheme, url.host, url.port) == (self._base.scheme, self._base.host, self._base.port)


_ACCEPT = {"Accept": ", ".join(MEDIA_TYPES)}


def _counted(blob: Blob, moved: Callable[[int], None]) -> Iterator[bytes]:
    sent = 0
    for piece in blob.pieces():
        yield piece
        sent += len(piece)
        moved(sent)


def _reason(answer: httpx.Response) -> str:
    """What the registry says, by the specification's form of errors."""
    try:
        errors = cast("list[dict[str, Any]]", answer.json()["errors"])
        line = "; ".join(f"{each.get('code')}: {each.get('message')}" for each in errors)
    except (ValueError, KeyError, TypeError, AttributeError):
        line = answer.text
    return " ".join(line.split())[:300]


def _refused(message: str, *, fix: str | None = None) -> OpsError:
    return OpsError(f"push: {message}", fix=fix, exit_code=Exit.REFUSED)
