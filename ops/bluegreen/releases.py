"""The releases of a pair, in the journal's table: which colour each of them fills.

Item n of the pair's subject is release n; the moves of its traffic have a subject of their own, so that each
release begins at the colour that served before it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from ops.bluegreen.target import Colour, other
from ops.errors import Exit, OpsError
from ops.rollout.dynamodb import ConditionError, call

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


@dataclass(frozen=True, kw_only=True)
class Release:
    """One release. ``over``: it was taken back or finished, and the next one may begin."""

    number: int
    old: Colour
    template: str
    """The launch template version of the new colour's hosts."""
    time: datetime
    operator: str
    proven: bool = False
    """All hosts were healthy and answered the smoke test."""
    over: str = ""
    """How it ended; empty while it is open."""

    @property
    def new(self) -> Colour:
        return other(self.old)


class Releases:
    """Reads and writes them. Every change is conditional on what was read."""

    def __init__(self, table: "Table", subject: str) -> None:
        self._table = table
        self.subject = subject

    def moves_of(self, release: Release) -> str:
        """The subject of the release's moves."""
        return f"{self.subject}:{release.number}"

    def newest(self) -> Release | None:
        """The last release; None for a pair that had none."""
        answer = call(
            lambda: self._table.query(
                KeyConditionExpression="#s = :subject AND #n > :lock",
                ExpressionAttributeNames={"#s": "subject", "#n": "sequence"},
                ExpressionAttributeValues={":subject": self.subject, ":lock": 0},
                ScanIndexForward=False,
                ConsistentRead=True,
                Limit=1,
            )
        )
        items = cast("list[dict[str, Any]]", answer["Items"])
        return _release(items[0]) if items else None

    def begin(self, release: Release) -> None:
        """Raises OpsError where another run began the same one."""
        item: dict[str, Any] = {
            "subject": self.subject,
            "sequence": release.number,
            "old": release.old,
            "template_version": release.template,
            "time": release.time.isoformat(),
            "operator": release.operator,
            "proven": False,
            "ended": "",
        }
        try:
            call(lambda: self._table.put_item(Item=item, ConditionExpression="attribute_not_exists(subject)"))
        except ConditionError:
            raise OpsError(
                f"release {release.number} was begun by another run", fix="status", exit_code=Exit.REFUSED
            ) from None

    def prove(self, release: Release, *, template: str) -> None:
        """Its hosts passed."""
        self._set(
            release,
            "SET proven = :value, template_version = :template",
            {":value": True, ":template": template},
        )

    def end(self, release: Release, how: str) -> None:
        """Once; a second end changes nothing."""
        if not release.over:
            self._set(release, "SET ended = :value", {":value": how})

    def _set(self, release: Release, expression: str, values: dict[str, Any]) -> None:
        key: dict[str, Any] = {"subject": self.subject, "sequence": release.number}
        try:
            call(
                lambda: self._table.update_item(
                    Key=key,
                    UpdateExpression=expression,
                    ConditionExpression="attribute_exists(subject) AND ended = :open",
                    ExpressionAttributeValues={**values, ":open": ""},
                )
            )
        except ConditionError:
            raise OpsError(
                f"release {release.number} is over already", fix="status", exit_code=Exit.REFUSED
            ) from None


def _release(item: dict[str, Any]) -> Release:
    try:
        return Release(
            number=int(item["sequence"]),
            old=item["old"],
            template=str(item["template_version"]),
            time=datetime.fromisoformat(str(item["time"])),
            operator=str(item["operator"]),
            proven=bool(item["proven"]),
            over=str(item["ended"]),
        )
    except (KeyError, ValueError) as error:
        raise OpsError(f"release {item.get('sequence')} in the journal cannot be read: {error!r}") from error
