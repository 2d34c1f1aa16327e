"""A load balancer that only its CDN reaches, and the CDN."""

import json
from typing import Any

import pytest

from components.edge.bucket import LogBucket, LogBucketArgs
from components.edge.cdn_domain import CustomDomain
from components.edge.cdn_load_balancer import (
    ALL_VIEWER,
    CACHING_DISABLED,
    CACHING_OPTIMIZED,
    Behavior,
    CdnLoadBalancer,
    CdnLoadBalancerArgs,
    PathBehavior,
)
from components.edge.load_balancer import LoadBalancer
from components.edge.load_balancer_args import BehindCdn, Exposure, Internet, LoadBalancerArgs
from components.edge.load_balancer_plan import Target, TargetHealthCheck
from tests.harness import Deployment, deploy

ACCOUNT = "111122223333"
CERTIFICATE = f"arn:aws:acm:ap-northeast-2:{ACCOUNT}:certificate/1"
EDGE_CERTIFICATE = f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/2"
WEB_ACL = f"arn:aws:wafv2:us-east-1:{ACCOUNT}:global/webacl/app/1"
PREFIX_LIST = "pl-22a6434b"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
RULE = "aws:lb/listenerRule:ListenerRule"
GROUP = "aws:lb/targetGroup:TargetGroup"
TARGETS = {
    "web": Target(port=3000, health_check=TargetHealthCheck(path="/")),
    "api": Target(
        port=4000,
        paths=["/api/*", "/socket.io/*"],
        health_check=TargetHealthCheck(path="/health"),
        stickiness_seconds=86_400,
        slow_start_seconds=60,
        deregistration_delay_seconds=120,
    ),
}


def build(
    exposure: Exposure = BehindCdn(PREFIX_LIST),  # noqa: B008 - frozen
    *,
    takes_logs: bool = True,
    **fields: Any,
) -> LoadBalancer:
    logs = LogBucket(
        "logs", LogBucketArgs(account_id=ACCOUNT, retention_days=90, load_balancer_logs=takes_logs)
    )
    given: dict[str, Any] = {
        "vpc_id": "vpc-1",
        "subnet_ids": ["subnet-a", "subnet-c"],
        "certificate_arn": CERTIFICATE,
        "log_bucket": logs,
        "exposure": exposure,
        "targets": TARGETS,
    }
    return LoadBalancer("door", LoadBalancerArgs(**{**given, **fields}))


def balancer(result: Deployment) -> Any:
    return result.one("aws:lb/loadBalancer:LoadBalancer")


def listener(result: Deployment, name: str) -> Any:
    return result.one("aws:lb/listener:Listener", name)


def test_nobody_but_cloudfront_has_a_way_in() -> None:
    result = deploy(build)
    assert balancer(result)["internal"] is True
    (rule,) = result.of_type(INGRESS)
    assert (rule["prefixListId"], rule["fromPort"], rule["toPort"]) == (PREFIX_LIST, 443, 443)
    assert "cidrIpv4" not in rule.inputs
    assert result.of_type("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule") == ()


def test_a_public_one_says_so() -> None:
    result = deploy(lambda: build(Internet()))
    assert balancer(result)["internal"] is False
    assert {(rule["cidrIpv4"], rule["fromPort"]) for rule in result.of_type(INGRESS)} == {
        ("0.0.0.0/0", 443),
        ("0.0.0.0/0", 80),
    }
    assert {rule.name.partition("-sg-in-")[2] for rule in result.of_type(INGRESS)} == {
        "https-from-everyone",
        "http-to-be-redirected-from-everyone",
    }


def test_requests_are_parsed_strictly_and_it_is_locked() -> None:
    door = balancer(deploy(build))
    assert door["dropInvalidHeaderFields"] is True
    assert door["desyncMitigationMode"] == "defensive"
    assert door["enableDeletionProtection"] is True
    assert door["idleTimeout"] == 60
    assert door["subnets"] == ["subnet-a", "subnet-c"]
    loose = balancer(deploy(lambda: build(deletion_protection=False, desync_mitigation_mode="strictest")))
    assert (loose["enableDeletionProtection"], loose["desyncMitigationMode"]) == (False, "strictest")


