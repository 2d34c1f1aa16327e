"""Mutations of the rules for topics, consumers, schedules, clients of an API and parameters."""

from policies import tokens as t
from policies.model import Record
from tests.policies.mutations import Mutation, edit, put, take

TARGET = "target.deadLetterConfig"
PUBLIC = "target.ecsParameters.networkConfiguration.assignPublicIp"


def _properties(old: str, new: str) -> Mutation:
    return edit(
        t.MSK_CONFIGURATION,
        lambda inputs: inputs.update(serverProperties=inputs["serverProperties"].replace(old, new)),
    )


def _secure(record: Record) -> bool:
    return record.inputs.get("type") == "SecureString"


def _plain(record: Record) -> bool:
    return record.inputs.get("type") == "String"


STREAMS: dict[str, list[Mutation]] = {
    "msk-version-supported": [
        put(t.MSK, "kafkaVersion", "2.8.1"),
        put(t.MSK, "kafkaVersion", "3.6.0"),
        take(t.MSK, "kafkaVersion"),
    ],
    "msk-configuration-durable": [
        _properties("min.insync.replicas=2", "min.insync.replicas=1"),
        _properties("min.insync.replicas=2\n", ""),
        _properties("unclean.leader.election.enable=false", "unclean.leader.election.enable=true"),
        _properties("auto.create.topics.enable=false", "auto.create.topics.enable=true"),
        put(t.MSK_CONFIGURATION, "serverProperties", ""),
    ],
    "msk-topic-replicated": [
        put(t.MSK_TOPIC, "replicationFactor", 2),
        take(t.MSK_TOPIC, "replicationFactor"),
    ],
    "event-source-failures-kept": [
        take(t.EVENT_SOURCE, "destinationConfig", where=lambda r: "startingPosition" in r.inputs)
    ],
    "scheduler-failures-kept": [take(t.SCHEDULE, TARGET)],
    "scheduler-no-public-address": [put(t.SCHEDULE, PUBLIC, True)],
    "scheduler-own-key": [take(t.SCHEDULE, "kmsKeyArn")],
}

CLIENTS: dict[str, list[Mutation]] = {
    "usage-plan-limited": [
        take(t.API_USAGE_PLAN, "throttleSettings"),
        put(t.API_USAGE_PLAN, "throttleSettings.rateLimit", 0),
        take(t.API_USAGE_PLAN, "quotaSettings"),
    ],
    "api-key-not-written": [put(t.API_KEY, "value", "0123456789abcdef0123456789abcdef")],
    "ssm-secret-not-in-state": [
        put(t.PARAMETER, "value", "hunter2", where=_secure),
        put(t.PARAMETER, "insecureValue", "hunter2", where=_secure),
    ],
    "ssm-secret-own-key": [take(t.PARAMETER, "keyId", where=_secure)],
    "ssm-plain-holds-no-secret": [
        put(t.PARAMETER, "insecureValue", "mysql://u:p@host/db", where=_plain),
        edit(
            t.PARAMETER,
            lambda inputs: inputs.update(name="/shop/db/password", value="hunter2"),
            where=_plain,
        ),
    ],
}
