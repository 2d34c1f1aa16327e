"""Amazon MSK."""

from policies.checks import off, on, one_of, present
from policies.model import Resource
from policies.rule import Found, rule
from policies.tokens import MSK, MSK_SERVERLESS

_DESTINATIONS = ("cloudwatchLogs", "firehose", "s3")


@rule(
    id="msk-tls-between-brokers",
    title="Brokers speak TLS with each other",
    fsbp=("MSK.1",),
    severity="medium",
    enforcement="M",
    types=(MSK,),
    why="Replication carries every message across zones.",
    fix="Leave encryptionInfo.encryptionInTransit.inCluster true.",
)
def msk_tls_between_brokers(r: Resource) -> Found:
    return on(r, "encryptionInfo.encryptionInTransit.inCluster", default=True)


@rule(
    id="msk-tls-to-clients",
    title="Brokers speak TLS alone with clients",
    severity="high",
    enforcement="M",
    types=(MSK,),
    why="A client that does not ask for TLS would otherwise be served in the clear.",
    fix="Leave encryptionInfo.encryptionInTransit.clientBroker at TLS.",
)
def msk_tls_to_clients(r: Resource) -> Found:
    return one_of(r, "encryptionInfo.encryptionInTransit.clientBroker", {"TLS"}, default="TLS")


@rule(
    id="msk-own-key",
    title="Brokers' disks are encrypted with a key of ours",
    severity="low",
    enforcement="A",
    types=(MSK,),
    why="The service's key cannot be refused to anyone.",
    fix="Set encryptionInfo.encryptionAtRestKmsKeyArn.",
)
def msk_own_key(r: Resource) -> Found:
    return present(r, "encryptionInfo.encryptionAtRestKmsKeyArn")


@rule(
    id="msk-monitored",
    title="Clusters are monitored by broker and topic",
    fsbp=("MSK.2",),
    severity="low",
    enforcement="A",
    types=(MSK,),
    why="Lag and skew of one topic cannot be seen in a cluster's averages.",
    fix="Set enhancedMonitoring to PER_TOPIC_PER_BROKER or more.",
)
def msk_monitored(r: Resource) -> Found:
    return one_of(r, "enhancedMonitoring", {"PER_TOPIC_PER_BROKER", "PER_TOPIC_PER_PARTITION"})


@rule(
    id="msk-not-public",
    title="Brokers have no public address",
    fsbp=("MSK.4",),
    severity="critical",
    enforcement="M",
    types=(MSK,),
    why="A broker that can be reached from the internet is one leaked login from being public.",
    fix="Leave connectivityInfo.publicAccess at DISABLED.",
)
def msk_not_public(r: Resource) -> Found:
    path = "brokerNodeGroupInfo.connectivityInfo.publicAccess.type"
    return one_of(r, path, {"DISABLED"}, default="DISABLED")


@rule(
    id="msk-authenticated",
    title="Brokers ask who is there",
    fsbp=("MSK.6",),
    severity="medium",
    enforcement="M",
    types=(MSK, MSK_SERVERLESS),
    why="The network alone is one lock, and everything in the VPC has its key.",
    fix="Set clientAuthentication.sasl.iam (or tls), and leave unauthenticated false.",
)
def msk_authenticated(r: Resource) -> Found:
    yield off(r, "clientAuthentication.unauthenticated")
    # A flag on clusters with brokers, a block with a flag on serverless ones.
    iam = r.raw("clientAuthentication.sasl.iam")
    path = "clientAuthentication.sasl.iam" + (".enabled" if isinstance(iam, dict) else "")
    if not (
        r.flag(path)
        or r.flag("clientAuthentication.sasl.scram")
        or r.has("clientAuthentication.tls.certificateAuthorityArns")
    ):
        yield "clientAuthentication has neither sasl nor tls"


@rule(
    id="msk-logged",
    title="Brokers' logs are kept",
    severity="medium",
    enforcement="M",
    types=(MSK,),
    why="Why a broker refused a client is written nowhere else.",
    fix="Enable one of loggingInfo.brokerLogs.",
)
def msk_logged(r: Resource) -> Found:
    if any(r.flag(f"loggingInfo.brokerLogs.{kind}.enabled") for kind in _DESTINATIONS):
        return None
    return "loggingInfo.brokerLogs has none enabled"
