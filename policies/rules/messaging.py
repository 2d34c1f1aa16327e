"""SNS topics and SQS queues."""

from policies.checks import on, present
from policies.documents import Statement, statements
from policies.model import Graph, Resource
from policies.paths import redrives
from policies.rule import Found, rule, stack_rule
from policies.tokens import (
    EVENT_SOURCE,
    EVENT_TARGET,
    FUNCTION,
    FUNCTION_ALIAS,
    FUNCTION_EVENT_CONFIG,
    QUEUE,
    QUEUE_POLICY,
    QUEUE_REDRIVE,
    QUEUE_REDRIVE_ALLOW,
    SUBSCRIPTION,
    TOPIC,
    TOPIC_POLICY,
)

_DEFAULT_VISIBILITY_SECONDS = 30
_DEFAULT_TIMEOUT_SECONDS = 3
_DEAD_LETTER_PATHS = (
    (FUNCTION, "deadLetterConfig"),
    (FUNCTION_EVENT_CONFIG, "destinationConfig"),
    (EVENT_TARGET, "deadLetterConfig"),
    (SUBSCRIPTION, "redrivePolicy"),
)

_SCOPING = frozenset(
    {"aws:principalaccount", "aws:principalorgid", "aws:sourceaccount", "aws:sourcearn", "aws:sourceowner"}
)


def _open_statements(r: Resource) -> Found:
    for statement in statements(r, "policy"):
        if statement.allows and statement.public and not statement.bound_by(_SCOPING):
            yield f"{statement.at} allows everyone"


@rule(
    id="sns-encrypted",
    title="Topics are encrypted with a KMS key",
    fsbp=("SNS.1",),
    severity="medium",
    enforcement="M",
    types=(TOPIC,),
    why="A message waits on disk until it is delivered.",
    fix="Set kmsMasterKeyId; CloudWatch alarms need a key of ours that lets them in.",
)
def sns_encrypted(r: Resource) -> Found:
    return present(r, "kmsMasterKeyId")


@rule(
    id="sns-not-public",
    title="Not everyone may use a topic",
    fsbp=("SNS.4",),
    severity="high",
    enforcement="M",
    types=(TOPIC, TOPIC_POLICY),
    why="Anyone could read the alarms, or send false ones.",
    fix="Name principals, or bind '*' with aws:SourceAccount or aws:SourceArn.",
)
def sns_not_public(r: Resource) -> Found:
    return _open_statements(r)


@rule(
    id="sns-delivered-by-tls",
    title="Messages are delivered by HTTPS, not HTTP",
    severity="medium",
    enforcement="M",
    types=(SUBSCRIPTION,),
    why="Alarms name hosts, and a message in the clear can be read and changed on the way.",
    fix="Set protocol https.",
)
def sns_delivered_by_tls(r: Resource) -> Found:
    return "protocol is http" if r.text("protocol").lower() == "http" else None


@rule(
    id="sqs-encrypted",
    title="Queues are encrypted",
    fsbp=("SQS.1",),
    severity="medium",
    enforcement="M",
    types=(QUEUE,),
    why="Messages wait on disk for days.",
    fix="Set kmsMasterKeyId, or leave sqsManagedSseEnabled true.",
)
def sqs_encrypted(r: Resource) -> Found:
    return None if r.has("kmsMasterKeyId") else on(r, "sqsManagedSseEnabled", default=True)


@rule(
    id="sqs-not-public",
    title="Not everyone may use a queue",
    fsbp=("SQS.3",),
    severity="high",
    enforcement="M",
    types=(QUEUE, QUEUE_POLICY),
    why="Anyone could read or poison the work.",
    fix="Name principals, or bind '*' with aws:SourceAccount or aws:SourceArn.",
)
def sqs_not_public(r: Resource) -> Found:
    return _open_statements(r)


@stack_rule(
    id="sqs-redrive",
    title="Each queue has a dead-letter queue, or is one",
    pack="reliability",
    severity="medium",
    enforcement="M",
    types=(QUEUE,),
    why="A message that cannot be processed otherwise comes back until it expires, unseen.",
    fix="Set redrivePolicy with deadLetterTargetArn and maxReceiveCount.",
)
def sqs_redrive(r: Resource, graph: Graph) -> Found:
    last = r.has("redriveAllowPolicy") or graph.referring(r, "queueUrl", QUEUE_REDRIVE_ALLOW)
    if last or redrives(graph, r) or _is_dead_letter(r, graph):
        return None
    return "no redrivePolicy, and no queue redrives to it"


def _is_dead_letter(queue: Resource, graph: Graph) -> bool:
    """Whether a queue sends what failed here, or anything else names it as the place for that."""
    if graph.referring(queue, "redrivePolicy", QUEUE, QUEUE_REDRIVE):
        return True
    return any(graph.referring(queue, path, token) for token, path in _DEAD_LETTER_PATHS)


def _consumers(queue: Resource, graph: Graph) -> list[Resource]:
    return graph.referring(queue, "eventSourceArn", EVENT_SOURCE)


@stack_rule(
    id="sqs-consumed-with-dead-letters",
    title="Each queue that is consumed has a dead-letter queue",
    pack="reliability",
    severity="high",
    enforcement="M",
    types=(QUEUE,),
    why="One message that its consumer cannot take is tried for days, and holds up the others.",
    fix="Set redrivePolicy with deadLetterTargetArn and maxReceiveCount.",
)
def sqs_consumed_with_dead_letters(r: Resource, graph: Graph) -> Found:
    consumers = _consumers(r, graph)
    if not consumers or redrives(graph, r):
        return None
    return f"consumed by {consumers[0].name}, and has no redrivePolicy"


@stack_rule(
    id="sqs-visibility",
    title="A message stays hidden six times as long as its consumer may take",
    pack="reliability",
    severity="medium",
    enforcement="M",
    types=(QUEUE,),
    why="A shorter time hands a message out again while its first reader is still at work or throttled.",
    fix="Set visibilityTimeoutSeconds to six times the function's timeout (Lambda's own advice).",
)
def sqs_visibility(r: Resource, graph: Graph) -> Found:
    visible = r.number("visibilityTimeoutSeconds")
    visible = _DEFAULT_VISIBILITY_SECONDS if visible is None else visible
    for consumer in _consumers(r, graph):
        for function in _functions(consumer, graph):
            timeout = function.number("timeout") or _DEFAULT_TIMEOUT_SECONDS
            if visible < 6 * timeout:
                yield f"visible again after {visible:g} s; {function.name} may take {timeout:g} s"


def _functions(consumer: Resource, graph: Graph) -> list[Resource]:
    direct = graph.refs(consumer, "functionName", FUNCTION)
    aliases = graph.refs(consumer, "functionName", FUNCTION_ALIAS)
    return direct + [f for alias in aliases for f in graph.refs(alias, "functionName", FUNCTION)]


@stack_rule(
    id="sqs-tls-only",
    title="Queues refuse requests without TLS",
    severity="low",
    enforcement="A",
    types=(QUEUE,),
    why="SQS answers plain HTTP unless its policy denies it.",
    fix='Deny sqs:* where aws:SecureTransport is "false".',
)
def sqs_tls_only(r: Resource, graph: Graph) -> Found:
    policies = [r, *graph.referring(r, "queueUrl", QUEUE_POLICY)]
    denied = any(_denies_plaintext(s) for policy in policies for s in statements(policy, "policy"))
    return None if denied else "no queue policy denies requests without aws:SecureTransport"


def _denies_plaintext(statement: Statement) -> bool:
    return statement.effect == "Deny" and "aws:securetransport" in statement.condition_keys
