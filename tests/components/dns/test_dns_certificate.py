"""Certificates proven through either kind of DNS, and the zone's own settings."""

import ipaddress
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest

from components.dns.certificate import Certificate, CertificateArgs, distinct_domains
from components.dns.cloudflare_dns import CloudflareDns
from components.dns.firewall import Firewall, FirewallArgs, Plan
from components.dns.route53_dns import Route53Dns
from components.dns.zone import ZoneSettings, ZoneSettingsArgs
from components.edge.cloudflare_ranges import IPV4_RANGES, IPV6_RANGES, PUBLISHED
from components.protocols import Dns
from tests.harness import UNKNOWN, deploy

ACM = "aws:acm/certificate:Certificate"
ISSUED = "aws:acm/certificateValidation:CertificateValidation"
CLOUDFLARE = "cloudflare:index/dnsRecord:DnsRecord"
ROUTE53 = "aws:route53/record:Record"


def certificate(
    dns: Callable[[], Dns], *, domain: str = "*.jclee.me", alternatives: Sequence[str] = ()
) -> Callable[[], Certificate]:
    return lambda: Certificate(
        "cert",
        CertificateArgs(domain_name=domain, dns=dns(), subject_alternative_names=alternatives),
    )


def test_cloudflare_record_proves_the_domain() -> None:
    result = deploy(certificate(lambda: CloudflareDns("z" * 32)))
    record = result.one(CLOUDFLARE)
    assert record["type"] == "CNAME"
    assert record["name"].endswith(".jclee.me")
    assert not record["content"].endswith(".")
    assert record["proxied"] is False
    assert record["zoneId"] == "z" * 32


def test_route53_record_proves_the_domain() -> None:
    result = deploy(certificate(lambda: Route53Dns("Z123"), domain="app.example.com"))
    record = result.one(ROUTE53)
    assert record["type"] == "CNAME"
    assert len(record["records"]) == 1


def test_a_wildcard_and_its_base_share_one_record() -> None:
    result = deploy(certificate(lambda: CloudflareDns("z"), alternatives=["jclee.me", "api.jclee.me"]))
    assert [record.name for record in result.of_type(CLOUDFLARE)] == [
        "cert-proof-api.jclee.me",
        "cert-proof-jclee.me",
    ]
    assert result.one(ACM)["validationMethod"] == "DNS"


def test_records_are_planned_before_acm_has_answered() -> None:
    result = deploy(certificate(lambda: CloudflareDns("z")), preview=True)
    assert result.one(CLOUDFLARE)["name"] == UNKNOWN


def test_the_arn_waits_for_the_issue() -> None:
    result = deploy(certificate(lambda: CloudflareDns("z")))
    issued = result.one(ISSUED)
    assert issued["certificateArn"] == result.one(ACM).outputs["arn"]  # pyright: ignore[reportOptionalSubscript]
    assert result.one(CLOUDFLARE).urn in issued.dependencies
    assert len(issued["validationRecordFqdns"]) == 1


def test_a_second_region_reuses_the_proof() -> None:
    def build() -> None:
        dns = CloudflareDns("z")
        first = Certificate("api", CertificateArgs(domain_name="*.jclee.me", dns=dns))
        Certificate(
            "cdn",
            CertificateArgs(domain_name="*.jclee.me", dns=dns, region="us-east-1", proven_by=first),
        )

    result = deploy(build)
    assert len(result.of_type(CLOUDFLARE)) == 1
    assert result.one(ACM, "cdn-certificate")["region"] == "us-east-1"
    assert result.one(ISSUED, "cdn-issued")["region"] == "us-east-1"
    assert result.one(CLOUDFLARE).urn in result.one(ISSUED, "cdn-issued").dependencies


def test_a_proof_that_lacks_a_domain_is_refused() -> None:
    def build() -> None:
        dns = CloudflareDns("z")
        first = Certificate("api", CertificateArgs(domain_name="*.jclee.me", dns=dns))
        Certificate("cdn", CertificateArgs(domain_name="other.me", dns=dns, proven_by=first))

    with pytest.raises(ValueError, match=r"proven_by: got a certificate without other\.me"):
        deploy(build)


def test_distinct_domains_are_sorted_and_without_wildcards() -> None:
    assert distinct_domains("*.b.me", ["b.me", "a.me", "*.a.me"]) == ["a.me", "b.me"]


def test_zone_settings_are_strict() -> None:
    result = deploy(lambda: ZoneSettings("zone", ZoneSettingsArgs(zone_id="z" * 32)))
    settings = {
        record["settingId"]: record["value"]
        for record in result.of_type("cloudflare:index/zoneSetting:ZoneSetting")
    }
    assert settings == {
        "always_use_https": "on",
        "automatic_https_rewrites": "on",
        "min_tls_version": "1.2",
        "ssl": "strict",
        "tls_1_3": "on",
    }


@pytest.mark.parametrize(("plan", "count"), [("free", 1), ("pro", 2), ("business", 2), ("enterprise", 2)])
def test_the_firewall_runs_the_rules_of_the_plan(plan: Plan, count: int) -> None:
    result = deploy(lambda: Firewall("waf", FirewallArgs(zone_id="z" * 32, plan=plan)))
    ruleset = result.one("cloudflare:index/ruleset:Ruleset")
    rules: list[dict[str, Any]] = ruleset["rules"]
    assert (ruleset["kind"], ruleset["phase"]) == ("zone", "http_request_firewall_managed")
    assert len(rules) == count
    assert all(rule["action"] == "execute" and rule["enabled"] is True for rule in rules)
    assert len({rule["ref"] for rule in rules}) == count


def test_cloudflare_ranges_are_networks_that_do_not_overlap() -> None:
    for ranges, version in ((IPV4_RANGES, 4), (IPV6_RANGES, 6)):
        networks = [ipaddress.ip_network(text) for text in ranges]
        assert all(network.version == version for network in networks)
        assert list(ranges) == sorted(set(ranges))
        for index, network in enumerate(networks):
            assert not any(network.overlaps(other) for other in networks[index + 1 :])  # type: ignore[arg-type]
    assert (len(IPV4_RANGES), len(IPV6_RANGES)) == (15, 7)
    assert date(2020, 1, 1) < PUBLISHED <= datetime.now(UTC).date()
