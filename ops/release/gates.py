"""What must hold before anything is changed: the images exist, under the digests that are named."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from botocore.exceptions import BotoCoreError, ClientError

from ops.aws import code
from ops.errors import Exit, OpsError


def not_shifted(outputs: Mapping[str, Any], roles: Iterable[str]) -> None:
    """Raises OpsError (refused) for a function whose traffic CodeDeploy moves: an update publishes its
    version and moves nothing, so that nothing would be released."""
    shifted = cast("Mapping[str, Any]", outputs.get("releases") or {})
    found = [role for role in roles if role.rpartition(".")[2] in shifted]
    if found:
        raise OpsError(
            f"{', '.join(found)}: released by CodeDeploy in this stack, a part of the traffic at a time",
            fix="docs/runbooks/currency-travel.md#releases: deploy the digest, then create a deployment",
            exit_code=Exit.REFUSED,
        )


@dataclass(frozen=True, kw_only=True)
class Found:
    """An image that ECR has. One without a tag goes after some days, whether it runs or not."""

    digest: str
    tagged: bool


def resolve(ecr: Any, references: Mapping[str, str], repositories: Mapping[str, str]) -> dict[str, Found]:
    """Role to the image that ECR knows. A tag is resolved once, here: what is deployed is a digest.

    Raises OpsError (refused) for an image that is not there, or a role without a repository.
    """
    found: dict[str, Found] = {}
    for role, reference in references.items():
        if role not in repositories:
            raise OpsError(
                f"{role}: the stack exports no repository for it, so nothing can tell whether it is there",
                fix="deploy the stack once; for an image of another registry: --no-registry",
                exit_code=Exit.REFUSED,
            )
        registry, _, name = repositories[role].partition("/")
        wanted = {"imageDigest": reference} if reference.startswith("sha256:") else {"imageTag": reference}
        try:
            [image] = ecr.describe_images(
                registryId=registry.split(".")[0], repositoryName=name, imageIds=[wanted]
            )["imageDetails"]
        except ClientError as error:
            if code(error) in {"ImageNotFoundException", "RepositoryNotFoundException"}:
                raise OpsError(
                    f"{role}: {name} has no image {reference}",
                    fix="push it first: docker push prints the digest; or give the build, as oci:image.tar",
                    exit_code=Exit.REFUSED,
                ) from error
            raise OpsError(f"{role}: {error}", exit_code=Exit.REFUSED) from error
        except BotoCoreError as error:
            raise OpsError(f"{role}: {error}", exit_code=Exit.REFUSED) from error
        found[role] = Found(digest=str(image["imageDigest"]), tagged=bool(image.get("imageTags")))
    return found
