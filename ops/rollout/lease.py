"""The lock of a rollout: a lease in the journal's table, in the item with sequence 0 of a subject."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from ops.rollout.dynamodb import ConditionError, Item, call
from ops.rollout.ports import Clock, LockHeldError, LockLostError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

LEASE_SECONDS = 60.0
"""A lock whose holder has not moved it for so long, by the watch of whoever wants it, is free."""
_LOOKS = 12
"""How often the holder is looked at within a lease."""


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
        except ConditionError:
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
        except ConditionError:
            seen = self.holder() or {}
            if seen.get("token") == self.token and "SET released" in expression:
                return
            owner = seen.get("owner", "somebody")
            raise LockLostError(
                f"{owner} took over ({seen.get('purpose', 'unknown')}); this run has stopped writing"
            ) from None

    def _expires(self) -> str:
        return (self._clock.now() + timedelta(seconds=self._lease)).isoformat(timespec="seconds")
