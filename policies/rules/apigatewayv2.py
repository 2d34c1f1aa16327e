"""API Gateway HTTP and WebSocket APIs."""

from fnmatch import fnmatchcase

from policies.checks import on, present
from policies.model import Graph, Resource
from policies.rule import Found, rule, stack_rule
from policies.rules.apigateway import open_operations
from policies.tokens import API_DOMAIN, API_V2, API_V2_DOMAIN, API_V2_ROUTE, API_V2_STAGE


@rule(
    id="apigatewayv2-authorised",
    title="Each route asks for authorisation, or is listed as open",
    fsbp=("APIGateway.8",),
    severity="high",
    enforcement="M",
    types=(API_V2_ROUTE, API_V2),
    settings=("openRoutes",),
    why="An open route must be someone's decision, not an omission.",
    fix="Set authorizationType, or add the route's path to openRoutes in the pack's configuration.",
)
def apigatewayv2_authorised(r: Resource) -> Found:
    if r.type == API_V2:
        if r.has("target"):
            yield "target makes a route without authorisation"
        yield from open_operations(r, root_counts=True)
        return
    key = r.text("routeKey")
    method, _, path = key.partition(" ")
    if r.text("authorizationType", "NONE") != "NONE" or r.flag("apiKeyRequired") or method == "OPTIONS":
        return
    if key == "$disconnect" or any(path and fnmatchcase(path, p) for p in r.config.open_routes):
        return
    yield f"{key} is open to everyone"


@rule(
    id="apigatewayv2-access-logs",
    title="Each stage writes access logs",
    fsbp=("APIGateway.9",),
    pack="operations",
    severity="medium",
    enforcement="M",
    types=(API_V2_STAGE,),
    why="Who called what, when, with which answer: nothing else records it.",
    fix="Set accessLogSettings with a log group of this stack.",
)
def apigatewayv2_access_logs(r: Resource) -> Found:
    return [present(r, "accessLogSettings.destinationArn"), present(r, "accessLogSettings.format")]


@rule(
    id="apigatewayv2-throttled",
    title="Each stage is throttled",
    pack="reliability",
    severity="medium",
    enforcement="M",
    types=(API_V2_STAGE,),
    why="Without a limit one caller can use up the account's concurrency.",
    fix="Set throttlingBurstLimit and throttlingRateLimit in defaultRouteSettings.",
)
def apigatewayv2_throttled(r: Resource) -> Found:
    for limit in ("throttlingBurstLimit", "throttlingRateLimit"):
        path = f"defaultRouteSettings.{limit}"
        yield None if (r.number(path) or 0) > 0 else f"{path} is not above 0"


@rule(
    id="apigatewayv2-tls",
    title="Custom domains speak TLS 1.2 or later",
    severity="high",
    enforcement="M",
    types=(API_V2_DOMAIN,),
    why="Older protocol versions have known attacks.",
    fix="Set domainNameConfiguration.securityPolicy to TLS_1_2.",
)
def apigatewayv2_tls(r: Resource) -> Found:
    policy = r.text("domainNameConfiguration.securityPolicy")
    return None if policy == "TLS_1_2" else f"domainNameConfiguration.securityPolicy is {policy or 'absent'}"


@rule(
    id="apigatewayv2-cors-named",
    title="An API answers browsers of named origins",
    severity="medium",
    enforcement="A",
    types=(API_V2,),
    why="With credentials and any origin, every page that a user visits may call as that user.",
    fix="Name the origins in corsConfiguration.allowOrigins.",
)
def apigatewayv2_cors_named(r: Resource) -> Found:
    anyone = "*" in r.strings("corsConfiguration.allowOrigins")
    return "corsConfiguration.allowOrigins holds *" if anyone else None


@stack_rule(
    id="apigatewayv2-one-door",
    title="An API with a domain of its own has no other address",
    severity="medium",
    enforcement="M",
    types=(API_V2,),
    why="The default address goes around the custom domain and everything in front of it.",
    fix="Set disableExecuteApiEndpoint.",
)
def apigatewayv2_one_door(r: Resource, graph: Graph) -> Found:
    mapped = graph.referring(r, "apiId", "aws:apigatewayv2/apiMapping:ApiMapping")
    own = mapped or any(graph.of(API_V2_DOMAIN)) or any(graph.of(API_DOMAIN))
    return on(r, "disableExecuteApiEndpoint") if own else None
