"""Log groups that a service makes by itself, unless the program was first."""

from collections.abc import Iterable

from policies.checks import present
from policies.model import Graph, Resource
from policies.rule import Found, stack_rule
from policies.tokens import (
    API_SETTINGS,
    API_STAGE,
    CODEBUILD,
    DB,
    DB_CLUSTER,
    DB_PROXY,
    ECS_CLUSTER,
    EKS_CLUSTER,
    LOG_GROUP,
    STATE_MACHINE,
)
from policies.values import UNKNOWN

_WHY = "A group that the service makes keeps logs for ever, without a key and without tags."
_FIX = "Make the LogGroup here, with retentionInDays, before the resource that writes to it."
_INSIGHTS = frozenset({"enabled", "enhanced"})


def _made(graph: Graph, owner: Resource, prefix: str, suffix: str = "") -> bool:
    """Whether a group here is named prefix, the owner, suffix.

    The engine shows no ids: a name that holds the owner's is unknown before the update and no identity of the
    owner's after it. It says whose id the name waits for.
    """
    names = {f"{prefix}{identity}{suffix}" for identity in owner.identities}
    for group in graph.of(LOG_GROUP):
        name = group.raw("name")
        fits = name is UNKNOWN or (
            isinstance(name, str) and name.startswith(prefix) and name.endswith(suffix)
        )
        if name in names or (fits and graph.depends(group, owner)):
            return True
    return False


def _missing(graph: Graph, owner: Resource, prefix: str, suffixes: Iterable[str] = ("",)) -> Iterable[str]:
    for suffix in suffixes:
        if not _made(graph, owner, prefix, suffix):
            yield f"no LogGroup {prefix}<{owner.name}>{suffix} is made here"


@stack_rule(
    id="apigateway-log-group-made",
    title="The group of a stage's execution logs is made here",
    pack="cost",
    severity="medium",
    enforcement="M",
    types=(API_STAGE,),
    why=_WHY,
    fix=_FIX,
)
def apigateway_log_group_made(r: Resource, graph: Graph) -> Found:
    name = r.text("stageName")
    apis = graph.refs(r, "restApi", "aws:apigateway/restApi:RestApi")
    settings = [s for api in apis for s in graph.referring(api, "restApi", API_SETTINGS)]
    if any(s.text("settings.loggingLevel", "OFF") != "OFF" for s in settings):
        for api in apis:
            yield from _missing(graph, api, "API-Gateway-Execution-Logs_", (f"/{name}",))


@stack_rule(
    id="rds-log-group-made",
    title="The groups of a database's exported logs are made here",
    pack="cost",
    severity="medium",
    enforcement="M",
    types=(DB, DB_CLUSTER),
    why=_WHY,
    fix=_FIX,
)
def rds_log_group_made(r: Resource, graph: Graph) -> Found:
    kind = "cluster" if r.type == DB_CLUSTER else "instance"
    if not r.has("enabledCloudwatchLogsExports"):
        return ()
    exports = [f"/{export}" for export in r.strings("enabledCloudwatchLogsExports")]
    return _missing(graph, r, f"/aws/rds/{kind}/", exports)


@stack_rule(
    id="rds-proxy-log-group-made",
    title="The group of a proxy's logs is made here",
    pack="cost",
    severity="low",
    enforcement="M",
    types=(DB_PROXY,),
    why=_WHY,
    fix=_FIX,
)
def rds_proxy_log_group_made(r: Resource, graph: Graph) -> Found:
    return _missing(graph, r, "/aws/rds/proxy/")


@stack_rule(
    id="ecs-insights-log-group-made",
    title="The group of a cluster's Container Insights is made here",
    pack="cost",
    severity="medium",
    enforcement="M",
    types=(ECS_CLUSTER,),
    why=_WHY,
    fix=_FIX,
)
def ecs_insights_log_group_made(r: Resource, graph: Graph) -> Found:
    settings = {s.text("name"): s.text("value") for s in r.blocks("settings")}
    if settings.get("containerInsights") not in _INSIGHTS:
        return ()
    return _missing(graph, r, "/aws/ecs/containerinsights/", ("/performance",))


@stack_rule(
    id="eks-log-group-made",
    title="The group of a cluster's control plane logs is made here",
    pack="cost",
    severity="medium",
    enforcement="M",
    types=(EKS_CLUSTER,),
    why=_WHY,
    fix=_FIX,
)
def eks_log_group_made(r: Resource, graph: Graph) -> Found:
    return _missing(graph, r, "/aws/eks/", ("/cluster",)) if r.has("enabledClusterLogTypes") else ()


@stack_rule(
    id="codebuild-log-group-made",
    title="The group of a build's logs is made here",
    pack="cost",
    severity="medium",
    enforcement="M",
    types=(CODEBUILD,),
    why=_WHY,
    fix=_FIX,
)
def codebuild_log_group_made(r: Resource, graph: Graph) -> Found:
    path = "logsConfig.cloudwatchLogs"
    if r.text(f"{path}.status", "ENABLED") == "DISABLED":
        return ()
    if r.has(f"{path}.groupName"):
        made = graph.refs(r, f"{path}.groupName", LOG_GROUP)
        return () if made else (f"{path}.groupName is no log group of this stack",)
    return _missing(graph, r, "/aws/codebuild/")


@stack_rule(
    id="step-functions-logged",
    title="A state machine logs to a group that is made here",
    fsbp=("StepFunctions.1",),
    pack="operations",
    severity="medium",
    enforcement="M",
    types=(STATE_MACHINE,),
    why="Why an execution failed is otherwise known for ninety days, and of express ones not at all.",
    fix="Set loggingConfiguration with level ERROR or ALL and logDestination.",
)
def step_functions_logged(r: Resource, graph: Graph) -> Found:
    if r.text("loggingConfiguration.level", "OFF") == "OFF":
        yield "loggingConfiguration.level is OFF"
        return
    yield present(r, "loggingConfiguration.logDestination")
    groups = {f"{identity}:*" for g in graph.of(LOG_GROUP) for identity in g.identities}
    target = r.raw("loggingConfiguration.logDestination")
    if isinstance(target, str) and target not in groups:
        yield "loggingConfiguration.logDestination is no log group of this stack"
