"""Verdicts that one tool leaves and another waits for, such as "the copied data was verified".

``ops migrate verify`` writes one with ``leave`` after each run, passed or failed; ``ops cutover`` reads the
newest with ``newest`` and refuses a step without one that passed and is fresh. They lie in the journal table
of the rollout (``cutover.journalTable`` of the stack's export), under the subject ``evidence:KEY``, and are
never overwritten: a failure after a success counts. The key of a system's data is ``migration_key(system)``::

    table = open_table(journal_table)  # ops.rollout.dynamodb
    verdict = Evidence(
        key=migration_key("safework"),
        passed=report.ok,
        time=report.read_at,
        digest=report.digest,
        operator=operator_name(),  # ops.rollout.dynamodb
        detail="4 tables, 1204331 rows",
    )
    leave(table, verdict)
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ops.errors import OpsError
from ops.rollout.dynamodb import call

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

_MICROSECONDS = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One verdict."""

    key: str
    passed: bool
    time: datetime
    """With a time zone: when what was checked was read, which is before the report was written."""
    digest: str
    """Of what was checked, so that two verdicts on the same data can be seen to be that."""
    operator: str
    detail: str = ""


def migration_key(system: str) -> str:
    """The key under which the verification of a system's copied data is left."""
    return f"migration:{system}"


def leave(table: "Table", evidence: Evidence) -> None:
    """Write a verdict. Raises OpsError for a time without a zone or a table that cannot be written."""
    if evidence.time.tzinfo is None:
        raise OpsError(f"evidence {evidence.key}: got a time without a zone", fix="datetime.now(UTC)")
    at = evidence.time.astimezone(UTC)
    item: dict[str, Any] = {
        "subject": f"evidence:{evidence.key}",
        "sequence": int(at.timestamp() * _MICROSECONDS),
        "verdict": "passed" if evidence.passed else "failed",
        "time": at.isoformat(),
        "digest": evidence.digest,
        "operator": evidence.operator,
        "detail": evidence.detail,
    }
    call(lambda: table.put_item(Item=item))


def newest(table: "Table", key: str) -> Evidence | None:
    """The last verdict under a key. Raises OpsError for one that cannot be read."""
    answer = call(
        lambda: table.query(
            KeyConditionExpression="#s = :subject",
            ExpressionAttributeNames={"#s": "subject"},
            ExpressionAttributeValues={":subject": f"evidence:{key}"},
            ScanIndexForward=False,
            ConsistentRead=True,
            Limit=1,
        )
    )
    for item in answer["Items"]:
        try:
            return Evidence(
                key=key,
                passed=item["verdict"] == "passed",
                time=datetime.fromisoformat(str(item["time"])),
                digest=str(item["digest"]),
                operator=str(item["operator"]),
                detail=str(item["detail"]),
            )
        except (KeyError, ValueError) as error:
            raise OpsError(f"evidence {key}: the newest record cannot be read: {error!r}") from error
    return None
