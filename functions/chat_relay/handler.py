"""Carries alerts from SNS to a chat webhook, which does not speak SNS's subscription handshake.

The webhook's address is a secret: whoever has it can write to the channel.
"""

import json
import os
import time
import urllib.error
import urllib.request
from typing import Any, Protocol, cast

import boto3

TIMEOUT_SECONDS = 5
CACHE_SECONDS = 300
"""How long an address is used before it is read again, so that a new one takes over by itself."""

MAX_TEXT = 3_000
"""Characters; Slack cuts a block of text at 3,000."""

MARKS = {"ALARM": "🔴", "OK": "🟢", "INSUFFICIENT_DATA": "⚪"}

_address: tuple[float, str] | None = None


class SecretsManager(Protocol):
    """The part of the boto3 client that is used here."""

    def get_secret_value(self, **request: Any) -> dict[str, Any]: ...


class DeliveryError(RuntimeError):
    """The chat service did not take the message. Lambda calls again, and a failed event is kept."""


def handler(event: dict[str, Any], _context: object) -> None:
    """Each record of an SNS event is one message."""
    for record in event["Records"]:
        notice = record["Sns"]
        post({"text": words(notice.get("Subject"), notice["Message"])[:MAX_TEXT]})


def words(subject: str | None, message: str) -> str:
    """An alarm as a person would say it; anything else as it is."""
    try:
        body = json.loads(message)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        return "\n".join(part for part in (subject, message) if part)
    fields = cast("dict[str, Any]", body)
    if "AlarmName" in fields:
        return _alarm(fields)
    if "detail-type" in fields:
        detail = json.dumps(fields.get("detail", {}), ensure_ascii=False, sort_keys=True)
        return f"{fields['detail-type']} ({fields.get('source', 'unknown')})\n{detail}"
    return "\n".join(part for part in (subject, message) if part)


def _alarm(fields: dict[str, Any]) -> str:
    state = str(fields.get("NewStateValue", "?"))
    parts = [
        f"{MARKS.get(state, '❔')} {state}: {fields['AlarmName']}",
        fields.get("AlarmDescription"),
        fields.get("NewStateReason"),
    ]
    return "\n".join(str(part) for part in parts if part)


def post(payload: dict[str, str]) -> None:
    """Raises DeliveryError without the address, which must not reach a log."""
    request = urllib.request.Request(  # noqa: S310 - the scheme is checked where the address is read
        address(),
        data=json.dumps(payload).encode(),
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):  # noqa: S310 - as above
            return
    except urllib.error.HTTPError as error:
        error.close()
        raise DeliveryError(f"the chat service answered {error.code}") from None
    except OSError as error:
        raise DeliveryError(f"the chat service could not be reached: {type(error).__name__}") from None


def address() -> str:
    """The webhook's address, from Secrets Manager. Raises DeliveryError for anything but https."""
    global _address  # noqa: PLW0603 - kept between the calls of one environment
    now = time.monotonic()
    if _address is None or now - _address[0] > CACHE_SECONDS:
        client = cast("SecretsManager", cast("Any", boto3).client("secretsmanager"))
        text = str(client.get_secret_value(SecretId=os.environ["WEBHOOK_SECRET_ARN"])["SecretString"]).strip()
        if not text.startswith("https://"):
            raise DeliveryError("the webhook secret does not hold an https address; put one in")
        _address = (now, text)
    return _address[1]
