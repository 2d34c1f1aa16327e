"""Sesami's doors: the single-page application at CloudFront, and the load balancer that it calls.

The API has a name and a public load balancer of its own: it is called by the application in the browser, with
tokens and no cookies, so nothing is gained by putting it under the application's name; a web ACL of its own
guards it.
"""

from dataclasses import dataclass

from components.dns.certificate import Certificate, CertificateArgs
from components.dns.route53_alias import CLOUDFRONT_ZONE_ID, AliasRecords, AliasRecordsArgs, AliasTarget
from components.dns.route53_dns import Route53Dns
from components.edge.bucket import LogBucket, LogBucketArgs
from components.edge.cdn import GLOBAL_REGION, CustomDomain
from components.edge.load_balancer import LoadBalancer
from components.edge.load_balancer_args import Internet, LoadBalancerArgs
from components.edge.load_balancer_plan import Target, TargetHealthCheck
from components.edge.single_page_site import SinglePageSite, SinglePageSiteArgs
from components.edge.web_acl import OpenToAll, WebAcl, WebAclArgs
from components.network.vpc import Vpc
from components.security.kms_key import KmsKey, KmsKeyArgs
from settings.sesami import SesamiSettings
from systems.scope import Scope

TARGET = "api"


@dataclass(frozen=True, kw_only=True)
class Door:
    """The load balancer and its firewall."""

    load_balancer: LoadBalancer
    web_acl: WebAcl


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


def build_door(scope: Scope, settings: SesamiSettings, vpc: Vpc, key: KmsKey, logs: LogBucket) -> Door:
    dns = Route53Dns(settings.domain.zone_id)
    certificate = Certificate(
        f"{scope.name}-api-certificate",
        CertificateArgs(domain_name=settings.domain.api_hostname, dns=dns),
        scope.opts,
    )
    load_balancer = LoadBalancer(
        f"{scope.name}-lb",
        LoadBalancerArgs(
            vpc_id=vpc.vpc_id,
            subnet_ids=vpc.public_subnet_ids,
            certificate_arn=certificate.arn,
            log_bucket=logs,
            exposure=Internet(),
            targets={
                TARGET: Target(
                    port=settings.api.port, health_check=TargetHealthCheck(path=settings.api.health_path)
                )
            },
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    )
    AliasRecords(
        f"{scope.name}-api-alias",
        AliasRecordsArgs(
            zone_id=settings.domain.zone_id,
            record_name=settings.domain.api_hostname,
            target=AliasTarget(dns_name=load_balancer.dns_name, hosted_zone_id=load_balancer.zone_id),
            ipv6=False,
        ),
        scope.opts,
    )
    web_acl = WebAcl(
        f"{scope.name}-api-firewall",
        WebAclArgs(
            scope="REGIONAL",
            account_id=scope.stack.account_id,
            region=scope.stack.region,
            source=OpenToAll(),
            rate_limit_per_5_minutes=settings.edge.rate_limit,
            log_retention_days=settings.log_retention_days,
            kms_key_arn=key.key_arn,
            resource_arns={"api": load_balancer.arn},
        ),
        scope.opts,
    )
    return Door(load_balancer=load_balancer, web_acl=web_acl)


def build_site(scope: Scope, settings: SesamiSettings, key: KmsKey, logs: LogBucket) -> SinglePageSite:
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
            web_acl_arn=_build_site_firewall(scope, settings).web_acl_arn,
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


def _build_site_firewall(scope: Scope, settings: SesamiSettings) -> WebAcl:
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
