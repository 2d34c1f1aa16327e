"""Items of one kind in one table: what the three functions of the API share."""

import json
import os
import uuid
from decimal import Decimal
from typing import Any, cast

import boto3
from boto3.dynamodb.conditions import Key

PAGE = 50
"""Items in one answer."""

MAX_BODY_BYTES = 16_384

Item = dict[str, Any]


class BadRequest(ValueError):  # noqa: N818 - an answer to the caller, not a fault
    """What the caller sent cannot be used; the text says why."""


def table() -> Any:
    """Made for each call of a cold function, and cheap: boto3 keeps the connection."""
    return cast("Any", boto3).resource("dynamodb").Table(os.environ["TABLE_NAME"])


def get(kind: str, identifier: str) -> Item | None:
    """One item, without the keys it is stored under."""
    found = table().get_item(Key={"kind": kind, "id": identifier}).get("Item")
    return None if found is None else _shown(found)


def page(kind: str, start: str | None) -> dict[str, Any]:
    """Up to fifty items in the order of their ids, and where the next page starts."""
    query: dict[str, Any] = {"KeyConditionExpression": Key("kind").eq(kind), "Limit": PAGE}
    if start:
        query["ExclusiveStartKey"] = {"kind": kind, "id": start}
    answer = table().query(**query)
    more = answer.get("LastEvaluatedKey")
    return {"items": [_shown(each) for each in answer["Items"]], "next": more["id"] if more else None}


def put(kind: str, fields: Item) -> Item:
    """Stores a new item under an id of its own. A repeated id is never overwritten."""
    item = {**fields, "kind": kind, "id": str(uuid.uuid4())}
    table().put_item(Item=cast("Any", _stored(item)), ConditionExpression="attribute_not_exists(id)")
    return _shown(item)


def body(event: dict[str, Any], wanted: dict[str, type]) -> Item:
    """The JSON object that the caller sent, with exactly the wanted fields."""
    text = event.get("body") or ""
    if len(text.encode()) > MAX_BODY_BYTES:
        raise BadRequest(f"at most {MAX_BODY_BYTES} bytes")
    try:
        found: object = json.loads(text)
    except ValueError:
        raise BadRequest("a JSON object is expected") from None
    if not isinstance(found, dict):
        raise BadRequest("a JSON object is expected")
    fields = cast("Item", found)
    if set(fields) != set(wanted):
        raise BadRequest(f"exactly these fields are expected: {', '.join(sorted(wanted))}")
    for name, kind in wanted.items():
        value = fields[name]
        right = isinstance(value, (int, float)) if kind is float else isinstance(value, kind)
        if not right or isinstance(value, bool):
            raise BadRequest(f"{name}: {kind.__name__} is expected")
    return fields


def answer(status: int, content: Any) -> dict[str, Any]:
    """What API Gateway sends on."""
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json", "Cache-Control": "no-store"},
        "body": json.dumps(content, default=_plain),
    }


def route(event: dict[str, Any], kind: str, wanted: dict[str, type], created: Any = None) -> dict[str, Any]:
    """``GET`` of ``/api/<kind>`` or ``/api/<kind>/<id>``, and ``POST``, of which ``created`` hears."""
    method = event.get("httpMethod", "")
    tail = str(event.get("path", "")).removeprefix(f"/api/{kind}").strip("/")
    try:
        if method == "GET" and tail:
            found = get(kind, tail)
            return answer(404, {"error": "not found"}) if found is None else answer(200, found)
        if method == "GET":
            query = cast("dict[str, str]", event.get("queryStringParameters") or {})
            return answer(200, page(kind, query.get("start")))
        if method == "POST" and not tail:
            item = put(kind, body(event, wanted))
            if created is not None:
                created(item)
            return answer(201, item)
    except BadRequest as error:
        return answer(400, {"error": str(error)})
    return answer(405, {"error": "not allowed"})


def _shown(item: Item) -> Item:
    return {key: value for key, value in item.items() if key != "kind"}


def _stored(item: Item) -> Item:
    """DynamoDB takes no binary floats."""
    return {key: Decimal(str(value)) if isinstance(value, float) else value for key, value in item.items()}


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
