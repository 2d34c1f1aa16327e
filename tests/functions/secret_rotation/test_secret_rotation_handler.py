"""The four steps against an imitation of Secrets Manager."""

import uuid
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from functions.secret_rotation.handler import RotationError, handler

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
NAME = "session-key"


class Rotation:
    """One secret, and rotations begun as the service begins them: a token, labelled, without a value."""

    def __init__(self) -> None:
        self.client: Any = boto3.client("secretsmanager", region_name="ap-northeast-2")
        self.client.create_secret(Name=NAME, SecretString="before")

    def turn_on(self) -> None:
        self.client.rotate_secret(
            SecretId=NAME, RotationRules={"AutomaticallyAfterDays": 30}, RotateImmediately=False
        )

    def begin(self, value: str | None = None) -> str:
        token = str(uuid.uuid4())
        self.client.put_secret_value(
            SecretId=NAME, ClientRequestToken=token, SecretString=value or "-", VersionStages=["AWSPENDING"]
        )
        return token

    def run(self, token: str, *steps: str) -> None:
        for step in steps or STEPS:
            handler({"SecretId": NAME, "ClientRequestToken": token, "Step": step}, None)

    def value(self) -> str:
        return self.client.get_secret_value(SecretId=NAME, VersionStage="AWSCURRENT")["SecretString"]

    def versions(self) -> dict[str, list[str]]:
        return self.client.describe_secret(SecretId=NAME)["VersionIdsToStages"]


@pytest.fixture
def rotation(monkeypatch: pytest.MonkeyPatch) -> Iterator[Rotation]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-2")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        made = Rotation()
        made.turn_on()
        yield made


def test_the_pending_value_becomes_current(rotation: Rotation) -> None:
    token = rotation.begin("made-earlier")
    rotation.run(token)
    assert rotation.value() == "made-earlier"
    assert "AWSCURRENT" in rotation.versions()[token]


def test_a_finished_rotation_can_be_told_again(rotation: Rotation) -> None:
    token = rotation.begin("made-earlier")
    rotation.run(token)
    rotation.run(token)
    assert rotation.value() == "made-earlier"


def test_an_unknown_version_is_refused(rotation: Rotation) -> None:
    with pytest.raises(RotationError, match="has no version"):
        rotation.run(str(uuid.uuid4()), "createSecret")


def test_an_unknown_step_is_refused(rotation: Rotation) -> None:
    with pytest.raises(RotationError, match="got 'deleteSecret'"):
        rotation.run(rotation.begin(), "deleteSecret")


def test_a_secret_that_does_not_rotate_is_refused(rotation: Rotation) -> None:
    rotation.client.create_secret(Name="still", SecretString="x")
    event = {"SecretId": "still", "ClientRequestToken": str(uuid.uuid4()), "Step": "createSecret"}
    with pytest.raises(RotationError, match="rotation is off"):
        handler(event, None)


class Service:
    """Secrets Manager's rules about versions, for a secret that has no value yet. Moto gives a rotation
    without a function a value of its own, so it cannot play this part.
    """

    def __init__(self, *, first_value_is_current: bool) -> None:
        self.token = str(uuid.uuid4())
        self.stages: dict[str, list[str]] = {self.token: ["AWSPENDING"]}
        self.values: dict[str, str] = {}
        self.passwords = 0
        self._first_value_is_current = first_value_is_current

    def describe_secret(self, **_request: Any) -> dict[str, Any]:
        return {"RotationEnabled": True, "VersionIdsToStages": self.stages}

    def get_random_password(self, **request: Any) -> dict[str, Any]:
        assert request["ExcludePunctuation"]
        self.passwords += 1
        return {"RandomPassword": str(self.passwords) * request["PasswordLength"]}

    def get_secret_value(self, **request: Any) -> dict[str, Any]:
        version = request["VersionId"]
        if version not in self.values:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "GetSecretValue")
        return {"SecretString": self.values[version]}

    def put_secret_value(self, **request: Any) -> dict[str, Any]:
        version = request["ClientRequestToken"]
        self.values[version] = request["SecretString"]
        if self._first_value_is_current and len(self.values) == 1:
            self.stages[version].append("AWSCURRENT")
        return {}

    def update_secret_version_stage(self, **request: Any) -> dict[str, Any]:
        holder = next((each for each, stages in self.stages.items() if "AWSCURRENT" in stages), None)
        assert request.get("RemoveFromVersionId") == holder
        if holder:
            self.stages[holder] = ["AWSPREVIOUS"]
        self.stages[request["MoveToVersionId"]] = ["AWSCURRENT"]
        return {}


@pytest.mark.parametrize("first_value_is_current", [True, False])
def test_a_secret_without_a_value_gets_its_first(
    monkeypatch: pytest.MonkeyPatch, *, first_value_is_current: bool
) -> None:
    service = Service(first_value_is_current=first_value_is_current)
    monkeypatch.setattr(boto3, "client", lambda _name: service)
    for step in STEPS:
        handler({"SecretId": NAME, "ClientRequestToken": service.token, "Step": step}, None)
    assert service.values[service.token] == "1" * 64
    assert "AWSCURRENT" in service.stages[service.token]


def test_the_next_rotation_leaves_the_old_value_readable(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service(first_value_is_current=False)
    service.stages["old"] = ["AWSCURRENT"]
    service.values["old"] = "old"
    monkeypatch.setattr(boto3, "client", lambda _name: service)
    for step in STEPS:
        handler({"SecretId": NAME, "ClientRequestToken": service.token, "Step": step}, None)
    assert service.stages == {service.token: ["AWSCURRENT"], "old": ["AWSPREVIOUS"]}


def test_a_step_told_twice_makes_one_value(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service(first_value_is_current=False)
    monkeypatch.setattr(boto3, "client", lambda _name: service)
    for step in ("createSecret", "createSecret", "testSecret"):
        handler({"SecretId": NAME, "ClientRequestToken": service.token, "Step": step}, None)
    assert service.passwords == 1


def test_an_empty_version_fails_the_test_step(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service(first_value_is_current=False)
    monkeypatch.setattr(boto3, "client", lambda _name: service)
    with pytest.raises(RotationError, match="is empty"):
        handler({"SecretId": NAME, "ClientRequestToken": service.token, "Step": "testSecret"}, None)
