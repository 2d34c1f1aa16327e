"""Application, network and gateway load balancers."""

import re

from policies.checks import every, on, one_of, present
from policies.model import Graph, Resource
from policies.rule import Found, rule, stack_rule
from policies.tokens import (
    ALB,
    CLASSIC_LB,
    CLOUDFRONT,
    CLOUDFRONT_VPC_ORIGIN,
    LISTENER,
    LISTENER_RULE,
    SUBNET,
    TARGET_GROUP,
    WAF_ASSOCIATION,
)
from policies.values import Props

_TLS = re.compile(r"ELBSecurityPolicy-(TLS13-1-[23](-Res)?(-FIPS)?(-PQ)?-20\d\d-\d\d|FS-1-2-Res-2020-10)")
"""Forward secrecy and TLS 1.2 or later alone, without the weak ciphers of the Ext policies."""


def _is_application(load_balancer: Resource) -> bool:
    return load_balancer.text("loadBalancerType", "application") == "application"


@stack_rule(
    id="elb-http-redirects",
    title="What listens on HTTP sends to HTTPS",
    fsbp=("ELB.1",),
    severity="medium",
    enforcement="M",
    types=(LISTENER,),
    why="Plain HTTP can be read and changed on the way.",
    fix="Give HTTP listeners, and rules on them, a redirect to HTTPS and nothing else.",
)
def elb_http_redirects(r: Resource, graph: Graph) -> Found:
    if r.text("protocol").upper() != "HTTP":
        return
    yield from every(r.blocks("defaultActions"), _not_redirect)
    for listener_rule in graph.referring(r, "listenerArn", LISTENER_RULE):
        for fault in every(listener_rule.blocks("actions"), _not_redirect):
            yield f"rule {listener_rule.name}: {fault}"


def _not_redirect(action: Props) -> str | None:
    if action.text("type") == "redirect" and action.text("redirect.protocol").upper() == "HTTPS":
        return None
    return f"{action.where('type')} is {action.text('type')}, not a redirect to HTTPS"


@rule(
    id="elb-drops-invalid-headers",
    title="Load balancers drop headers that are not valid",
    fsbp=("ELB.4",),
    severity="medium",
    enforcement="M",
    types=(ALB,),
    why="Two readers of one malformed request may see two requests.",
    fix="Set dropInvalidHeaderFields.",
)
def elb_drops_invalid_headers(r: Resource) -> Found:
    return on(r, "dropInvalidHeaderFields") if _is_application(r) else None


@rule(
    id="elb-access-logs",
    title="Load balancers write access logs",
    fsbp=("ELB.5",),
    severity="medium",
    enforcement="M",
    types=(ALB,),
    why="Requests that no target answered are in no other log.",
    fix="Set accessLogs with enabled and a bucket that admits Elastic Load Balancing.",
)
def elb_access_logs(r: Resource) -> Found:
    if r.text("loadBalancerType", "application") == "gateway":
        return None
    return [on(r, "accessLogs.enabled"), present(r, "accessLogs.bucket")]


@rule(
    id="elb-deletion-protection",
    title="Load balancers refuse to be deleted",
    pack="reliability",
    fsbp=("ELB.6",),
    severity="medium",
    enforcement="M",
    types=(ALB,),
    prod_only=True,
    why="A new one has another address, and every name must follow it.",
    fix="Set enableDeletionProtection.",
)
def elb_deletion_protection(r: Resource) -> Found:
    return on(r, "enableDeletionProtection")


@rule(
    id="elb-desync-mitigated",
    title="Load balancers refuse ambiguous requests",
    fsbp=("ELB.12",),
    severity="medium",
    enforcement="M",
    types=(ALB,),
    why="Request smuggling needs two readers who disagree about where a request ends.",
    fix="Set desyncMitigationMode to defensive or strictest.",
)
def elb_desync_mitigated(r: Resource) -> Found:
    if not _is_application(r):
        return None
    return one_of(r, "desyncMitigationMode", {"defensive", "strictest"}, default="defensive")


@stack_rule(
    id="elb-two-zones",
    title="Load balancers stand in two zones",
    pack="reliability",
    fsbp=("ELB.13",),
    severity="medium",
    enforcement="M",
    types=(ALB,),
    why="With one zone they stop with it.",
    fix="Name subnets of at least two zones.",
)
def elb_two_zones(r: Resource, graph: Graph) -> Found:
    count = len(r.elements("subnets")) + len(r.elements("subnetMappings"))
    if count < 2:
        return f"{count} subnet(s)"
    subnets = graph.refs(r, "subnets", SUBNET) or graph.refs(r, "subnetMappings", SUBNET)
    zones = {s.text("availabilityZone") for s in subnets}
    return f"all subnets in {zones.pop()}" if len(zones) == 1 else None


