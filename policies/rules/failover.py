"""What a second region and two groups of hosts rest on: copies, health checks, events that are not lost."""

from collections.abc import Callable

from policies.checks import at_least, every, on, one_of, present
from policies.model import Graph, Resource
from policies.rule import Found, rule, stack_rule
from policies.tokens import (
    BUCKET_REPLICATION,
    EDGE_FUNCTION,
    EVENT_TARGET,
    HEALTH_CHECK,
    LAUNCH_TEMPLATE,
    RECORD,
    SCALING_POLICY,
    SECRET,
)
from policies.values import Props

_EDGE_RUNTIMES = {"cloudfront-js-2.0"}
_FAILOVER = "failoverRoutingPolicies"


@rule(
    id="s3-replica-own-key",
    title="Replicated objects are encrypted with a key of the other region",
    severity="medium",
    enforcement="M",
    types=(BUCKET_REPLICATION,),
    why="Objects under a customer managed key are otherwise left out of replication, without an error.",
    fix="Set destination.encryptionConfiguration.replicaKmsKeyId and sseKmsEncryptedObjects Enabled.",
)
def s3_replica_own_key(r: Resource) -> Found:
    yield from every(
        r.blocks("rules"), lambda b: present(b, "destination.encryptionConfiguration.replicaKmsKeyId")
    )
    yield from every(
        r.blocks("rules"),
        lambda b: one_of(b, "sourceSelectionCriteria.sseKmsEncryptedObjects.status", {"Enabled"}),
    )


@rule(
    id="s3-replication-timed",
    title="Replication is on, has a time it keeps, and is measured",
    severity="medium",
    enforcement="M",
    types=(BUCKET_REPLICATION,),
    why="Without them nobody knows how many objects are lost with the region.",
    fix="Set status, destination.replicationTime and destination.metrics to Enabled.",
)
def s3_replication_timed(r: Resource) -> Found:
    for path in ("status", "destination.replicationTime.status", "destination.metrics.status"):
        yield from every(r.blocks("rules"), _enabled(path))


def _enabled(path: str) -> Callable[[Props], str | None]:
    def check(block: Props) -> str | None:
        return one_of(block, path, {"Enabled"})

    return check


@rule(
    id="route53-failover-checked",
    title="A primary record has a health check",
    severity="high",
    enforcement="M",
    types=(RECORD,),
    why="Without one Route 53 takes it for healthy for ever, and never answers with the other.",
    fix="Set healthCheckId on the record whose failover type is PRIMARY.",
)
def route53_failover_checked(r: Resource) -> Found:
    return present(r, "healthCheckId") if "PRIMARY" in _roles(r) else None


@stack_rule(
    id="route53-failover-paired",
    title="A primary record has a secondary",
    severity="high",
    enforcement="M",
    types=(RECORD,),
    why="A name with one half of a pair has nowhere to go.",
    fix="Add the record of the same name and type whose failover type is SECONDARY.",
)
def route53_failover_paired(r: Resource, graph: Graph) -> Found:
    if "PRIMARY" not in _roles(r):
        return None
    mine = (r.text("name"), r.text("type"))
    for other in graph.of(RECORD):
        if "SECONDARY" in _roles(other) and (other.text("name"), other.text("type")) == mine:
            return None
    return f"{mine[0]} {mine[1]} has no SECONDARY"


def _roles(r: Resource) -> set[str]:
    return {block.text("type").upper() for block in r.blocks(_FAILOVER)}


@rule(
    id="route53-health-by-https",
    title="A health check asks over HTTPS, for a path, and more than once",
    severity="medium",
    enforcement="M",
    types=(HEALTH_CHECK,),
    why="A port that opens says nothing of the application, and one lost packet must not move everybody.",
    fix="Set type HTTPS, resourcePath, enableSni and failureThreshold 2 or more.",
)
def route53_health_by_https(r: Resource) -> Found:
    kind = r.text("type")
    if kind not in {"HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH", "TCP"}:
        return
    yield one_of(r, "type", {"HTTPS", "HTTPS_STR_MATCH"})
    yield present(r, "resourcePath")
    yield at_least(r, "failureThreshold", 2, default=3)


