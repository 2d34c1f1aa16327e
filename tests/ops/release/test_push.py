"""Pushing an image to a registry over HTTP: all of it, once, checked, and again after each fault."""

import base64
import hashlib
import os
import signal
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from ops.errors import Exit, OpsError
from ops.release import layout
from ops.release.push import Pushing, Wanted, ecr_connect, ecr_token, tag_of
from ops.release.registry import ATTEMPTS, Repository
from tests.ops.release.layouts import MANIFEST, plain, whole
from tests.ops.release.registry_server import Registry

REGISTRY = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com"
NAME = "shop/api"


@pytest.fixture
def pauses() -> list[float]:
    return []


class Push:
    """One push of one image, as often as a test likes."""

    def __init__(self, registry: Registry, path: Path, pauses: list[float]) -> None:
        self.registry = registry
        self.said: list[str] = []
        self.image = layout.read(path)
        self.pushing = Pushing(
            wanted=[
                Wanted(
                    role="api",
                    address=f"{REGISTRY}/{NAME}",
                    digest=self.image.digest,
                    tag=tag_of(self.image.digest),
                    image=self.image,
                )
            ],
            connect=lambda _address: Repository(
                REGISTRY, NAME, lambda: registry.token, base_url=registry.url, sleep=pauses.append
            ),
            say=self.said.append,
            quiet=True,
        )

    def run(self) -> None:
        self.pushing.run()

    def refused(self) -> str:
        with pytest.raises(OpsError) as error:
            self.run()
        assert error.value.exit_code == Exit.REFUSED
        assert self.registry.token not in f"{error.value.message}{error.value.fix}{self.said}"
        return error.value.message

    def arrived(self) -> None:
        """Everything is there, under the digest and the tag, and each layer's bytes are its own."""
        registry, image = self.registry, self.image
        assert registry.tags == {(NAME, tag_of(image.digest)): image.digest}
        assert {digest for _, digest in registry.manifests} == {each.digest for each in image.manifests}
        for blob in image.blobs:
            kept = registry.blobs[NAME, blob.digest].read_bytes()
            assert f"sha256:{hashlib.sha256(kept).hexdigest()}" == blob.digest


@pytest.fixture
def push(registry: Registry, tmp_path: Path, pauses: list[float]) -> Push:
    build, _ = plain()
    return Push(registry, build.archive(tmp_path / "image.tar"), pauses)


@pytest.mark.parametrize("form", ["folder", "archive"])
@pytest.mark.parametrize("kind", [plain, whole])
def test_every_part_arrives_under_the_digest_of_the_build(
    registry: Registry, tmp_path: Path, pauses: list[float], kind: Any, form: str
) -> None:
    build, digest = kind()
    push = Push(registry, getattr(build, form)(tmp_path / "image"), pauses)
    push.run()
    push.arrived()
    assert push.image.digest == digest
    blobs, manifests = {plain: (3, 1), whole: (8, 5)}[kind]
    assert (len(registry.blobs), len(registry.manifests)) == (blobs, manifests)
    assert registry.sent() == blobs, "the layer that two platforms share is sent once"
    assert push.pushing.sent == {"api": push.image.size}
    assert set(registry.authorizations) == {f"Basic {registry.token}"}


def test_what_is_there_is_not_sent_again(push: Push) -> None:
    push.run()
    before = len(push.registry.writes())
    push.run()
    assert push.registry.writes()[before:] == []
    assert push.said[-2].startswith("api: 0 of 3 layers and configurations (0.0 of ")
    push.arrived()


@pytest.mark.parametrize(
    "fault",
    [
        ("POST", "/blobs/uploads/", 500),
        ("PUT", "/blobs/uploads/", 503),
        ("PUT", "/blobs/uploads/", 429),
        ("PUT", "/blobs/uploads/", "cut"),
        ("PUT", "/blobs/uploads/", "lost"),
        ("HEAD", "/blobs/", 502),
        ("PUT", "/manifests/sha256:", 500),
        ("HEAD", "/manifests/", 500),
    ],
)
@pytest.mark.parametrize("times", [1, ATTEMPTS - 1])
def test_a_fault_that_passes_is_waited_out(
    push: Push, pauses: list[float], fault: tuple[str, str, int | str], times: int
) -> None:
    push.registry.fail(*fault, times)
    push.run()
    push.arrived()
    assert len(pauses) >= (times if fault[2] != "lost" else 1)


def test_a_layer_whose_answer_was_lost_is_not_sent_again(push: Push) -> None:
    push.registry.fail("PUT", "/blobs/uploads/", "lost")
    push.run()
    push.arrived()
    assert push.registry.sent() == 3


def test_a_tag_whose_answer_was_lost_is_found_where_it_was_put(push: Push) -> None:
    """The second attempt is answered 400, since tags do not move."""
    push.registry.fail("PUT", "/manifests/release-", "lost")
    push.run()
    push.arrived()


def test_a_fault_that_stays_is_refused_and_a_repeated_push_goes_on(push: Push) -> None:
    push.registry.fail("PUT", "/manifests/", 500, times=99)
    assert f"500 UNAVAILABLE: by order of the test; {ATTEMPTS} attempts" in push.refused()
    assert (push.registry.manifests, push.registry.tags, push.registry.sent()) == ({}, {}, 3)
    push.registry.faults.clear()
    push.run()
    push.arrived()
    assert push.registry.sent() == 3


