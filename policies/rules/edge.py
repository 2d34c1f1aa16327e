"""CloudFront, WAF, certificates and Route 53."""

from policies.checks import every, one_of, present
from policies.model import Graph, Resource
from policies.rule import Found, rule, stack_rule
from policies.tokens import (
    API_DOMAIN,
    CERTIFICATE,
    CERTIFICATE_VALIDATION,
    CLOUDFRONT,
    CLOUDFRONT_VPC_ORIGIN,
    LISTENER,
    R53_QUERY_LOG,
    R53_ZONE,
    WAF,
    WAF_LOGGING,
)
from policies.values import Props

_VIEWER_POLICIES = frozenset({"redirect-to-https", "https-only"})
_ORIGIN_TLS = frozenset({"TLSv1.2"})
_VIEWER_TLS = frozenset({"TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025"})
_STRONG_KEYS = frozenset(
    {"RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"}
)


@rule(
    id="cloudfront-root-object",
    title="A distribution has a default root object",
    fsbp=("CloudFront.1",),
    severity="low",
    enforcement="A",
    types=(CLOUDFRONT,),
    why="A request for / otherwise lists or exposes the origin.",
    fix="Set defaultRootObject.",
)
def cloudfront_root_object(r: Resource) -> Found:
    target = r.text("defaultCacheBehavior.targetOriginId")
    for origin in r.blocks("origins"):
        if _has_server(origin) and origin.text("originId") == target:
            # A server answers / itself; a bucket lists what it holds, or refuses.
            return None
    return present(r, "defaultRootObject")


@rule(
    id="cloudfront-viewer-tls",
    title="Viewers are sent to HTTPS",
    fsbp=("CloudFront.3",),
    severity="medium",
    enforcement="M",
    types=(CLOUDFRONT,),
    why="Plain HTTP can be read and changed on the way.",
    fix="Set viewerProtocolPolicy to redirect-to-https or https-only in every behaviour.",
)
def cloudfront_viewer_tls(r: Resource) -> Found:
    yield one_of(r, "defaultCacheBehavior.viewerProtocolPolicy", _VIEWER_POLICIES)
    yield from every(
        r.blocks("orderedCacheBehaviors"), lambda b: one_of(b, "viewerProtocolPolicy", _VIEWER_POLICIES)
    )


@stack_rule(
    id="cloudfront-logged",
    title="A distribution's requests are logged",
    fsbp=("CloudFront.5",),
    severity="medium",
    enforcement="M",
    types=(CLOUDFRONT,),
    why="What the edge answers never reaches the origin's logs.",
    fix="Set loggingConfig, or deliver access logs with a LogDeliverySource for the distribution.",
)
def cloudfront_logged(r: Resource, graph: Graph) -> Found:
    delivered = graph.referring(r, "resourceArn", "aws:cloudwatch/logDeliverySource:LogDeliverySource")
    return None if delivered else present(r, "loggingConfig.bucket")


@rule(
    id="cloudfront-waf",
    title="A distribution stands behind a web ACL",
    fsbp=("CloudFront.6",),
    severity="medium",
    enforcement="M",
    types=(CLOUDFRONT,),
    why="The edge is where floods and known attacks are cheapest to stop.",
    fix="Set webAclId to an ACL of scope CLOUDFRONT in us-east-1.",
)
def cloudfront_waf(r: Resource) -> Found:
    return present(r, "webAclId")


@rule(
    id="cloudfront-own-certificate",
    title="A distribution with names of its own uses its own certificate",
    fsbp=("CloudFront.7",),
    severity="low",
    enforcement="M",
    types=(CLOUDFRONT,),
    why="The default certificate does not match the alias, and pins TLS 1.0.",
    fix="Set viewerCertificate.acmCertificateArn.",
)
def cloudfront_own_certificate(r: Resource) -> Found:
    if not r.has("aliases"):
        return None
    return present(r, "viewerCertificate.acmCertificateArn", "viewerCertificate.iamCertificateId")


@rule(
    id="cloudfront-tls-policy",
    title="Viewers use TLS 1.2 or later",
    fsbp=("CloudFront.15",),
    severity="medium",
    enforcement="M",
    types=(CLOUDFRONT,),
    why="Older protocol versions have known attacks.",
    fix="Set viewerCertificate.minimumProtocolVersion to TLSv1.2_2021 or later.",
)
def cloudfront_tls_policy(r: Resource) -> Found:
    if r.flag("viewerCertificate.cloudfrontDefaultCertificate"):
        return None
    return one_of(r, "viewerCertificate.minimumProtocolVersion", _VIEWER_TLS)


@rule(
    id="cloudfront-origin-tls",
    title="Distributions speak TLS 1.2 to their origins",
    fsbp=("CloudFront.9", "CloudFront.10"),
    severity="medium",
    enforcement="M",
    types=(CLOUDFRONT, CLOUDFRONT_VPC_ORIGIN),
    why="The second half of the way needs the same lock as the first.",
    fix="originProtocolPolicy https-only and originSslProtocols TLSv1.2 alone.",
)
def cloudfront_origin_tls(r: Resource) -> Found:
    if r.type == CLOUDFRONT_VPC_ORIGIN:
        endpoint = "vpcOriginEndpointConfig"
        yield _weak(r, f"{endpoint}.originSslProtocols.items")
        yield one_of(r, f"{endpoint}.originProtocolPolicy", {"https-only"})
        return
    yield from every(r.blocks("origins"), _origin_tls)


def _origin_tls(origin: Props) -> str | None:
    if not origin.has("customOriginConfig"):
        return None
    return _weak(origin, "customOriginConfig.originSslProtocols") or one_of(
        origin, "customOriginConfig.originProtocolPolicy", {"https-only"}
    )


