"""What CloudFront caches, and the security headers it adds."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudfront

_DAY_SECONDS = 86_400
_YEAR_SECONDS = 365 * _DAY_SECONDS
_TWO_YEARS_SECONDS = 2 * _YEAR_SECONDS
"""The max-age that hstspreload.org asks for at least one year of; two is its recommendation."""


@dataclass(frozen=True, kw_only=True)
class CacheRule:
    """``cache_control`` is what browsers are told, over what the file says; ``edge_seconds`` how long an edge
    serves a file before it asks the bucket whether it has changed."""

    cache_control: str
    edge_seconds: int


def cache_policy(parent: pulumi.Resource, name: str, rule: CacheRule | None = None) -> cloudfront.CachePolicy:
    """Static files: the path alone is the key, and the object's own Cache-Control decides up to a year."""
    parameters = cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginArgs(
        cookies_config=cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginCookiesConfigArgs(
            cookie_behavior="none"
        ),
        headers_config=cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginHeadersConfigArgs(
            header_behavior="none"
        ),
        query_strings_config=cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginQueryStringsConfigArgs(
            query_string_behavior="none"
        ),
        enable_accept_encoding_brotli=True,
        enable_accept_encoding_gzip=True,
    )
    return cloudfront.CachePolicy(
        name,
        comment="Static files",
        min_ttl=0,
        default_ttl=_DAY_SECONDS if rule is None else rule.edge_seconds,
        max_ttl=_YEAR_SECONDS,
        parameters_in_cache_key_and_forwarded_to_origin=parameters,
        opts=pulumi.ResourceOptions(parent=parent),
    )


def response_headers_policy(
    parent: pulumi.Resource, name: str, *, content_security_policy: str, rule: CacheRule | None = None
) -> cloudfront.ResponseHeadersPolicy:
    """Security headers on every answer, over whatever the origin sends; and ``rule``'s Cache-Control."""
    return cloudfront.ResponseHeadersPolicy(
        name,
        comment="Security headers",
        custom_headers_config=None if rule is None else _cache_control(rule),
        security_headers_config=cloudfront.ResponseHeadersPolicySecurityHeadersConfigArgs(
            strict_transport_security=cloudfront.ResponseHeadersPolicySecurityHeadersConfigStrictTransportSecurityArgs(
                access_control_max_age_sec=_TWO_YEARS_SECONDS, include_subdomains=True, override=True
            ),
            content_type_options=cloudfront.ResponseHeadersPolicySecurityHeadersConfigContentTypeOptionsArgs(
                override=True
            ),
            frame_options=cloudfront.ResponseHeadersPolicySecurityHeadersConfigFrameOptionsArgs(
                frame_option="DENY", override=True
            ),
            referrer_policy=cloudfront.ResponseHeadersPolicySecurityHeadersConfigReferrerPolicyArgs(
                referrer_policy="strict-origin-when-cross-origin", override=True
            ),
            content_security_policy=cloudfront.ResponseHeadersPolicySecurityHeadersConfigContentSecurityPolicyArgs(
                content_security_policy=content_security_policy, override=True
            ),
        ),
        opts=pulumi.ResourceOptions(parent=parent),
    )


def _cache_control(rule: CacheRule) -> cloudfront.ResponseHeadersPolicyCustomHeadersConfigArgs:
    return cloudfront.ResponseHeadersPolicyCustomHeadersConfigArgs(
        items=[
            cloudfront.ResponseHeadersPolicyCustomHeadersConfigItemArgs(
                header="Cache-Control", value=rule.cache_control, override=True
            )
        ]
    )
