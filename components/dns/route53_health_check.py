"""A health check that asks an endpoint from several places in the world."""

import re
from dataclasses import dataclass
from typing import Literal

import pulumi
from pulumi_aws import route53


@dataclass(frozen=True, kw_only=True)
class HealthCheckArgs:
    """Asked over HTTPS with the host name in the handshake; 2XX and 3XX count as healthy."""

    hostname: pulumi.Input[str]
    """Of the endpoint itself, not the name that fails over by this check."""
    path: str = "/health"
    port: int = 443
    interval_seconds: Literal[10, 30] = 30
    """10 costs more."""
    failure_threshold: int = 3
    """Answers in a row, good or bad, that change the state."""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"/[^\s]{0,254}", self.path):
            raise ValueError(f"path: got {self.path!r}; a path of up to 255 characters, such as /health")
        if not 1 <= self.failure_threshold <= 10:
            raise ValueError(f"failure_threshold: got {self.failure_threshold}; Route 53 allows 1 to 10")
        if not 1 <= self.port <= 65_535:
            raise ValueError(f"port: got {self.port}; allowed 1 to 65535")


class HealthCheck(pulumi.ComponentResource):
    """One HTTPS check from Route 53's own choice of regions.

    Its metric is in us-east-1, where an alarm on it would have to be; the failover itself needs none. A
    search in the answer's body is left out: what ``/health`` means is the application's to say, by status.
    """

    check: route53.HealthCheck
    health_check_id: pulumi.Output[str]

    def __init__(self, name: str, args: HealthCheckArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:dns:HealthCheck", name, None, opts)
        self.check = self._build_check(name, args)
        self.health_check_id = self.check.id
        self.register_outputs({"healthCheckId": self.health_check_id})

    def _build_check(self, name: str, args: HealthCheckArgs) -> route53.HealthCheck:
        return route53.HealthCheck(
            f"{name}-check",
            type="HTTPS",
            fqdn=args.hostname,
            port=args.port,
            resource_path=args.path,
            request_interval=args.interval_seconds,
            failure_threshold=args.failure_threshold,
            enable_sni=True,
            measure_latency=True,
            tags={"Name": name},
            opts=pulumi.ResourceOptions(parent=self),
        )
