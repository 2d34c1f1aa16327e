"""A bus whose consumers cannot lose each other's events."""

import json

import pytest

from components.messaging.event_bus import Consumer, DeadLetters, DeadLettersArgs, EventBus, EventBusArgs
from tests.contracts import given
from tests.contracts.examples_compute import function
from tests.harness import Deployment, deploy

TARGET = "aws:cloudwatch/eventTarget:EventTarget"
QUEUE = "aws:sqs/queue:Queue"


def _consumer(key: str) -> Consumer:
    letters = DeadLetters(f"{key}-failures", DeadLettersArgs(kms_key_arn=given.KEY_ARN))
    return Consumer(function=function(key, None), dead_letters=letters, detail_type="OrderCreated")


def built() -> Deployment:
    return deploy(
        lambda: EventBus(
            "bus",
            EventBusArgs(
                bus_name="orders",
                account_id=given.ACCOUNT,
                source="shop.orders",
                kms_key_arn=given.KEY_ARN,
                consumers={key: _consumer(key) for key in ("mail", "stock")},
            ),
        )
    )


def test_each_consumer_has_a_queue_of_its_own() -> None:
    deployment = built()
    named = [target["deadLetterConfig"]["arn"] for target in deployment.of_type(TARGET)]
    assert len(set(named)) == len(named) == 2
    assert len(deployment.of_type(QUEUE)) == 2


def test_only_the_rule_may_put_events_into_its_queue() -> None:
    deployment = built()
    for policy in deployment.of_type("aws:sqs/queuePolicy:QueuePolicy"):
        statements = json.loads(policy["policy"])["Statement"]
        (allowed,) = [each for each in statements if each["Effect"] == "Allow"]
        key = policy.name.split("-", maxsplit=1)[0]
        assert allowed["Principal"] == {"Service": ["events.amazonaws.com"]}
        assert f"bus-{key}-" in allowed["Condition"]["ArnEquals"]["aws:SourceArn"]


def test_a_rule_hears_of_one_kind_of_event_from_one_source() -> None:
    for rule in built().of_type("aws:cloudwatch/eventRule:EventRule"):
        pattern = json.loads(rule["eventPattern"])
        assert pattern == {"source": ["shop.orders"], "detail-type": ["OrderCreated"]}


def test_the_bus_is_encrypted_and_takes_the_accounts_own_events() -> None:
    deployment = built()
    bus = deployment.one("aws:cloudwatch/eventBus:EventBus")
    assert bus["kmsKeyIdentifier"] == given.KEY_ARN
    policy = deployment.one("aws:cloudwatch/eventBusPolicy:EventBusPolicy")
    (statement,) = json.loads(policy["policy"])["Statement"]
    assert statement["Principal"] == {"AWS": [f"arn:aws:iam::{given.ACCOUNT}:root"]}
    assert statement["Condition"] == {"StringEquals": {"events:source": "shop.orders"}}


@pytest.mark.parametrize("changes", [{"bus_name": "default"}, {"bus_name": "a b"}, {"source": "aws.ec2"}])
def test_names_that_are_not_ours_are_refused(changes: dict[str, str]) -> None:
    fields = {
        "bus_name": "orders",
        "account_id": given.ACCOUNT,
        "source": "shop",
        "kms_key_arn": given.KEY_ARN,
    }
    with pytest.raises(ValueError, match=next(iter(changes))):
        EventBusArgs(**{**fields, **changes})
