"""CloudFront in front of a load balancer: for applications that answer each request themselves."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudfront

from components.edge.bucket import LogBucket
from components.edge.cdn_domain import CustomDomain, PriceClass, viewer_certificate
from components.edge.cdn_logs import deliver_logs
from components.edge.cdn_policies import response_headers_policy
from components.edge.load_balancer import LoadBalancer

CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3"
"""Policies that CloudFront ships; their ids are the same in every account (CloudFront Developer Guide)."""

_ORIGIN = "load-balancer"
_EVERY_METHOD = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
_READ_METHODS = ("GET", "HEAD", "OPTIONS")
_MAX_READ_TIMEOUT_SECONDS = 120
"""CloudFront's quota of an origin's response timeout, as an account starts with."""


@dataclass(frozen=True, kw_only=True)
class Behavior:
    """How requests are treated. Nothing is cached unless ``cache_policy_id`` says what.

    ``origin_request_policy_id`` decides what reaches the origin besides the cache key. It must pass the Host
    header on: the origin's certificate is checked against it. WebSockets need all the viewer's headers.
    """

    cache_policy_id: pulumi.Input[str] = CACHING_DISABLED
    origin_request_policy_id: pulumi.Input[str] = ALL_VIEWER
    read_only: bool = False
    """GET, HEAD and OPTIONS alone: for what is static."""
    viewer_request_function_arn: pulumi.Input[str] | None = None
    """A CloudFront Function that sees each request before the cache does."""


@dataclass(frozen=True, kw_only=True)
class PathBehavior:
    """A behaviour of its own for ``path_pattern`` (``/_next/static/*``)."""

    path_pattern: str
    behavior: Behavior


@dataclass(frozen=True, kw_only=True)
class CdnLoadBalancerArgs:
    """``domain``: a name of the owner's, which the load balancer's certificate carries as well. CloudFront's
    own name would reach the origin as Host, and no certificate can be had for it.

    ``paths`` are asked in their order, then ``default``. ``log_bucket`` is where the access logs go.
    """

    load_balancer: LoadBalancer
    domain: CustomDomain
    log_bucket: LogBucket
    content_security_policy: str
    web_acl_arn: pulumi.Input[str]
    """Of a ``CLOUDFRONT`` web ACL."""
    default: Behavior = Behavior()
    paths: Sequence[PathBehavior] = ()
    origin_read_timeout_seconds: int = 30
    """How long the application may take to the first byte, and between two."""
    price_class: PriceClass = "PriceClass_200"
    """The cheapest class that has edges in Seoul."""

    def __post_init__(self) -> None:
        seconds = self.origin_read_timeout_seconds
        if not 1 <= seconds <= _MAX_READ_TIMEOUT_SECONDS:
            raise ValueError(
                f"origin_read_timeout_seconds: got {seconds}; allowed 1 to {_MAX_READ_TIMEOUT_SECONDS}"
            )
        patterns = [each.path_pattern for each in self.paths]
        twice = sorted({pattern for pattern in patterns if patterns.count(pattern) > 1})
        if twice:
            raise ValueError(f"paths: got {twice} twice; CloudFront would never ask the second: keep one")
        if not self.load_balancer.is_internal:
            raise ValueError(
                "load_balancer: its exposure is Internet, a way around the CDN and its web ACL: make it "
                "BehindCdn"
            )


class CdnLoadBalancer(pulumi.ComponentResource):
    """A distribution, the VPC origin that leads it to an internal load balancer, security headers and logs.

    WebSockets pass through, on VPC origins since May 2026. CloudFront closes one that is silent for ten
    minutes, and the load balancer sooner, after its idle timeout.

    The VPC needs an internet gateway for a VPC origin to stand in it, though nothing is routed there. An
    origin shield is left out, since nothing is cached by default; origin failover, since the load balancer
    stands in two zones and a second Region is DNS's to choose.
    """

    vpc_origin: cloudfront.VpcOrigin
    distribution: cloudfront.Distribution
    distribution_id: pulumi.Output[str]
    distribution_arn: pulumi.Output[str]
    domain_name: pulumi.Output[str]
    hosted_zone_id: pulumi.Output[str]

    def __init__(
        self, name: str, args: CdnLoadBalancerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("platform:edge:CdnLoadBalancer", name, None, opts)
        self._name = name
        self._args = args
        self._headers = response_headers_policy(
            self, f"{name}-headers", content_security_policy=args.content_security_policy
        )
        self.vpc_origin = self._build_vpc_origin()
        self.distribution = self._build_distribution()
        deliver_logs(self, name, distribution_arn=self.distribution.arn, log_bucket=args.log_bucket)
        self.distribution_id = self.distribution.id
        self.distribution_arn = self.distribution.arn
        self.domain_name = self.distribution.domain_name
        self.hosted_zone_id = self.distribution.hosted_zone_id
        self.register_outputs({"distributionId": self.distribution_id, "domainName": self.domain_name})

    def _build_vpc_origin(self) -> cloudfront.VpcOrigin:
        tls = ["TLSv1.2"]
        return cloudfront.VpcOrigin(
            f"{self._name}-origin",
            vpc_origin_endpoint_config=cloudfront.VpcOriginVpcOriginEndpointConfigArgs(
                name=self._name,
                arn=self._args.load_balancer.arn,
                http_port=80,
                https_port=443,
                origin_protocol_policy="https-only",
                origin_ssl_protocols=cloudfront.VpcOriginVpcOriginEndpointConfigOriginSslProtocolsArgs(
                    items=tls, quantity=len(tls)
                ),
            ),
            # CloudFront asks the listener as soon as the origin stands.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self._args.load_balancer.listener]),
        )

    def _build_distribution(self) -> cloudfront.Distribution:
        args = self._args
        return cloudfront.Distribution(
            f"{self._name}-distribution",
            enabled=True,
            comment=self._name,
            aliases=list(args.domain.aliases),
            origins=[self._origin()],
            default_cache_behavior=self._default_behavior(args.default),
            ordered_cache_behaviors=[self._path_behavior(each) for each in args.paths],
            viewer_certificate=viewer_certificate(args.domain),
            restrictions=cloudfront.DistributionRestrictionsArgs(
                geo_restriction=cloudfront.DistributionRestrictionsGeoRestrictionArgs(restriction_type="none")
            ),
            http_version="http2and3",
            is_ipv6_enabled=True,
            price_class=args.price_class,
            web_acl_id=args.web_acl_arn,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _origin(self) -> cloudfront.DistributionOriginArgs:
        return cloudfront.DistributionOriginArgs(
            origin_id=_ORIGIN,
            domain_name=self._args.load_balancer.dns_name,
            vpc_origin_config=cloudfront.DistributionOriginVpcOriginConfigArgs(
                vpc_origin_id=self.vpc_origin.id,
                origin_read_timeout=self._args.origin_read_timeout_seconds,
                origin_keepalive_timeout=5,
            ),
        )

    def _default_behavior(self, behavior: Behavior) -> cloudfront.DistributionDefaultCacheBehaviorArgs:
        function = behavior.viewer_request_function_arn
        return cloudfront.DistributionDefaultCacheBehaviorArgs(
            target_origin_id=_ORIGIN,
            viewer_protocol_policy="redirect-to-https",
            allowed_methods=_methods(behavior),
            cached_methods=["GET", "HEAD"],
            compress=True,
            cache_policy_id=behavior.cache_policy_id,
            origin_request_policy_id=behavior.origin_request_policy_id,
            response_headers_policy_id=self._headers.id,
            function_associations=(
                [
                    cloudfront.DistributionDefaultCacheBehaviorFunctionAssociationArgs(
                        event_type="viewer-request", function_arn=function
                    )
                ]
                if function is not None
                else None
            ),
        )

    def _path_behavior(self, path: PathBehavior) -> cloudfront.DistributionOrderedCacheBehaviorArgs:
        behavior = path.behavior
        function = behavior.viewer_request_function_arn
        return cloudfront.DistributionOrderedCacheBehaviorArgs(
            path_pattern=path.path_pattern,
            target_origin_id=_ORIGIN,
            viewer_protocol_policy="redirect-to-https",
            allowed_methods=_methods(behavior),
            cached_methods=["GET", "HEAD"],
            compress=True,
            cache_policy_id=behavior.cache_policy_id,
            origin_request_policy_id=behavior.origin_request_policy_id,
            response_headers_policy_id=self._headers.id,
            function_associations=(
                [
                    cloudfront.DistributionOrderedCacheBehaviorFunctionAssociationArgs(
                        event_type="viewer-request", function_arn=function
                    )
                ]
                if function is not None
                else None
            ),
        )


def _methods(behavior: Behavior) -> list[str]:
    return list(_READ_METHODS if behavior.read_only else _EVERY_METHOD)
