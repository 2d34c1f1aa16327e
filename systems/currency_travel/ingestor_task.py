"""The ingestor as a Fargate task that EventBridge Scheduler starts."""

from components.compute.ecs_cluster import EcsCluster, EcsClusterArgs
from components.compute.fargate_task_definition import TaskArgs
from components.delivery.scheduled_task import ScheduledTask, ScheduledTaskArgs
from components.messaging.alert_topics import AlertTopics
from components.messaging.event_notices import EventNotices, EventNoticesArgs, Notice
from components.network.security_group import connect
from components.observability.schedule_alarms import schedule_alarms
from systems.currency_travel.functions import INGESTOR, Given
from systems.currency_travel.ingestor_image import (
    RUNBOOK,
    Ingestor,
    ingestor_environment,
    ingestor_statements,
)
from systems.currency_travel.network import ways_out


def build_task(given: Given, topics: AlertTopics) -> Ingestor:
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
