"""AWS Batch and EventBridge Pipes."""

from policies.checks import every, off, present
from policies.containers import containers, exposed_variables, of_kubernetes
from policies.model import Graph, Resource
from policies.paths import redrives, routes_to_internet
from policies.rule import Found, rule, stack_rule
from policies.tokens import BATCH_ENVIRONMENT, BATCH_JOB, PIPE, QUEUE, SUBNET
from policies.values import Props

_SPOT = {"SPOT": "EC2", "FARGATE_SPOT": "FARGATE"}
_DESTINATIONS = (
    "logConfiguration.cloudwatchLogsLogDestination",
    "logConfiguration.firehoseLogDestination",
    "logConfiguration.s3LogDestination",
)


@rule(
    id="batch-not-privileged",
    title="Jobs have no privileges of the host",
    severity="high",
    enforcement="M",
    types=(BATCH_JOB,),
    why="A privileged container is root on its host, and on the jobs beside it.",
    fix="Leave privileged false.",
)
def batch_not_privileged(r: Resource) -> Found:
    return every(containers(r), _privileged)


def _privileged(container: Props) -> str | None:
    return off(container, "privileged") or off(container, "securityContext.privileged")


@rule(
    id="batch-job-role",
    title="Jobs have a role of their own",
    severity="medium",
    enforcement="M",
    types=(BATCH_JOB,),
    why="A job without one acts as its host, with the host's rights.",
    fix="Set jobRoleArn.",
)
def batch_job_role(r: Resource) -> Found:
    return every(containers(r), lambda c: None if of_kubernetes(c) else present(c, "jobRoleArn"))


@rule(
    id="batch-logged",
    title="Jobs say where their logs go",
    pack="operations",
    severity="medium",
    enforcement="M",
    types=(BATCH_JOB,),
    why="All jobs otherwise share the group /aws/batch/job, kept for ever and without a key.",
    fix="Set logConfiguration with a log group of this stack.",
)
def batch_logged(r: Resource) -> Found:
    return every(
        containers(r), lambda c: None if of_kubernetes(c) else present(c, "logConfiguration.logDriver")
    )


@rule(
    id="batch-no-secret-in-environment",
    title="No secret stands in a job's environment",
    severity="critical",
    enforcement="M",
    types=(BATCH_JOB,),
    why="Whoever may describe the job definition reads it, and so does the state file.",
    fix="Put the value in Secrets Manager and name it under secrets.",
)
def batch_no_secret_in_environment(r: Resource) -> Found:
    for container in containers(r):
        yield from exposed_variables(container)


@stack_rule(
    id="batch-private-subnets",
    title="Hosts of jobs stand in private subnets",
    severity="high",
    enforcement="M",
    types=(BATCH_ENVIRONMENT,),
    why="A job calls out; nothing needs to call in.",
    fix="Name subnets without a route to an internet gateway.",
)
def batch_private_subnets(r: Resource, graph: Graph) -> Found:
    for subnet in graph.refs(r, "computeResources.subnets", SUBNET):
        if routes_to_internet(graph, subnet):
            yield f"subnet {subnet.name} routes to an internet gateway"


@stack_rule(
    id="batch-spot-retried",
    title="Jobs on Spot are tried again",
    pack="reliability",
    severity="medium",
    enforcement="M",
    types=(BATCH_JOB,),
    why="Spot hosts are taken back with two minutes' notice, and the job with them.",
    fix='Set retryStrategy with two attempts or more; retry on statusReason "Host EC2*".',
)
def batch_spot_retried(r: Resource, graph: Graph) -> Found:
    types = {e.text("computeResources.type").upper() for e in graph.of(BATCH_ENVIRONMENT)}
    platforms = {_SPOT[kind] for kind in types if kind in _SPOT}
    if not platforms & set(r.strings("platformCapabilities") or ["EC2"]):
        return None
    attempts = r.number("retryStrategy.attempts") or 1
    return None if attempts >= 2 else f"retryStrategy.attempts is {attempts:g}; at least 2"


@rule(
    id="pipe-logged",
    title="Pipes log their failures",
    pack="operations",
    severity="medium",
    enforcement="M",
    types=(PIPE,),
    why="Why a message was not taken is written nowhere else.",
    fix="Set logConfiguration with level ERROR or more and a destination.",
)
def pipe_logged(r: Resource) -> Found:
    if r.text("logConfiguration.level", "OFF") == "OFF":
        return "logConfiguration.level is OFF"
    return present(r, *_DESTINATIONS)


@stack_rule(
    id="pipe-dead-letter",
    title="What a pipe cannot deliver is kept",
    pack="reliability",
    severity="medium",
    enforcement="M",
    types=(PIPE,),
    why="A message that the target refuses otherwise comes back until it expires, unseen.",
    fix="Give the source queue a redrivePolicy; give a stream source a deadLetterConfig.",
)
def pipe_dead_letter(r: Resource, graph: Graph) -> Found:
    for queue in graph.refs(r, "source", QUEUE):
        if not redrives(graph, queue):
            yield f"source {queue.name} has no dead-letter queue"
    for kind in ("dynamodbStreamParameters", "kinesisStreamParameters"):
        if r.has(f"sourceParameters.{kind}"):
            yield present(r, f"sourceParameters.{kind}.deadLetterConfig.arn")
