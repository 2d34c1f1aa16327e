"""Alarms, log groups, deployments and budgets."""

import re
from collections.abc import Iterator

from policies.checks import at_least, on, present
from policies.metrics import EMITTERS
from policies.model import Graph, Resource
from policies.rule import Found, rule, stack_rule
from policies.tokens import (
    ALARM,
    ALARM_COMPOSITE,
    API,
    BUDGET,
    CODEDEPLOY_GROUP,
    DB,
    DB_CLUSTER,
    DB_CLUSTER_INSTANCE,
    DYNAMODB,
    FUNCTION,
    LOG_GROUP,
    QUEUE,
    TOPIC,
)
from policies.values import Props

_QUERY = re.compile(
    r"""\s*SELECT\s+\w+\("?(?P<metric>\w+)"?\)\s+FROM\s+(SCHEMA\()?"?(?P<namespace>[\w/.-]+)""", re.IGNORECASE
)
_METRIC_FILTER = "aws:cloudwatch/logMetricFilter:LogMetricFilter"


@rule(
    id="log-group-retention",
    title="Log groups forget after a set time",
    pack="cost",
    severity="medium",
    enforcement="M",
    types=(LOG_GROUP,),
    settings=("minimumLogRetentionDays",),
    why="Logs kept for ever are paid for, and searched by others, for ever.",
    fix="Set retentionInDays.",
)
def log_group_retention(r: Resource) -> Found:
    return at_least(r, "retentionInDays", r.config.minimum_log_retention_days)


@rule(
    id="log-group-key",
    title="Log groups are encrypted with a key of ours",
    severity="low",
    enforcement="A",
    types=(LOG_GROUP,),
    why="Logs repeat what the data stores guard.",
    fix="Set kmsKeyId.",
)
def log_group_key(r: Resource) -> Found:
    return present(r, "kmsKeyId")


@stack_rule(
    id="alarm-acts",
    title="Each alarm tells someone, or feeds a composite or a rollback",
    pack="operations",
    severity="medium",
    enforcement="M",
    types=(ALARM, ALARM_COMPOSITE),
    why="An alarm that tells no one is a drawing.",
    fix="Set alarmActions to a topic of this stack.",
)
def alarm_acts(r: Resource, graph: Graph) -> Found:
    yield on(r, "actionsEnabled", default=True)
    consumed = graph.referring(r, "alarmConfiguration.alarms", CODEDEPLOY_GROUP)
    if not r.has("alarmActions") and not consumed and not _in_composite(r, graph):
        yield "alarmActions not set"


def _in_composite(alarm: Resource, graph: Graph) -> bool:
    for composite in graph.of(ALARM_COMPOSITE):
        rule_text = composite.raw("alarmRule")
        if isinstance(rule_text, str) and any(identity in rule_text for identity in alarm.identities):
            return True
    return False


@stack_rule(
    id="alarm-metric-exists",
    title="Each alarm watches a metric that this stack emits",
    pack="operations",
    severity="high",
    enforcement="M",
    types=(ALARM,),
    settings=("customNamespaces",),
    why="An alarm on a misspelt metric is never in alarm.",
    fix="Correct namespace and metric name, or declare the namespace in customNamespaces.",
)
def alarm_metric_exists(r: Resource, graph: Graph) -> Found:
    watched = [(m.text("namespace"), m.text("metricName")) for m in _metrics(r)] + _queried(r)
    if not watched and not r.has("metricQueries"):
        yield "no metric"
    for namespace, name in watched:
        yield _fault(namespace, name, r, graph)


def _metrics(alarm: Resource) -> Iterator[Props]:
    if alarm.has("metricName"):
        yield alarm
    for query in alarm.blocks("metricQueries"):
        if query.has("metric.metricName"):
            yield Props(query.get("metric"), query.where("metric"))


def _queried(alarm: Resource) -> list[tuple[str, str]]:
    """What queries of Metrics Insights read."""
    found = (_QUERY.match(query.text("expression")) for query in alarm.blocks("metricQueries"))
    return [(match["namespace"], match["metric"]) for match in found if match]


def _fault(namespace: str, name: str, alarm: Resource, graph: Graph) -> str | None:
    if namespace in alarm.config.custom_namespaces or (namespace, name) in _filtered(graph):
        return None
    emitter = EMITTERS.get(namespace)
    if emitter is None:
        return f"nothing here writes to namespace {namespace}"
    if emitter.metrics and name not in emitter.metrics:
        return f"{namespace} has no metric {name}"
    return None if emitter.among(graph) else f"no resource of this stack emits {namespace} {name}"


_DIMENSIONS = {
    "ApiName": (API,),
    "DBClusterIdentifier": (DB_CLUSTER,),
    "DBInstanceIdentifier": (DB, DB_CLUSTER_INSTANCE),
    "FunctionName": (FUNCTION,),
    "QueueName": (QUEUE,),
    "TableName": (DYNAMODB,),
    "TopicName": (TOPIC,),
}
"""Dimensions that name one resource, and the types that it can be."""


@stack_rule(
    id="alarm-dimension-exists",
    title="Each alarm watches a resource that is here",
    pack="operations",
    severity="high",
    enforcement="M",
    types=(ALARM,),
    settings=("customNamespaces",),
    why="An alarm on the name of nothing has no data, and is never in alarm.",
    fix="Take the dimension's value from the resource.",
)
def alarm_dimension_exists(r: Resource, graph: Graph) -> Found:
    for metric in _metrics(r):
        if metric.text("namespace") in r.config.custom_namespaces:
            continue
        for dimension, value in metric.mapping("dimensions").items():
            if dimension in _DIMENSIONS and isinstance(value, str):
                yield _absent(dimension, value, graph)


def _absent(dimension: str, value: str, graph: Graph) -> str | None:
    resources = list(graph.of(*_DIMENSIONS[dimension]))
    if any(value in resource.identities for resource in resources):
        return None
    for resource in resources:
        # A name that the provider makes up could be this one.
        resource.outputs.get("name")
    return f"{dimension} {value} is no resource of this stack"


def _filtered(graph: Graph) -> set[tuple[str, str]]:
    return {
        (f.text("metricTransformation.namespace"), f.text("metricTransformation.name"))
        for f in graph.of(_METRIC_FILTER)
    }


@rule(
    id="codedeploy-rollback",
    title="A deployment rolls back on failure and on alarm",
    pack="reliability",
    severity="high",
    enforcement="M",
    types=(CODEDEPLOY_GROUP,),
    why="A canary that nobody watches is a slow outage.",
    fix="autoRollbackConfiguration with DEPLOYMENT_FAILURE and DEPLOYMENT_STOP_ON_ALARM; name the alarms.",
)
def codedeploy_rollback(r: Resource) -> Found:
    yield on(r, "autoRollbackConfiguration.enabled")
    events = set(r.strings("autoRollbackConfiguration.events"))
    for event in sorted({"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"} - events):
        yield f"autoRollbackConfiguration.events lacks {event}"
    yield on(r, "alarmConfiguration.enabled")
    yield present(r, "alarmConfiguration.alarms")


@rule(
    id="budget-notifies",
    title="A budget tells someone before it is spent",
    pack="cost",
    severity="low",
    enforcement="M",
    types=(BUDGET,),
    why="Cost is otherwise seen on the invoice.",
    fix="Add notifications with subscriber addresses or topics.",
)
def budget_notifies(r: Resource) -> Found:
    for block in r.blocks("notifications"):
        if block.has("subscriberEmailAddresses") or block.has("subscriberSnsTopicArns"):
            return None
    return "no notification with a subscriber"
