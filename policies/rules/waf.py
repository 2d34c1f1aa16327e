"""AWS WAF."""

from policies.checks import every, present
from policies.model import Graph, Resource
from policies.rule import Found, rule, stack_rule
from policies.tokens import WAF, WAF_LOGGING
from policies.values import Props


@rule(
    id="waf-has-rules",
    title="A web ACL has rules, and not all of them only count",
    fsbp=("WAF.10",),
    severity="medium",
    enforcement="M",
    types=(WAF,),
    why="An ACL that is empty or only counts lets everything through and looks like protection.",
    fix="Add managed rule groups and a rate rule; take count away where the counts are understood.",
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
