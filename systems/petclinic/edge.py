"""PetClinic's doors: CloudFront with its firewall, and the load balancer of the first region behind it."""

from dataclasses import dataclass
from pathlib import Path

from components.dns.certificate import Certificate, CertificateArgs
from components.dns.route53_dns import Route53Dns
from components.edge.bucket import LogBucket
from components.edge.cache_key import CacheKey, CacheKeyArgs
from components.edge.cdn_domain import CustomDomain
from components.edge.cdn_load_balancer import Behavior, CdnLoadBalancer, CdnLoadBalancerArgs, PathBehavior
from components.edge.edge_function import EdgeFunction, EdgeFunctionArgs
from components.edge.load_balancer import LoadBalancer
from components.edge.load_balancer_args import BehindCdn, LoadBalancerArgs
from components.edge.load_balancer_plan import Target, TargetHealthCheck
from components.edge.web_acl import GLOBAL_REGION, ManagedGroup, OpenToAll, WebAcl, WebAclArgs
from components.network.vpc import Vpc
from components.security.kms_key import KmsKey, KmsKeyArgs
from settings.petclinic import NoSecondRegion, PetClinicSettings
from systems.scope import Scope

WEB = "web"
"""Key of the target; names of target groups leave no room for more."""

COOKIE_SOURCE = Path("functions/petclinic_cookies/function.js")
CLUSTER_TAG = "eks:eks-cluster-name"
"""Auto Mode registers pods only where it finds its cluster's name."""

VIEWER_COUNTRY = "CloudFront-Viewer-Country"

MANAGED_GROUPS = (
    # Pictures of pets are longer than the 8 KB that this rule allows.
    ManagedGroup("AWSManagedRulesCommonRuleSet", count_rules=["SizeRestrictions_BODY"]),
    ManagedGroup("AWSManagedRulesKnownBadInputsRuleSet"),
    ManagedGroup("AWSManagedRulesSQLiRuleSet"),
)


@dataclass(frozen=True, kw_only=True)
class Edge:
    cdn: CdnLoadBalancer
    load_balancer: LoadBalancer
    certificate: Certificate
    """CloudFront's, whose records prove the names for every region."""
    firewall: WebAcl
    cookies: EdgeFunction


def build_certificate(scope: Scope, settings: PetClinicSettings) -> Certificate:
    """CloudFront's. A record proves a name for every region, and these belong to none of ours: the second
    region's certificate must not wait for the first."""
    domain = settings.domain
    names = [domain.hostname, domain.primary_hostname]
    if not isinstance(settings.second_region, NoSecondRegion):
        names.append(domain.secondary_hostname)
    return Certificate(
        f"{scope.name}-certificate",
        CertificateArgs(
            domain_name=domain.hostname,
            subject_alternative_names=names[1:],
            dns=Route53Dns(domain.zone_id),
            region=GLOBAL_REGION,
        ),
        scope.opts,
    )


def build_load_balancer(
    scope: Scope, settings: PetClinicSettings, *, vpc: Vpc, logs: LogBucket, proven_by: Certificate
) -> LoadBalancer:
    domain = settings.domain
    certificate = Certificate(
        f"{scope.name}-regional-certificate",
        CertificateArgs(
            domain_name=domain.hostname,
            subject_alternative_names=[domain.primary_hostname],
            dns=Route53Dns(domain.zone_id),
            region=scope.stack.region,
            proven_by=proven_by,
        ),
        scope.opts,
    )
    return LoadBalancer(
        f"{scope.name}-lb",
        LoadBalancerArgs(
            vpc_id=vpc.vpc_id,
            subnet_ids=vpc.private_subnet_ids,
            certificate_arn=certificate.arn,
            log_bucket=logs,
            exposure=BehindCdn(prefix_list_id=settings.edge.cloudfront_prefix_list),
            targets={
                WEB: web_target(
                    settings,
                    blue_green=settings.platform == "ec2",
                    on_hosts=settings.platform == "ec2",
                    cluster_name=scope.physical_name,
                )
            },
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    )


def web_target(
    settings: PetClinicSettings, *, blue_green: bool, on_hosts: bool, cluster_name: str = ""
) -> Target:
    """Any host answers any request: sessions are in the cache, and nobody sticks."""
    return Target(
        port=settings.hosts.port,
        target_type="instance" if on_hosts else "ip",
        health_check=TargetHealthCheck(
            path=settings.hosts.health_path,
            interval_seconds=10,
            timeout_seconds=5,
            healthy_threshold=2,
            unhealthy_threshold=3,
        ),
        stickiness_seconds=None,
        deregistration_delay_seconds=60,
        blue_green=blue_green,
        tags={} if on_hosts else {CLUSTER_TAG: cluster_name},
    )


def build_edge(
    scope: Scope,
    settings: PetClinicSettings,
    *,
    load_balancer: LoadBalancer,
    logs: LogBucket,
    certificate: Certificate,
) -> Edge:
    domain = settings.domain
    firewall = _build_firewall(scope, settings)
    cookies = _build_cookies(scope, settings)
    key = _build_cache_key(scope, settings)
    cdn = CdnLoadBalancer(
        f"{scope.name}-cdn",
        CdnLoadBalancerArgs(
            load_balancer=load_balancer,
            domain=CustomDomain(
                aliases=[domain.hostname, domain.primary_hostname], certificate_arn=certificate.arn
            ),
            log_bucket=logs,
            content_security_policy=_CONTENT_SECURITY_POLICY,
            web_acl_arn=firewall.web_acl_arn,
            default=Behavior(
                cache_policy_id=key.cache_policy_id,
                origin_request_policy_id=key.origin_request_policy_id,
                viewer_request_function_arn=cookies.function_arn,
            ),
            paths=[
                PathBehavior(
                    path_pattern=path, behavior=Behavior(viewer_request_function_arn=cookies.function_arn)
                )
                for path in settings.edge.caching.uncached_paths
            ],
        ),
        scope.opts,
    )
    return Edge(
        cdn=cdn, load_balancer=load_balancer, certificate=certificate, firewall=firewall, cookies=cookies
    )


def _build_cookies(scope: Scope, settings: PetClinicSettings) -> EdgeFunction:
    return EdgeFunction(
        f"{scope.name}-cookies",
        EdgeFunctionArgs(
            source=COOKIE_SOURCE,
            comment="PetClinic: keeps the session's cookie and drops the rest",
            values={"ESSENTIAL": settings.edge.caching.cookie},
        ),
        scope.opts,
    )


def _build_cache_key(scope: Scope, settings: PetClinicSettings) -> CacheKey:
    wanted = settings.edge.caching
    return CacheKey(
        f"{scope.name}-pages",
        CacheKeyArgs(
            min_seconds=wanted.min_seconds,
            default_seconds=wanted.default_seconds,
            max_seconds=wanted.max_seconds,
            query_keys=wanted.query_keys,
            headers=[VIEWER_COUNTRY],
            cookies=[wanted.cookie],
        ),
        scope.opts,
    )


def _build_firewall(scope: Scope, settings: PetClinicSettings) -> WebAcl:
    """CloudFront's web ACLs live in us-east-1, and a log group takes only a key of its own region."""
    key = KmsKey(
        f"{scope.name}-global-key",
        KmsKeyArgs(
            alias=f"{scope.physical_name}-global",
            description="PetClinic: logs that CloudFront's firewall writes in us-east-1",
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


_CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'self'",
        "frame-ancestors 'none'",
    )
)
"""Thymeleaf's pages load their own files; Bootstrap writes inline styles."""
