"""Work Redesign's doors: CloudFront with its firewall, and the load balancer that nobody else reaches."""

from dataclasses import dataclass

from components.dns.certificate import Certificate, CertificateArgs
from components.dns.route53_alias import CLOUDFRONT_ZONE_ID, AliasRecords, AliasRecordsArgs, AliasTarget
from components.dns.route53_dns import Route53Dns
from components.edge.bucket import LogBucket
from components.edge.cdn_domain import CustomDomain
from components.edge.cdn_load_balancer import (
    CACHING_OPTIMIZED,
    Behavior,
    CdnLoadBalancer,
    CdnLoadBalancerArgs,
    PathBehavior,
)
from components.edge.load_balancer import LoadBalancer
from components.edge.load_balancer_args import BehindCdn, LoadBalancerArgs
from components.edge.load_balancer_plan import Target, TargetHealthCheck
from components.edge.web_acl import GLOBAL_REGION, ManagedGroup, OpenToAll, WebAcl, WebAclArgs
from components.network.vpc import Vpc
from components.security.kms_key import KmsKey, KmsKeyArgs
from settings.work_redesign import WorkRedesignSettings
from systems.scope import Scope

FRONTEND = "front"
BACKEND = "back"
"""Keys of the targets; names of target groups leave no room for more."""

BACKEND_PATHS = ("/api/*", "/socket.io/*", "/health")
STATIC_FILES = "/_next/static/*"

MANAGED_GROUPS = (
    # Uploads and contributions are longer than the 8 KB that this rule allows.
    ManagedGroup("AWSManagedRulesCommonRuleSet", count_rules=["SizeRestrictions_BODY"]),
    ManagedGroup("AWSManagedRulesKnownBadInputsRuleSet"),
    ManagedGroup("AWSManagedRulesSQLiRuleSet"),
)


@dataclass(frozen=True, kw_only=True)
class Certificates:
    """One name, twice: the load balancer's in the stack's Region, CloudFront's in us-east-1."""

    regional: Certificate
    cdn: Certificate


def build_certificates(scope: Scope, settings: WorkRedesignSettings) -> Certificates:
    dns = Route53Dns(settings.domain.zone_id)
    regional = Certificate(
        f"{scope.name}-certificate",
        CertificateArgs(domain_name=settings.domain.hostname, dns=dns),
        scope.opts,
    )
    cdn = Certificate(
        f"{scope.name}-cdn-certificate",
        CertificateArgs(
            domain_name=settings.domain.hostname, dns=dns, region=GLOBAL_REGION, proven_by=regional
        ),
        scope.opts,
    )
    return Certificates(regional=regional, cdn=cdn)


def build_load_balancer(
    scope: Scope,
    settings: WorkRedesignSettings,
    *,
    vpc: Vpc,
    logs: LogBucket,
    certificates: Certificates,
) -> LoadBalancer:
    frontend, backend = settings.frontend, settings.backend
    return LoadBalancer(
        f"{scope.name}-lb",
        LoadBalancerArgs(
            vpc_id=vpc.vpc_id,
            subnet_ids=vpc.private_subnet_ids,
            certificate_arn=certificates.regional.arn,
            log_bucket=logs,
            exposure=BehindCdn(prefix_list_id=settings.edge.cloudfront_prefix_list),
            targets={
                FRONTEND: Target(
                    port=frontend.port,
                    health_check=TargetHealthCheck(path=frontend.health_path),
                    blue_green=True,
                ),
                BACKEND: Target(
                    port=backend.port,
                    health_check=TargetHealthCheck(path=backend.health_path),
                    paths=BACKEND_PATHS,
                    stickiness_seconds=backend.sticky_seconds,
                    blue_green=True,
                ),
            },
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    )


def build_cdn(
    scope: Scope,
    settings: WorkRedesignSettings,
    *,
    load_balancer: LoadBalancer,
    logs: LogBucket,
    certificates: Certificates,
    firewall: WebAcl,
) -> CdnLoadBalancer:
    hostname = settings.domain.hostname
    cdn = CdnLoadBalancer(
        f"{scope.name}-cdn",
        CdnLoadBalancerArgs(
            load_balancer=load_balancer,
            domain=CustomDomain(aliases=[hostname], certificate_arn=certificates.cdn.arn),
            log_bucket=logs,
            content_security_policy=_content_security_policy(hostname),
            web_acl_arn=firewall.web_acl_arn,
            paths=[
                PathBehavior(
                    path_pattern=STATIC_FILES,
                    behavior=Behavior(cache_policy_id=CACHING_OPTIMIZED, read_only=True),
                )
            ],
        ),
        scope.opts,
    )
    AliasRecords(
        f"{scope.name}-name",
        AliasRecordsArgs(
            zone_id=settings.domain.zone_id,
            record_name=hostname,
            target=AliasTarget(dns_name=cdn.domain_name, hosted_zone_id=CLOUDFRONT_ZONE_ID),
        ),
        scope.opts,
    )
    return cdn


def build_firewall(scope: Scope, settings: WorkRedesignSettings) -> WebAcl:
    """CloudFront's web ACLs live in us-east-1, and a log group takes only a key of its own region."""
    key = KmsKey(
        f"{scope.name}-global-key",
        KmsKeyArgs(
            alias=f"{scope.physical_name}-global",
            description="Work Redesign: logs that CloudFront's firewall writes in us-east-1",
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
            managed_groups=MANAGED_GROUPS,
        ),
        scope.opts,
    )


def _content_security_policy(hostname: str) -> str:
    """Next.js writes its start-up data into the page, so inline scripts and styles are allowed."""
    return "; ".join(
        (
            "default-src 'self'",
            f"connect-src 'self' wss://{hostname}",
            "script-src 'self' 'unsafe-inline'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "frame-ancestors 'none'",
        )
    )
