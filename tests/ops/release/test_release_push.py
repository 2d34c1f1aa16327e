"""A release of what a build wrote: it is pushed first, and nothing is begun where that fails."""

import json
from pathlib import Path

import pytest

from ops.errors import Exit, OpsError
from ops.release.push import tag_of
from tests.ops.release import layouts
from tests.ops.release.world import API, BEFORE, NEW, SETTINGS, World

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600), pytest.mark.xdist_group("release")]

API_IMAGES = "shop-api"


def test_a_build_is_pushed_and_the_pushed_digest_is_released(world: World, tmp_path: Path) -> None:
    build, digest = layouts.whole()
    archive = build.archive(tmp_path / "api.tar")
    code, answer = world.release("--image", f"api=oci:{archive}")
    assert (code, answer["wanted"]) == (Exit.OK, {"api": digest}), answer
    assert list(answer["steps"]) == ["push", "configure", "register", "migrate", "update", "verify"]
    assert answer["pushed"]["api"]["image"].endswith(f"/{API_IMAGES}@{digest}")
    assert answer["pushed"]["api"]["bytes"] > 0
    assert world.digests() == {name: found.replace(NEW, digest) for name, found in API.items()}
    assert world.file.read_text() == SETTINGS.replace(
        "api: { imageDigest: sha256:" + "a" * 64, f"api: {{ imageDigest: {digest}"
    )
    assert world.registry.tags == {(API_IMAGES, tag_of(digest)): digest}
    steps = [json.loads(line)["step"] for line in world.journal.read_text().splitlines()]
    assert steps[:2] == ["push", "begun"]


def test_a_push_that_fails_changes_nothing_and_bars_no_other_release(world: World, tmp_path: Path) -> None:
    build, _ = layouts.plain()
    world.registry.fail("PUT", "/manifests/", 403, times=9)
    with pytest.raises(OpsError) as error:
        world.release("--image", f"api=oci:{build.archive(tmp_path / 'api.tar')}")
    assert (error.value.exit_code, "403 DENIED" in error.value.message) == (Exit.REFUSED, True)
    assert (world.file.read_text(), world.journal.exists(), world.digests()) == (SETTINGS, False, BEFORE)
    world.registry.faults.clear()
    code, answer = world.release("--image", f"worker=oci:{tmp_path / 'api.tar'}", "--dry-run")
    assert (code, answer["pushed"]) == (Exit.OK, {}), "no release was left begun"


def test_a_dry_run_says_what_would_be_sent_where_and_sends_nothing(world: World, tmp_path: Path) -> None:
    build, digest = layouts.plain()
    archive = build.archive(tmp_path / "api.tar")
    code, answer = world.release("--image", f"api=oci:{archive}", "--dry-run", "--tag", "2.1.0")
    assert (code, answer["wanted"]) == (Exit.OK, {"api": digest})
    place = f"123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/{API_IMAGES}@{digest}"
    assert f"would push api to {place}, 3 of 3 layers and configurations (" in answer["line"]
    assert "1 manifest, tag 2.1.0, then register and run the migration, update shop" in answer["line"]
    assert world.registry.requests
    assert world.registry.writes() == []
    assert (world.file.read_text(), world.journal.exists()) == (SETTINGS, False)


def test_an_image_that_has_no_tag_gets_one_before_it_runs(world: World, tmp_path: Path) -> None:
    """The lifecycle rule of untagged images would delete it while it runs."""
    build, digest = layouts.plain()
    world.release("--image", f"api=oci:{build.archive(tmp_path / 'api.tar')}")
    world.registry.tags.clear()
    kept = world.registry.manifests[API_IMAGES, digest]
    world.registry.manifests[API_IMAGES, NEW] = kept
    world.ecr.untagged = {NEW}
    code, answer = world.release("--image", f"api={NEW}", "--dry-run")
    assert (code, f"would tag api {NEW} in " in answer["line"]) == (Exit.OK, True)
    with pytest.raises(OpsError, match="answered something else than sha256:bbb"):
        world.release("--image", f"api={NEW}")
    del world.registry.manifests[API_IMAGES, NEW]
    world.ecr.images.append(digest)
    world.ecr.untagged = {digest}
    code, answer = world.release("--image", f"api={digest}")
    assert (code, world.registry.tags) == (Exit.OK, {(API_IMAGES, tag_of(digest)): digest}), answer


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--no-registry"], "api would have to be pushed, which --no-registry forbids"),
        (["--tag", "-x"], "--tag: got '-x'; letters, digits"),
    ],
)
def test_options_that_exclude_each_other(
    world: World, tmp_path: Path, arguments: list[str], said: str
) -> None:
    build, _ = layouts.plain()
    with pytest.raises(OpsError) as error:
        world.release("--image", f"api=oci:{build.folder(tmp_path / 'api')}", *arguments)
    assert (error.value.exit_code, said in error.value.message) == (Exit.USAGE, True)
    with pytest.raises(OpsError, match="--tag: nothing is pushed"):
        world.release("--image", f"api={NEW}", "--tag", "2.1.0")
    assert world.registry.requests == []
