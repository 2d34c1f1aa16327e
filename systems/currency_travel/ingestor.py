"""The ingestor: every five minutes it reads exchange rates and writes them to Kafka."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from components.compute.ecs_cluster import EcsCluster, EcsClusterArgs
from components.compute.fargate_task_definition import TaskArgs
from components.delivery.scheduled_task import ScheduledTask, ScheduledTaskArgs
from components.messaging.alert_topics import AlertTopics
from components.messaging.event_notices import EventNotices, EventNoticesArgs, Notice
from components.messaging.msk_plan import produce
from components.network.security_group import connect
from components.observability.alarm_plan import Alarm
from components.observability.schedule_alarms import schedule_alarms
from components.security.grants import kms_use, put_metrics, write_objects
from components.security.iam import Statement
from components.security.parameters import read_parameters
from systems.currency_travel.data import BANK_KEY, PARAMETERS
from systems.currency_travel.functions import INGESTOR, NAMESPACE, Given
from systems.currency_travel.messages import RATES
from systems.currency_travel.network import ways_out

RAW_PREFIX = "raw/"
"""Of what the banks answered, kept as it came."""

RUNBOOK = "currency-travel.md#ingestor"


@dataclass(frozen=True, kw_only=True)
class Ingestor:
    """``exports`` for who operates it; ``alarms`` of what only this kind has."""

    exports: Mapping[str, Any]
    alarms: Mapping[str, Alarm]


def build_ingestor(given: Given, topics: AlertTopics) -> Ingestor:
    """A start that ECS refuses waits in the queue of failures; a run that fails is told to people."""
    scope, settings = given.scope, given.settings
    wanted = settings.ingestion
    cluster = EcsCluster(
        f"{scope.name}-cluster",
        EcsClusterArgs(kms_key_arn=given.key.key_arn, insights_retention_days=settings.log_retention_days),
        scope.opts,
    )
    task = ScheduledTask(
        f"{scope.name}-{INGESTOR}-task",
        ScheduledTaskArgs(
            cluster=cluster,
            task=TaskArgs(
                account_id=scope.stack.account_id,
                region=scope.stack.region,
                image=given.images[INGESTOR].image(wanted.image_digest),
                user=wanted.user,
                cpu_units=wanted.cpu_units,
                memory_mb=wanted.memory_mb,
                kms_key_arn=given.key.key_arn,
                log_retention_days=settings.log_retention_days,
                environment=ingestor_environment(given),
                statements=ingestor_statements(given),
            ),
            schedule=f"cron(*/{wanted.every_minutes} * * * ? *)",
            description=f"Currency Travel: reads exchange rates every {wanted.every_minutes} minutes",
            vpc_id=given.vpc.vpc_id,
            subnet_ids=given.vpc.private_subnet_ids,
            egress=ways_out(given.vpc),
            failure_queue_arn=given.messages.queue.dead_letter_queue_arn,
            failure_queue_key_arn=given.key.key_arn,
            kms_key_arn=given.key.key_arn,
        ),
        scope.opts,
    )
    kafka = given.messages.kafka
    connect(
        task.security_group,
        kafka.security_group,
        kafka.port,
        client_name="the ingestor",
        server_name="the brokers",
    )
    _build_notice(given, topics, cluster)
    return Ingestor(
        exports={"schedule": task.schedule_arn, "run": task.runner.run},
        alarms=schedule_alarms(group_name=task.group_name, runbook=RUNBOOK),
    )


def ingestor_environment(given: Given) -> dict[str, pulumi.Input[str]]:
    """What the image is told, whatever runs it. It ends itself at the deadline."""
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
    """What the image may do, whatever runs it."""
    region, key_arn = given.scope.stack.region, given.key.key_arn
    return [
        *produce(given.messages.kafka.cluster_arn, [RATES]),
        read_parameters(given.data.parameters.arns[BANK_KEY]),
        kms_use(key_arn, via_service=f"ssm.{region}.amazonaws.com"),
        write_objects(given.data.backups.bucket_arn, prefix=RAW_PREFIX),
        kms_use(key_arn, via_service=f"s3.{region}.amazonaws.com"),
        put_metrics(NAMESPACE),
    ]


def _build_notice(given: Given, topics: AlertTopics, cluster: EcsCluster) -> EventNotices:
    """Scheduler knows that a task began; ECS knows how it ended."""
    return EventNotices(
        f"{given.scope.name}-{INGESTOR}-notices",
        EventNoticesArgs(
            notices={
                "failed": Notice(
                    description="A run of the ingestor has failed",
                    pattern={
                        "source": ["aws.ecs"],
                        "detail-type": ["ECS Task State Change"],
                        "detail": {
                            "clusterArn": [cluster.cluster_arn],
                            "lastStatus": ["STOPPED"],
                            "$or": [
                                {"containers": {"exitCode": [{"anything-but": 0}]}},
                                {"stopCode": ["TaskFailedToStart"]},
                            ],
                        },
                    },
                    topic_arn=topics.arns["warning"],
                )
            }
        ),
        given.scope.opts,
    )
