"""A static site or file store at CloudFront, over a bucket nobody else can read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
from pulumi_aws import cloudfront

from components.edge.bucket import AccessLogs, KmsEncryption, LogBucket, PrivateBucket, PrivateBucketArgs
from components.edge.bucket_policy import cloudfront_read
from components.edge.cdn_domain import CloudFrontDomain, CustomDomain, Domain, PriceClass, viewer_certificate
from components.edge.cdn_logs import GLOBAL_REGION, deliver_logs
from components.edge.cdn_policies import CacheRule, cache_policy, response_headers_policy

__all__ = [
    "GLOBAL_REGION",
    "CdnSite",
    "CdnSiteArgs",
    "CloudFrontDomain",
    "CustomDomain",
    "Domain",
    "PriceClass",
]

_ORIGIN = "bucket"


def _no_rules() -> Mapping[str, CacheRule]:
    return {}


@dataclass(frozen=True, kw_only=True)
class CdnSiteArgs:
    """The key of ``kms_key_arn`` must list ``cloudfront`` among its services, or every object answers 403."""

    kms_key_arn: pulumi.Input[str]
    log_bucket: LogBucket
    domain: Domain
    content_security_policy: str
    web_acl_arn: pulumi.Input[str] | None = None
    """Of a ``CLOUDFRONT`` web ACL."""
    single_page_app: bool = False
    """Unknown paths answer 200 with the root object, and the application routes them."""
    default_root_object: str = "index.html"
    price_class: PriceClass = "PriceClass_200"
    """The cheapest class that has edges in Seoul."""
    cache_rule: CacheRule | None = None
    """Of every path that ``cache_rules`` do not name; without it each file's own Cache-Control decides."""
    cache_rules: Mapping[str, CacheRule] = field(default_factory=_no_rules)
    """By first folder, as ``assets``."""
    deletion_protection: bool = True


class CdnSite(pulumi.ComponentResource):
    """A private bucket, a distribution that alone may read it, and its logs.

    Origin failover is left out: it needs a second bucket in another Region, and the files come from a
    build that can be repeated. Geographic restriction is left out: the owners named no country to refuse.
    """

    bucket: PrivateBucket
    distribution: cloudfront.Distribution
    distribution_id: pulumi.Output[str]
    distribution_arn: pulumi.Output[str]
    domain_name: pulumi.Output[str]
    hosted_zone_id: pulumi.Output[str]

    def __init__(self, name: str, args: CdnSiteArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:edge:CdnSite", name, None, opts)
        self._name = name
        self._args = args
        self.bucket = self._build_bucket()
        self.distribution = self._build_distribution()
        self.bucket.attach_policy(
            *cloudfront_read(bucket_arn=self.bucket.bucket_arn, distribution_arn=self.distribution.arn)
        )
        deliver_logs(
            self, self._name, distribution_arn=self.distribution.arn, log_bucket=self._args.log_bucket
        )
        self.distribution_id = self.distribution.id
        self.distribution_arn = self.distribution.arn
        self.domain_name = self.distribution.domain_name
        self.hosted_zone_id = self.distribution.hosted_zone_id
        self.register_outputs(
            {
                "distributionId": self.distribution_id,
                "domainName": self.domain_name,
                "bucketName": self.bucket.bucket_name,
            }
        )

    def _build_bucket(self) -> PrivateBucket:
        return PrivateBucket(
            f"{self._name}-files",
            PrivateBucketArgs(
                encryption=KmsEncryption(self._args.kms_key_arn),
                access_logs=AccessLogs(self._args.log_bucket, prefix=f"s3/{self._name}/"),
                policy_follows=True,
                deletion_protection=self._args.deletion_protection,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _build_distribution(self) -> cloudfront.Distribution:
        args = self._args
        return cloudfront.Distribution(
            f"{self._name}-distribution",
            enabled=True,
            comment=self._name,
            aliases=list(args.domain.aliases) if isinstance(args.domain, CustomDomain) else None,
            origins=[self._origin(self._build_origin_access_control())],
            default_root_object=args.default_root_object,
            default_cache_behavior=self._behavior(),
            ordered_cache_behaviors=[
                self._ordered_behavior(folder, rule) for folder, rule in args.cache_rules.items()
            ],
            custom_error_responses=_error_responses(args),
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

    def _build_origin_access_control(self) -> cloudfront.OriginAccessControl:
        return cloudfront.OriginAccessControl(
            f"{self._name}-access",
            description=f"{self._name}: CloudFront signs its requests to the bucket",
            origin_access_control_origin_type="s3",
            signing_behavior="always",
            signing_protocol="sigv4",
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _origin(self, access: cloudfront.OriginAccessControl) -> cloudfront.DistributionOriginArgs:
        return cloudfront.DistributionOriginArgs(
            origin_id=_ORIGIN,
            domain_name=self.bucket.bucket_regional_domain_name,
            origin_access_control_id=access.id,
        )

    def _behavior(self) -> cloudfront.DistributionDefaultCacheBehaviorArgs:
        return cloudfront.DistributionDefaultCacheBehaviorArgs(
            target_origin_id=_ORIGIN,
            viewer_protocol_policy="redirect-to-https",
            allowed_methods=["GET", "HEAD", "OPTIONS"],
            cached_methods=["GET", "HEAD"],
            compress=True,
            cache_policy_id=cache_policy(self, f"{self._name}-cache", self._args.cache_rule).id,
            response_headers_policy_id=self._build_headers(f"{self._name}-headers", self._args.cache_rule),
        )

    def _ordered_behavior(
        self, folder: str, rule: CacheRule
    ) -> cloudfront.DistributionOrderedCacheBehaviorArgs:
        return cloudfront.DistributionOrderedCacheBehaviorArgs(
            path_pattern=f"/{folder}/*",
            target_origin_id=_ORIGIN,
            viewer_protocol_policy="redirect-to-https",
            allowed_methods=["GET", "HEAD", "OPTIONS"],
            cached_methods=["GET", "HEAD"],
            compress=True,
            cache_policy_id=cache_policy(self, f"{self._name}-{folder}-cache", rule).id,
            response_headers_policy_id=self._build_headers(f"{self._name}-{folder}-headers", rule),
        )

    def _build_headers(self, name: str, rule: CacheRule | None) -> pulumi.Output[str]:
        return response_headers_policy(
            self, name, content_security_policy=self._args.content_security_policy, rule=rule
        ).id


def _error_responses(args: CdnSiteArgs) -> list[cloudfront.DistributionCustomErrorResponseArgs]:
    missing = 404
    if args.single_page_app:
        return [
            cloudfront.DistributionCustomErrorResponseArgs(
                error_code=missing,
                response_code=200,
                response_page_path=f"/{args.default_root_object}",
                error_caching_min_ttl=0,
            )
        ]
    # Short, so that a file uploaded after someone asked for it shows up soon.
    return [cloudfront.DistributionCustomErrorResponseArgs(error_code=missing, error_caching_min_ttl=10)]
