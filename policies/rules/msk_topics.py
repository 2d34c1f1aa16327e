"""What Amazon MSK promises to keep: the version, the brokers' configuration, and topics."""

from policies.checks import at_least
from policies.model import Resource
from policies.rule import Found, rule
from policies.tokens import MSK, MSK_CONFIGURATION, MSK_TOPIC

SUPPORTED_LINES = ("3.7", "3.8", "3.9", "4.0", "4.1")
"""Without an end of support announced (MSK developer guide, supported versions, taken 2026-05)."""

_IN_SYNC = 2
_COPIES = 3


@rule(
    id="msk-version-supported",
    title="Clusters run a version of Kafka in support",
    severity="medium",
    enforcement="M",
    types=(MSK,),
    why="Past its end MSK upgrades a cluster when it likes, without a word before.",
    fix="Set kafkaVersion to a supported line with KRaft, such as 3.9.x.kraft.",
)
def msk_version_supported(r: Resource) -> Found:
    version = r.text("kafkaVersion")
    if ".".join(version.split(".")[:2]) in SUPPORTED_LINES:
        return None
    return f"kafkaVersion is {version or 'absent'}; supported: {', '.join(SUPPORTED_LINES)}"


@rule(
    id="msk-configuration-durable",
    title="A write is kept by two brokers, and a stale one never leads",
    severity="medium",
    enforcement="M",
    types=(MSK_CONFIGURATION,),
    why="Kafka's own defaults acknowledge a message that one broker has, and lose it with that broker.",
    fix="Set min.insync.replicas to 2 or more, unclean.leader.election.enable and "
    "auto.create.topics.enable to false.",
)
def msk_configuration_durable(r: Resource) -> Found:
    lines = (line.partition("=") for line in r.text("serverProperties").splitlines() if "=" in line)
    properties = {key.strip(): value.strip() for key, _, value in lines}
    in_sync = properties.get("min.insync.replicas", "1")
    if not in_sync.isdigit() or int(in_sync) < _IN_SYNC:
        yield f"serverProperties: min.insync.replicas is {in_sync}; at least {_IN_SYNC}"
    for key in ("unclean.leader.election.enable", "auto.create.topics.enable"):
        if properties.get(key) != "false":
            yield f"serverProperties: {key} is {properties.get(key, 'absent')}, not false"


@rule(
    id="msk-topic-replicated",
    title="Each topic has three copies",
    severity="medium",
    enforcement="M",
    types=(MSK_TOPIC,),
    why="With fewer, the loss of one broker stops the writers, or loses what they wrote.",
    fix="Set replicationFactor to 3.",
)
def msk_topic_replicated(r: Resource) -> Found:
    return at_least(r, "replicationFactor", _COPIES)
