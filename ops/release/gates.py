"""What must hold before anything is changed: the images exist, under the digests that are named."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ops.aws import code
from ops.errors import Exit, OpsError


def resolve(ecr: Any, references: Mapping[str, str], repositories: Mapping[str, str]) -> dict[str, str]:
    """Role to the digest that ECR knows. A tag is resolved once, here: what is deployed is a digest.

    Raises OpsError (refused) for an image that is not there, or a role without a repository.
    """
    found: dict[str, str] = {}
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
                    fix="push it first: docker push prints the digest",
                    exit_code=Exit.REFUSED,
                ) from error
            raise OpsError(f"{role}: {error}", exit_code=Exit.REFUSED) from error
        except BotoCoreError as error:
            raise OpsError(f"{role}: {error}", exit_code=Exit.REFUSED) from error
        found[role] = str(image["imageDigest"])
    return found
