"""Sesami's doors: the single-page application and the API, each a distribution behind one firewall.

The load balancer is internal: CloudFront reaches it through a VPC origin and nobody else at all, so there is
one place to guard. The API keeps a name of its own: the application calls it with tokens and no cookies.
"""

from components.dns.certificate import Certificate, CertificateArgs
from components.dns.route53_alias import CLOUDFRONT_ZONE_ID, AliasRecords, AliasRecordsArgs, AliasTarget
from components.dns.route53_dns import Route53Dns
from components.edge.bucket import LogBucket, LogBucketArgs
from components.edge.cdn_domain import CustomDomain
from components.edge.cdn_load_balancer import CdnLoadBalancer, CdnLoadBalancerArgs
from components.edge.load_balancer import LoadBalancer
from components.edge.load_balancer_args import BehindCdn, LoadBalancerArgs
from components.edge.load_balancer_plan import Target, TargetHealthCheck
from components.edge.single_page_site import SinglePageSite, SinglePageSiteArgs
from components.edge.web_acl import GLOBAL_REGION, OpenToAll, WebAcl, WebAclArgs
from components.network.vpc import Vpc
from components.security.kms_key import KmsKey, KmsKeyArgs
from settings.sesami import SesamiSettings
from systems.scope import Scope

TARGET = "api"


def build_log_bucket(scope: Scope, settings: SesamiSettings) -> LogBucket:
    return LogBucket(
        f"{scope.name}-logs",
        LogBucketArgs(
            account_id=scope.stack.account_id,
            retention_days=settings.log_retention_days,
            load_balancer_logs=True,
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    )


def build_load_balancer(
    scope: Scope, settings: SesamiSettings, vpc: Vpc, logs: LogBucket, certificate: Certificate
) -> LoadBalancer:
    return LoadBalancer(
        f"{scope.name}-lb",
        LoadBalancerArgs(
            vpc_id=vpc.vpc_id,
            subnet_ids=vpc.private_subnet_ids,
            certificate_arn=certificate.arn,
            log_bucket=logs,
            exposure=BehindCdn(prefix_list_id=settings.edge.cloudfront_prefix_list),
            targets={
                TARGET: Target(
                    port=settings.api.port, health_check=TargetHealthCheck(path=settings.api.health_path)
                )
            },
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    )


def build_api_certificate(scope: Scope, settings: SesamiSettings) -> Certificate:
    return Certificate(
        f"{scope.name}-api-certificate",
        CertificateArgs(domain_name=settings.domain.api_hostname, dns=Route53Dns(settings.domain.zone_id)),
        scope.opts,
    )


def build_api_cdn(
    scope: Scope,
    settings: SesamiSettings,
    *,
    load_balancer: LoadBalancer,
    logs: LogBucket,
    certificate: Certificate,
    firewall: WebAcl,
) -> CdnLoadBalancer:
    """CloudFront passes the API's name on, so the load balancer has a certificate for it as well."""
    hostname = settings.domain.api_hostname
    global_certificate = Certificate(
        f"{scope.name}-api-cdn-certificate",
        CertificateArgs(
            domain_name=hostname,
            dns=Route53Dns(settings.domain.zone_id),
            region=GLOBAL_REGION,
            proven_by=certificate,
        ),
        scope.opts,
    )
    cdn = CdnLoadBalancer(
        f"{scope.name}-api-cdn",
        CdnLoadBalancerArgs(
            load_balancer=load_balancer,
            domain=CustomDomain(aliases=[hostname], certificate_arn=global_certificate.arn),
            log_bucket=logs,
            content_security_policy="default-src 'none'; frame-ancestors 'none'",
            web_acl_arn=firewall.web_acl_arn,
        ),
        scope.opts,
    )
    AliasRecords(
        f"{scope.name}-api-alias",
        AliasRecordsArgs(
            zone_id=settings.domain.zone_id,
            record_name=hostname,
            target=AliasTarget(dns_name=cdn.domain_name, hosted_zone_id=CLOUDFRONT_ZONE_ID),
        ),
        scope.opts,
    )
    return cdn


def build_site(
    scope: Scope, settings: SesamiSettings, key: KmsKey, logs: LogBucket, firewall: WebAcl
) -> SinglePageSite:
    dns = Route53Dns(settings.domain.zone_id)
    certificate = Certificate(
        f"{scope.name}-site-certificate",
        CertificateArgs(domain_name=settings.domain.hostname, dns=dns, region=GLOBAL_REGION),
        scope.opts,
    )
    site = SinglePageSite(
        f"{scope.name}-site",
        SinglePageSiteArgs(
            kms_key_arn=key.key_arn,
            log_bucket=logs,
            domain=CustomDomain(aliases=[settings.domain.hostname], certificate_arn=certificate.arn),
            content_security_policy=_content_security_policy(settings),
            web_acl_arn=firewall.web_acl_arn,
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    )
    AliasRecords(
        f"{scope.name}-site-alias",
        AliasRecordsArgs(
            zone_id=settings.domain.zone_id,
            record_name=settings.domain.hostname,
            target=AliasTarget(dns_name=site.domain_name, hosted_zone_id=CLOUDFRONT_ZONE_ID),
        ),
        scope.opts,
    )
    return site


def _content_security_policy(settings: SesamiSettings) -> str:
    """The application's own files, its API, and the pictures of GitHub users."""
    return "; ".join(
        (
            "default-src 'self'",
            f"connect-src 'self' https://{settings.domain.api_hostname}",
            "img-src 'self' data: https://avatars.githubusercontent.com",
            "object-src 'none'",
            "base-uri 'self'",
            "frame-ancestors 'none'",
        )
    )


def build_firewall(scope: Scope, settings: SesamiSettings) -> WebAcl:
    """CloudFront's web ACLs live in us-east-1, and a log group takes only a key of its own region."""
    key = KmsKey(
        f"{scope.name}-global-key",
        KmsKeyArgs(
            alias=f"{scope.physical_name}-global",
            description="Sesami: logs that CloudFront's firewall writes in us-east-1",
            account_id=scope.stack.account_id,
            region=GLOBAL_REGION,
            services=["logs"],
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    )
    return WebAcl(
        f"{scope.name}-firewall",
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
