"""What the consumers share: each event has its effect once, though EventBridge may deliver it twice."""

import os
import time
from collections.abc import Callable
from typing import Any, cast

import boto3
from botocore.exceptions import ClientError

KEEP_SECONDS = 14 * 86_400
"""Longer than an event may still come: a day of tries, and the two weeks of a dead-letter queue."""


def once(consumer: str, event: dict[str, Any], item: dict[str, Any]) -> bool:
    """Writes ``item`` unless this event was taken before; says whether it did."""
    client = cast("Any", boto3).resource("dynamodb").Table(os.environ["TABLE_NAME"])
    try:
        client.put_item(
            Item={
                "kind": consumer,
                "id": event["id"],
                "expires": int(time.time()) + KEEP_SECONDS,
                **item,
            },
            ConditionExpression="attribute_not_exists(id)",
        )
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "ConditionalCheckFailedException":
            return False
        raise
    return True


def order(event: dict[str, Any]) -> dict[str, Any]:
    """The order that was created. Raises KeyError for an event of another form: it goes to dead letters."""
    found = event["detail"]
    return {key: found[key] for key in ("id", "customerId", "productId", "quantity")}


def consumer(name: str, effect: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """A handler that records ``effect`` of each order once."""

    def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
        taken = order(event)
        return {"order": taken["id"], "new": once(name, event, effect(taken))}

    return handler
