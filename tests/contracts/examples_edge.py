"""The least that each component of the group needs."""

from typing import Any

import pulumi

from components.edge.api_usage import ApiUsagePlan, ApiUsagePlanArgs
from components.edge.bucket import KmsEncryption, LogBucket, LogBucketArgs, PrivateBucket, PrivateBucketArgs
from components.edge.cdn import CdnSite, CdnSiteArgs, CloudFrontDomain
from components.edge.rest_api import RestApi
from components.edge.rest_api_args import CustomDomain, Open, RestApiArgs, Route
from components.edge.rest_api_cors import Cors
from components.edge.rest_api_logs import ApiGatewayAccount, ApiGatewayAccountArgs
from components.edge.rest_api_preflight import Preflight, PreflightArgs
from components.edge.single_page_site import SinglePageSite, SinglePageSiteArgs
from components.edge.web_acl import OpenToAll, WebAcl, WebAclArgs
from tests.contracts import examples_containers as containers
from tests.contracts import examples_hosts as hosts
from tests.contracts import given
from tests.contracts.examples_compute import function

Options = pulumi.ResourceOptions | None

_CORS = Cors(allowed_origins=["https://app.example.com"])


def _private_bucket(name: str, opts: Options) -> PrivateBucket:
    return PrivateBucket(name, PrivateBucketArgs(encryption=KmsEncryption(given.KEY_ARN)), opts)


def _log_bucket(name: str, opts: Options) -> LogBucket:
    return LogBucket(name, LogBucketArgs(account_id=given.ACCOUNT, retention_days=30), opts)


def _site(name: str, opts: Options) -> CdnSite:
    args = CdnSiteArgs(
        kms_key_arn=given.KEY_ARN,
        log_bucket=_log_bucket("logs", None),
        domain=CloudFrontDomain(),
        content_security_policy="default-src 'self'",
    )
    return CdnSite(name, args, opts)


def _single_page_site(name: str, opts: Options) -> SinglePageSite:
    args = SinglePageSiteArgs(
        kms_key_arn=given.KEY_ARN,
        log_bucket=_log_bucket("logs", None),
        domain=CloudFrontDomain(),
        content_security_policy="default-src 'self'",
        web_acl_arn=f"arn:aws:wafv2:us-east-1:{given.ACCOUNT}:global/webacl/example/1",
    )
    return SinglePageSite(name, args, opts)


def _account(name: str, opts: Options) -> ApiGatewayAccount:
    return ApiGatewayAccount(name, ApiGatewayAccountArgs(), opts)


def _preflight(name: str, opts: Options) -> Preflight:
    return Preflight(name, PreflightArgs(rest_api_id="abc", resource_id="def", cors=_CORS), opts)


def _rest_api(name: str, opts: Options) -> RestApi:
    target = function("function", None)
    args = RestApiArgs(
        description="Example",
        routes={
            path: Route(function=target, authorization=Open("the application asks for a login"))
            for path in ("/", "/login", "/auth/*")
        },
        domain=CustomDomain(
            hostname="api.example.com",
            certificate_arn=f"arn:aws:acm:{given.REGION}:{given.ACCOUNT}:certificate/x",
        ),
        source_cidrs=["203.0.113.0/24"],
        kms_key_arn=given.KEY_ARN,
        log_retention_days=30,
        cors=_CORS,
    )
    return RestApi(name, args, opts)


def _web_acl(name: str, opts: Options) -> WebAcl:
    args = WebAclArgs(
        scope="REGIONAL",
        account_id=given.ACCOUNT,
        region=given.REGION,
        source=OpenToAll(),
        rate_limit_per_5_minutes=1_000,
        log_retention_days=30,
        kms_key_arn=given.KEY_ARN,
        resource_arns={"api": f"arn:aws:apigateway:{given.REGION}::/restapis/abc/stages/live"},
    )
    return WebAcl(name, args, opts)


def _usage_plan(name: str, opts: Options) -> ApiUsagePlan:
    args = ApiUsagePlanArgs(
        api=_rest_api("api", None), clients=["web"], rate=50, burst=100, monthly_requests=1_000_000
    )
    return ApiUsagePlan(name, args, opts)


EXAMPLES: dict[str, Any] = {
    "CacheKey": hosts.cache_key,
    "EdgeFunction": hosts.edge_function,
    "PrivateBucket": _private_bucket,
    "LogBucket": _log_bucket,
    "LoadBalancer": containers.load_balancer,
    "CdnLoadBalancer": containers.cdn,
    "CdnSite": _site,
    "SinglePageSite": _single_page_site,
    "ApiGatewayAccount": _account,
    "ApiUsagePlan": _usage_plan,
    "Preflight": _preflight,
    "RestApi": _rest_api,
    "WebAcl": _web_acl,
}