@stack_rule(
    id="elb-waf",
    title="Each application load balancer stands behind a web ACL",
    fsbp=("ELB.16",),
    severity="medium",
    enforcement="M",
    types=(ALB,),
    why="A public application without a filter meets every known attack by itself.",
    fix="Add a WebAclAssociation, or make it internal behind a distribution that has a web ACL.",
)
def elb_waf(r: Resource, graph: Graph) -> Found:
    associated = graph.referring(r, "resourceArn", WAF_ASSOCIATION)
    if not _is_application(r) or associated or _is_filtered_origin(r, graph):
        return None
    return "no WebAclAssociation, and no distribution with a web ACL is the only way to it"


def _is_filtered_origin(load_balancer: Resource, graph: Graph) -> bool:
    """Whether it is internal, and CloudFront with a web ACL is what reaches it."""
    if not load_balancer.flag("internal"):
        return False
    origins = graph.referring(load_balancer, "vpcOriginEndpointConfig", CLOUDFRONT_VPC_ORIGIN)
    sites = [s for origin in origins for s in graph.referring(origin, "origins", CLOUDFRONT)]
    return bool(sites) and all(site.has("webAclId") for site in sites)


@rule(
    id="elb-tls-policy",
    title="Listeners use a strong TLS policy",
    fsbp=("ELB.17",),
    severity="medium",
    enforcement="M",
    types=(LISTENER,),
    why="Older protocol versions and ciphers have known attacks.",
    fix="Set sslPolicy to ELBSecurityPolicy-TLS13-1-2-2021-06 or a stricter one.",
)
def elb_tls_policy(r: Resource) -> Found:
    if r.text("protocol").upper() not in {"HTTPS", "TLS"}:
        return None
    policy = r.text("sslPolicy")
    return None if _TLS.fullmatch(policy) else f"sslPolicy is {policy or 'absent'}"


@stack_rule(
    id="elb-listener-protocol",
    title="Listeners speak HTTPS or TLS, or HTTP to redirect",
    fsbp=("ELB.18",),
    severity="medium",
    enforcement="M",
    types=(LISTENER,),
    why="A TCP listener leaves encryption to whatever stands behind it.",
    fix="Set protocol HTTPS (or TLS) and a certificate.",
)
def elb_listener_protocol(r: Resource, graph: Graph) -> Found:
    balancers = graph.refs(r, "loadBalancerArn", ALB)
    if any(b.text("loadBalancerType", "application") == "gateway" for b in balancers):
        return
    protocol = r.text("protocol").upper()
    yield one_of(r, "protocol", {"HTTP", "HTTPS", "TLS"})
    if protocol in {"HTTPS", "TLS"}:
        yield present(r, "certificateArn")


@rule(
    id="elb-targets-checked",
    title="Targets are checked before they get requests",
    pack="reliability",
    severity="medium",
    enforcement="M",
    types=(TARGET_GROUP,),
    why="A target that answers with errors otherwise goes on getting its share.",
    fix="Leave healthCheck.enabled true.",
)
def elb_targets_checked(r: Resource) -> Found:
    return on(r, "healthCheck.enabled", default=True)


@rule(
    id="elb-health-checked-by-tls",
    title="Health checks use HTTPS or TLS",
    fsbp=("ELB.21",),
    severity="medium",
    enforcement="A",
    types=(TARGET_GROUP,),
    why="A check in the clear says nothing of the certificate that requests will meet.",
    fix="Set healthCheck.protocol HTTPS, and let the target present a certificate.",
)
def elb_health_checked_by_tls(r: Resource) -> Found:
    if r.text("targetType") == "lambda" or not r.flag("healthCheck.enabled", default=True):
        return None
    protocol = r.text("healthCheck.protocol", "HTTP").upper()
    return None if protocol == "HTTPS" else f"healthCheck.protocol is {protocol}"


@rule(
    id="elb-targets-by-tls",
    title="Requests travel to targets encrypted",
    fsbp=("ELB.22",),
    severity="medium",
    enforcement="A",
    types=(TARGET_GROUP,),
    why="Inside the VPC is not nobody: a copied network interface reads what crosses it.",
    fix="Set protocol HTTPS, TLS or QUIC, and let the target present a certificate.",
)
def elb_targets_by_tls(r: Resource) -> Found:
    if r.text("targetType") == "lambda":
        return None
    protocol = r.text("protocol", "HTTP").upper()
    # GENEVE is the tunnel to appliances; it carries packets that are encrypted or not already.
    return None if protocol in {"HTTPS", "TLS", "QUIC", "GENEVE"} else f"protocol is {protocol}"


@rule(
    id="elb-classic-tls",
    title="Classic load balancers listen with TLS",
    fsbp=("ELB.3", "ELB.8"),
    severity="high",
    enforcement="M",
    types=(CLASSIC_LB,),
    why="A classic balancer cannot redirect: what listens on HTTP serves in the clear.",
    fix="Move to an application load balancer, or listen with https or ssl and a certificate alone.",
)
def elb_classic_tls(r: Resource) -> Found:
    return every(r.blocks("listeners"), _classic)


def _classic(listener: Props) -> str | None:
    protocol = listener.text("lbProtocol").lower()
    return None if protocol in {"https", "ssl"} else f"{listener.where('lbProtocol')} is {protocol}"
