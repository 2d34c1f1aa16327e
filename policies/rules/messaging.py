"""SNS topics and SQS queues."""

from policies.checks import on, present
from policies.documents import Statement, statements
from policies.model import Graph, Resource
from policies.rule import Found, rule, stack_rule
from policies.tokens import QUEUE, QUEUE_POLICY, QUEUE_REDRIVE, TOPIC, TOPIC_POLICY

_SCOPING = frozenset(
    {"aws:principalaccount", "aws:principalorgid", "aws:sourceaccount", "aws:sourcearn", "aws:sourceowner"}
)


def _open_statements(r: Resource) -> Found:
    for statement in statements(r, "policy"):
        if statement.allows and statement.public and not statement.condition_keys & _SCOPING:
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
    severity="medium",
    enforcement="M",
    types=(QUEUE,),
    why="A message that cannot be processed otherwise comes back until it expires, unseen.",
    fix="Set redrivePolicy with deadLetterTargetArn and maxReceiveCount.",
)
def sqs_redrive(r: Resource, graph: Graph) -> Found:
    attached = r.has("redrivePolicy") or graph.referring(r, "queueUrl", QUEUE_REDRIVE)
    if attached or r.has("redriveAllowPolicy") or _is_dead_letter(r, graph):
        return None
    return "no redrivePolicy, and no queue redrives to it"


def _is_dead_letter(queue: Resource, graph: Graph) -> bool:
    for source in graph.of(QUEUE, QUEUE_REDRIVE):
        if not source.has("redrivePolicy") or source is queue:
            continue
        document = source.document("redrivePolicy") or {}
        if document.get("deadLetterTargetArn") in queue.identities:
            return True
    return False


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
