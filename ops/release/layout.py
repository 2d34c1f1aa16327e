"""An OCI image layout as a build writes it: a folder, or a tar that is read in place."""

import hashlib
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from ops.errors import Exit, OpsError

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
MEDIA_TYPES = (OCI_INDEX, OCI_MANIFEST, DOCKER_LIST, DOCKER_MANIFEST)

PIECE = 1024 * 1024
"""Bytes held of a layer at a time."""
MAX_MANIFEST = 4 * 1024 * 1024
"""What a registry takes at least, by the OCI distribution specification."""

_NAMES = ("org.opencontainers.image.ref.name", "io.containerd.image.name")
_BUILD = "docker buildx build --output type=oci,dest=image.tar"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True)


class _Platform(_Model):
    os: str = ""
    architecture: str = ""


class _Descriptor(_Model):
    media_type: str
    digest: str = Field(pattern=r"^sha256:[0-9a-f]{64}$")
    size: int = Field(ge=0)
    annotations: dict[str, str] | None = None
    platform: _Platform | None = None

    @property
    def names(self) -> set[str]:
        known = self.annotations or {}
        return {known[key] for key in _NAMES if key in known}

    @property
    def label(self) -> str:
        where = f" ({self.platform.os}/{self.platform.architecture})" if self.platform else ""
        return f"{self.digest[:19]}{where}"


class _Document(_Model):
    """An index or a manifest."""

    schema_version: Literal[2]
    media_type: str | None = None
    config: _Descriptor | None = None
    layers: Sequence[_Descriptor] = ()
    manifests: Sequence[_Descriptor] = ()


@dataclass(frozen=True, kw_only=True)
class Blob:
    """A layer or a configuration: ``size`` bytes of a file, from ``offset``."""

    digest: str
    size: int
    file: Path
    offset: int

    def pieces(self) -> Iterator[bytes]:
        """The bytes, a piece at a time."""
        left = self.size
        with self.file.open("rb") as file:
            file.seek(self.offset)
            while left and (piece := file.read(min(PIECE, left))):
                left -= len(piece)
                yield piece

    def verify(self) -> None:
        """Raises OpsError (refused) where the bytes are not those of the digest."""
        found = hashlib.sha256()
        for piece in self.pieces():
            found.update(piece)
        if f"sha256:{found.hexdigest()}" != self.digest:
            raise _refused(
                f"{self.file}: the bytes of {self.digest} have the digest sha256:{found.hexdigest()}",
                fix="the file was cut off or changed: build or download it again",
            )


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """A manifest or an index, with the very bytes that its digest is of."""

    digest: str
    media_type: str
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Image:
    """``manifests``: whatever one refers to comes before it, so that the image itself is the last."""

    blobs: Sequence[Blob]
    manifests: Sequence[Manifest]

    @property
    def digest(self) -> str:
        return self.manifests[-1].digest

    @property
    def size(self) -> int:
        """Bytes of layers and configurations."""
        return sum(blob.size for blob in self.blobs)


def read(path: Path, name: str = "") -> Image:
    """One image of a layout; ``name`` where it holds several.

    An index is taken whole: each platform's manifest, and the attestations that buildx puts beside them.
    Raises OpsError (refused) for what is not a layout, or lacks something that its manifests name.
    """
    return _Reader(path).image(name)


