"""How rates and rankings travel: Kafka, and the queue of calculations."""

from dataclasses import dataclass

from components.messaging.msk_cluster import BROKERS, MskCluster, MskClusterArgs
from components.messaging.queue import Queue, QueueArgs
from components.messaging.queue_plan import VISIBILITY_FACTOR
from components.network.vpc import Vpc
from components.security.kms_key import KmsKey
from settings.currency_travel import CurrencyTravelSettings
from systems.scope import Scope

RATES = "exchange-rates"
"""The topic: the ingestor writes, two consumers read."""

RANKING_QUEUE = "ranking-calculation-queue"
FAILURES_QUEUE = "data-processing-dlq"
"""Names that the services' code and their people know."""


@dataclass(frozen=True, kw_only=True)
class Messages:
    kafka: MskCluster
    queue: Queue


def build_messages(scope: Scope, settings: CurrencyTravelSettings, vpc: Vpc, key: KmsKey) -> Messages:
    return Messages(
        kafka=_build_kafka(scope, settings, vpc, key),
        queue=Queue(
            f"{scope.name}-ranking",
            QueueArgs(
                kms_key_arn=key.key_arn,
                queue_name=RANKING_QUEUE,
                dead_letter_queue_name=FAILURES_QUEUE,
                visibility_timeout_seconds=VISIBILITY_FACTOR * settings.consumers.timeout_seconds,
                max_receives=settings.consumers.max_receives,
            ),
            scope.opts,
        ),
    )


def _build_kafka(scope: Scope, settings: CurrencyTravelSettings, vpc: Vpc, key: KmsKey) -> MskCluster:
    wanted = settings.kafka
    return MskCluster(
        f"{scope.name}-kafka",
        MskClusterArgs(
            cluster_name=scope.physical_name,
            kafka_version=wanted.version,
            broker_type=wanted.broker_type,
            vpc_id=vpc.vpc_id,
            # Lambda's pollers stand beside the brokers and need a way out, which the database tier has not.
            subnet_ids=vpc.private_subnet_ids[:BROKERS],
            topics={RATES: wanted.partitions},
            volume_gb=wanted.volume_gb,
            max_volume_gb=wanted.max_volume_gb,
            grow_at_percent=wanted.grow_at_percent,
            retention_hours=wanted.retention_hours,
            default_partitions=wanted.partitions,
            lambda_polls=True,
            kms_key_arn=key.key_arn,
            log_retention_days=settings.log_retention_days,
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    )
