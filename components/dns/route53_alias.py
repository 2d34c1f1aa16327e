"""Alias records in a Route 53 hosted zone: names that follow an AWS endpoint, free of charge and of TTLs."""

from dataclasses import dataclass, field
from typing import Final, TypeAlias

import pulumi
from pulumi_aws import route53

CLOUDFRONT_ZONE_ID: Final = "Z2FDTNDATAQYW2"
"""The hosted zone of every distribution (Route 53 API reference, AliasTarget)."""


@dataclass(frozen=True, kw_only=True)
class AliasTarget:
    """An endpoint and the hosted zone AWS keeps it in: a distribution, a load balancer, an API domain."""

    dns_name: pulumi.Input[str]
    hosted_zone_id: pulumi.Input[str]


@dataclass(frozen=True)
class SimpleRouting:
    """One answer for everyone."""


@dataclass(frozen=True, kw_only=True)
class PrimaryRouting:
    """The answer while ``health_check_id`` is healthy."""

    health_check_id: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class SecondaryRouting:
    """The answer while the primary is not. Without a check of its own it is taken at its word."""

    health_check_id: pulumi.Input[str] | None = None


Routing: TypeAlias = SimpleRouting | PrimaryRouting | SecondaryRouting


@dataclass(frozen=True, kw_only=True)
class AliasRecordsArgs:
    """``record_name`` is the full name; a failover pair shares it."""

    zone_id: pulumi.Input[str]
    record_name: pulumi.Input[str]
    target: AliasTarget
    routing: Routing = field(default_factory=SimpleRouting)
    ipv6: bool = True
    """An AAAA record beside the A record, for targets that have IPv6 addresses."""
    evaluate_target_health: bool = False
    """Whether a load balancer without a healthy target counts as down. CloudFront cannot say."""

    def __post_init__(self) -> None:
        if self.evaluate_target_health and self.target.hosted_zone_id == CLOUDFRONT_ZONE_ID:
            raise ValueError(
                "evaluate_target_health: got True for a distribution, which Route 53 refuses: give the "
                "record a health check instead"
            )


class AliasRecords(pulumi.ComponentResource):
    """An A record and, where asked, an AAAA record, alone or as one half of a failover pair.

    Weighted, latency and geographic routing are left out: no system asks for them.
    """

    records: dict[str, route53.Record]
    fqdn: pulumi.Output[str]

    def __init__(self, name: str, args: AliasRecordsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:dns:AliasRecords", name, None, opts)
        self._name = name
        self._args = args
        kinds = ("A", "AAAA") if args.ipv6 else ("A",)
        self.records = {kind: self._build_record(kind) for kind in kinds}
        self.fqdn = self.records["A"].fqdn
        self.register_outputs({"fqdn": self.fqdn})

    def _build_record(self, kind: str) -> route53.Record:
        args = self._args
        given = route53.RecordArgs(
            zone_id=args.zone_id,
            name=args.record_name,
            type=kind,
            aliases=[
                route53.RecordAliasArgs(
                    name=args.target.dns_name,
                    zone_id=args.target.hosted_zone_id,
                    evaluate_target_health=args.evaluate_target_health,
                )
            ],
        )
        match args.routing:
            case SimpleRouting():
                pass
            case PrimaryRouting(health_check_id=check):
                _fail_over(given, "PRIMARY", check)
            case SecondaryRouting(health_check_id=check):
                _fail_over(given, "SECONDARY", check)
        return route53.Record(f"{self._name}-{kind.lower()}", given, opts=pulumi.ResourceOptions(parent=self))


def _fail_over(given: route53.RecordArgs, role: str, health_check_id: pulumi.Input[str] | None) -> None:
    given.set_identifier = role.lower()
    given.failover_routing_policies = [route53.RecordFailoverRoutingPolicyArgs(type=role)]
    given.health_check_id = health_check_id
