"""Where container images are kept."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import ecr

from components.compute.container_image import ContainerImage
from components.delivery.ecr_lifecycle import lifecycle_policy
from components.protection import stateful


@dataclass(frozen=True, kw_only=True)
class EcrRepositoryArgs:
    """``keep_images``: how many tagged releases stay, so how far back a rollback reaches."""

    kms_key_arn: pulumi.Input[str]
    keep_images: int = 20
    untagged_days: int = 7
    """Images that lost their tag, or never had one, go after this long."""
    deletion_protection: bool = True


class EcrRepository(pulumi.ComponentResource):
    """A repository whose tags never move, whose images are scanned as they arrive, and that cleans up.

    A repository policy is left out: the account's roles pull by their own grants, and nobody else may.
    Replication is left out: images are built anew from the same commit. Enhanced scanning is a setting of the
    whole registry.
    """

    repository: ecr.Repository
    arn: pulumi.Output[str]
    url: pulumi.Output[str]
    repository_name: pulumi.Output[str]

    def __init__(
        self, name: str, args: EcrRepositoryArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("platform:delivery:EcrRepository", name, None, opts)
        self._name = name
        self._args = args
        self.repository = self._build_repository()
        self._build_lifecycle()
        self.arn = self.repository.arn
        self.url = self.repository.repository_url
        self.repository_name = self.repository.name
        self.register_outputs({"arn": self.arn, "url": self.url})

    def image(self, digest: str) -> ContainerImage:
        """One image of this repository. Raises ValueError for a tag, or anything but a sha256 digest."""
        return ContainerImage(repository_url=self.url, digest=digest, repository_arn=self.arn)

    def _build_repository(self) -> ecr.Repository:
        return ecr.Repository(
            f"{self._name}-images",
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration=ecr.RepositoryImageScanningConfigurationArgs(scan_on_push=True),
            encryption_configurations=[
                ecr.RepositoryEncryptionConfigurationArgs(
                    encryption_type="KMS", kms_key=self._args.kms_key_arn
                )
            ],
            force_delete=False,
            # A service whose image is gone cannot start another task.
            opts=stateful(self, protected=self._args.deletion_protection),
        )

    def _build_lifecycle(self) -> ecr.LifecyclePolicy:
        return ecr.LifecyclePolicy(
            f"{self._name}-lifecycle",
            repository=self.repository.name,
            policy=lifecycle_policy(
                keep_images=self._args.keep_images, untagged_days=self._args.untagged_days
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
