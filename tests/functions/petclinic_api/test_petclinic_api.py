"""The API's functions and the bus's consumers against a table and a bus."""

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import pytest
from moto import mock_aws

FUNCTIONS = Path(__file__).parents[3] / "functions"
REGION = "ap-northeast-2"
ORDER = {"customerId": "c1", "productId": "p1", "quantity": 2}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name, value in (
        ("AWS_DEFAULT_REGION", REGION),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("TABLE_NAME", "items"),
    ):
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("EVENT_BUS", raising=False)
    with mock_aws():
        yield boto3.resource("dynamodb").create_table(
            TableName="items",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": "kind", "KeyType": "HASH"},
                {"AttributeName": "id", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "kind", "AttributeType": "S"},
                {"AttributeName": "id", "AttributeType": "S"},
            ],
        )


def load(folder: str, name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """As Lambda finds it: the folder is the root of the package."""
    monkeypatch.syspath_prepend(str(FUNCTIONS / folder))
    for loaded in ("store", "ledger", name):
        sys.modules.pop(loaded, None)
    return importlib.import_module(name)


def call(module: ModuleType, method: str, path: str, body: object = None, **query: str) -> tuple[int, Any]:
    event = {
        "httpMethod": method,
        "path": path,
        "body": None if body is None else json.dumps(body),
        "queryStringParameters": query or None,
    }
    answer = module.handler(event, None)
    assert answer["headers"]["Content-Type"] == "application/json"
    return answer["statusCode"], json.loads(answer["body"])


@pytest.mark.parametrize(
    ("kind", "item"),
    [
        ("products", {"name": "Collar", "price": 9.9}),
        ("customers", {"name": "Kim", "email": "kim@example.com"}),
        ("orders", ORDER),
    ],
)
def test_what_is_made_can_be_read_and_listed(
    aws: Any, monkeypatch: pytest.MonkeyPatch, kind: str, item: dict[str, Any]
) -> None:
    module = load("petclinic_api", kind, monkeypatch)
    status, made = call(module, "POST", f"/api/{kind}", item)
    assert (status, {**made, "id": None}) == (201, {**item, "id": None})
    assert call(module, "GET", f"/api/{kind}/{made['id']}") == (200, made)
    assert call(module, "GET", f"/api/{kind}") == (200, {"items": [made], "next": None})
    assert [each["kind"] for each in aws.scan()["Items"]] == [kind]


def test_pages_follow_each_other(aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    module = load("petclinic_api", "products", monkeypatch)
    for number in range(60):
        aws.put_item(Item={"kind": "products", "id": f"{number:03}", "name": "x"})
    _, first = call(module, "GET", "/api/products")
    _, second = call(module, "GET", "/api/products", start=first["next"])
    found = [each["id"] for each in (*first["items"], *second["items"])]
    assert (len(first["items"]), found, second["next"]) == (50, [f"{n:03}" for n in range(60)], None)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("no object", "JSON object"),
        ({"name": "Collar"}, "exactly"),
        ({"name": "Collar", "price": 1, "kind": "orders"}, "exactly"),
        ({"name": 5, "price": 1}, "name"),
        ({"name": "Collar", "price": True}, "price"),
        ({"name": "x" * 20_000, "price": 1}, "bytes"),
    ],
)
def test_what_cannot_be_used_is_refused(
    aws: Any, monkeypatch: pytest.MonkeyPatch, body: object, word: str
) -> None:
    module = load("petclinic_api", "products", monkeypatch)
    status, answer = call(module, "POST", "/api/products", body)
    assert status == 400
    assert word in answer["error"]
    assert aws.scan()["Count"] == 0


def test_what_is_not_there_and_what_is_not_offered(aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    del aws
    module = load("petclinic_api", "products", monkeypatch)
    assert call(module, "GET", "/api/products/none")[0] == 404
    assert call(module, "DELETE", "/api/products/none")[0] == 405


def test_a_new_order_is_told_to_the_bus(aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    del aws
    monkeypatch.setenv("EVENT_BUS", "shop")
    events, sqs = boto3.client("events"), boto3.client("sqs")
    events.create_event_bus(Name="shop")
    url = sqs.create_queue(QueueName="heard")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = {"source": ["petclinic.orders"], "detail-type": ["OrderCreated"]}
    events.put_rule(Name="all", EventBusName="shop", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="all", EventBusName="shop", Targets=[{"Id": "q", "Arn": arn}])
    module = load("petclinic_api", "orders", monkeypatch)

    _, made = call(module, "POST", "/api/orders", ORDER)

    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert json.loads(message["Body"])["detail"] == made


@pytest.mark.parametrize(
    ("consumer", "effect"),
    [
        ("inventory", {"orderId": "o1", "productId": "p1", "change": -2}),
        ("notification", {"orderId": "o1", "customerId": "c1", "template": "order-created"}),
        ("analytics", {"orderId": "o1", "productId": "p1", "quantity": 2}),
    ],
)
def test_each_consumer_has_its_effect_once(
    aws: Any, monkeypatch: pytest.MonkeyPatch, consumer: str, effect: dict[str, Any]
) -> None:
    module = load("petclinic_events", consumer, monkeypatch)
    event = {"id": "e1", "detail": {"id": "o1", **ORDER}}
    assert module.handler(event, None) == {"order": "o1", "new": True}
    assert module.handler(event, None) == {"order": "o1", "new": False}
    (item,) = aws.scan()["Items"]
    assert {key: item[key] for key in effect} == effect
    assert (item["kind"], item["id"]) == (consumer, "e1")


def test_analytics_does_not_keep_who_bought(aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    module = load("petclinic_events", "analytics", monkeypatch)
    module.handler({"id": "e1", "detail": {"id": "o1", **ORDER}}, None)
    assert "c1" not in str(aws.scan()["Items"])


@pytest.mark.parametrize("consumer", ["inventory", "notification", "analytics"])
def test_an_event_of_another_form_fails_and_goes_to_dead_letters(
    aws: Any, monkeypatch: pytest.MonkeyPatch, consumer: str
) -> None:
    module = load("petclinic_events", consumer, monkeypatch)
    with pytest.raises(KeyError):
        module.handler({"id": "e1", "detail": {"id": "o1"}}, None)
    assert aws.scan()["Count"] == 0
