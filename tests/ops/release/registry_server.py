"""A registry over HTTP by the OCI distribution specification, with ECR's habits, that breaks on demand.

ECR's habits: Basic authorization with a token that expires, tags that never move (not even to the same image
again), and no manifest before what it refers to. Blobs are on disk, so that large ones fit.
"""

import hashlib
import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

PIECE = 1024 * 1024
TYPES = {
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
}


@dataclass
class Fault:
    """What goes wrong with the next ``times`` requests of a method to a path that holds ``part``.

    ``kind``: a status, or cut (the connection ends inside the body), lost (done, but unanswered), hang
    (inside the body, until the client is gone), lie (another digest is answered).
    """

    method: str
    part: str
    kind: int | str
    times: int = 1


@dataclass
class Registry:
    """What is kept, by repository, and what was asked."""

    folder: Path
    port: int = 0
    token: str = "QVdTOnRva2Vu"  # AWS:token
    faults: list[Fault] = field(default_factory=list)
    blobs: dict[tuple[str, str], Path] = field(default_factory=dict)
    manifests: dict[tuple[str, str], tuple[str, bytes]] = field(default_factory=dict)
    tags: dict[tuple[str, str], str] = field(default_factory=dict)
    uploads: set[str] = field(default_factory=set)
    requests: list[tuple[str, str]] = field(default_factory=list)
    authorizations: list[str] = field(default_factory=list)
    inside: threading.Event = field(default_factory=threading.Event)
    """A hanging request has begun."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def fail(self, method: str, part: str, kind: int | str, times: int = 1) -> None:
        self.faults.append(Fault(method, part, kind, times))

    def fault(self, method: str, path: str) -> int | str | None:
        with self.lock:
            for each in self.faults:
                if each.times and each.method == method and each.part in path:
                    each.times -= 1
                    return each.kind
        return None

    def writes(self) -> list[tuple[str, str]]:
        return [each for each in self.requests if each[0] not in ("HEAD", "GET")]

    def sent(self) -> int:
        """How many blobs were begun to be sent."""
        return sum(method == "PUT" and "/blobs/uploads/" in path for method, path in self.requests)


@contextmanager
def serving(folder: Path) -> Iterator[Registry]:
    folder.mkdir(parents=True, exist_ok=True)
    registry = Registry(folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (_Handler,), {"registry": registry}))
    server.daemon_threads = True
    registry.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield registry
    finally:
        server.shutdown()
        server.server_close()


class _CutError(Exception):
    """The connection ends here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    registry: Registry

    def log_message(self, *_: Any) -> None:
        pass

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (_CutError, ConnectionError):
            self.close_connection = True

    def do_HEAD(self) -> None:
        self._serve()

    do_GET = do_POST = do_PUT = do_HEAD  # noqa: N815

    def _serve(self) -> None:
        registry, path = self.registry, urlsplit(self.path).path
        registry.requests.append((self.command, path))
        registry.authorizations.append(self.headers.get("Authorization", ""))
        kind = registry.fault(self.command, path)
        if kind in ("cut", "hang"):
            self._break(str(kind))
        if isinstance(kind, int):
            self._drain()
            return self._error(kind, "UNAVAILABLE" if kind >= 500 else "DENIED", "by order of the test")
        if self.headers.get("Authorization") != f"Basic {registry.token}":
            self._drain()
            return self._error(401, "UNAUTHORIZED", "authentication required")
        name, _, rest = path.removeprefix("/v2/").partition("/blobs/")
        if rest.startswith("uploads/"):
            return self._upload(name, rest.removeprefix("uploads/"), lost=kind == "lost")
        if rest:
            return self._blob(name, rest)
        name, _, reference = path.removeprefix("/v2/").partition("/manifests/")
        return self._manifest(name, reference, lie=kind == "lie", lost=kind == "lost")

    def _blob(self, name: str, digest: str) -> None:
        found = self.registry.blobs.get((name, digest))
        if found is None:
            return self._error(404, "BLOB_UNKNOWN", "blob unknown to registry")
        return self._answer(200, length=found.stat().st_size, **{"Docker-Content-Digest": digest})

    def _upload(self, name: str, session: str, *, lost: bool) -> None:
        registry = self.registry
        if self.command == "POST":
            made = uuid.uuid4().hex
            registry.uploads.add(made)
            return self._answer(202, Location=f"/v2/{name}/blobs/uploads/{made}?_state=a%2Fb%3D")
        query = parse_qs(urlsplit(self.path).query)
        if session not in registry.uploads or query.get("_state") != ["a/b="]:
            self._drain()
            return self._error(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry")
        registry.uploads.discard(session)
        kept, found = registry.folder / session, hashlib.sha256()
        with kept.open("wb") as file:
            for piece in self._body():
                file.write(piece)
                found.update(piece)
        [digest] = query["digest"]
        if f"sha256:{found.hexdigest()}" != digest:
            kept.unlink()
            return self._error(400, "DIGEST_INVALID", "provided digest did not match uploaded content")
        registry.blobs[name, digest] = kept
        if lost:
            raise _CutError
        return self._answer(201, Location=f"/v2/{name}/blobs/{digest}", **{"Docker-Content-Digest": digest})

    def _manifest(self, name: str, reference: str, *, lie: bool, lost: bool) -> None:
        registry = self.registry
        if self.command == "PUT":
            body = b"".join(self._body())
            digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
            problem = self._problem(name, reference, body, digest)
            if problem:
                return self._error(400, *problem)
            registry.manifests[name, digest] = (self.headers["Content-Type"], body)
            if not reference.startswith("sha256:"):
                registry.tags[name, reference] = digest
            if lost:
                raise _CutError
            said = f"sha256:{'0' * 64}" if lie else digest
            return self._answer(
                201, Location=f"/v2/{name}/manifests/{digest}", **{"Docker-Content-Digest": said}
            )
        digest = registry.tags.get((name, reference), reference)
        found = registry.manifests.get((name, digest))
        if found is None:
            return self._error(404, "MANIFEST_UNKNOWN", "manifest unknown")
        kind, body = found
        if kind not in self.headers.get("Accept", ""):
            return self._error(404, "MANIFEST_UNKNOWN", f"not acceptable: {kind}")
        return self._answer(
            200, body=body, length=len(body), **{"Docker-Content-Digest": digest, "Content-Type": kind}
        )

    def _problem(self, name: str, reference: str, body: bytes, digest: str) -> tuple[str, str] | None:
        registry, document = self.registry, json.loads(body)
        kind = self.headers.get("Content-Type")
        if kind not in TYPES or document.get("mediaType", kind) != kind:
            return "MANIFEST_INVALID", f"media type {kind}"
        if reference.startswith("sha256:") and reference != digest:
            return "MANIFEST_INVALID", "does not match the image digest that was calculated"
        if (name, reference) in registry.tags:
            return (
                "TAG_INVALID",
                f"The image tag '{reference}' already exists and cannot be overwritten: it is immutable.",
            )
        for each in [*document.get("layers", ()), *filter(None, [document.get("config")])]:
            if (name, each["digest"]) not in registry.blobs:
                return "MANIFEST_BLOB_UNKNOWN", each["digest"]
        for each in document.get("manifests", ()):
            if (name, each["digest"]) not in registry.manifests:
                return "MANIFEST_BLOB_UNKNOWN", each["digest"]
        return None

    def _break(self, kind: str) -> None:
        for piece in self._body():
            if kind == "hang":
                self.registry.inside.set()
                continue
            raise _CutError(len(piece))
        raise _CutError

    def _body(self) -> Iterator[bytes]:
        left = int(self.headers.get("Content-Length") or 0)
        while left:
            piece = self.rfile.read(min(PIECE, left))
            if not piece:
                raise _CutError
            left -= len(piece)
            yield piece

    def _drain(self) -> None:
        for _ in self._body():
            pass

    def _error(self, status: int, code: str, message: str) -> None:
        body = json.dumps({"errors": [{"code": code, "message": message}]}).encode()
        self._answer(status, body=body, length=len(body), **{"Content-Type": "application/json"})

    def _answer(self, status: int, *, body: bytes = b"", length: int = 0, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(length), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
