"""What a REST API is made from."""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

import pulumi
from pulumi_aws import lambda_

from components.edge.rest_api_cors import Cors

MIN_TIMEOUT_MS, MAX_TIMEOUT_MS = 50, 300_000
"""What a regional API can be raised to; without a raised quota an integration ends at 29,000 ms."""

DEFAULT_TIMEOUT_MS = 29_000


class RouteTarget(Protocol):
    """A function behind an alias. ``LambdaFunction`` is one."""

    @property
    def invoke_arn(self) -> pulumi.Output[str]: ...

    def allow_invoke(
        self, role: str, *, principal: str, source_arn: pulumi.Input[str]
    ) -> lambda_.Permission: ...


@dataclass(frozen=True)
class Open:
    """No authorisation at the API; ``reason`` says who authorises instead."""

    reason: str


@dataclass(frozen=True)
class ApiKey:
    """A client shows a key of an ``ApiUsagePlan`` in the header ``x-api-key``. It says which client asks and
    how much it may; it is not a person's login."""


@dataclass(frozen=True)
class Signed:
    """A caller signs each request with its own role, which IAM lets call (``execute-api:Invoke``)."""


Authorization: TypeAlias = Open | ApiKey | Signed


@dataclass(frozen=True, kw_only=True)
class Route:
    """Which function answers, and who may ask."""

    function: RouteTarget
    authorization: Authorization


@dataclass(frozen=True, kw_only=True)
class CustomDomain:
    """The only door: the API's own address is off. The certificate is regional and already issued."""

    hostname: str
    certificate_arn: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class RestApiArgs:
    """``routes`` maps ``/``, ``/login`` or ``/auth/*`` to a function."""

    description: str
    routes: Mapping[str, Route]
    domain: CustomDomain
    source_cidrs: Sequence[str]
    """Who may connect, IPv4 and IPv6; ``0.0.0.0/0`` and ``::/0`` for everyone."""
    kms_key_arn: pulumi.Input[str]
    """Of the log groups: its policy must admit CloudWatch Logs."""
    log_retention_days: int
    stage_name: str = "live"
    integration_timeout_ms: int = DEFAULT_TIMEOUT_MS
    throttle_burst: int = 2000
    """Requests at once."""
    throttle_rate: float = 1000
    """Requests a second."""
    cors: Cors | None = None
    binary_media_types: Sequence[str] = ()
    """``*/*`` where functions answer with files: each body then travels as base64."""
    execution_log_level: Literal["ERROR", "INFO"] = "ERROR"
    logging_account: pulumi.Resource | None = None
    """The ``ApiGatewayAccount``, when this program makes it: a stage that logs has to wait for it."""

    def __post_init__(self) -> None:
        if not MIN_TIMEOUT_MS <= self.integration_timeout_ms <= MAX_TIMEOUT_MS:
            raise ValueError(
                f"integration_timeout_ms: got {self.integration_timeout_ms}; "
                f"allowed {MIN_TIMEOUT_MS} to {MAX_TIMEOUT_MS}, and past 29000 only with a raised quota"
            )
        if not self.source_cidrs:
            raise ValueError("source_cidrs: got none, so no one could connect; for everyone say '0.0.0.0/0'")
        for cidr in self.source_cidrs:
            ipaddress.ip_network(cidr)


def open_routes(routes: Mapping[str, Route]) -> dict[str, str]:
    """Each route without authorisation at the API, and the reason."""
    return {
        path: route.authorization.reason
        for path, route in sorted(routes.items())
        if isinstance(route.authorization, Open)
    }
