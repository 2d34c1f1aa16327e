"""The journal of a rollout in a DynamoDB table: keys ``subject`` (text) and ``sequence`` (number).

Entry n of a subject is the item with sequence n; sequence 0 is its lock. An entry is written in one
transaction with a check of the lock, so that whoever lost it cannot write another.
"""

import getpass
import os
import socket
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ops.rollout.ports import Clock, LockLostError, PortError
from ops.rollout.record import Entry, JournalError, Kind, Reading

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table
    from mypy_boto3_dynamodb.type_defs import QueryOutputTableTypeDef

T = TypeVar("T")
Item = Mapping[str, Any]

_TRIES = 3
FAST = Config(connect_timeout=2, read_timeout=4, retries={"total_max_attempts": 2, "mode": "standard"})
"""For calls on the way of an emergency: an answer or an error within 13 s."""


def operator_name() -> str:
    """Who runs this, for the journal: user and machine, or what OPS_OPERATOR says."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return os.environ.get("OPS_OPERATOR") or f"{user}@{socket.gethostname()}"


def open_table(name: str, *, region: str | None = None) -> "Table":
    """The table, with time limits for an emergency. Endpoint and credentials as AWS's tools find them."""
    resource = boto3.resource("dynamodb", region_name=region, config=FAST)  # pyright: ignore[reportUnknownMemberType]
    return resource.Table(name)


class HasToken(Protocol):
    """The lock under which an entry is written."""

    @property
    def token(self) -> str: ...


class DynamoJournal:
    """Entries of one subject. Writes under the lock that ``lock`` holds."""

    def __init__(self, table: "Table", subject: str, lock: "HasToken", clock: Clock) -> None:
        self._table = table
        self._subject = subject
        self._lock = lock
        self._clock = clock

    def entries(self) -> Sequence[Entry]:
        found: list[Entry] = []
        start: dict[str, Any] = {}
        while True:
            page = call(partial(self._page, start))
            found += [entry_of(item) for item in page["Items"]]
            if "LastEvaluatedKey" not in page:
                return found
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    def _page(self, start: Mapping[str, Any]) -> "QueryOutputTableTypeDef":
        return self._table.query(
            KeyConditionExpression="#s = :subject AND #n >= :first",
            ExpressionAttributeNames={"#s": "subject", "#n": "sequence"},
            ExpressionAttributeValues={":subject": self._subject, ":first": 1},
            ConsistentRead=True,
            **start,
        )

    def append(self, entry: Entry) -> None:
        for attempt in range(_TRIES):
            last = attempt + 1 == _TRIES
            try:
                self._write(entry)
            except ClientError as error:
                if not self._again(error, entry, last=last):
                    return
            except BotoCoreError as error:
                if last:
                    raise PortError(f"DynamoDB: {error}") from error
            else:
                return
            self._clock.sleep(1)

    def _write(self, entry: Entry) -> None:
        self._table.meta.client.transact_write_items(
            TransactItems=[
                {
                    "ConditionCheck": {
                        "TableName": self._table.name,
                        "Key": {"subject": self._subject, "sequence": 0},
                        "ConditionExpression": "#t = :mine AND released = :no",
                        "ExpressionAttributeNames": {"#t": "token"},
                        "ExpressionAttributeValues": {":mine": self._lock.token, ":no": False},
                    }
                },
                {
                    "Put": {
                        "TableName": self._table.name,
                        "Item": item_of(entry, self._subject),
                        "ConditionExpression": "attribute_not_exists(#s)",
                        "ExpressionAttributeNames": {"#s": "subject"},
                    }
                },
            ]
        )

    def _again(self, error: ClientError, entry: Entry, *, last: bool) -> bool:
        """Whether to try again; False if the entry was written after all."""
        response = cast("dict[str, Any]", error.response)
        if error.response.get("Error", {}).get("Code") == "TransactionCanceledException":
            reasons = [str(each.get("Code")) for each in response.get("CancellationReasons", [])]
            if reasons[1:2] == ["ConditionalCheckFailed"] or reasons[:1] == ["ConditionalCheckFailed"]:
                if self._stored_id(entry.sequence) == entry.id:
                    return False
                raise LockLostError(
                    f"journal entry {entry.sequence} was not written: somebody else took the lock"
                )
        if last:
            raise PortError(f"DynamoDB: {error}") from error
        return True

    def _stored_id(self, sequence: int) -> str | None:
        key: dict[str, Any] = {"subject": self._subject, "sequence": sequence}
        item = call(lambda: self._table.get_item(Key=key, ConsistentRead=True)).get("Item")
        return str(item["id"]) if item else None


class ConditionError(PortError):
    """A conditional write met another value."""


def call(do: Callable[[], T]) -> T:
    """Do one call of boto3. Raises PortError, with a fix where a table or a permission is missing."""
    try:
        return do()
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code == "ConditionalCheckFailedException":
            raise ConditionError("a condition was not met") from error
        fix = {
            "ResourceNotFoundException": "the journal is a table of the stack: pulumi up makes it",
            "AccessDeniedException": "credentials that may read and write the journal table and use its key",
        }.get(code)
        raise PortError(f"AWS: {error}", fix=fix) from error
    except BotoCoreError as error:
        raise PortError(f"AWS: {error}") from error


def item_of(entry: Entry, subject: str) -> dict[str, Any]:
    return {
        "subject": subject,
        "sequence": entry.sequence,
        "id": entry.id,
        "kind": str(entry.kind),
        "time": entry.time.isoformat(),
        "operator": entry.operator,
        "start": entry.start,
        "end": entry.end,
        "reason": entry.reason,
        "gates": [
            {"gate": each.gate, "ok": each.ok, "value": each.value, "needed": each.needed}
            for each in entry.gates
        ],
        "target": dict(entry.target),
    }


def entry_of(item: Item) -> Entry:
    """Raises JournalError for an item that is no entry of this tool."""
    try:
        return Entry(
            sequence=int(item["sequence"]),
            kind=Kind(item["kind"]),
            time=datetime.fromisoformat(item["time"]),
            operator=item["operator"],
            start=item["start"],
            end=item["end"],
            reason=item["reason"],
            gates=tuple(Reading(**each) for each in item["gates"]),
            target=dict(item["target"]),
            id=item["id"],
        )
    except (KeyError, ValueError, TypeError) as error:
        raise JournalError(f"journal: item {item.get('sequence')} cannot be read: {error!r}") from error
