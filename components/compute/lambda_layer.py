"""Shared code that several functions carry."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pulumi
from pulumi_aws import lambda_

from components.compute.package import sha256_base64


@dataclass(frozen=True, kw_only=True)
class LambdaLayerArgs:
    """``path`` is a zip with ``python/`` at its root, as ``package.build_layer`` makes it."""

    path: Path
    description: str
    runtimes: Sequence[str]
    architecture: Literal["arm64", "x86_64"] = "arm64"


class LambdaLayer(pulumi.ComponentResource):
    """One layer, and its current version.

    A changed zip is a new version; the old one is deleted, which takes nothing from the function versions
    that were published with it. Sharing with other accounts is left out: no one else needs it.
    """

    layer_arn: pulumi.Output[str]
    """With the version, as a function wants it."""

    def __init__(self, name: str, args: LambdaLayerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:compute:LambdaLayer", name, None, opts)
        self.version = lambda_.LayerVersion(
            f"{name}-version",
            layer_name=name,
            description=args.description,
            code=pulumi.FileArchive(str(args.path)),
            source_code_hash=sha256_base64(args.path),
            compatible_runtimes=list(args.runtimes),
            compatible_architectures=[args.architecture],
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.layer_arn = self.version.arn
        self.register_outputs({"layerArn": self.layer_arn})
