"""Mutations of the rules for a second region, edge functions, buses and hosts that scale."""

from policies import tokens as t
from policies.model import Record
from tests.policies.mutations import Mutation, edit, put, take

RULE = "rules.0"
ENCRYPTED = f"{RULE}.sourceSelectionCriteria.sseKmsEncryptedObjects.status"


def _is(role: str) -> object:
    def where(record: Record) -> bool:
        found = record.inputs.get("failoverRoutingPolicies") or [{}]
        return bool(found[0].get("type") == role)

    return where


_PRIMARY: dict[str, object] = {"where": _is("PRIMARY")}


def _on_own_bus(record: Record) -> bool:
    return record.inputs.get("eventBusName", "default") != "default"


def _forecasts(record: Record) -> bool:
    return record.inputs.get("policyType") == "PredictiveScaling"


def _has_copies(record: Record) -> bool:
    return bool(record.inputs.get("replicas"))


FAILOVER: dict[str, list[Mutation]] = {
    "s3-replica-own-key": [
        take(t.BUCKET_REPLICATION, f"{RULE}.destination.encryptionConfiguration"),
        put(t.BUCKET_REPLICATION, ENCRYPTED, "Disabled"),
    ],
    "s3-replication-timed": [
        put(t.BUCKET_REPLICATION, f"{RULE}.status", "Disabled"),
        take(t.BUCKET_REPLICATION, f"{RULE}.destination.replicationTime"),
        take(t.BUCKET_REPLICATION, f"{RULE}.destination.metrics"),
    ],
    "route53-failover-checked": [take(t.RECORD, "healthCheckId", **_PRIMARY)],
    "route53-failover-paired": [
        put(t.RECORD, "name", "elsewhere.example.com", names=t.RECORD, portable=False, **_PRIMARY),
    ],
    "route53-health-by-https": [
        put(t.HEALTH_CHECK, "type", "TCP"),
        take(t.HEALTH_CHECK, "resourcePath"),
        put(t.HEALTH_CHECK, "failureThreshold", 1),
    ],
    "cloudfront-function-live": [
        put(t.EDGE_FUNCTION, "publish", False),
        put(t.EDGE_FUNCTION, "runtime", "cloudfront-js-1.0"),
    ],
    "eventbridge-own-dead-letters": [
        take(t.EVENT_TARGET, "deadLetterConfig", where=_on_own_bus),
        edit(
            t.EVENT_TARGET,
            lambda inputs: inputs.update(deadLetterConfig={"arn": "arn:stock-failures"}),
            where=_on_own_bus,
            names=t.EVENT_TARGET,
            portable=False,
        ),
    ],
    "ec2-detailed-monitoring": [
        put(t.LAUNCH_TEMPLATE, "monitoring.enabled", False),
        take(t.LAUNCH_TEMPLATE, "monitoring"),
    ],
    "ec2-metadata-one-hop": [put(t.LAUNCH_TEMPLATE, "metadataOptions.httpPutResponseHopLimit", 2)],
    "autoscaling-forecast-scales": [
        put(t.SCALING_POLICY, "predictiveScalingConfiguration.mode", "ForecastOnly", where=_forecasts)
    ],
    "secret-copy-own-key": [take(t.SECRET, "replicas.0.kmsKeyId", where=_has_copies)],
}
