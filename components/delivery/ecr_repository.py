"""Where container images are kept."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import ecr

from components.compute.container_image import ContainerImage
from components.delivery.ecr_lifecycle import lifecycle_policy
from components.protection import stateful
from components.security.iam import ServicePrincipal, Statement, policy_document


@dataclass(frozen=True, kw_only=True)
class FunctionsOf:
    """The functions of one account in one region."""

    account_id: str
    region: str


@dataclass(frozen=True, kw_only=True)
class EcrRepositoryArgs:
    """``keep_images``: how many tagged releases stay, so how far back a rollback reaches."""

    kms_key_arn: pulumi.Input[str]
    keep_images: int = 20
    untagged_days: int = 7
    """Images that lost their tag, or never had one, go after this long."""
    pulled_by_functions_of: FunctionsOf | None = None
    """Lambda itself pulls a function's image, and not the function's role."""
    deletion_protection: bool = True


class EcrRepository(pulumi.ComponentResource):
    """A repository whose tags never move, whose images are scanned as they arrive, and that cleans up.

    The account's roles pull by their own grants; a policy of the repository admits Lambda alone, where asked.
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
        self.url = self._url(self._build_policy(args.pulled_by_functions_of))
        self.repository_name = self.repository.name
        self.register_outputs({"arn": self.arn, "url": self.url})

    def image(self, digest: str) -> ContainerImage:
        """One image of this repository. Raises ValueError for a tag, or anything but a sha256 digest."""
        return ContainerImage(repository_url=self.url, digest=digest, repository_arn=self.arn)

    def _url(self, policy: ecr.RepositoryPolicy | None) -> pulumi.Output[str]:
        """Known once Lambda may pull: a function that comes earlier is refused."""
        if policy is None:
            return self.repository.repository_url
        return pulumi.Output.all(url=self.repository.repository_url, policy=policy.id).apply(
            lambda known: str(known["url"])
        )

    def _build_policy(self, functions: FunctionsOf | None) -> ecr.RepositoryPolicy | None:
        if functions is None:
            return None
        source = f"arn:aws:lambda:{functions.region}:{functions.account_id}:function:*"
        return ecr.RepositoryPolicy(
            f"{self._name}-policy",
            repository=self.repository.name,
            policy=policy_document(
                Statement(
                    sid="LambdaPulls",
                    actions=["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                    principals=[ServicePrincipal("lambda.amazonaws.com")],
                    conditions={
                        "StringEquals": {"aws:SourceAccount": functions.account_id},
                        "ArnLike": {"aws:SourceArn": source},
                    },
                )
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

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
