"""API Gateway REST APIs."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from policies.checks import on, present
from policies.model import Graph, Resource
from policies.openapi import routes
from policies.rule import Found, rule, stack_rule
from policies.tokens import (
    API,
    API_DOMAIN,
    API_METHOD,
    API_RESOURCE,
    API_SETTINGS,
    API_STAGE,
    WAF_ASSOCIATION,
)

_INTEGRATION = "aws:apigateway/integration:Integration"


def _settings(stage: Resource, graph: Graph) -> list[Resource]:
    """The method settings that cover every method of the stage, joined by reference or by name."""
    found = graph.referring(stage, "stageName", API_SETTINGS) or [
        s for s in graph.of(API_SETTINGS) if s.text("stageName") == stage.text("stageName")
    ]
    apis = graph.refs(stage, "restApi", API)
    return [
        s
        for s in found
        if s.text("methodPath") == "*/*" and (not apis or graph.refs(s, "restApi", API) == apis)
    ]


@stack_rule(
    id="apigateway-execution-logs",
    title="Each stage writes execution logs",
    pack="operations",
    fsbp=("APIGateway.1",),
    severity="medium",
    enforcement="M",
    types=(API_STAGE,),
    why="The gateway's own failures (authorisation, mapping, time-outs) appear nowhere else.",
    fix='Add MethodSettings for "*/*" with loggingLevel ERROR or INFO.',
)
def apigateway_execution_logs(r: Resource, graph: Graph) -> Found:
    logged = any(s.text("settings.loggingLevel") in {"ERROR", "INFO"} for s in _settings(r, graph))
    return None if logged else 'no MethodSettings for "*/*" with loggingLevel ERROR or INFO'


@stack_rule(
    id="apigateway-no-data-trace",
    title="Execution logs leave out request and response bodies",
    severity="high",
    enforcement="M",
    types=(API_STAGE,),
    why="Data tracing writes passwords and personal data to the log in plain text.",
    fix="Leave dataTraceEnabled false.",
)
def apigateway_no_data_trace(r: Resource, graph: Graph) -> Found:
    return [
        f"{s.name} has dataTraceEnabled" for s in _settings(r, graph) if s.flag("settings.dataTraceEnabled")
    ]


@stack_rule(
    id="apigateway-client-certificate",
    title="A stage before HTTP backends shows a client certificate",
    fsbp=("APIGateway.2",),
    severity="medium",
    enforcement="A",
    types=(API_STAGE,),
    why="The backend can then refuse whoever is not the gateway. Lambda integrations have IAM for that.",
    fix="Set clientCertificateId.",
)
def apigateway_client_certificate(r: Resource, graph: Graph) -> Found:
    apis = graph.refs(r, "restApi", API)
    http = [
        i
        for api in apis
        for i in graph.referring(api, "restApi", _INTEGRATION)
        if i.text("type") in {"HTTP", "HTTP_PROXY"}
    ]
    return present(r, "clientCertificateId") if http else None


@rule(
    id="apigateway-traced",
    title="Each stage is traced with X-Ray",
    pack="operations",
    fsbp=("APIGateway.3",),
    severity="low",
    enforcement="A",
    types=(API_STAGE,),
    why="A slow request is found by its trace, not by guessing.",
    fix="Set xrayTracingEnabled.",
)
def apigateway_traced(r: Resource) -> Found:
    return on(r, "xrayTracingEnabled")


@stack_rule(
    id="apigateway-waf",
    title="Each stage stands behind a web ACL",
    fsbp=("APIGateway.4",),
    severity="medium",
    enforcement="M",
    types=(API_STAGE,),
    why="A public API without a filter meets every known attack by itself.",
    fix="Add a WebAclAssociation for the stage's ARN.",
)
def apigateway_waf(r: Resource, graph: Graph) -> Found:
    return None if graph.referring(r, "resourceArn", WAF_ASSOCIATION) else "no WebAclAssociation"


@stack_rule(
    id="apigateway-cache-encrypted",
    title="A stage's cache is encrypted",
    fsbp=("APIGateway.5",),
    severity="medium",
    enforcement="M",
    types=(API_STAGE,),
    why="Cached responses are customer data at rest.",
    fix="Set settings.cacheDataEncrypted where caching is on.",
)
def apigateway_cache_encrypted(r: Resource, graph: Graph) -> Found:
    for settings in graph.of(API_SETTINGS):
        if settings in _settings(r, graph) and settings.flag("settings.cachingEnabled"):
            yield on(settings, "settings.cacheDataEncrypted")


@stack_rule(
    id="apigateway-authorised",
    title="Each method asks for authorisation, or its route is listed as open",
    fsbp=("APIGateway.8",),
    severity="high",
    enforcement="M",
    types=(API_METHOD, API),
    settings=("openRoutes",),
    why="An open route must be someone's decision, not an omission.",
    fix="Set authorization, or add the route to openRoutes in the pack's configuration.",
)
def apigateway_authorised(r: Resource, graph: Graph) -> Found:
    if r.type == API:
        return open_operations(r, root_counts=False)
    if r.text("authorization", "NONE") != "NONE" or r.text("httpMethod") == "OPTIONS":
        return None
    if r.flag("apiKeyRequired"):
        return None
    route = _route(r, graph)
    if any(fnmatchcase(route, pattern) for pattern in r.config.open_routes):
        return None
    return f"{r.text('httpMethod')} {route} is open to everyone"


def open_operations(api: Resource, *, root_counts: bool) -> Iterator[str]:
    """Operations in the API's own document that anyone may call."""
    for route in routes(api, root_counts=root_counts):
        listed = any(fnmatchcase(route.path, pattern) for pattern in api.config.open_routes)
        if not (route.authorised or listed):
            yield f"body: {route.method} {route.path} is open to everyone"


