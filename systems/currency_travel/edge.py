"""Currency Travel's doors: the REST API behind its firewall, and the static files at CloudFront."""

from dataclasses import dataclass

from components.dns.certificate import Certificate, CertificateArgs
from components.dns.route53_alias import CLOUDFRONT_ZONE_ID, AliasRecords, AliasRecordsArgs, AliasTarget
from components.dns.route53_dns import Route53Dns
from components.edge.api_usage import ApiUsagePlan, ApiUsagePlanArgs
from components.edge.bucket import LogBucket
from components.edge.cdn import CdnSite, CdnSiteArgs
from components.edge.cdn_domain import CustomDomain as CdnDomain
from components.edge.rest_api import RestApi
from components.edge.rest_api_args import ApiKey, CustomDomain, RestApiArgs, Route
from components.edge.rest_api_cors import Cors
from components.edge.web_acl import GLOBAL_REGION, OpenToAll, WebAcl, WebAclArgs
from components.security.kms_key import KmsKey, KmsKeyArgs
from settings.currency_travel import CurrencyTravelSettings
from systems.currency_travel.functions import Functions
from systems.scope import Scope

EVERYONE = ("0.0.0.0/0", "::/0")
KEY_HEADER = "X-Api-Key"
CONTENT_SECURITY_POLICY = "default-src 'self'; object-src 'none'; base-uri 'self'; frame-ancestors 'none'"


@dataclass(frozen=True, kw_only=True)
class ApiDoor:
    api: RestApi
    plan: ApiUsagePlan


def build_api(scope: Scope, settings: CurrencyTravelSettings, key: KmsKey, functions: Functions) -> ApiDoor:
    domain, wanted = settings.domain, settings.api
    certificate = Certificate(
        f"{scope.name}-api-certificate",
        CertificateArgs(domain_name=domain.api_hostname, dns=Route53Dns(domain.zone_id)),
        scope.opts,
    )
    api = RestApi(
        f"{scope.name}-api",
        RestApiArgs(
            description="Currency Travel: rates, rankings and history",
            routes={
                service.route: Route(function=functions.services[name], authorization=ApiKey())
                for name, service in settings.services.by_name().items()
            },
            domain=CustomDomain(hostname=domain.api_hostname, certificate_arn=certificate.arn),
            source_cidrs=EVERYONE,
            kms_key_arn=key.key_arn,
            log_retention_days=settings.log_retention_days,
            throttle_burst=wanted.throttling_burst,
            throttle_rate=wanted.throttling_rate,
            cors=Cors(
                allowed_origins=[f"https://{domain.hostname}", *wanted.cors_origins],
                allowed_headers=("Authorization", "Content-Type", "X-Requested-With", KEY_HEADER),
            ),
            logging_account=scope.account.api_gateway_logging,
        ),
        scope.opts,
    )
    _build_api_firewall(scope, settings, key, api)
    AliasRecords(
        f"{scope.name}-api-alias",
        AliasRecordsArgs(
            zone_id=domain.zone_id,
            record_name=domain.api_hostname,
            target=AliasTarget(dns_name=api.target_domain_name, hosted_zone_id=api.target_zone_id),
            # A regional API answers on IPv4 alone.
            ipv6=False,
        ),
        scope.opts,
    )
    plan = ApiUsagePlan(
        f"{scope.name}-clients",
        ApiUsagePlanArgs(
            api=api,
            clients=wanted.clients,
            rate=wanted.client_rate,
            burst=wanted.client_burst,
            monthly_requests=wanted.client_monthly_requests,
        ),
        scope.opts,
    )
    return ApiDoor(api=api, plan=plan)


def _build_api_firewall(scope: Scope, settings: CurrencyTravelSettings, key: KmsKey, api: RestApi) -> WebAcl:
    return WebAcl(
        f"{scope.name}-api-firewall",
        WebAclArgs(
            scope="REGIONAL",
            account_id=scope.stack.account_id,
            region=scope.stack.region,
            source=OpenToAll(),
            rate_limit_per_5_minutes=settings.api.rate_limit,
            log_retention_days=settings.log_retention_days,
            kms_key_arn=key.key_arn,
            resource_arns={"api": api.stage_arn},
        ),
        scope.opts,
    )


def build_site(scope: Scope, settings: CurrencyTravelSettings, key: KmsKey, logs: LogBucket) -> CdnSite:
    domain = settings.domain
    certificate = Certificate(
        f"{scope.name}-site-certificate",
        CertificateArgs(domain_name=domain.hostname, dns=Route53Dns(domain.zone_id), region=GLOBAL_REGION),
        scope.opts,
    )
    site = CdnSite(
        f"{scope.name}-static-assets",
        CdnSiteArgs(
            kms_key_arn=key.key_arn,
            log_bucket=logs,
            domain=CdnDomain(aliases=[domain.hostname], certificate_arn=certificate.arn),
            content_security_policy=f"{CONTENT_SECURITY_POLICY}; connect-src 'self' https://{domain.api_hostname}",
            web_acl_arn=_build_site_firewall(scope, settings).web_acl_arn,
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    )
    AliasRecords(
        f"{scope.name}-site-alias",
        AliasRecordsArgs(
            zone_id=domain.zone_id,
            record_name=domain.hostname,
            target=AliasTarget(dns_name=site.domain_name, hosted_zone_id=CLOUDFRONT_ZONE_ID),
        ),
        scope.opts,
    )
    return site


def _build_site_firewall(scope: Scope, settings: CurrencyTravelSettings) -> WebAcl:
    """CloudFront's web ACLs live in us-east-1, and a log group takes only a key of its own region."""
    key = KmsKey(
        f"{scope.name}-global-key",
        KmsKeyArgs(
            alias=f"{scope.physical_name}-global",
            description="Currency Travel: logs that CloudFront's firewall writes in us-east-1",
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
            rate_limit_per_5_minutes=settings.api.rate_limit,
            log_retention_days=settings.log_retention_days,
            kms_key_arn=key.key_arn,
        ),
        scope.opts,
    )
