"""``/api/orders``: who bought what. A new order is told to the event bus, where there is one."""

import json
import os
from typing import Any, cast

import boto3
from store import route

FIELDS = {"customerId": str, "productId": str, "quantity": int}
SOURCE = "petclinic.orders"


class NotToldError(RuntimeError):
    """The order is stored and the bus did not take its event. The caller gets an error and may look it up."""


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    return route(event, "orders", FIELDS, created=_tell)


def _tell(order: dict[str, Any]) -> None:
    bus = os.environ.get("EVENT_BUS")
    if not bus:
        return
    answer = (
        cast("Any", boto3)
        .client("events")
        .put_events(
            Entries=[
                {
                    "EventBusName": bus,
                    "Source": SOURCE,
                    "DetailType": "OrderCreated",
                    "Detail": json.dumps(order, default=str),
                }
            ]
        )
    )
    if answer["FailedEntryCount"]:
        raise NotToldError(str(answer["Entries"][0].get("ErrorCode")))