def _route(method: Resource, graph: Graph) -> str:
    """The path, from the chain of resources up to the API's root."""
    parts: list[str] = []
    current = next(iter(graph.refs(method, "resourceId", API_RESOURCE)), None)
    while current is not None and len(parts) < 32:
        parts.append(current.text("pathPart"))
        parents = graph.refs(current, "parentId", API_RESOURCE)
        current = next((p for p in parents if p is not current), None)
    return "/" + "/".join(reversed(parts))


@rule(
    id="apigateway-access-logs",
    title="Each stage writes access logs",
    pack="operations",
    fsbp=("APIGateway.9",),
    severity="medium",
    enforcement="M",
    types=(API_STAGE,),
    why="Who called what, when, with which answer: nothing else records it.",
    fix="Set accessLogSettings with a log group of this stack.",
)
def apigateway_access_logs(r: Resource) -> Found:
    return [present(r, "accessLogSettings.destinationArn"), present(r, "accessLogSettings.format")]


@rule(
    id="apigateway-tls",
    title="Custom domains speak TLS 1.2 or later",
    severity="high",
    enforcement="M",
    types=(API_DOMAIN,),
    why="Older protocol versions have known attacks.",
    fix="Set securityPolicy to TLS_1_2 or a TLS 1.3 policy.",
)
def apigateway_tls(r: Resource) -> Found:
    policy = r.text("securityPolicy")
    modern = policy == "TLS_1_2" or policy.startswith(("SecurityPolicy_TLS12", "SecurityPolicy_TLS13"))
    return None if modern else f"securityPolicy is {policy or 'absent'}"


@rule(
    id="apigateway-one-door",
    title="The execute-api endpoint is off",
    severity="high",
    enforcement="M",
    types=(API,),
    why="The default address goes around the custom domain and everything in front of it.",
    fix="Set disableExecuteApiEndpoint.",
)
def apigateway_one_door(r: Resource) -> Found:
    return on(r, "disableExecuteApiEndpoint")


@stack_rule(
    id="apigateway-throttled",
    title="Each stage is throttled",
    pack="reliability",
    severity="medium",
    enforcement="M",
    types=(API_STAGE,),
    why="Without a limit one caller can use up the account's concurrency.",
    fix='Set throttlingBurstLimit and throttlingRateLimit for "*/*".',
)
def apigateway_throttled(r: Resource, graph: Graph) -> Found:
    limits = ("settings.throttlingBurstLimit", "settings.throttlingRateLimit")
    held = any(all((s.number(limit) or -1) > 0 for limit in limits) for s in _settings(r, graph))
    return None if held else 'no MethodSettings for "*/*" with both throttling limits above 0'
