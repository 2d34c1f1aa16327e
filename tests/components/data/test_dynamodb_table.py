"""A table that is found by its keys, restored to any second, and refuses to go."""

from typing import Any

import pytest

from components.data.dynamodb_table import DynamoDbTable, DynamoDbTableArgs, KeyAttribute
from tests.contracts import given
from tests.harness import Record, deploy

TABLE = "aws:dynamodb/table:Table"


def args(**changes: Any) -> DynamoDbTableArgs:
    return DynamoDbTableArgs(
        **{"partition_key": KeyAttribute(name="id"), "kms_key_arn": given.KEY_ARN, **changes}
    )


def table(**changes: Any) -> Record:
    return deploy(lambda: DynamoDbTable("items", args(**changes))).one(TABLE, "items-table")


def test_the_table() -> None:
    record = table(
        table_name="Items", sort_key=KeyAttribute(name="at", type="N"), expires_attribute="expires_at"
    )
    assert (record["name"], record["billingMode"]) == ("Items", "PAY_PER_REQUEST")
    assert (record["hashKey"], record["rangeKey"]) == ("id", "at")
    assert record["attributes"] == [{"name": "id", "type": "S"}, {"name": "at", "type": "N"}]
    assert record["ttl"] == {"attributeName": "expires_at", "enabled": True}
    assert record["pointInTimeRecovery"] == {"enabled": True, "recoveryPeriodInDays": 35}
    assert record["serverSideEncryption"] == {"enabled": True, "kmsKeyArn": given.KEY_ARN}


def test_without_extras() -> None:
    record = table()
    assert record.get("rangeKey") is None
    assert record.get("ttl") is None
    assert record.get("readCapacity") is None


@pytest.mark.parametrize("protected", [True, False])
def test_three_locks_together(*, protected: bool) -> None:
    record = table(deletion_protection=protected)
    locks = (
        record["deletionProtectionEnabled"],
        record.options.protect,
        record.options.retain_on_delete,
    )
    assert locks == (protected,) * 3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"table_name": "a b"}, "table_name: got 'a b'"),
        ({"recovery_days": 36}, "recovery_days: got 36"),
        ({"expires_attribute": "id"}, "each is an attribute of its own"),
        ({"sort_key": KeyAttribute(name="id")}, "each is an attribute of its own"),
    ],
)
def test_what_dynamodb_would_refuse(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        args(**changes)
