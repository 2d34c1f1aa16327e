"""Gives a secret a new random text, in the four steps Secrets Manager asks for.

The text is made by Secrets Manager and stored by this function: it never passes through the program that
deploys the secret, its state or its logs. A secret may start without any value; its first rotation makes one.
"""

import os
from typing import Any, Protocol, cast

import boto3
from botocore.exceptions import ClientError

DEFAULT_LENGTH = 64
"""Letters and digits: 64 of them carry 381 bits, and need no escaping in a URL or a shell."""

CURRENT = "AWSCURRENT"
PENDING = "AWSPENDING"


class SecretsManager(Protocol):
    """The part of the boto3 client that is used here."""

    def describe_secret(self, **request: Any) -> dict[str, Any]: ...
    def get_random_password(self, **request: Any) -> dict[str, Any]: ...
    def get_secret_value(self, **request: Any) -> dict[str, Any]: ...
    def put_secret_value(self, **request: Any) -> dict[str, Any]: ...
    def update_secret_version_stage(self, **request: Any) -> dict[str, Any]: ...


class RotationError(RuntimeError):
    """The rotation cannot go on; Secrets Manager tries again later and the current value stays in use."""


def handler(event: dict[str, Any], _context: object) -> None:
    """One step of one rotation, as Secrets Manager calls it."""
    secret_id, version_id, step = event["SecretId"], event["ClientRequestToken"], event["Step"]
    client = cast("SecretsManager", cast("Any", boto3).client("secretsmanager"))
    stages = _stages(client, secret_id, version_id)
    if CURRENT in stages and step != "createSecret":
        # Already done: Secrets Manager calls a step again when it lost the answer.
        return
    match step:
        case "createSecret":
            _create(client, secret_id, version_id)
        case "setSecret":
            # Nothing else holds this text: whoever uses it reads it from Secrets Manager.
            return
        case "testSecret":
            _test(client, secret_id, version_id)
        case "finishSecret":
            _finish(client, secret_id, version_id)
        case _:
            raise RotationError(
                f"Step: got {step!r}; allowed are createSecret, setSecret, testSecret and finishSecret"
            )


def _stages(client: SecretsManager, secret_id: str, version_id: str) -> list[str]:
    """The labels of the version in question, which Secrets Manager prepares before the first step."""
    secret = client.describe_secret(SecretId=secret_id)
    if not secret.get("RotationEnabled"):
        raise RotationError(f"{secret_id}: rotation is off; turn it on before rotating")
    stages: list[str] | None = secret.get("VersionIdsToStages", {}).get(version_id)
    if stages is None:
        raise RotationError(f"{secret_id}: has no version {version_id}; start a new rotation")
    if CURRENT not in stages and PENDING not in stages:
        raise RotationError(f"{secret_id}: version {version_id} is not {PENDING}; start a new rotation")
    return stages


def _create(client: SecretsManager, secret_id: str, version_id: str) -> None:
    if _value(client, secret_id, version_id) is not None:
        return
    length = int(os.environ.get("SECRET_LENGTH", DEFAULT_LENGTH))
    made = client.get_random_password(PasswordLength=length, ExcludePunctuation=True)
    client.put_secret_value(
        SecretId=secret_id,
        ClientRequestToken=version_id,
        SecretString=made["RandomPassword"],
        VersionStages=[PENDING],
    )


def _test(client: SecretsManager, secret_id: str, version_id: str) -> None:
    if not _value(client, secret_id, version_id):
        raise RotationError(f"{secret_id}: version {version_id} is empty; createSecret has to run first")


def _finish(client: SecretsManager, secret_id: str, version_id: str) -> None:
    versions: dict[str, list[str]] = client.describe_secret(SecretId=secret_id)["VersionIdsToStages"]
    current = next((each for each, stages in versions.items() if CURRENT in stages), None)
    leave = {} if current is None else {"RemoveFromVersionId": current}
    client.update_secret_version_stage(
        SecretId=secret_id, VersionStage=CURRENT, MoveToVersionId=version_id, **leave
    )


def _value(client: SecretsManager, secret_id: str, version_id: str) -> str | None:
    """The text of one version; None while it has only a label."""
    try:
        return client.get_secret_value(SecretId=secret_id, VersionId=version_id)["SecretString"]
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "ResourceNotFoundException":
            return None
        raise
