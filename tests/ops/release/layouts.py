"""OCI image layouts as builds write them."""

import hashlib
import io
import json
import tarfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
IN_TOTO = "application/vnd.in-toto+json"
REF_NAME = "org.opencontainers.image.ref.name"


@dataclass
class Build:
    """Files of a layout by name; nothing is written before ``folder`` or ``archive``."""

    files: dict[str, bytes] = field(default_factory=dict)
    top: list[dict[str, Any]] = field(default_factory=list)

    def blob(self, content: bytes, kind: str) -> dict[str, Any]:
        digest = hashlib.sha256(content).hexdigest()
        self.files[f"blobs/sha256/{digest}"] = content
        return {"mediaType": kind, "digest": f"sha256:{digest}", "size": len(content)}

    def json(self, content: Any, kind: str) -> dict[str, Any]:
        return self.blob(json.dumps(content, indent=2).encode(), kind)

    def image(self, *layers: bytes, architecture: str = "amd64") -> dict[str, Any]:
        config = self.json({"architecture": architecture, "os": "linux"}, CONFIG)
        manifest = self.json(
            {
                "schemaVersion": 2,
                "mediaType": MANIFEST,
                "config": config,
                "layers": [self.blob(layer, LAYER) for layer in layers],
            },
            MANIFEST,
        )
        return {**manifest, "platform": {"os": "linux", "architecture": architecture}}

    def attestation(self, of: dict[str, Any]) -> dict[str, Any]:
        """As buildx adds one beside each platform's image."""
        manifest = self.json(
            {
                "schemaVersion": 2,
                "mediaType": MANIFEST,
                "config": self.json({"architecture": "unknown", "os": "unknown"}, CONFIG),
                "layers": [self.json({"subject": of["digest"]}, IN_TOTO)],
            },
            MANIFEST,
        )
        return {
            **manifest,
            "platform": {"os": "unknown", "architecture": "unknown"},
            "annotations": {
                "vnd.docker.reference.digest": of["digest"],
                "vnd.docker.reference.type": "attestation-manifest",
            },
        }

    def index(self, *manifests: dict[str, Any]) -> dict[str, Any]:
        return self.json({"schemaVersion": 2, "mediaType": INDEX, "manifests": list(manifests)}, INDEX)

    def name(self, descriptor: dict[str, Any], name: str = "") -> str:
        """Put an image at the top; returns its digest."""
        self.top.append({**descriptor, **({"annotations": {REF_NAME: name}} if name else {})})
        return str(descriptor["digest"])

    def _all(self) -> dict[str, bytes]:
        return {
            **self.files,
            "index.json": json.dumps({"schemaVersion": 2, "manifests": self.top}).encode(),
            "oci-layout": b'{"imageLayoutVersion": "1.0.0"}',
        }

    def folder(self, path: Path) -> Path:
        for name, content in self._all().items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_bytes(content)
        return path

    def archive(self, path: Path) -> Path:
        with tarfile.open(path, "w") as tar:
            for name, content in self._all().items():
                member = tarfile.TarInfo(name)
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
        return path


def plain(*layers: bytes) -> tuple[Build, str]:
    """An image of one platform, and its digest."""
    build = Build()
    return build, build.name(build.image(*(layers or (b"first" * 999, b"second" * 999))), "latest")


def whole() -> tuple[Build, str]:
    """Two platforms that share a layer, each with an attestation: what buildx writes."""
    build = Build()
    one = build.image(b"shared" * 999, b"amd" * 999)
    other = build.image(b"shared" * 999, b"arm" * 999, architecture="arm64")
    found = build.index(one, other, build.attestation(one), build.attestation(other))
    return build, build.name(found)
