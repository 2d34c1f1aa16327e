"""Source, rate, managed rules, and what is logged."""

from typing import Any

import pytest

from components.edge.web_acl import BehindProxy, ManagedGroup, OpenToAll, WebAcl, WebAclArgs
from tests.harness import Deployment, deploy

ACCOUNT = "111122223333"
KEY_ARN = f"arn:aws:kms:ap-northeast-2:{ACCOUNT}:key/00000000-0000-4000-8000-000000000000"
STAGE = "arn:aws:apigateway:ap-northeast-2::/restapis/a1/stages/live"
PROXY = BehindProxy(
    ipv4_ranges=("173.245.48.0/20", "103.21.244.0/22"),
    ipv6_ranges=("2400:cb00::/32",),
    client_ip_header="CF-Connecting-IP",
)


def _acl(**fields: Any) -> Deployment:
    args = {
        "scope": "REGIONAL",
        "account_id": ACCOUNT,
        "region": "ap-northeast-2",
        "source": PROXY,
        "rate_limit_per_5_minutes": 2000,
        "log_retention_days": 30,
        "kms_key_arn": KEY_ARN,
        **fields,
    }
    return deploy(lambda: WebAcl("api", WebAclArgs(**args)))


def _rules(result: Deployment) -> dict[str, Any]:
    return {each["name"]: each for each in result.one("aws:wafv2/webAcl:WebAcl")["rules"]}


def test_the_rules_in_their_order() -> None:
    rules = _rules(_acl())
    assert [(name, each["priority"]) for name, each in rules.items()] == [
        ("only-the-proxy", 0),
        ("rate-limit", 1),
        ("AWSManagedRulesCommonRuleSet", 10),
        ("AWSManagedRulesKnownBadInputsRuleSet", 11),
    ]


def test_only_the_proxy_gets_in() -> None:
    result = _acl()
    sets = {each["ipAddressVersion"]: each for each in result.of_type("aws:wafv2/ipSet:IpSet")}
    assert sets["IPV4"]["addresses"] == ["103.21.244.0/22", "173.245.48.0/20"]
    assert sets["IPV6"]["addresses"] == ["2400:cb00::/32"]
    rule = _rules(result)["only-the-proxy"]
    assert rule["action"] == {"block": {}}
    known = rule["statement"]["notStatement"]["statement"]["orStatement"]["statements"]
    assert len(known) == 2


def test_one_range_needs_no_or() -> None:
    source = BehindProxy(ipv4_ranges=("173.245.48.0/20",), client_ip_header="CF-Connecting-IP")
    statement = _rules(_acl(source=source))["only-the-proxy"]["statement"]["notStatement"]["statement"]
    assert list(statement) == ["ipSetReferenceStatement"]


def test_behind_a_proxy_the_visitor_is_counted() -> None:
    rate = _rules(_acl())["rate-limit"]["statement"]["rateBasedStatement"]
    assert rate["aggregateKeyType"] == "FORWARDED_IP"
    assert rate["forwardedIpConfig"] == {"headerName": "CF-Connecting-IP", "fallbackBehavior": "MATCH"}
    assert (rate["limit"], rate["evaluationWindowSec"]) == (2000, 300)


def test_open_to_all() -> None:
    result = _acl(source=OpenToAll())
    assert not result.of_type("aws:wafv2/ipSet:IpSet")
    assert _rules(result)["rate-limit"]["statement"]["rateBasedStatement"]["aggregateKeyType"] == "IP"


def test_a_rule_of_a_group_can_be_counted() -> None:
    groups = (ManagedGroup("AWSManagedRulesCommonRuleSet", ("SizeRestrictions_BODY",)),)
    rule = _rules(_acl(managed_groups=groups))["AWSManagedRulesCommonRuleSet"]
    (override,) = rule["statement"]["managedRuleGroupStatement"]["ruleActionOverrides"]
    assert override == {"name": "SizeRestrictions_BODY", "actionToUse": {"count": {}}}
    assert rule["overrideAction"] == {"none": {}}


def test_every_rule_has_metrics() -> None:
    acl = _acl().one("aws:wafv2/webAcl:WebAcl")
    configs = [acl["visibilityConfig"], *(each["visibilityConfig"] for each in acl["rules"])]
    assert all(each["cloudwatchMetricsEnabled"] for each in configs)
    assert len({each["metricName"] for each in configs}) == len(configs)


def test_logs_hide_credentials() -> None:
    result = _acl()
    group = result.one("aws:cloudwatch/logGroup:LogGroup")
    logging = result.one("aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration")
    assert group.name.startswith("aws-waf-logs-")
    assert (group["kmsKeyId"], group["retentionInDays"]) == (KEY_ARN, 30)
    hidden = [each["singleHeader"]["name"] for each in logging["redactedFields"]]
    assert hidden == ["authorization", "cookie"]
    policy = result.one("aws:cloudwatch/logResourcePolicy:LogResourcePolicy")
    assert policy.urn in logging.dependencies


def test_association() -> None:
    result = _acl(resource_arns={"stage": STAGE})
    association = result.one("aws:wafv2/webAclAssociation:WebAclAssociation", "api-stage")
    assert association["resourceArn"] == STAGE


def test_for_cloudfront_all_is_in_us_east_1() -> None:
    result = _acl(scope="CLOUDFRONT")
    made = [each for each in result if each.custom]
    assert made
    assert {each["region"] for each in made} == {"us-east-1"}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"rate_limit_per_5_minutes": 9}, "rate_limit_per_5_minutes: got 9"),
        ({"scope": "CLOUDFRONT", "resource_arns": {"x": STAGE}}, "resource_arns: got some"),
        ({"log_retention_days": 31}, "log_retention_days: got 31"),
        ({"managed_groups": (ManagedGroup("A"), ManagedGroup("A"))}, "may appear once"),
    ],
)
def test_bad_arguments(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        _acl(**fields)


def test_a_proxy_has_addresses() -> None:
    with pytest.raises(ValueError, match="nobody could connect"):
        BehindProxy(ipv4_ranges=(), client_ip_header="X")