class _Reader:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._members = _folder(path) if path.is_dir() else _archive(path)
        self._blobs: dict[str, Blob] = {}
        self._manifests: dict[str, Manifest] = {}
        if "oci-layout" not in self._members or "index.json" not in self._members:
            raise _refused(
                f"{path}: got {'a folder' if path.is_dir() else 'a tar'} without oci-layout and index.json; "
                "an OCI image layout has both",
                fix=f"{_BUILD}, or docker save of Docker 25 or later",
            )

    def image(self, name: str) -> Image:
        index = self._document(self._small("index.json"), "index.json")
        found = {each.digest: each for each in index.manifests if not name or name in each.names}
        if len(found) != 1:
            names = sorted({one for each in index.manifests for one in each.names}) or ["none with a name"]
            raise _refused(
                f"{self._path}: got {len(found)} images{f' of the name {name}' if name else ''}; it holds "
                f"{', '.join(names)}",
                fix=f"name one after a colon, as oci:{self._path}:NAME",
            )
        self._take(next(iter(found.values())), "index.json")
        return Image(blobs=tuple(self._blobs.values()), manifests=tuple(self._manifests.values()))

    def _take(self, wanted: _Descriptor, parent: str) -> None:
        """A manifest, after everything that it refers to."""
        if wanted.digest in self._manifests:
            return
        if wanted.media_type not in MEDIA_TYPES:
            raise _refused(
                f"{self._path}: {wanted.label} is {wanted.media_type}; one of {', '.join(MEDIA_TYPES)}"
            )
        blob = self._find(wanted, parent)
        blob.verify()
        body = self._small(_file(wanted.digest))
        document = self._document(body, wanted.label)
        if document.media_type not in (None, wanted.media_type):
            raise _refused(
                f"{self._path}: {wanted.label} says that it is {document.media_type}, and {parent} says "
                f"{wanted.media_type}"
            )
        for each in document.manifests:
            self._take(each, wanted.label)
        for each in (*document.layers, *([document.config] if document.config else ())):
            self._blobs.setdefault(each.digest, self._find(each, wanted.label))
        self._manifests[wanted.digest] = Manifest(
            digest=wanted.digest, media_type=wanted.media_type, body=body
        )

    def _find(self, wanted: _Descriptor, parent: str) -> Blob:
        try:
            file, offset, size = self._members[_file(wanted.digest)]
        except KeyError:
            raise _refused(
                f"{self._path}: {wanted.label}, which {parent} names, is not in the layout",
                fix=f"build it whole: {_BUILD}; or save one platform: docker save --platform linux/amd64",
            ) from None
        if size != wanted.size:
            raise _refused(
                f"{self._path}: {wanted.label} has {size} bytes; {parent} says {wanted.size}",
                fix="the file was cut off or changed: build or download it again",
            )
        return Blob(digest=wanted.digest, size=size, file=file, offset=offset)

    def _small(self, name: str) -> bytes:
        file, offset, size = self._members[name]
        if size > MAX_MANIFEST:
            raise _refused(f"{self._path}: {name} has {size} bytes; at most {MAX_MANIFEST}")
        return b"".join(Blob(digest="", size=size, file=file, offset=offset).pieces())

    def _document(self, body: bytes, label: str) -> _Document:
        try:
            return _Document.model_validate_json(body)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            said = f"{where}: {first['msg']}" if where else first["msg"]
            raise _refused(f"{self._path}: {label} is no index or manifest: {said}") from error


def _folder(path: Path) -> dict[str, tuple[Path, int, int]]:
    files = [path / "oci-layout", path / "index.json", *path.glob("blobs/sha256/*")]
    return {
        file.relative_to(path).as_posix(): (file, 0, file.stat().st_size) for file in files if file.is_file()
    }


def _archive(path: Path) -> dict[str, tuple[Path, int, int]]:
    """Where each file of a tar begins, so that its bytes are read from there and nothing is unpacked."""
    try:
        with tarfile.open(path, "r:") as archive:
            return {
                member.name.removeprefix("./"): (path, member.offset_data, member.size)
                for member in archive
                if member.isreg() and not member.issparse()
            }
    except tarfile.TarError as error:
        raise _refused(
            f"{path} is no tar: {error}",
            fix="an OCI layout as a folder or a tar; where it was compressed: gunzip, or zstd -d",
        ) from error
    except OSError as error:
        raise _refused(f"{path} cannot be read: {error.strerror}") from error


def _file(digest: str) -> str:
    return f"blobs/{digest.replace(':', '/')}"


def _refused(message: str, *, fix: str | None = None) -> OpsError:
    return OpsError(f"--image: {message}", fix=fix, exit_code=Exit.REFUSED)
