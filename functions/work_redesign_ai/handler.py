"""Takes requests for analysis from the queue, asks the model, and stores the answer beside the uploads.

A placeholder for the owners' consumer, with the same contract: a message names a session and a text; the
answer is an object in the bucket; messages that fail are named, so that only those come again. Without a key
for the model, the analysis is a local summary, so that the whole path can be tried.
"""

import hashlib
import json
import os
import time
import urllib.error
import urllib.request
from collections import Counter
from typing import Any, Protocol, cast

import boto3
from botocore.exceptions import ClientError

API_URL = "https://api.anthropic.com/v1/messages"
API_VERSION = "2023-06-01"
REQUEST_TIMEOUT_SECONDS = 60
MAX_TOKENS = 1_024
MAX_TEXT = 50_000
NAMESPACE = "WorkRedesign"
INSTRUCTION = "Summarise this workshop contribution, and name three ways to redesign the work it describes."


class Bucket(Protocol):
    """The part of the boto3 client that is used here."""

    def put_object(self, **request: Any) -> dict[str, Any]: ...


class AnalysisError(RuntimeError):
    """This message cannot be answered now; it comes again, and in the end waits in the other queue."""


def handler(event: dict[str, Any], _context: object) -> dict[str, list[dict[str, str]]]:
    """Answers with the messages that failed (``ReportBatchItemFailures``)."""
    failed: list[dict[str, str]] = []
    for record in event["Records"]:
        try:
            _answer(record)
        except (AnalysisError, ClientError, KeyError, ValueError) as error:
            print(json.dumps({"level": "ERROR", "message": f"{type(error).__name__}: {error}"}))
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def _answer(record: dict[str, Any]) -> None:
    request = json.loads(record["body"])
    session, text = str(request["sessionId"]), str(request["text"])[:MAX_TEXT]
    # A message can come twice: the same request has the same key, so the second answer replaces the first.
    digest = hashlib.sha256(f"{session}\0{text}".encode()).hexdigest()[:32]
    started = time.monotonic()
    key = api_key()
    analysis = ask(key, text) if key else summary(text)
    if key:
        measure((time.monotonic() - started) * 1000)
    bucket = cast("Bucket", cast("Any", boto3).client("s3"))
    bucket.put_object(
        Bucket=os.environ["UPLOADS_BUCKET"],
        Key=f"analyses/{digest}.json",
        Body=json.dumps({"sessionId": session, "analysis": analysis}, ensure_ascii=False).encode(),
        ContentType="application/json",
    )


def api_key() -> str | None:
    """The key of the model's API; None while its owner has not put one in."""
    secret = os.environ.get("ANTHROPIC_KEY_SECRET_ARN")
    if not secret:
        return None
    try:
        client = cast("Any", boto3).client("secretsmanager")
        return str(client.get_secret_value(SecretId=secret)["SecretString"]).strip() or None
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "ResourceNotFoundException":
            return None
        raise


def ask(key: str, text: str) -> str:
    """The model's answer. Raises AnalysisError, without the key."""
    body = {
        "model": os.environ["ANTHROPIC_MODEL"],
        "max_tokens": MAX_TOKENS,
        "system": INSTRUCTION,
        "messages": [{"role": "user", "content": text}],
    }
    request = urllib.request.Request(  # noqa: S310 - https, or a test's own server
        os.environ.get("ANTHROPIC_API_URL", API_URL),
        data=json.dumps(body).encode(),
        headers={
            "content-type": "application/json",
            "anthropic-version": API_VERSION,
            "x-api-key": key,
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=REQUEST_TIMEOUT_SECONDS) as response:  # noqa: S310 - as above
            answer = json.loads(response.read())
    except urllib.error.HTTPError as error:
        error.close()
        raise AnalysisError(f"the model's API answered {error.code}") from None
    except OSError as error:
        raise AnalysisError(f"the model's API could not be reached: {type(error).__name__}") from None
    return "".join(part["text"] for part in answer["content"] if part["type"] == "text")


def summary(text: str) -> str:
    """What can be said without a model: how long the text is, and its most frequent longer words."""
    words = [word.strip(".,;:!?()\"'").lower() for word in text.split()]
    frequent = [word for word, _ in Counter(word for word in words if len(word) > 4).most_common(5)]
    return f"{len(words)} words; most frequent: {', '.join(frequent) or 'none'}"


def measure(milliseconds: float) -> None:
    """Metrics in the embedded format: CloudWatch takes them out of the log, without a call."""
    print(
        json.dumps(
            {
                "_aws": {
                    "Timestamp": int(time.time() * 1000),
                    "CloudWatchMetrics": [
                        {
                            "Namespace": NAMESPACE,
                            "Dimensions": [[]],
                            "Metrics": [
                                {"Name": "AnthropicAPICalls", "Unit": "Count"},
                                {"Name": "AnthropicAPILatency", "Unit": "Milliseconds"},
                            ],
                        }
                    ],
                },
                "AnthropicAPICalls": 1,
                "AnthropicAPILatency": milliseconds,
            }
        )
    )
