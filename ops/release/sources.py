"""What ``--image`` may name: a digest or tag of the repository, or an image that a build wrote to disk."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.errors import Exit, OpsError
from ops.release import gates, layout, push
from ops.release.images import DIGEST, ImageFile

TRANSPORTS = ("oci", "oci-archive")
"""As skopeo and podman call them. Either takes a folder and a tar: what it is, is seen."""

TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_GIVEN = re.compile(r"(?:(?P<role>[A-Za-z][\w.-]*)=)?(?P<source>.+)", re.ASCII | re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Source:
    """``reference`` is a digest or a tag; or else ``path`` is a layout and ``name`` one of its images."""

    reference: str = ""
    path: Path | None = None
    name: str = ""


def parse(given: str) -> tuple[str, Source]:
    """``[ROLE=]SOURCE`` as role, maybe empty, and source. Raises OpsError (usage)."""
    matched = _GIVEN.fullmatch(given)
    role, source = (matched["role"] or "", matched["source"]) if matched else ("", "")
    transport, colon, rest = source.partition(":")
    if DIGEST.fullmatch(source) or (not colon and TAG.fullmatch(source) and not Path(source).is_file()):
        return role, Source(reference=source)
    if transport in TRANSPORTS and rest:
        return role, _layout(rest)
    fix = None
    if Path(source).exists():
        fix = f"for the image that a build wrote there: oci:{source}"
    elif transport in ("docker-archive", "docker-daemon", "docker", "dir", "containers-storage"):
        fix = "docker buildx build --output type=oci,dest=image.tar, then oci:image.tar"
    raise OpsError(
        f"--image: got {given!r}; a digest (sha256: and 64 hex digits), a tag, or oci:PATH[:NAME] with the "
        "OCI image layout that a build wrote, each maybe after ROLE=",
        fix=fix,
        exit_code=Exit.USAGE,
    )


def _layout(rest: str) -> Source:
    """A path may hold colons, and so may an image's name: the shortest path that exists is taken."""
    for end in [*(found.start() for found in re.finditer(":", rest)), len(rest)]:
        if end and Path(rest[:end]).exists():
            return Source(path=Path(rest[:end]), name=rest[end + 1 :])
    raise OpsError(f"--image: got oci:{rest}; there is no such file or folder", exit_code=Exit.USAGE)


def of(file: ImageFile, given: Sequence[str]) -> dict[str, Source]:
    """Role to source. Raises OpsError for a role that is missing, unknown or there twice."""
    roles = list(file.digests())
    found: dict[str, Source] = {}
    for each in given:
        name, source = parse(each)
        if not name and len(roles) > 1:
            raise OpsError(
                f"--image: got {each!r} without a role; one of {', '.join(roles)}, as {roles[0]}=sha256:...",
                exit_code=Exit.USAGE,
            )
        role = file.role(name) if name else roles[0]
        if role in found:
            raise OpsError(f"--image: {role} is given twice", exit_code=Exit.USAGE)
        found[role] = source
    return found


@dataclass(frozen=True, kw_only=True)
class Settled:
    """``wanted``: role to digest; ``pushes``: what must be sent before they can be deployed."""

    wanted: Mapping[str, str]
    pushes: Sequence[push.Wanted]


def settle(
    sources: Mapping[str, Source],
    known: Mapping[str, str],
    *,
    ecr: Callable[[], Any] | None,
    tag: str | None,
) -> Settled:
    """The digest of each source. ``known``: role to repository; ``ecr`` is None with --no-registry.

    An image of the repository that has no tag gets one: the lifecycle rule of untagged images would delete
    it while it runs. Raises OpsError for what is not there, or is no image.
    """
    _check(sources, ecr=ecr, tag=tag)
    images = {role: layout.read(each.path, each.name) for role, each in sources.items() if each.path}
    references = {role: each.reference for role, each in sources.items() if not each.path}
    found = gates.resolve(ecr(), references, known) if ecr and references else {}
    untagged = [role for role, image in found.items() if not image.tagged]
    digests = {
        **{role: image.digest for role, image in images.items()},
        **references,
        **{role: image.digest for role, image in found.items()},
    }
    places = push.addresses([*images, *untagged], known)
    return Settled(
        wanted={role: digests[role] for role in sources},
        pushes=[
            push.Wanted(
                role=role,
                address=places[role],
                digest=digests[role],
                tag=(tag if role in images else None) or push.tag_of(digests[role]),
                image=images.get(role),
            )
            for role in sources
            if role in places
        ],
    )


def _check(sources: Mapping[str, Source], *, ecr: Callable[[], Any] | None, tag: str | None) -> None:
    built = [role or "the image" for role, each in sources.items() if each.path]
    named = [
        role for role, each in sources.items() if each.reference and not DIGEST.fullmatch(each.reference)
    ]
    if ecr is None and built:
        raise OpsError(
            f"--image: {', '.join(built)} would have to be pushed, which --no-registry forbids",
            exit_code=Exit.USAGE,
        )
    if ecr is None and named:
        raise OpsError(f"--image: {', '.join(named)} needs a digest with --no-registry", exit_code=Exit.USAGE)
    if tag is not None and not built:
        raise OpsError("--tag: nothing is pushed: it names images given as oci:PATH", exit_code=Exit.USAGE)
    if tag is not None and not TAG.fullmatch(tag):
        raise OpsError(
            f"--tag: got {tag!r}; letters, digits, _ . and -, at most 128, none of . and - first",
            exit_code=Exit.USAGE,
        )
