"""The consumer of analyses: it answers, it measures, and it names what failed."""

import importlib.util
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import pytest
from moto import mock_aws

SOURCE = Path(__file__).parents[3] / "functions/work_redesign_ai/handler.py"
REGION = "ap-northeast-2"
BUCKET = "uploads"


@pytest.fixture
def consumer(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    for name, value in (
        ("AWS_DEFAULT_REGION", REGION),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("UPLOADS_BUCKET", BUCKET),
        ("ANTHROPIC_MODEL", "a-model"),
    ):
        monkeypatch.setenv(name, value)
    spec = importlib.util.spec_from_file_location("work_redesign_ai", SOURCE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def aws(consumer: ModuleType) -> Iterator[Any]:
    del consumer
    with mock_aws():
        s3 = boto3.client("s3", region_name=REGION)
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        yield s3


def message(body: object, number: int = 1) -> dict[str, Any]:
    return {"messageId": str(number), "body": body if isinstance(body, str) else json.dumps(body)}


def stored(s3: Any) -> list[dict[str, Any]]:
    found = s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return [json.loads(s3.get_object(Bucket=BUCKET, Key=each["Key"])["Body"].read()) for each in found]


def test_without_a_key_it_answers_by_itself(consumer: ModuleType, aws: Any) -> None:
    text = "Meetings, meetings, reports"
    answer = consumer.handler({"Records": [message({"sessionId": "one", "text": text})]}, None)
    assert answer == {"batchItemFailures": []}
    (analysis,) = stored(aws)
    assert analysis["sessionId"] == "one"
    assert "meetings" in analysis["analysis"]


def test_a_message_that_comes_twice_is_one_answer(consumer: ModuleType, aws: Any) -> None:
    record = message({"sessionId": "one", "text": "words"})
    consumer.handler({"Records": [record, record]}, None)
    assert len(stored(aws)) == 1


def test_only_the_failed_come_again(consumer: ModuleType, aws: Any) -> None:
    records = [
        message("no json", 1),
        message({"text": "no session"}, 2),
        message({"sessionId": "a", "text": "b"}, 3),
    ]
    answer = consumer.handler({"Records": records}, None)
    assert [each["itemIdentifier"] for each in answer["batchItemFailures"]] == ["1", "2"]
    assert len(stored(aws)) == 1


class Model:
    """An imitation of the model's API."""

    def __init__(self) -> None:
        self.status = 200
        self.seen: list[dict[str, Any]] = []
        model = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                model.seen.append({**body, "key": self.headers["x-api-key"]})
                self.send_response(model.status)
                self.end_headers()
                self.wfile.write(json.dumps({"content": [{"type": "text", "text": "Better"}]}).encode())

            def log_message(self, *_: Any) -> None: ...

        self.server = HTTPServer(("127.0.0.1", 0), Handler)


@pytest.fixture
def model(aws: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Model]:
    del aws
    service = Model()
    threading.Thread(target=service.server.serve_forever, daemon=True).start()
    secret = boto3.client("secretsmanager", region_name=REGION).create_secret(
        Name="key", SecretString="the-key"
    )
    monkeypatch.setenv("ANTHROPIC_KEY_SECRET_ARN", secret["ARN"])
    monkeypatch.setenv("ANTHROPIC_API_URL", f"http://127.0.0.1:{service.server.server_port}/")
    yield service
    service.server.shutdown()
    service.server.server_close()


def test_with_a_key_it_asks_the_model_and_measures(
    consumer: ModuleType, aws: Any, model: Model, capsys: pytest.CaptureFixture[str]
) -> None:
    consumer.handler({"Records": [message({"sessionId": "one", "text": "words"})]}, None)
    (analysis,) = stored(aws)
    assert analysis["analysis"] == "Better"
    (asked,) = model.seen
    assert (asked["model"], asked["key"]) == ("a-model", "the-key")
    metrics = json.loads(capsys.readouterr().out)
    (block,) = metrics["_aws"]["CloudWatchMetrics"]
    assert block["Namespace"] == "WorkRedesign"
    assert {each["Name"] for each in block["Metrics"]} == {"AnthropicAPICalls", "AnthropicAPILatency"}


def test_a_refusal_of_the_model_comes_again_and_does_not_show_the_key(
    consumer: ModuleType, model: Model, capsys: pytest.CaptureFixture[str]
) -> None:
    model.status = 529
    answer = consumer.handler({"Records": [message({"sessionId": "one", "text": "words"})]}, None)
    assert len(answer["batchItemFailures"]) == 1
    printed = capsys.readouterr().out
    assert "529" in printed
    assert "the-key" not in printed
