"""The names people open, and which region answers them."""

from dataclasses import dataclass

import pulumi

from components.dns.route53_alias import (
    CLOUDFRONT_ZONE_ID,
    AliasRecords,
    AliasRecordsArgs,
    AliasTarget,
    PrimaryRouting,
    Routing,
    SecondaryRouting,
    SimpleRouting,
)
from components.dns.route53_health_check import HealthCheck, HealthCheckArgs
from components.edge.cdn_load_balancer import CdnLoadBalancer
from components.edge.load_balancer import LoadBalancer
from settings.petclinic import PetClinicSettings
from systems.scope import Scope

HEALTH_PATH = "/health"


@dataclass(frozen=True, kw_only=True)
class Names:
    health_check: HealthCheck | None
    primary: AliasRecords
    secondary: AliasRecords | None


def build_names(
    scope: Scope, settings: PetClinicSettings, *, cdn: CdnLoadBalancer, second: LoadBalancer | None
) -> Names:
    """IPv6 is left out of a pair: the second region's load balancer has no such address, and a name that
    cannot fail over would keep IPv6 clients on a region that is down."""
    domain = settings.domain
    front = AliasTarget(dns_name=cdn.domain_name, hosted_zone_id=CLOUDFRONT_ZONE_ID)

    def record(
        role: str, name: str, target: AliasTarget, routing: Routing, *, ipv6: bool = False
    ) -> AliasRecords:
        return _record(
            scope, domain.zone_id, role, record_name=name, target=target, routing=routing, ipv6=ipv6
        )

    record("first-name", domain.primary_hostname, front, SimpleRouting(), ipv6=True)
    if second is None:
        name = record("name", domain.hostname, front, SimpleRouting(), ipv6=True)
        return Names(health_check=None, primary=name, secondary=None)
    check = _build_check(scope, settings)
    back = AliasTarget(dns_name=second.dns_name, hosted_zone_id=second.zone_id)
    record("second-name", domain.secondary_hostname, back, SimpleRouting())
    routing = PrimaryRouting(health_check_id=check.health_check_id)
    return Names(
        health_check=check,
        primary=record("name", domain.hostname, front, routing),
        secondary=record("name-elsewhere", domain.hostname, back, SecondaryRouting()),
    )


def _build_check(scope: Scope, settings: PetClinicSettings) -> HealthCheck:
    return HealthCheck(
        f"{scope.name}-health",
        HealthCheckArgs(
            # By the first region's own name: the one that fails over would ask whoever answers.
            hostname=settings.domain.primary_hostname,
            path=HEALTH_PATH,
            interval_seconds=settings.failover.interval_seconds,
            failure_threshold=settings.failover.failures,
        ),
        scope.opts,
    )


def _record(
    scope: Scope,
    zone_id: str,
    role: str,
    *,
    record_name: str,
    target: AliasTarget,
    routing: Routing,
    ipv6: bool,
) -> AliasRecords:
    return AliasRecords(
        f"{scope.name}-{role}",
        AliasRecordsArgs(
            zone_id=zone_id,
            record_name=record_name,
            target=target,
            routing=routing,
            ipv6=ipv6,
            evaluate_target_health=target.hosted_zone_id != CLOUDFRONT_ZONE_ID,
        ),
        scope.opts,
    )


def record_exports(names: Names) -> dict[str, pulumi.Output[str] | str | None]:
    """What a drill looks at."""
    return {
        "healthCheckId": names.health_check.health_check_id if names.health_check else None,
        "recordName": names.primary.fqdn,
        "primaryIdentifier": "primary" if names.secondary else None,
        "secondaryIdentifier": "secondary" if names.secondary else None,
    }