def test_logs_go_to_a_bucket_that_takes_them() -> None:
    result = deploy(build)
    logs, policy = balancer(result)["accessLogs"], result.one("aws:s3/bucketPolicy:BucketPolicy")
    assert (logs["enabled"], logs["prefix"]) == (True, "alb/door")
    assert policy.urn in balancer(result).dependencies
    (statement,) = [
        each for each in json.loads(policy["policy"])["Statement"] if each.get("Sid") == "LoadBalancerLogs"
    ]
    assert statement["Principal"] == {"Service": ["logdelivery.elasticloadbalancing.amazonaws.com"]}
    assert statement["Action"] == ["s3:PutObject"]
    assert statement["Resource"][0].endswith(f"/*/AWSLogs/{ACCOUNT}/*")
    with pytest.raises(ValueError, match="load_balancer_logs=True"):
        deploy(lambda: build(takes_logs=False))


def test_tls_and_what_nobody_asked_for() -> None:
    result = deploy(build)
    https = listener(result, "door-https")
    assert (https["port"], https["protocol"], https["certificateArn"]) == (443, "HTTPS", CERTIFICATE)
    assert https["sslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-2021-06"
    (action,) = https["defaultActions"]
    assert (action["type"], action["fixedResponse"]["statusCode"]) == ("fixed-response", "404")


def test_http_is_sent_away() -> None:
    http = listener(deploy(build), "door-http")
    (action,) = http["defaultActions"]
    assert (http["port"], action["type"]) == (80, "redirect")
    assert action["redirect"] == {"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"}


def test_target_groups() -> None:
    result = deploy(build)
    api, web = result.one(GROUP, "door-api"), result.one(GROUP, "door-web")
    assert (api["port"], api["targetType"], api["slowStart"], api["deregistrationDelay"]) == (
        4000,
        "ip",
        60,
        120,
    )
    assert api["stickiness"] == {"type": "lb_cookie", "enabled": True, "cookieDuration": 86_400}
    assert web["stickiness"]["enabled"] is False
    assert (web["slowStart"], web["deregistrationDelay"]) == (0, 30)
    assert api["healthCheck"] == {
        "enabled": True,
        "path": "/health",
        "port": "traffic-port",
        "protocol": "HTTP",
        "matcher": "200",
        "interval": 30,
        "timeout": 5,
        "healthyThreshold": 2,
        "unhealthyThreshold": 3,
    }


def test_rules_send_by_path_and_host_narrow_first() -> None:
    targets = {
        **TARGETS,
        "admin": Target(port=1, hosts=["admin.example.com"], health_check=TARGETS["web"].health_check),
    }
    result = deploy(lambda: build(targets=targets))
    rules = {name: result.one(RULE, f"door-{name}") for name in targets}
    assert sorted(rules, key=lambda name: rules[name]["priority"]) == ["admin", "api", "web"]
    assert rules["api"]["conditions"] == [{"pathPattern": {"values": ["/api/*", "/socket.io/*"]}}]
    assert rules["admin"]["conditions"][0] == {"hostHeader": {"values": ["admin.example.com"]}}
    (action,) = rules["api"]["actions"]
    assert action["targetGroupArn"] == result.one(GROUP, "door-api").id
    assert rules["api"].options.ignore_changes == ()


def test_blue_green_leaves_the_weights_to_the_release() -> None:
    targets = {"api": Target(port=80, health_check=TargetHealthCheck(path="/"), blue_green=True)}
    result = deploy(lambda: build(targets=targets))
    rule = result.one(RULE)
    (action,) = rule["actions"]
    blue, green = result.one(GROUP, "door-api"), result.one(GROUP, "door-api-b")
    assert action["forward"]["targetGroups"] == [
        {"arn": blue.id, "weight": 100},
        {"arn": green.id, "weight": 0},
    ]
    assert action["forward"]["stickiness"]["enabled"] is False
    assert rule.options.ignore_changes == ("actions",)


def test_outputs_by_target() -> None:
    result = deploy(build)
    door: LoadBalancer = result.result
    assert set(door.target_group_arns) == set(door.target_group_arn_suffixes) == {"web", "api"}
    assert result.value(door.target_group_arn_suffixes["api"]).startswith("targetgroup/door-api")
    assert result.value(door.arn_suffix).startswith("app/door-alb")
    assert door.target("api").alternate_target_group_arn is None


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"subnet_ids": ["a"]}, "subnet_ids: got 1"),
        ({"idle_timeout_seconds": 4001}, "idle_timeout_seconds: got 4001"),
        ({"targets": {}}, "targets: got none"),
    ],
)
def test_what_a_load_balancer_refuses(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        deploy(lambda: build(**fields))


def cdn(exposure: Exposure = BehindCdn(PREFIX_LIST), **fields: Any) -> Deployment:  # noqa: B008 - frozen
    def program() -> CdnLoadBalancer:
        door = build(exposure)
        given: dict[str, Any] = {
            "load_balancer": door,
            "domain": CustomDomain(aliases=["app.example.com"], certificate_arn=EDGE_CERTIFICATE),
            "log_bucket": LogBucket("cdn-logs", LogBucketArgs(account_id=ACCOUNT, retention_days=90)),
            "content_security_policy": "default-src 'self'",
            "web_acl_arn": WEB_ACL,
        }
        return CdnLoadBalancer("cdn", CdnLoadBalancerArgs(**{**given, **fields}))

    return deploy(program)


def distribution(result: Deployment) -> Any:
    return result.one("aws:cloudfront/distribution:Distribution")


def test_the_cdn_reaches_the_load_balancer_over_tls_in_the_vpc() -> None:
    result = cdn()
    origin = result.one("aws:cloudfront/vpcOrigin:VpcOrigin")
    config = origin["vpcOriginEndpointConfig"]
    assert config["arn"] == balancer(result).id
    assert config["originProtocolPolicy"] == "https-only"
    assert config["originSslProtocols"] == {"items": ["TLSv1.2"], "quantity": 1}
    assert listener(result, "door-https").urn in origin.dependencies
    (used,) = distribution(result)["origins"]
    assert used["vpcOriginConfig"] == {
        "vpcOriginId": origin.id,
        "originReadTimeout": 30,
        "originKeepaliveTimeout": 5,
    }
    assert "customHeaders" not in used


def test_viewers_get_tls_the_web_acl_and_headers() -> None:
    result = cdn()
    found = distribution(result)
    assert found["viewerCertificate"] == {
        "acmCertificateArn": EDGE_CERTIFICATE,
        "minimumProtocolVersion": "TLSv1.2_2021",
        "sslSupportMethod": "sni-only",
    }
    assert (found["aliases"], found["webAclId"]) == (["app.example.com"], WEB_ACL)
    headers = result.one("aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy")
    assert found["defaultCacheBehavior"]["responseHeadersPolicyId"] == headers.id
    delivery = result.one("aws:cloudwatch/logDelivery:LogDelivery")
    assert delivery["region"] == "us-east-1"
    assert result.one("aws:s3/bucketPolicy:BucketPolicy", "cdn-logs-policy").urn in delivery.dependencies


def test_nothing_is_cached_and_everything_is_passed_unless_said() -> None:
    behavior = distribution(cdn())["defaultCacheBehavior"]
    assert behavior["cachePolicyId"] == CACHING_DISABLED == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    assert behavior["originRequestPolicyId"] == ALL_VIEWER == "216adef6-5c7f-47e4-b989-5492eafa07d3"
    assert behavior["viewerProtocolPolicy"] == "redirect-to-https"
    assert "POST" in behavior["allowedMethods"]


def test_paths_of_their_own_in_order() -> None:
    function = f"arn:aws:cloudfront::{ACCOUNT}:function/prune"
    static = Behavior(cache_policy_id=CACHING_OPTIMIZED, read_only=True, viewer_request_function_arn=function)
    paths = [
        PathBehavior(path_pattern="/_next/static/*", behavior=static),
        PathBehavior(path_pattern="/socket.io/*", behavior=Behavior()),
    ]
    found = distribution(cdn(paths=paths))["orderedCacheBehaviors"]
    assert [each["pathPattern"] for each in found] == ["/_next/static/*", "/socket.io/*"]
    assert found[0]["allowedMethods"] == ["GET", "HEAD", "OPTIONS"]
    assert found[0]["functionAssociations"] == [{"eventType": "viewer-request", "functionArn": function}]
    assert "functionAssociations" not in found[1]
    assert {each["viewerProtocolPolicy"] for each in found} == {"redirect-to-https"}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"exposure": Internet()}, "a way around the CDN"),
        ({"origin_read_timeout_seconds": 0}, "got 0; allowed 1 to 120"),
        ({"paths": [PathBehavior(path_pattern="/a", behavior=Behavior())] * 2}, r"\['/a'\] twice"),
    ],
)
def test_what_the_cdn_refuses(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        cdn(**fields)
