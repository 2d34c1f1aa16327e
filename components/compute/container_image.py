"""A container image that cannot change under a running service."""

import re
from dataclasses import dataclass

import pulumi

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class ContainerImage:
    """An image by digest: a tag can be moved to other bytes while tasks run, and the next task would differ.

    ``repository_arn`` is that of an ECR repository of this account; whoever pulls gets it granted. None is a
    public registry. Raises ``ValueError`` for anything but a sha256 digest.
    """

    repository_url: pulumi.Input[str]
    digest: str
    repository_arn: pulumi.Input[str] | None = None

    def __post_init__(self) -> None:
        if not _DIGEST.fullmatch(self.digest):
            raise ValueError(
                f"image digest: got {self.digest!r}; allowed is sha256: and 64 hex digits, lower case. A tag "
                "can change under a running service: take imageDigest from aws ecr describe-images"
            )

    @property
    def uri(self) -> pulumi.Output[str]:
        """``repository@sha256:...``, as a container definition names it."""
        return pulumi.Output.concat(self.repository_url, "@", self.digest)

    @staticmethod
    def parse(uri: str, *, repository_arn: pulumi.Input[str] | None = None) -> "ContainerImage":
        """From one text, ``repository@sha256:...``. Raises ``ValueError`` when the digest is missing."""
        repository_url, _, digest = uri.partition("@")
        if not repository_url or not digest:
            raise ValueError(
                f"image: got {uri!r}; allowed is repository@sha256:<64 hex digits>: add the digest"
            )
        return ContainerImage(repository_url=repository_url, digest=digest, repository_arn=repository_arn)
