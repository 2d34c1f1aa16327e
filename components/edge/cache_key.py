"""What CloudFront keeps of an application's pages, and what makes two requests the same."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudfront

HOST_HEADER = "Host"


@dataclass(frozen=True, kw_only=True)
class CacheKeyArgs:
    """Exactly the listed keys make the cache key, and exactly they reach the origin, beside the host: a page
    that depended on anything else would be kept for the wrong people. Times are in seconds."""

    min_seconds: int
    default_seconds: int
    max_seconds: int
    query_keys: Sequence[str]
    headers: Sequence[str]
    cookies: Sequence[str]

    def __post_init__(self) -> None:
        if not 0 <= self.min_seconds <= self.default_seconds <= self.max_seconds:
            raise ValueError(
                f"default_seconds: got {self.default_seconds}; from min_seconds ({self.min_seconds}) to "
                f"max_seconds ({self.max_seconds})"
            )
        for what, names in (
            ("query_keys", self.query_keys),
            ("headers", self.headers),
            ("cookies", self.cookies),
        ):
            if not names:
                raise ValueError(f"{what}: got none; CloudFront takes a list with one or more")
            if len(set(names)) != len(names):
                raise ValueError(f"{what}: got {list(names)}; each once: drop the repeat")


class CacheKey(pulumi.ComponentResource):
    """A cache policy and the origin request policy that goes with it."""

    cache_policy: cloudfront.CachePolicy
    origin_request_policy: cloudfront.OriginRequestPolicy
    cache_policy_id: pulumi.Output[str]
    origin_request_policy_id: pulumi.Output[str]

    def __init__(self, name: str, args: CacheKeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:edge:CacheKey", name, None, opts)
        self._name = name
        self.cache_policy = self._build_cache_policy(args)
        self.origin_request_policy = self._build_origin_request_policy()
        self.cache_policy_id = self.cache_policy.id
        self.origin_request_policy_id = self.origin_request_policy.id
        self.register_outputs(
            {"cachePolicyId": self.cache_policy_id, "originRequestPolicyId": self.origin_request_policy_id}
        )

    def _build_cache_policy(self, args: CacheKeyArgs) -> cloudfront.CachePolicy:
        return cloudfront.CachePolicy(
            f"{self._name}-cache",
            comment="Pages by their keys",
            min_ttl=args.min_seconds,
            default_ttl=args.default_seconds,
            max_ttl=args.max_seconds,
            parameters_in_cache_key_and_forwarded_to_origin={
                "cookies_config": {
                    "cookie_behavior": "whitelist",
                    "cookies": {"items": list(args.cookies)},
                },
                "headers_config": {
                    "header_behavior": "whitelist",
                    "headers": {"items": list(args.headers)},
                },
                "query_strings_config": {
                    "query_string_behavior": "whitelist",
                    "query_strings": {"items": list(args.query_keys)},
                },
                "enable_accept_encoding_brotli": True,
                "enable_accept_encoding_gzip": True,
            },
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_origin_request_policy(self) -> cloudfront.OriginRequestPolicy:
        """The host alone besides: the origin's certificate is checked against it."""
        return cloudfront.OriginRequestPolicy(
            f"{self._name}-origin",
            comment="The host beside the cache key",
            cookies_config={"cookie_behavior": "none"},
            headers_config={"header_behavior": "whitelist", "headers": {"items": [HOST_HEADER]}},
            query_strings_config={"query_string_behavior": "none"},
            opts=pulumi.ResourceOptions(parent=self),
        )