def test_a_manifest_that_is_refused_says_why(push: Push, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Repository, "has", lambda *_: True)
    assert "400 MANIFEST_BLOB_UNKNOWN: sha256:" in push.refused()


def test_another_digest_in_the_answer_is_refused(push: Push) -> None:
    push.registry.fail("PUT", "/manifests/sha256:", "lie")
    assert f"sent {push.image.digest}; the registry keeps it as sha256:000" in push.refused()


@pytest.mark.parametrize("status", [401, 403])
def test_an_expired_token_is_asked_for_again_once(registry: Registry, tmp_path: Path, status: int) -> None:
    build, _ = plain()
    push = Push(registry, build.folder(tmp_path / "image"), [])
    given = iter(["b2xk", registry.token, "never"])
    push.pushing.connect = lambda _address: Repository(
        REGISTRY, NAME, lambda: next(given), base_url=registry.url, sleep=lambda _seconds: None
    )
    registry.fail("HEAD", "/", status)
    push.run()
    push.arrived()
    assert next(given) == "never"


def test_a_caller_without_the_right_is_refused(push: Push) -> None:
    push.registry.fail("POST", "/blobs/uploads/", 403, times=99)
    assert "/blobs/uploads/: 403 DENIED: by order of the test" in push.refused()


def test_a_tag_of_another_image_is_refused_before_anything_is_sent(push: Push) -> None:
    other = f"sha256:{'f' * 64}"
    push.registry.tags[NAME, tag_of(push.image.digest)] = other
    push.registry.manifests[NAME, other] = (MANIFEST, b"{}")
    assert f"is of {other}, and tags do not move" in push.refused()
    assert push.registry.writes() == []


def test_a_token_stays_with_its_registry(push: Push, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OpsError, match="https only"):
        Repository("registry.example.com", NAME, lambda: "x", base_url="http://registry.example.com")
    asked: list[Any] = []
    there = push.pushing.connect("")
    monkeypatch.setattr(
        there._client, "request", lambda *given, **rest: asked.append((given, rest)) or _Answer()
    )
    with pytest.raises(OpsError):
        there._once("PUT", "http://elsewhere.example.com/upload", {201})
    [(_, rest)] = asked
    assert "Authorization" not in rest["headers"]


class _Answer:
    status_code = 401
    text = ""
    headers: dict[str, str] = {}  # noqa: RUF012

    def json(self) -> Any:
        raise ValueError


SCRIPT = """
import sys
from pathlib import Path
from tests.ops.release.registry_server import Registry
from tests.ops.release.test_push import Push
Push(Registry(Path("."), port=int(sys.argv[1])), Path(sys.argv[2]), []).run()
"""


def test_a_push_that_is_killed_inside_a_layer_is_repeated(
    registry: Registry, tmp_path: Path, pauses: list[float]
) -> None:
    build, _ = plain(os.urandom(30_000_000), b"second" * 999)
    path = build.archive(tmp_path / "image.tar")
    registry.fail("PUT", "/blobs/uploads/", "hang")
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(registry.port), str(path)], stderr=subprocess.PIPE
    ) as running:
        assert registry.inside.wait(60)
        running.send_signal(signal.SIGKILL)
        assert running.wait() == -signal.SIGKILL
    assert (registry.manifests, registry.tags) == ({}, {})
    push = Push(registry, path, pauses)
    push.run()
    push.arrived()


def test_memory_stays_flat(registry: Registry, tmp_path: Path, pauses: list[float]) -> None:
    build, _ = plain(bytes(100_000_000))
    path = build.archive(tmp_path / "image.tar")
    del build
    tracemalloc.start()
    try:
        Push(registry, path, pauses).run()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20_000_000
    assert sum(kept.stat().st_size for kept in registry.blobs.values()) > 100_000_000


def test_a_layer_whose_bytes_are_not_its_own_is_never_sent(
    registry: Registry, tmp_path: Path, pauses: list[float]
) -> None:
    build, _ = plain(b"good" * 999)
    [name] = [name for name, content in build.files.items() if content.startswith(b"good")]
    build.files[name] = b"evil" * 999
    push = Push(registry, build.archive(tmp_path / "image.tar"), pauses)
    assert f"the bytes of sha256:{name.rpartition('/')[2]} have the digest sha256:" in push.refused()
    assert registry.writes() == []


def test_bytes_that_change_on_the_way_are_refused_by_the_registry(
    registry: Registry, tmp_path: Path, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    build, _ = plain(b"good" * 999)
    push = Push(registry, build.archive(tmp_path / "image.tar"), pauses)
    monkeypatch.setattr(layout.Blob, "verify", lambda _self: None)
    monkeypatch.setattr(layout.Blob, "pieces", lambda self: iter([bytes(self.size)]))
    assert "400 DIGEST_INVALID: provided digest did not match" in push.refused()
    assert registry.blobs == {}


@mock_aws
def test_ecr_gives_the_token_and_it_is_for_its_region() -> None:
    ecr = boto3.client("ecr", region_name="ap-northeast-2")
    given = ecr_token(ecr, REGISTRY)()
    assert base64.b64decode(given).startswith(b"AWS:")
    with pytest.raises(OpsError, match=r"for 123456789012\.dkr.* is in .*us-west-2"):
        ecr_token(ecr, REGISTRY.replace("ap-northeast-2", "us-west-2"))()
    assert ecr_connect(lambda: ecr)(f"{REGISTRY}/{NAME}").address == f"{REGISTRY}/{NAME}"
