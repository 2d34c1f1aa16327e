"""The hand-over and the rotation against imitations of RDS and Secrets Manager."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from functions.database_master import handler as module
from functions.database_master.handler import MasterError, handler

INSTANCE = "work-redesign-prod"
SECRET = "work-redesign-master"
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")


class Clock:
    """Lambda's context, with time that a test decides."""

    def __init__(self, left_ms: int = 600_000) -> None:
        self.left_ms = left_ms

    def get_remaining_time_in_millis(self) -> int:
        self.left_ms -= 10_000
        return self.left_ms


class Rds:
    """One instance: it takes a password a while after it was told, as RDS does."""

    def __init__(self) -> None:
        self.managed = True
        self.password: str | None = None
        self.slow = 1
        self.calls: list[dict[str, Any]] = []
        self.denials = 0

    def describe_db_instances(self, DBInstanceIdentifier: str) -> dict[str, Any]:  # noqa: N803
        assert DBInstanceIdentifier == INSTANCE
        if self.denials:
            self.denials -= 1
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "not yet"}}, "Describe")
        waiting, self.slow = self.slow > 0, self.slow - 1
        found: dict[str, Any] = {
            "DBInstanceIdentifier": INSTANCE,
            "DBInstanceStatus": "resetting-master-credentials" if waiting else "available",
            "Engine": "postgres",
            "MasterUsername": "redesign_owner",
            "DBName": "workredesign",
            "Endpoint": {"Address": "db.example", "Port": 5432},
            "PendingModifiedValues": {},
        }
        if self.managed:
            found["MasterUserSecret"] = {"SecretArn": "arn:rds"}
        return {"DBInstances": [found]}

    def modify_db_instance(self, **request: Any) -> None:
        self.calls.append(request)
        self.password = request["MasterUserPassword"]
        self.managed = self.managed and request.get("ManageMasterUserPassword", True)
        self.slow = 1


class Stage:
    """The two services, with the secret still empty."""

    def __init__(self) -> None:
        self.rds = Rds()
        self.secrets: Any = boto3.client("secretsmanager", region_name="ap-northeast-2")
        self.secrets.create_secret(Name=SECRET)

    def client(self, service: str) -> Any:
        return self.rds if service == "rds" else self.secrets

    def hand_over(self, clock: Clock | None = None) -> dict[str, str]:
        return handler({"handOver": {"instance": INSTANCE, "secret": SECRET}}, clock or Clock())

    def value(self) -> dict[str, Any]:
        return json.loads(
            self.secrets.get_secret_value(SecretId=SECRET, VersionStage="AWSCURRENT")["SecretString"]
        )

    def begin(self) -> str:
        """A rotation, begun as the service begins it: a token, labelled."""
        token = str(uuid.uuid4())
        pending = json.dumps({**self.value(), "password": "made-earlier"})
        self.secrets.put_secret_value(
            SecretId=SECRET, ClientRequestToken=token, SecretString=pending, VersionStages=["AWSPENDING"]
        )
        return token

    def run(self, token: str, *steps: str) -> None:
        for step in steps or STEPS:
            handler({"SecretId": SECRET, "ClientRequestToken": token, "Step": step}, Clock())


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-2")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setattr(module.time, "sleep", lambda _: None)
    with mock_aws():
        made = Stage()
        monkeypatch.setattr(module, "_client", made.client)
        yield made


def test_the_password_leaves_rds_for_the_secret(stage: Stage) -> None:
    assert stage.hand_over() == {"status": "done"}

    value = stage.value()
    assert value["password"] == stage.rds.password
    assert len(value["password"]) == 40
    assert value["password"].isalnum()
    assert {key: value[key] for key in sorted(set(value) - {"password"})} == {
        "dbInstanceIdentifier": INSTANCE,
        "dbname": "workredesign",
        "engine": "postgres",
        "host": "db.example",
        "port": 5432,
        "username": "redesign_owner",
    }
    assert stage.rds.managed is False
    (call,) = stage.rds.calls
    assert (call["ManageMasterUserPassword"], call["ApplyImmediately"]) == (False, True)


def test_a_second_hand_over_changes_nothing(stage: Stage) -> None:
    stage.hand_over()
    before = stage.value()
    stage.hand_over()
    assert stage.value() == before
    assert len(stage.rds.calls) == 1


def test_a_hand_over_that_broke_off_goes_on_with_the_same_password(stage: Stage) -> None:
    stage.hand_over()
    stored = stage.value()["password"]
    stage.rds.managed, stage.rds.password = True, None
    stage.hand_over()
    assert stage.rds.password == stored


def test_a_new_grant_is_waited_for(stage: Stage) -> None:
    stage.rds.denials = 3
    assert stage.hand_over() == {"status": "done"}


def test_a_grant_that_never_comes_is_an_error(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.rds.denials = 1_000
    monkeypatch.setattr(module, "NEW_GRANT_SECONDS", -1)
    with pytest.raises(ClientError, match="AccessDenied"):
        stage.hand_over()


def test_an_instance_that_stays_busy_is_named(stage: Stage) -> None:
    stage.rds.slow = 1_000
    with pytest.raises(MasterError, match="work-redesign-prod: still resetting-master-credentials"):
        stage.hand_over(Clock(left_ms=60_000))


def test_a_rotation_sets_the_new_password_and_moves_the_label(stage: Stage) -> None:
    stage.hand_over()
    stage.run(stage.begin())

    assert stage.value()["password"] == "made-earlier" == stage.rds.password
    assert "ManageMasterUserPassword" not in stage.rds.calls[-1]
    assert stage.value()["dbInstanceIdentifier"] == INSTANCE


def test_steps_that_are_called_again_do_no_harm(stage: Stage) -> None:
    stage.hand_over()
    token = stage.begin()
    stage.run(token)
    stage.run(token)
    assert len(stage.rds.calls) == 2


def test_the_old_password_stays_until_the_last_step(stage: Stage) -> None:
    stage.hand_over()
    before = stage.value()["password"]
    stage.run(stage.begin(), "createSecret", "setSecret", "testSecret")
    assert stage.value()["password"] == before


def test_steps_and_versions_that_do_not_exist(stage: Stage) -> None:
    stage.hand_over()
    with pytest.raises(MasterError, match="has no pending version"):
        stage.run(str(uuid.uuid4()), "createSecret")
    with pytest.raises(MasterError, match="got 'dropSecret'"):
        stage.run(stage.begin(), "dropSecret")


def test_a_new_password_is_made_for_an_empty_version(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.hand_over()
    token = stage.begin()
    real = module._value

    def empty(secret_id: str, **version: str) -> dict[str, Any] | None:
        return None if "VersionId" in version else real(secret_id, **version)

    monkeypatch.setattr(module, "_value", empty)
    put: list[dict[str, Any]] = []
    monkeypatch.setattr(stage.secrets, "put_secret_value", lambda **request: put.append(request))
    stage.run(token, "createSecret")

    (made,) = put
    value = json.loads(made["SecretString"])
    assert (made["ClientRequestToken"], made["VersionStages"]) == (token, ["AWSPENDING"])
    assert len(value["password"]) == 40
    assert value["username"] == "redesign_owner"