def _weak(props: Props, path: str) -> str | None:
    weak = sorted(set(props.strings(path)) - _ORIGIN_TLS)
    return f"{props.where(path)} allows {', '.join(weak)}" if weak else None


@rule(
    id="cloudfront-origin-access-control",
    title="Bucket origins are reached by origin access control",
    fsbp=("CloudFront.13",),
    severity="medium",
    enforcement="M",
    types=(CLOUDFRONT,),
    why="Otherwise the bucket must be public, and the edge can be walked around.",
    fix="Set originAccessControlId on each S3 origin.",
)
def cloudfront_origin_access_control(r: Resource) -> Found:
    return every(
        r.blocks("origins"),
        lambda o: None if _has_server(o) else present(o, "originAccessControlId"),
    )


def _has_server(origin: Props) -> bool:
    return origin.has("customOriginConfig") or origin.has("vpcOriginConfig")


@rule(
    id="waf-has-rules",
    title="A web ACL has rules",
    fsbp=("WAF.10",),
    severity="medium",
    enforcement="M",
    types=(WAF,),
    why="An empty ACL lets everything through and looks like protection.",
    fix="Add managed rule groups and a rate rule.",
)
def waf_has_rules(r: Resource) -> Found:
    yield present(r, "rules", "ruleJson")
    listed = list(r.blocks("rules"))
    if listed and all(map(_counts, listed)):
        yield "every rule only counts"


def _counts(rule: Props) -> bool:
    return rule.raw("action.count") is not None or rule.raw("overrideAction.count") is not None


@stack_rule(
    id="waf-logged",
    title="A web ACL's decisions are logged",
    fsbp=("WAF.11",),
    severity="low",
    enforcement="M",
    types=(WAF,),
    why="Without the log nobody can tell a blocked attack from a blocked customer.",
    fix="Add a WebAclLoggingConfiguration; its log group's name begins with aws-waf-logs-.",
)
def waf_logged(r: Resource, graph: Graph) -> Found:
    return None if graph.referring(r, "resourceArn", WAF_LOGGING) else "no WebAclLoggingConfiguration"


@rule(
    id="waf-metrics",
    title="A web ACL and its rules have metrics",
    pack="operations",
    fsbp=("WAF.12",),
    severity="low",
    enforcement="A",
    types=(WAF,),
    why="Alarms and dashboards need the counts.",
    fix="Set visibilityConfig.cloudwatchMetricsEnabled.",
)
def waf_metrics(r: Resource) -> Found:
    yield _metrics(r)
    yield from every(r.blocks("rules"), _metrics)


def _metrics(props: Props) -> str | None:
    enabled = props.flag("visibilityConfig.cloudwatchMetricsEnabled")
    return None if enabled else f"{props.where('visibilityConfig.cloudwatchMetricsEnabled')} is not true"


@rule(
    id="acm-strong-key",
    title="Certificates use RSA 2048, or an elliptic curve, or stronger",
    fsbp=("ACM.2",),
    severity="high",
    enforcement="M",
    types=(CERTIFICATE,),
    why="Shorter RSA keys can be factored.",
    fix="Leave keyAlgorithm at RSA_2048 or choose a stronger one.",
)
def acm_strong_key(r: Resource) -> Found:
    return one_of(r, "keyAlgorithm", _STRONG_KEYS, default="RSA_2048")


@stack_rule(
    id="acm-validated-here",
    title="Each certificate in use is validated by DNS in this stack",
    pack="reliability",
    severity="high",
    enforcement="M",
    types=(CERTIFICATE,),
    why="A certificate that waits for a click is not issued today, and not renewed in a year.",
    fix="validationMethod DNS, the validation records, and a CertificateValidation that others wait for.",
)
def acm_validated_here(r: Resource, graph: Graph) -> Found:
    if r.has("privateKey") or r.has("certificateAuthorityArn"):
        return
    yield one_of(r, "validationMethod", {"DNS"})
    if not graph.referring(r, "certificateArn", CERTIFICATE_VALIDATION):
        yield "no CertificateValidation waits for it"


@stack_rule(
    id="certificate-in-use-is-ours",
    title="Every certificate in use is made here",
    pack="operations",
    severity="medium",
    enforcement="M",
    types=(API_DOMAIN, CLOUDFRONT, LISTENER),
    why="A certificate from elsewhere expires without anyone here being told.",
    fix="Use the certificateArn of a CertificateValidation of this stack.",
)
def certificate_in_use_is_ours(r: Resource, graph: Graph) -> Found:
    for path in ("certificateArn", "regionalCertificateArn", "viewerCertificate.acmCertificateArn"):
        if r.has(path) and not _made_here(graph, r, path):
            yield f"{path} is no certificate of this stack"


def _made_here(graph: Graph, user: Resource, path: str) -> bool:
    if graph.refs(user, path, CERTIFICATE, CERTIFICATE_VALIDATION):
        return True
    value = user.raw(path)
    return any(v.outputs.raw("certificateArn") == value for v in graph.of(CERTIFICATE_VALIDATION))


@stack_rule(
    id="route53-query-logging",
    title="Public zones log their queries",
    fsbp=("Route53.2",),
    severity="low",
    enforcement="A",
    types=(R53_ZONE,),
    why="Queries show misuse of a name before anything else does.",
    fix="Add a QueryLog for the zone.",
)
def route53_query_logging(r: Resource, graph: Graph) -> Found:
    private = r.has("vpcs")
    return None if private or graph.referring(r, "zoneId", R53_QUERY_LOG) else "no QueryLog"
