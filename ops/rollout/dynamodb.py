"""Journal and lock of a rollout in one DynamoDB table: keys ``subject`` (text) and ``sequence`` (number).

Entry n of a subject is the item with sequence n; sequence 0 is its lock. An entry is written in one
transaction with a check of the lock, so that whoever lost it cannot write another.
"""

import getpass
import os
import socket
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ops.rollout.ports import Clock, LockHeldError, LockLostError, PortError
from ops.rollout.record import Entry, JournalError, Kind, Reading

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table
    from mypy_boto3_dynamodb.type_defs import QueryOutputTableTypeDef

T = TypeVar("T")
Item = Mapping[str, Any]

LEASE_SECONDS = 60.0
"""A lock whose holder has not moved it for so long, by the watch of whoever wants it, is free."""
_LOOKS = 12
"""How often the holder is looked at within a lease."""
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


class DynamoJournal:
    """Entries of one subject. Writes under the lock that ``lock`` holds."""

    def __init__(self, table: "Table", subject: str, lock: "DynamoLock", clock: Clock) -> None:
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


class DynamoLock:
    """A lease in the journal's table.

    No two clocks are compared: a newcomer watches whether the holder still moves the item, for one lease by
    its own watch. ``expires`` in the item is for people.
    """

    def __init__(
        self, table: "Table", subject: str, clock: Clock, *, operator: str, lease: float = LEASE_SECONDS
    ) -> None:
        self._table = table
        self._key: dict[str, Any] = {"subject": subject, "sequence": 0}
        self._clock = clock
        self._operator = operator
        self._lease = lease
        self.token = uuid.uuid4().hex

    def acquire(self, purpose: str) -> None:
        if self._take(purpose, "attribute_not_exists(#t) OR released = :yes", {":yes": True}):
            return
        seen = self.holder()
        begun = self._clock.monotonic()
        while seen and seen["token"] != self.token and not seen["released"]:
            if self._clock.monotonic() - begun >= self._lease:
                values = {":token": seen["token"], ":beat": seen["beat"]}
                if self._take(purpose, "#t = :token AND beat = :beat", values):
                    return
            else:
                self._clock.sleep(self._lease / _LOOKS)
            now = self.holder()
            if now and (now["token"], now["beat"]) != (seen["token"], seen["beat"]) and not now["released"]:
                raise LockHeldError(
                    f"{now['owner']} is at work: {now['purpose']}, since {now['since']}",
                    fix="wait for it to end; rollback takes over at once",
                )
            seen = now
        if seen and seen["token"] == self.token:
            return
        if not self._take(purpose, "attribute_not_exists(#t) OR released = :yes", {":yes": True}):
            raise LockHeldError("somebody else was quicker", fix="wait for it to end")

    def seize(self, purpose: str) -> None:
        self._take(purpose, None, {})

    def renew(self) -> None:
        self._change("SET beat = beat + :one, expires = :expires", {":one": 1, ":expires": self._expires()})

    def release(self) -> None:
        try:
            self._change("SET released = :yes", {":yes": True})
        except LockLostError:
            return

    def holder(self) -> Item | None:
        """Who has the lock or had it last, for people."""
        return call(lambda: self._table.get_item(Key=self._key, ConsistentRead=True)).get("Item")

    def server_time(self) -> datetime | None:
        """The time by AWS's clock, from the header of an answer."""
        answer = call(lambda: self._table.get_item(Key=self._key))
        date = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
        return parsedate_to_datetime(date) if date else None

    def _take(self, purpose: str, condition: str | None, values: Mapping[str, Any]) -> bool:
        self.token = uuid.uuid4().hex
        given: dict[str, Any] = {"ConditionExpression": condition} if condition else {}

        def take() -> None:
            self._table.update_item(
                Key=self._key,
                UpdateExpression="SET #t = :mine, #o = :owner, purpose = :purpose, since = :since, "
                "expires = :expires, beat = :zero, released = :no, "
                "fence = if_not_exists(fence, :zero) + :one",
                ExpressionAttributeNames={"#t": "token", "#o": "owner"},
                ExpressionAttributeValues={
                    ":mine": self.token,
                    ":owner": self._operator,
                    ":purpose": purpose,
                    ":since": self._clock.now().isoformat(timespec="seconds"),
                    ":expires": self._expires(),
                    ":zero": 0,
                    ":one": 1,
                    ":no": False,
                    **values,
                },
                **given,
            )

        try:
            call(take)
        except _ConditionError:
            # A retried call of our own may be what the condition met.
            seen = self.holder()
            return seen is not None and seen["token"] == self.token
        return True

    def _change(self, expression: str, values: Mapping[str, Any]) -> None:
        def change() -> None:
            self._table.update_item(
                Key=self._key,
                UpdateExpression=expression,
                ConditionExpression="#t = :mine AND released = :no",
                ExpressionAttributeNames={"#t": "token"},
                ExpressionAttributeValues={":mine": self.token, ":no": False, **values},
            )

        try:
            call(change)
        except _ConditionError:
            seen = self.holder() or {}
            if seen.get("token") == self.token and "SET released" in expression:
                return
            owner = seen.get("owner", "somebody")
            raise LockLostError(
                f"{owner} took over ({seen.get('purpose', 'unknown')}); this run has stopped writing"
            ) from None

    def _expires(self) -> str:
        return (self._clock.now() + timedelta(seconds=self._lease)).isoformat(timespec="seconds")


class _ConditionError(PortError):
    """A conditional write met another value."""


def call(do: Callable[[], T]) -> T:
    """Do one call of boto3. Raises PortError, with a fix where a table or a permission is missing."""
    try:
        return do()
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code == "ConditionalCheckFailedException":
            raise _ConditionError("a condition was not met") from error
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
