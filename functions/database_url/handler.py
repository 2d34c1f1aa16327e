"""Keeps a secret that holds a whole database address, made from the secret that holds its password.

Secrets Manager calls ``handler`` in its four rotation steps: the address is composed from the user and the
password of the database's own secret. EventBridge calls ``noticed``, in a function of its own: when the
password has changed, a rotation of the address is started; when the address has changed, the services that
read it at their start are started anew.
"""

import json
import os
from typing import Any, Protocol, cast
from urllib.parse import quote

import boto3
from botocore.exceptions import ClientError

CURRENT = "AWSCURRENT"
PENDING = "AWSPENDING"


class SecretsManager(Protocol):
    """The part of the boto3 client that is used here."""

    def describe_secret(self, **request: Any) -> dict[str, Any]: ...
    def get_secret_value(self, **request: Any) -> dict[str, Any]: ...
    def put_secret_value(self, **request: Any) -> dict[str, Any]: ...
    def rotate_secret(self, **request: Any) -> dict[str, Any]: ...
    def update_secret_version_stage(self, **request: Any) -> dict[str, Any]: ...


class RotationError(RuntimeError):
    """The rotation cannot go on; Secrets Manager tries again later and the current value stays in use."""


def handler(event: dict[str, Any], _context: object) -> None:
    """One step of one rotation, as Secrets Manager calls it."""
    client = cast("SecretsManager", cast("Any", boto3).client("secretsmanager"))
    secret_id, version_id, step = event["SecretId"], event["ClientRequestToken"], event["Step"]
    stages = _stages(client, secret_id, version_id)
    if CURRENT in stages and step != "createSecret":
        # Already done: Secrets Manager calls a step again when it lost the answer.
        return
    match step:
        case "createSecret":
            _create(client, secret_id, version_id)
        case "setSecret":
            # The database already has the password: RDS set it.
            return
        case "testSecret":
            _test(client, secret_id, version_id)
        case "finishSecret":
            _finish(client, secret_id, version_id)
        case _:
            raise RotationError(
                f"Step: got {step!r}; allowed are createSecret, setSecret, testSecret and finishSecret"
            )


def url(secret: dict[str, Any]) -> str:
    """The address in the form that Prisma, node-postgres and psycopg read. Certificates are checked."""
    user, password = quote(secret["username"], safe=""), quote(secret["password"], safe="")
    host, port, name = (os.environ[each] for each in ("DB_HOST", "DB_PORT", "DB_NAME"))
    return f"postgresql://{user}:{password}@{host}:{port}/{name}?sslmode=require"


def noticed(event: dict[str, Any], _context: object) -> None:
    """``{"rotate": <secret>}`` or ``{"restart": [<service>, ...], "cluster": <cluster>}``."""
    if "rotate" in event:
        client = cast("SecretsManager", cast("Any", boto3).client("secretsmanager"))
        client.rotate_secret(SecretId=event["rotate"], RotateImmediately=True)
        return
    ecs = cast("Any", boto3).client("ecs")
    for service in event["restart"]:
        ecs.update_service(cluster=event["cluster"], service=service, forceNewDeployment=True)


def _stages(client: SecretsManager, secret_id: str, version_id: str) -> list[str]:
    secret = client.describe_secret(SecretId=secret_id)
    if not secret.get("RotationEnabled"):
        raise RotationError(f"{secret_id}: rotation is off; turn it on before rotating")
    stages: list[str] | None = secret.get("VersionIdsToStages", {}).get(version_id)
    if stages is None or (CURRENT not in stages and PENDING not in stages):
        raise RotationError(f"{secret_id}: version {version_id} is not {PENDING}; start a new rotation")
    return stages


def _create(client: SecretsManager, secret_id: str, version_id: str) -> None:
    source = client.get_secret_value(SecretId=os.environ["MASTER_SECRET_ID"], VersionStage=CURRENT)
    composed = url(json.loads(source["SecretString"]))
    found = _value(client, secret_id, version_id)
    if found is not None:
        if found != composed:
            raise RotationError(f"{secret_id}: the password changed meanwhile; start a new rotation")
        return
    client.put_secret_value(
        SecretId=secret_id, ClientRequestToken=version_id, SecretString=composed, VersionStages=[PENDING]
    )


def _test(client: SecretsManager, secret_id: str, version_id: str) -> None:
    if not (_value(client, secret_id, version_id) or "").startswith("postgresql://"):
        raise RotationError(f"{secret_id}: version {version_id} is no address; createSecret has to run first")


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
