"""A database's address follows its password, and services follow the address."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import pytest
from moto import mock_aws

SOURCE = Path(__file__).parents[3] / "functions/database_url/handler.py"
REGION = "ap-northeast-2"
TOKEN = "11111111-2222-4333-8444-555555555555"


@pytest.fixture
def composer(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("database_url_handler", SOURCE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name, value in (
        ("AWS_DEFAULT_REGION", REGION),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("DB_HOST", "db.example.com"),
        ("DB_PORT", "5432"),
        ("DB_NAME", "workshop"),
    ):
        monkeypatch.setenv(name, value)
    return module


class Secrets:
    """An imitation of Secrets Manager with one master secret and one address under rotation."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, str], str] = {
            ("master", "AWSCURRENT"): json.dumps({"username": "admin", "password": "p@ss/w:rd"})
        }
        self.stages: dict[str, list[str]] = {TOKEN: ["AWSPENDING"]}
        self.enabled = True
        self.rotated: list[str] = []

    def describe_secret(self, **_: Any) -> dict[str, Any]:
        return {"RotationEnabled": self.enabled, "VersionIdsToStages": self.stages}

    def get_secret_value(self, **request: Any) -> dict[str, str]:
        key = (request["SecretId"], request.get("VersionStage") or request["VersionId"])
        if key not in self.values:
            raise _missing()
        return {"SecretString": self.values[key]}

    def put_secret_value(self, **request: Any) -> dict[str, str]:
        self.values[(request["SecretId"], request["ClientRequestToken"])] = request["SecretString"]
        return {}

    def update_secret_version_stage(self, **request: Any) -> dict[str, str]:
        self.stages[request["MoveToVersionId"]] = ["AWSCURRENT"]
        return {}

    def rotate_secret(self, **request: Any) -> dict[str, str]:
        self.rotated.append(request["SecretId"])
        return {}


def _missing() -> Exception:
    from botocore.exceptions import ClientError  # noqa: PLC0415

    return ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "GetSecretValue")


@pytest.fixture
def secrets(composer: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Secrets:
    found = Secrets()
    monkeypatch.setenv("MASTER_SECRET_ID", "master")
    monkeypatch.setattr(composer.boto3, "client", lambda _: found)
    return found


def step(composer: ModuleType, name: str) -> None:
    composer.handler({"SecretId": "url", "ClientRequestToken": TOKEN, "Step": name}, None)


STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")


def test_the_address_is_made_from_the_current_password(composer: ModuleType, secrets: Secrets) -> None:
    for name in STEPS:
        step(composer, name)
    assert secrets.values[("url", TOKEN)] == (
        "postgresql://admin:p%40ss%2Fw%3Ard@db.example.com:5432/workshop?sslmode=require"
    )
    assert secrets.stages[TOKEN] == ["AWSCURRENT"]


def test_each_step_can_be_repeated(composer: ModuleType, secrets: Secrets) -> None:
    for name in STEPS:
        step(composer, name)
        step(composer, name)
    assert secrets.stages[TOKEN] == ["AWSCURRENT"]


def test_a_password_that_changes_under_way_stops_the_rotation(composer: ModuleType, secrets: Secrets) -> None:
    step(composer, "createSecret")
    secrets.values[("master", "AWSCURRENT")] = json.dumps({"username": "admin", "password": "other"})
    with pytest.raises(composer.RotationError, match="changed meanwhile"):
        step(composer, "createSecret")


def test_an_empty_version_is_not_taken_into_use(composer: ModuleType, secrets: Secrets) -> None:
    del secrets
    with pytest.raises(composer.RotationError, match="no address"):
        step(composer, "testSecret")


@pytest.mark.parametrize("name", ["dropSecret", ""])
def test_unknown_steps_are_refused(composer: ModuleType, secrets: Secrets, name: str) -> None:
    del secrets
    with pytest.raises(composer.RotationError, match="allowed are"):
        step(composer, name)


def test_a_secret_without_rotation_is_left_alone(composer: ModuleType, secrets: Secrets) -> None:
    secrets.enabled = False
    with pytest.raises(composer.RotationError, match="rotation is off"):
        step(composer, "createSecret")


def test_a_new_password_starts_a_rotation(composer: ModuleType, secrets: Secrets) -> None:
    composer.noticed({"rotate": "url"}, None)
    assert secrets.rotated == ["url"]


def test_a_new_address_starts_new_tasks(composer: ModuleType) -> None:
    with mock_aws():
        ecs = boto3.client("ecs", region_name=REGION)
        ecs.create_cluster(clusterName="work")
        ecs.register_task_definition(
            family="app", containerDefinitions=[{"name": "app", "image": "x", "memory": 128}]
        )
        ecs.create_service(cluster="work", serviceName="backend", taskDefinition="app", desiredCount=1)
        composer.noticed({"restart": ["backend"], "cluster": "work"}, None)
        (service,) = ecs.describe_services(cluster="work", services=["backend"])["services"]
        assert service["status"] == "ACTIVE"
