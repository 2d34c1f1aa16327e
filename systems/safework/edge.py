"""SafeWork's doors: the REST API behind Cloudflare, and the static site."""

from dataclasses import dataclass

from components.dns.certificate import Certificate, CertificateArgs
from components.dns.cloudflare_dns import CloudflareDns
from components.edge.bucket import LogBucket, LogBucketArgs
from components.edge.cdn import (
    GLOBAL_REGION,
    CdnSite,
    CdnSiteArgs,
    CloudFrontDomain,
    Domain,
)
from components.edge.cdn import CustomDomain as CdnDomain
from components.edge.cloudflare_ranges import IPV4_RANGES, IPV6_RANGES
from components.edge.rest_api import RestApi
from components.edge.rest_api_args import CustomDomain, Open, RestApiArgs, Route
from components.edge.rest_api_cors import Cors
from components.edge.web_acl import BehindProxy, OpenToAll, WebAcl, WebAclArgs
from components.security.kms_key import KmsKey, KmsKeyArgs
from settings.safework import SafeWorkSettings
from systems.safework.functions import Functions
from systems.scope import Scope

CLIENT_IP_HEADER = "CF-Connecting-IP"
OPEN_ROUTES = Open("the application signs people in and holds their session")

ALIAS_TTL_SECONDS = 300

CONTENT_SECURITY_POLICY = "default-src 'self'; object-src 'none'; base-uri 'self'; frame-ancestors 'none'"
"""The files are the service's own, so nothing of another origin has to load."""


@dataclass(frozen=True, kw_only=True)
class ApiDoor:
    """The API, its certificate and its firewall."""

    api: RestApi
    certificate: Certificate
    web_acl: WebAcl


def build_api(scope: Scope, settings: SafeWorkSettings, key: KmsKey, functions: Functions) -> ApiDoor:
    domain = settings.domain
    certificate = Certificate(
        f"{scope.name}-certificate",
        CertificateArgs(domain_name=domain.certificate_domain, dns=CloudflareDns(domain.zone.zone_id)),
        scope.opts,
    )
    api = RestApi(
        f"{scope.name}-api",
        RestApiArgs(
            description="SafeWork, for Cloudflare alone",
            routes={
                path: Route(function=functions.by_name[name], authorization=OPEN_ROUTES)
                for name, function in functions.settings.items()
                for path in function.routes
            },
            domain=CustomDomain(hostname=domain.api_hostname, certificate_arn=certificate.arn),
            source_cidrs=[*IPV4_RANGES, *IPV6_RANGES],
            kms_key_arn=key.key_arn,
            log_retention_days=settings.log_retention_days,
            integration_timeout_ms=settings.api.timeout_seconds * 1000,
            throttle_burst=settings.api.throttling_burst,
            throttle_rate=settings.api.throttling_rate,
            cors=Cors(allowed_origins=[f"https://{domain.hostname}", *settings.api.cors_origins]),
            # The static function answers with files of every kind.
            binary_media_types=["*/*"],
            logging_account=scope.account.api_gateway_logging,
        ),
        scope.opts,
    )
    web_acl = WebAcl(
        f"{scope.name}-api-firewall",
        WebAclArgs(
            scope="REGIONAL",
            account_id=scope.stack.account_id,
            region=scope.stack.region,
            source=BehindProxy(
                ipv4_ranges=IPV4_RANGES, ipv6_ranges=IPV6_RANGES, client_ip_header=CLIENT_IP_HEADER
            ),
            rate_limit_per_5_minutes=settings.edge.rate_limit,
            log_retention_days=settings.log_retention_days,
            kms_key_arn=key.key_arn,
            resource_arns={"api": api.stage_arn},
        ),
        scope.opts,
    )
    return ApiDoor(api=api, certificate=certificate, web_acl=web_acl)


def build_site(
    scope: Scope, settings: SafeWorkSettings, key: KmsKey, api_certificate: Certificate
) -> CdnSite:
    log_bucket = LogBucket(
        f"{scope.name}-logs",
        LogBucketArgs(
            account_id=scope.stack.account_id,
            retention_days=settings.log_retention_days,
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    )
    site = CdnSite(
        f"{scope.name}-site",
        CdnSiteArgs(
            kms_key_arn=key.key_arn,
            log_bucket=log_bucket,
            domain=_site_domain(scope, settings, api_certificate),
            content_security_policy=CONTENT_SECURITY_POLICY,
            web_acl_arn=_build_site_firewall(scope, settings).web_acl_arn,
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    )
    if settings.domain.static_hostname:
        CloudflareDns(settings.domain.zone.zone_id).record(
            f"{scope.name}-site-alias",
            record_name=settings.domain.static_hostname,
            record_type="CNAME",
            content=site.domain_name,
            ttl_seconds=ALIAS_TTL_SECONDS,
            parent=site,
        )
    return site


def _build_site_firewall(scope: Scope, settings: SafeWorkSettings) -> WebAcl:
    """CloudFront's web ACLs live in us-east-1, and a log group takes only a key of its own region."""
    key = KmsKey(
        f"{scope.name}-global-key",
        KmsKeyArgs(
            alias=f"{scope.physical_name}-global",
            description="SafeWork: logs that CloudFront's firewall writes in us-east-1",
            account_id=scope.stack.account_id,
            region=GLOBAL_REGION,
            services=["logs"],
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    )
    return WebAcl(
        f"{scope.name}-site-firewall",
        WebAclArgs(
            scope="CLOUDFRONT",
            account_id=scope.stack.account_id,
            region=scope.stack.region,
            source=OpenToAll(),
            rate_limit_per_5_minutes=settings.edge.rate_limit,
            log_retention_days=settings.log_retention_days,
            kms_key_arn=key.key_arn,
        ),
        scope.opts,
    )


def _site_domain(scope: Scope, settings: SafeWorkSettings, api_certificate: Certificate) -> Domain:
    hostname = settings.domain.static_hostname
    if hostname is None:
        return CloudFrontDomain()
    certificate = Certificate(
        f"{scope.name}-site-certificate",
        CertificateArgs(
            domain_name=settings.domain.certificate_domain,
            dns=CloudflareDns(settings.domain.zone.zone_id),
            region=GLOBAL_REGION,
            proven_by=api_certificate,
        ),
        scope.opts,
    )
    return CdnDomain(aliases=[hostname], certificate_arn=certificate.arn)