@rule(
    id="cloudfront-function-live",
    title="A function at the edge runs what the program says, on a current runtime",
    severity="low",
    enforcement="M",
    types=(EDGE_FUNCTION,),
    why="Code that is saved but not published is not what runs.",
    fix="Leave publish true, and set runtime cloudfront-js-2.0.",
)
def cloudfront_function_live(r: Resource) -> Found:
    yield on(r, "publish", default=True)
    yield one_of(r, "runtime", _EDGE_RUNTIMES)


@stack_rule(
    id="eventbridge-own-dead-letters",
    title="Each consumer of an application's bus has a dead-letter queue of its own",
    severity="medium",
    enforcement="M",
    types=(EVENT_TARGET,),
    why="An event that cannot be delivered is otherwise gone, or lies among another consumer's.",
    fix="Set deadLetterConfig.arn to a queue that no other target names.",
)
def eventbridge_own_dead_letters(r: Resource, graph: Graph) -> Found:
    if r.text("eventBusName", "default") == "default":
        return None
    if not r.has("deadLetterConfig.arn"):
        return "deadLetterConfig.arn not set"
    mine = r.text("deadLetterConfig.arn")
    sharing = [
        other.name for other in graph.of(EVENT_TARGET) if other.urn != r.urn and _dead_letters(other) == mine
    ]
    return f"deadLetterConfig.arn is also {', '.join(sorted(sharing))}'s" if sharing else None


def _dead_letters(target: Resource) -> str:
    return target.text("deadLetterConfig.arn") if target.has("deadLetterConfig.arn") else ""


@rule(
    id="ec2-detailed-monitoring",
    title="Hosts that scale are measured each minute",
    severity="low",
    enforcement="A",
    types=(LAUNCH_TEMPLATE,),
    why="At five minutes a group answers a peak when it is over.",
    fix="Set monitoring.enabled.",
)
def ec2_detailed_monitoring(r: Resource) -> Found:
    return on(r, "monitoring.enabled")


@rule(
    id="ec2-metadata-one-hop",
    title="Metadata stays on the host",
    fsbp=("AutoScaling.4",),
    severity="medium",
    enforcement="A",
    types=(LAUNCH_TEMPLATE,),
    why="With more hops a container, or a proxy on the host, reaches the role's credentials.",
    fix="Set metadataOptions.httpPutResponseHopLimit 1.",
)
def ec2_metadata_one_hop(r: Resource) -> Found:
    hops = r.number("metadataOptions.httpPutResponseHopLimit")
    return None if hops is None or hops <= 1 else f"metadataOptions.httpPutResponseHopLimit is {hops:g}"


@rule(
    id="autoscaling-forecast-scales",
    title="A forecast also scales",
    severity="low",
    enforcement="A",
    types=(SCALING_POLICY,),
    why="A forecast that nobody acts on is a graph.",
    fix="Set predictiveScalingConfiguration.mode ForecastAndScale.",
)
def autoscaling_forecast_scales(r: Resource) -> Found:
    if r.text("policyType", "SimpleScaling") != "PredictiveScaling":
        return None
    return one_of(r, "predictiveScalingConfiguration.mode", {"ForecastAndScale"}, default="ForecastOnly")


@rule(
    id="secret-copy-own-key",
    title="A secret's copy has a key of its region",
    severity="medium",
    enforcement="M",
    types=(SECRET,),
    why="AWS's own key cannot be disabled, and says nothing of who used it.",
    fix="Set kmsKeyId on each of replicas.",
)
def secret_copy_own_key(r: Resource) -> Found:
    return every(r.blocks("replicas"), lambda b: present(b, "kmsKeyId"))
