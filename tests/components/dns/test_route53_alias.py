"""Names that follow an endpoint, and the pair that PetClinic fails over with."""

from typing import Any

import pytest

from components.dns.route53_alias import (
    CLOUDFRONT_ZONE_ID,
    AliasRecords,
    AliasRecordsArgs,
    AliasTarget,
    PrimaryRouting,
    SecondaryRouting,
)
from components.dns.route53_health_check import HealthCheck, HealthCheckArgs
from tests.harness import Deployment, deploy

RECORD = "aws:route53/record:Record"
ALB = AliasTarget(dns_name="alb.ap-northeast-2.elb.amazonaws.com", hosted_zone_id="ZWKZPGTI48KDX")
CDN = AliasTarget(dns_name="d111.cloudfront.net", hosted_zone_id=CLOUDFRONT_ZONE_ID)


def build(**changes: Any) -> Deployment:
    given: dict[str, Any] = {"zone_id": "Z0123", "record_name": "app.example.com", "target": CDN, **changes}
    return deploy(lambda: AliasRecords("app", AliasRecordsArgs(**given)))


def test_both_families_point_at_the_distribution() -> None:
    records = {each["type"]: each for each in build().of_type(RECORD)}

    assert set(records) == {"A", "AAAA"}
    for each in records.values():
        assert each["aliases"] == [
            {
                "name": "d111.cloudfront.net",
                "zoneId": "Z2FDTNDATAQYW2",
                "evaluateTargetHealth": False,
            }
        ]
        assert "ttl" not in each.inputs
        assert "setIdentifier" not in each.inputs


def test_only_a_where_the_target_has_no_ipv6() -> None:
    found = build(target=ALB, ipv6=False, evaluate_target_health=True).one(RECORD)
    assert found["type"] == "A"
    assert found["aliases"][0]["evaluateTargetHealth"] is True


@pytest.mark.parametrize(
    ("routing", "role", "check"),
    [
        (PrimaryRouting(health_check_id="check-1"), "PRIMARY", "check-1"),
        (SecondaryRouting(), "SECONDARY", None),
    ],
)
def test_a_failover_pair(routing: PrimaryRouting | SecondaryRouting, role: str, check: str | None) -> None:
    found = build(target=ALB, ipv6=False, routing=routing).one(RECORD)
    assert found["failoverRoutingPolicies"] == [{"type": role}]
    assert found["setIdentifier"] == role.lower()
    assert found.get("healthCheckId") == check


def test_a_distribution_cannot_report_its_health() -> None:
    with pytest.raises(ValueError, match="which Route 53 refuses"):
        build(evaluate_target_health=True)


def test_https_health_every_30_seconds_three_failures() -> None:
    result = deploy(lambda: HealthCheck("seoul", HealthCheckArgs(hostname="seoul.example.com")))
    found = result.one("aws:route53/healthCheck:HealthCheck")

    assert (found["type"], found["resourcePath"], found["port"]) == ("HTTPS", "/health", 443)
    assert (found["requestInterval"], found["failureThreshold"]) == (30, 3)
    assert found["fqdn"] == "seoul.example.com"
    assert found["enableSni"] is True


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"path": "health"}, "path: got 'health'"),
        ({"failure_threshold": 11}, "allows 1 to 10"),
        ({"port": 0}, "allowed 1 to 65535"),
    ],
)
def test_checks_that_route_53_refuses(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        HealthCheckArgs(hostname="seoul.example.com", **changes)
