"""Alerts reach a chat webhook, whose address never shows."""

import importlib.util
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SOURCE = Path(__file__).parents[3] / "functions/chat_relay/handler.py"


@pytest.fixture
def relay() -> ModuleType:
    spec = importlib.util.spec_from_file_location("chat_relay_handler", SOURCE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Chat:
    """A chat service that keeps what it is sent."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.status = 200
        chat = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                chat.texts.append(json.loads(body)["text"])
                self.send_response(chat.status)
                self.end_headers()

            def log_message(self, *_: Any) -> None: ...

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook-with-a-secret"


@pytest.fixture
def chat(relay: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Iterator[Chat]:
    service = Chat()
    threading.Thread(target=service.server.serve_forever, daemon=True).start()
    monkeypatch.setattr(relay, "address", lambda: service.url)
    yield service
    service.server.shutdown()
    service.server.server_close()


def event(message: object, subject: str | None = None) -> dict[str, Any]:
    text = message if isinstance(message, str) else json.dumps(message)
    return {"Records": [{"Sns": {"Message": text, "Subject": subject}}]}


ALARM = {
    "AlarmName": "backend-cpu",
    "AlarmDescription": "[warning] Busy. Runbook: https://example.com",
    "NewStateValue": "ALARM",
    "NewStateReason": "2 datapoints above 80",
}


def test_an_alarm_is_said_in_words(relay: ModuleType, chat: Chat) -> None:
    relay.handler(event(ALARM), None)
    (text,) = chat.texts
    assert "ALARM: backend-cpu" in text
    assert "Runbook" in text
    assert "2 datapoints" in text


def test_other_messages_arrive_as_they_are(relay: ModuleType, chat: Chat) -> None:
    relay.handler(event("plain words", "A subject"), None)
    relay.handler(event({"detail-type": "ECS Deployment", "source": "aws.ecs", "detail": {"a": 1}}), None)
    assert chat.texts[0] == "A subject\nplain words"
    assert chat.texts[1].startswith("ECS Deployment (aws.ecs)")


def test_long_messages_are_cut(relay: ModuleType, chat: Chat) -> None:
    relay.handler(event("x" * 10_000), None)
    assert len(chat.texts[0]) == relay.MAX_TEXT


def test_a_refusal_is_an_error_that_does_not_name_the_address(relay: ModuleType, chat: Chat) -> None:
    chat.status = 403
    with pytest.raises(relay.DeliveryError) as raised:
        relay.handler(event("words"), None)
    assert "403" in str(raised.value)
    assert "secret" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_an_address_that_nobody_answers_is_an_error(
    relay: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "address", lambda: "http://127.0.0.1:9/")
    with pytest.raises(relay.DeliveryError, match="could not be reached"):
        relay.handler(event("words"), None)


class Secrets:
    def __init__(self, value: str) -> None:
        self.value = value
        self.reads = 0

    def get_secret_value(self, **_: Any) -> dict[str, str]:
        self.reads += 1
        return {"SecretString": self.value}


def test_the_address_is_read_once_and_must_be_https(
    relay: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEBHOOK_SECRET_ARN", "arn")
    secrets = Secrets(" https://chat.example.com/hook\n")
    monkeypatch.setattr(relay.boto3, "client", lambda _: secrets)
    assert relay.address() == "https://chat.example.com/hook"
    relay.address()
    assert secrets.reads == 1
    monkeypatch.setattr(relay, "_address", None)
    secrets.value = "http://plain.example.com"
    with pytest.raises(relay.DeliveryError, match="https"):
        relay.address()
