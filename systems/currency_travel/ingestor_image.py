"""What the ingestor's image is told and may do, whatever runs it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from components.messaging.msk_access import produce
from components.observability.alarm_plan import Alarm
from components.security.grants import kms_use, put_metrics, write_objects
from components.security.iam import Statement
from components.security.parameters import read_parameters
from systems.currency_travel.data import BANK_KEY, PARAMETERS
from systems.currency_travel.functions import NAMESPACE, Given
from systems.currency_travel.messages import RATES

RAW_PREFIX = "raw/"
"""Of what the banks answered, kept as it came."""

RUNBOOK = "currency-travel.md#ingestor"


@dataclass(frozen=True, kw_only=True)
class Ingestor:
    """``exports`` for who operates it; ``alarms`` of what only this kind has."""

    exports: Mapping[str, Any]
    alarms: Mapping[str, Alarm]


def ingestor_environment(given: Given) -> dict[str, pulumi.Input[str]]:
    """It ends itself at the deadline."""
    return {
        "EXECUTION_MODE": "cronjob",
        "DEADLINE_SECONDS": str(given.settings.ingestion.deadline_seconds),
        "KAFKA_BROKERS": given.messages.kafka.bootstrap_brokers,
        "KAFKA_TOPIC": RATES,
        "PARAMETERS": PARAMETERS,
        "BACKUP_BUCKET": given.data.backups.bucket_name,
        "METRICS_NAMESPACE": NAMESPACE,
    }


def ingestor_statements(given: Given) -> list[Statement]:
    region, key_arn = given.scope.stack.region, given.key.key_arn
    return [
        *produce(given.messages.kafka.cluster_arn, [RATES]),
        read_parameters(given.data.parameters.arns[BANK_KEY]),
        kms_use(key_arn, via_service=f"ssm.{region}.amazonaws.com"),
        write_objects(given.data.backups.bucket_arn, prefix=RAW_PREFIX),
        kms_use(key_arn, via_service=f"s3.{region}.amazonaws.com"),
        put_metrics(NAMESPACE),
    ]
