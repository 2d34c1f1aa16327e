"""What ``--image`` may name, and which layouts are taken: whole ones, or refused with the reason."""

import gzip
import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.errors import Exit, OpsError
from ops.release import layout
from ops.release.sources import parse
from tests.ops.release.layouts import INDEX, MANIFEST, Build, plain, whole


def broken() -> Iterator[tuple[str, Build, str]]:
    """What is wrong, the layout, and what is said."""
    build = Build()
    other = build.image(b"arm", architecture="arm64")
    build.name(build.index(build.image(b"amd"), other))
    del build.files[f"blobs/sha256/{other['digest'][7:]}"]
    yield "a platform that was not saved", build, "(linux/arm64), which sha256:"
    build, _ = plain(b"layer")
    gone = next(name for name, content in build.files.items() if content == b"layer")
    del build.files[gone]
    yield "a layer that is missing", build, f"sha256:{gone.rpartition('/')[2][:12]}, which sha256:"
    build, _ = plain(b"layer")
    build.files[gone] = b"lay"
    yield "a layer that was cut off", build, "has 3 bytes; sha256:"
    build, digest = plain()
    build.files[f"blobs/sha256/{digest[7:]}"] = b" " * len(build.files[f"blobs/sha256/{digest[7:]}"])
    yield "a manifest that was changed", build, f"the bytes of {digest} have the digest"
    build = Build()
    build.name(build.json({"schemaVersion": 1}, MANIFEST))
    yield "an old manifest", build, "is no index or manifest: schemaVersion"
    build = Build()
    build.name(build.json({"schemaVersion": 2}, "application/vnd.docker.distribution.manifest.v1+json"))
    yield "a type that registries refuse", build, "manifest.v1+json; one of application/vnd.oci.image.index"
    build = Build()
    build.name(build.json({"schemaVersion": 2, "mediaType": INDEX}, MANIFEST))
    yield "two types", build, f"says that it is {INDEX}, and index.json says {MANIFEST}"
    build = Build()
    build.top.append({"mediaType": MANIFEST, "digest": "sha256:../../etc", "size": 1})
    yield "a digest that is none", build, "manifests.0.digest: String should match"
    build, _ = plain()
    build.name(build.image(b"other"), "2.0")
    yield "two images", build, "got 2 images; it holds 2.0, latest"
    yield "no image", Build(), "got 0 images; it holds none with a name"


@pytest.mark.parametrize(("build", "said"), [pytest.param(b, said, id=what) for what, b, said in broken()])
@pytest.mark.parametrize("form", ["folder", "archive"])
def test_what_is_no_whole_image_is_refused(tmp_path: Path, build: Build, said: str, form: str) -> None:
    path = getattr(build, form)(tmp_path / "image")
    with pytest.raises(OpsError) as error:
        layout.read(path)
    assert (error.value.exit_code, said in error.value.message) == (Exit.REFUSED, True), error.value.message


def test_files_that_are_something_else_are_refused(tmp_path: Path) -> None:
    legacy = tmp_path / "legacy.tar"
    with tarfile.open(legacy, "w") as tar:
        member = tarfile.TarInfo("manifest.json")
        member.size = 2
        tar.addfile(member, io.BytesIO(b"[]"))
    build, _ = plain()
    packed = tmp_path / "image.tar.gz"
    packed.write_bytes(gzip.compress(build.archive(tmp_path / "image.tar").read_bytes()))
    (tmp_path / "empty").mkdir()
    for path, said, fix in (
        (legacy, "got a tar without oci-layout and index.json", "docker save of Docker 25"),
        (tmp_path / "empty", "got a folder without oci-layout and index.json", "type=oci"),
        (packed, "is no tar", "gunzip"),
        (tmp_path / "none", "cannot be read: No such file", ""),
    ):
        with pytest.raises(OpsError) as error:
            layout.read(path)
        assert said in error.value.message
        assert fix in (error.value.fix or "")


def test_one_of_several_images_is_chosen_by_its_name(tmp_path: Path) -> None:
    build, _ = plain()
    digest = build.name(build.image(b"other"), "docker.io/library/api:2.0")
    path = build.archive(tmp_path / "image.tar")
    _, source = parse(f"api=oci:{path}:docker.io/library/api:2.0")
    assert (source.path, source.name) == (path, "docker.io/library/api:2.0")
    assert source.path
    assert layout.read(source.path, source.name).digest == digest
    assert len(layout.read(source.path, source.name).blobs) == 2, "the other image's layers stay"


@pytest.mark.parametrize(
    ("given", "role", "reference"),
    [
        (f"sha256:{'a' * 64}", "", f"sha256:{'a' * 64}"),
        ("services.currency=2.1.0_x", "services.currency", "2.1.0_x"),
        ("back-end=v1", "back-end", "v1"),
    ],
)
def test_digests_and_tags(given: str, role: str, reference: str) -> None:
    found, source = parse(given)
    assert (found, source.reference, source.path) == (role, reference, None)


@pytest.mark.parametrize("transport", ["oci", "oci-archive"])
def test_a_layout_by_either_name(tmp_path: Path, transport: str) -> None:
    path = tmp_path / "a=b.tar"
    path.touch()
    assert parse(f"api={transport}:{path}")[1].path == path
    assert parse(f"{transport}:{path}") == ("", parse(f"api=oci:{path}")[1])


@pytest.mark.parametrize(
    ("given", "said", "fix"),
    [
        ("api=sha256:12", "a digest (sha256: and 64 hex digits)", ""),
        ("api=docker-archive:image.tar", "oci:PATH[:NAME]", "--output type=oci"),
        ("api=docker://image", "oci:PATH[:NAME]", "--output type=oci"),
        ("api=README.md", "oci:PATH[:NAME]", "oci:README.md"),
        ("api=docs/policies.md", "oci:PATH[:NAME]", "oci:docs/policies.md"),
        ("api=", "oci:PATH[:NAME]", ""),
        ("", "oci:PATH[:NAME]", ""),
        ("api=oci:nowhere/image.tar:2.0", "got oci:nowhere/image.tar:2.0; there is no such file", ""),
        ("api=oci:", "oci:PATH[:NAME]", ""),
    ],
)
def test_what_is_no_source_is_refused(
    monkeypatch: pytest.MonkeyPatch, given: str, said: str, fix: str
) -> None:
    monkeypatch.chdir(Path(__file__).parents[3])
    with pytest.raises(OpsError) as error:
        parse(given)
    assert (error.value.exit_code, said in error.value.message) == (Exit.USAGE, True), error.value.message
    assert fix in (error.value.fix or "")


def test_the_layouts_of_these_tests_are_of_the_specification(tmp_path: Path) -> None:
    build, digest = whole()
    path = build.folder(tmp_path / "image")
    [top] = json.loads((path / "index.json").read_text())["manifests"]
    assert (top["digest"], top["mediaType"]) == (digest, INDEX)
    index = json.loads((path / "blobs" / "sha256" / digest[7:]).read_text())
    kinds = [(each.get("annotations") or {}).get("vnd.docker.reference.type") for each in index["manifests"]]
    assert kinds == [None, None, "attestation-manifest", "attestation-manifest"]
