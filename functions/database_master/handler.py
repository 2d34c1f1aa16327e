"""Takes over the master password of an RDS instance, and rotates it.

RDS creates no read replica of a database whose master secret it manages. So the database is made with such a
secret, and this function puts another password in its place, in a secret of ours: once when the database is
made (``{"handOver": {"instance": ..., "secret": ...}}``), then in the four steps of each rotation. It sets
the password through the RDS API, so it needs no way into the database's network. Nothing secret is returned
or logged.
"""

import json
import time
from typing import Any, Protocol, cast

import boto3
from botocore.exceptions import ClientError

PASSWORD_LENGTH = 40
"""RDS for MySQL takes 41 characters at most. Letters and digits need no escaping in a URL."""

CURRENT = "AWSCURRENT"
PENDING = "AWSPENDING"

POLL_SECONDS = 10
MARGIN_MS = 20_000
"""Kept at the end of the function's time, to say what it was waiting for."""

NEW_GRANT_SECONDS = 90
"""A policy that was attached just before takes a while to be seen everywhere in IAM."""


class Context(Protocol):
    """The part of Lambda's context that is used here."""

    def get_remaining_time_in_millis(self) -> int: ...


class MasterError(RuntimeError):
    """The step cannot go on. Whoever called tries again; the password in use stays in use."""


def handler(event: dict[str, Any], context: Context) -> dict[str, str]:
    """A hand-over, or one step of one rotation as Secrets Manager calls it."""
    if "handOver" in event:
        task = event["handOver"]
        _hand_over(task["instance"], task["secret"], context)
    else:
        _rotate(event["SecretId"], event["ClientRequestToken"], event["Step"], context)
    return {"status": "done"}


def _hand_over(identifier: str, secret_id: str, context: Context) -> None:
    instance = _when_granted(lambda: _available(identifier, context))
    stored = _when_granted(lambda: _value(secret_id, VersionStage=CURRENT))
    managed = "MasterUserSecret" in instance
    if stored is not None and not managed:
        return
    if stored is None:
        # Stored before it is set: a call that breaks off in between is repeated with the same password.
        stored = {**_address(instance), "password": _new_password()}
        _client("secretsmanager").put_secret_value(SecretId=secret_id, SecretString=_text(stored))
    _set_password(identifier, stored["password"], context, managed=managed)


def _rotate(secret_id: str, version_id: str, step: str, context: Context) -> None:
    stages = _stages(secret_id, version_id)
    if CURRENT in stages and step != "createSecret":
        # Already done: Secrets Manager calls a step again when it lost the answer.
        return
    match step:
        case "createSecret":
            _create(secret_id, version_id)
        case "setSecret":
            pending = _pending(secret_id, version_id)
            _set_password(pending["dbInstanceIdentifier"], pending["password"], context, managed=False)
        case "testSecret":
            # RDS says whether it took the password; logging in would need a way into the network.
            _available(_pending(secret_id, version_id)["dbInstanceIdentifier"], context)
        case "finishSecret":
            _finish(secret_id, version_id)
        case _:
            raise MasterError(
                f"Step: got {step!r}; allowed are createSecret, setSecret, testSecret and finishSecret"
            )


def _stages(secret_id: str, version_id: str) -> list[str]:
    secret = _client("secretsmanager").describe_secret(SecretId=secret_id)
    stages: list[str] | None = secret.get("VersionIdsToStages", {}).get(version_id)
    if stages is None or not {CURRENT, PENDING} & set(stages):
        raise MasterError(f"{secret_id}: has no pending version {version_id}; start a new rotation")
    return stages


def _create(secret_id: str, version_id: str) -> None:
    if _value(secret_id, VersionId=version_id) is not None:
        return
    current = _value(secret_id, VersionStage=CURRENT)
    if current is None:
        raise MasterError(f"{secret_id}: has no current value; the hand-over has to run first")
    _client("secretsmanager").put_secret_value(
        SecretId=secret_id,
        ClientRequestToken=version_id,
        SecretString=_text({**current, "password": _new_password()}),
        VersionStages=[PENDING],
    )


def _finish(secret_id: str, version_id: str) -> None:
    client = _client("secretsmanager")
    versions: dict[str, list[str]] = client.describe_secret(SecretId=secret_id)["VersionIdsToStages"]
    current = next((each for each, stages in versions.items() if CURRENT in stages), None)
    leave = {} if current is None else {"RemoveFromVersionId": current}
    client.update_secret_version_stage(
        SecretId=secret_id, VersionStage=CURRENT, MoveToVersionId=version_id, **leave
    )


def _pending(secret_id: str, version_id: str) -> dict[str, Any]:
    value = _value(secret_id, VersionId=version_id)
    if value is None:
        raise MasterError(f"{secret_id}: version {version_id} is empty; createSecret has to run first")
    return value


def _set_password(identifier: str, password: str, context: Context, *, managed: bool) -> None:
    _available(identifier, context)
    release = {"ManageMasterUserPassword": False} if managed else {}
    _client("rds").modify_db_instance(
        DBInstanceIdentifier=identifier, MasterUserPassword=password, ApplyImmediately=True, **release
    )
    _available(identifier, context)


def _available(identifier: str, context: Context) -> dict[str, Any]:
    """The instance once it is available with no password under way. RDS shows a change after a moment."""
    while True:
        instance = _describe(identifier)
        pending = instance.get("PendingModifiedValues", {})
        if instance["DBInstanceStatus"] == "available" and "MasterUserPassword" not in pending:
            return instance
        if context.get_remaining_time_in_millis() < POLL_SECONDS * 1000 + MARGIN_MS:
            raise MasterError(
                f"{identifier}: still {instance['DBInstanceStatus']}; call again when it is available"
            )
        time.sleep(POLL_SECONDS)


def _describe(identifier: str) -> dict[str, Any]:
    found = _client("rds").describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"]
    return cast("dict[str, Any]", found[0])


def _address(instance: dict[str, Any]) -> dict[str, Any]:
    """What a client needs besides the password, in the words that Secrets Manager's own rotations use."""
    return {
        "engine": instance["Engine"],
        "username": instance["MasterUsername"],
        "host": instance["Endpoint"]["Address"],
        "port": instance["Endpoint"]["Port"],
        "dbname": instance.get("DBName", ""),
        "dbInstanceIdentifier": instance["DBInstanceIdentifier"],
    }


def _new_password() -> str:
    made = _client("secretsmanager").get_random_password(
        PasswordLength=PASSWORD_LENGTH, ExcludePunctuation=True
    )
    return str(made["RandomPassword"])


def _value(secret_id: str, **version: str) -> dict[str, Any] | None:
    """The parsed text of one version; None while there is none."""
    try:
        text = _client("secretsmanager").get_secret_value(SecretId=secret_id, **version)["SecretString"]
    except ClientError as error:
        if _code(error) == "ResourceNotFoundException":
            return None
        raise
    return cast("dict[str, Any]", json.loads(text))


def _when_granted(call: Any) -> Any:
    """Repeat a call that a new grant does not cover yet."""
    deadline = time.monotonic() + NEW_GRANT_SECONDS
    while True:
        try:
            return call()
        except ClientError as error:
            if not _code(error).startswith("AccessDenied") or time.monotonic() > deadline:
                raise
        time.sleep(POLL_SECONDS)


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _text(value: dict[str, Any]) -> str:
    return json.dumps(value, sort_keys=True)


def _client(service: str) -> Any:
    return cast("Any", boto3).client(service)
