"""Telling people how a deployment went: an SNS topic, or a webhook that takes ``{"text": ...}``."""

from collections.abc import Iterable
from typing import Any, cast

import boto3
import httpx
from botocore.exceptions import BotoCoreError, ClientError

from ops.errors import Exit, OpsError

_SUBJECT = 100
"""Characters that SNS takes in a subject."""


def check(targets: Iterable[str]) -> None:
    """Raises OpsError for an address that is neither. A webhook's address is a secret: not shown."""
    for target in targets:
        if not target.startswith(("arn:aws:sns:", "https://")):
            raise OpsError(
                "OPS_NOTIFY: got an address that is neither arn:aws:sns:... nor https://...",
                exit_code=Exit.USAGE,
            )


def notify(targets: Iterable[str], subject: str, text: str) -> list[str]:
    """Tell each target; what could not be told, a line each. Never raises: the work itself is done."""
    failed: list[str] = []
    for number, target in enumerate(targets, start=1):
        try:
            if target.startswith("arn:"):
                client = cast("Any", boto3).client("sns", region_name=target.split(":")[3])
                client.publish(TopicArn=target, Subject=subject[:_SUBJECT], Message=text)
            else:
                httpx.post(target, json={"text": f"{subject}\n{text}"}, timeout=10).raise_for_status()
        except (ClientError, BotoCoreError) as error:
            failed.append(f"{target}: {error}")
        except httpx.HTTPStatusError as error:
            failed.append(f"webhook {number}: answered {error.response.status_code}")
        except httpx.HTTPError as error:
            failed.append(f"webhook {number}: {type(error).__name__}")
    return failed
