"""Clients of AWS for the tools: one for each service and region, with the SDK's own retries."""

import threading
from collections.abc import Mapping
from typing import Any, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from ops.errors import OpsError

RETRYABLE = frozenset(
    {
        "InternalError",
        "InternalFailure",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ServerException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
"""Error codes that say nothing of the resource: asking again later may give an answer."""

_CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 4}, connect_timeout=5, read_timeout=20)


class Clients:
    """Makes each client once. Credentials, profile and endpoints are the SDK's: ``AWS_PROFILE``,
    ``AWS_ENDPOINT_URL`` and so on."""

    def __init__(self, region: str | None = None) -> None:
        self._session = boto3.Session(region_name=region)
        self._made: dict[tuple[str, str | None], Any] = {}
        self._lock = threading.Lock()

    def require_credentials(self) -> None:
        """Raises OpsError where the SDK finds none."""
        if self._session.get_credentials() is None:
            raise OpsError(
                "no AWS credentials",
                fix="set AWS_PROFILE, or log in with `aws sso login`; any way that the AWS CLI knows serves",
            )

    def __call__(self, service: str, region: str | None = None) -> Any:
        """A client; ``region`` wins over the session's."""
        key = (service, region or self._session.region_name)
        with self._lock:
            if key not in self._made:
                make = cast("Any", self._session).client
                try:
                    self._made[key] = make(service, region_name=key[1], config=_CONFIG)
                except BotoCoreError as error:
                    raise OpsError(str(error), fix="export AWS_REGION=ap-northeast-2") from error
            return self._made[key]


def section(answer: Mapping[str, Any], key: str) -> dict[str, Any]:
    """A part of an answer that AWS leaves out where it is empty."""
    return cast("dict[str, Any]", answer.get(key) or {})


def code(error: ClientError) -> str:
    """The error's code, as ResourceNotFoundException."""
    return str(error.response.get("Error", {}).get("Code", ""))


def temporary(error: Exception) -> bool:
    """Whether asking again may succeed: throttled, out of order, or no connection."""
    if isinstance(error, ClientError):
        return code(error) in RETRYABLE
    return isinstance(error, HTTPClientError)
