"""Leaves the verdict of a verification where the cutover's gate looks for it.

The record is that of the rollout's journal table: subject ``evidence:migration:SYSTEM``, one item for each
verdict, never overwritten, so that a failure after a success counts.
"""

import datetime as dt
import getpass
import os
import socket
from typing import Any, cast

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from ops.errors import OpsError
from ops.migrate.verify import Report


def leave(table: str, system: str, report: Report, *, region: str | None = None) -> None:
    """Write the verdict of ``report``. Raises OpsError where the table cannot be written."""
    # When the rows were read, not when the report was written: the verdict is no younger than its snapshot.
    at = dt.datetime.fromisoformat(report.started_at)
    item: dict[str, Any] = {
        "subject": f"evidence:migration:{system}",
        "sequence": int(at.timestamp() * 1_000_000),
        "verdict": "passed" if report.equal else "failed",
        "time": at.isoformat(),
        "digest": report.digest,
        "operator": operator(),
        "detail": f"{len(report.tables)} tables, {report.rows} rows, {len(report.problems())} differences",
    }
    try:
        resource = cast("Any", boto3).resource("dynamodb", region_name=region)
        resource.Table(table).put_item(Item=item)
    except (BotoCoreError, ClientError) as error:
        raise OpsError(
            f"the verdict cannot be left in the table {table}: {error}",
            fix="--evidence-table is `cutover.journalTable` of the stack's outputs; dynamodb:PutItem on it is"
            " needed",
        ) from error


def operator() -> str:
    """Who runs this, for the record: what OPS_OPERATOR says, or user and machine."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return os.environ.get("OPS_OPERATOR") or f"{user}@{socket.gethostname()}"
