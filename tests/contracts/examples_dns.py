"""The least that each component of the group needs."""

from typing import Any

import pulumi

from components.dns.certificate import Certificate, CertificateArgs
from components.dns.cloudflare_dns import CloudflareDns
from components.dns.cutover import DnsCutover, DnsCutoverArgs
from components.dns.cutover_plan import LegacyHost, Shifting
from components.dns.firewall import Firewall, FirewallArgs
from components.dns.route53_alias import AliasRecords, AliasRecordsArgs, AliasTarget
from components.dns.route53_health_check import HealthCheck, HealthCheckArgs
from components.dns.zone import ZoneSettings, ZoneSettingsArgs
from tests.contracts import given

Options = pulumi.ResourceOptions | None


def _certificate(name: str, opts: Options) -> Certificate:
    args = CertificateArgs(domain_name="*.example.com", dns=CloudflareDns(given.CLOUDFLARE_ZONE))
    return Certificate(name, args, opts)


def _cutover(name: str, opts: Options) -> DnsCutover:
    legacy = LegacyHost(
        address="203.0.113.1", hostname="www.example.com", break_glass_hostname="old.example.com"
    )
    args = DnsCutoverArgs(
        account_id=given.CLOUDFLARE_ACCOUNT,
        zone_id=given.CLOUDFLARE_ZONE,
        hostname="app.example.com",
        origin_hostname="api.example.com",
        origin_address="d-abc.execute-api.ap-northeast-2.amazonaws.com",
        stage=Shifting(percent=25, legacy=legacy),
        kms_key_arn=given.KEY_ARN,
        gate_alarm_names=["errors"],
    )
    return DnsCutover(name, args, opts)


def _firewall(name: str, opts: Options) -> Firewall:
    return Firewall(name, FirewallArgs(zone_id=given.CLOUDFLARE_ZONE, plan="free"), opts)


def _zone(name: str, opts: Options) -> ZoneSettings:
    return ZoneSettings(name, ZoneSettingsArgs(zone_id=given.CLOUDFLARE_ZONE), opts)


def _alias_records(name: str, opts: Options) -> AliasRecords:
    args = AliasRecordsArgs(
        zone_id="Z0123456789ABCDEFGHIJ",
        record_name="app.example.com",
        target=AliasTarget(dns_name="d111.cloudfront.net", hosted_zone_id="Z2FDTNDATAQYW2"),
    )
    return AliasRecords(name, args, opts)


def _health_check(name: str, opts: Options) -> HealthCheck:
    return HealthCheck(name, HealthCheckArgs(hostname="seoul.example.com"), opts)


EXAMPLES: dict[str, Any] = {
    "AliasRecords": _alias_records,
    "Certificate": _certificate,
    "DnsCutover": _cutover,
    "Firewall": _firewall,
    "HealthCheck": _health_check,
    "ZoneSettings": _zone,
}
