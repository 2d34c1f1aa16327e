"""Analyses by the model, which nobody waits for."""

from dataclasses import dataclass
from pathlib import Path

from components.compute.lambda_function import LambdaFunction
from components.edge.bucket import PrivateBucket
from components.messaging.queue import Queue, QueueArgs, QueueConsumer, QueueConsumerArgs
from components.messaging.queue_plan import VISIBILITY_FACTOR
from components.network.vpc import Vpc
from components.security.grants import kms_use, read_secret, write_objects
from components.security.kms_key import KmsKey
from settings.work_redesign import WorkRedesignSettings
from systems.scope import Scope
from systems.work_redesign.functions import Wanted, build_function
from systems.work_redesign.secrets import Secrets

ANSWERS = "analyses/"
"""Where the answers are, beside the uploads."""


@dataclass(frozen=True, kw_only=True)
class Ai:
    queue: Queue
    consumer: LambdaFunction


def build_queue(scope: Scope, settings: WorkRedesignSettings, key: KmsKey) -> Queue:
    return Queue(
        f"{scope.name}-ai",
        QueueArgs(
            kms_key_arn=key.key_arn,
            visibility_timeout_seconds=VISIBILITY_FACTOR * settings.ai.timeout_seconds,
            max_receives=settings.ai.max_receives,
        ),
        scope.opts,
    )


def build_consumer(
    scope: Scope,
    settings: WorkRedesignSettings,
    *,
    vpc: Vpc,
    key: KmsKey,
    queue: Queue,
    uploads: PrivateBucket,
    secrets: Secrets,
) -> Ai:
    wanted = settings.ai
    consumer = build_function(
        scope,
        settings,
        "ai-consumer",
        Wanted(
            sources=Path(wanted.directory),
            description="Work Redesign: asks the model, and stores its answers",
            timeout_seconds=wanted.timeout_seconds,
            memory_mb=wanted.memory_mb,
            environment={
                "UPLOADS_BUCKET": uploads.bucket_name,
                "ANTHROPIC_KEY_SECRET_ARN": secrets.anthropic_key.secret_arn,
                "ANTHROPIC_MODEL": wanted.model,
            },
            statements=[
                read_secret(secrets.anthropic_key.secret_arn),
                write_objects(uploads.bucket_arn, prefix=ANSWERS),
                kms_use(key.key_arn),
            ],
        ),
        vpc=vpc,
        key=key,
    )
    QueueConsumer(
        f"{scope.name}-ai-analyses",
        QueueConsumerArgs(
            queue=queue, function=consumer, batch_size=wanted.batch_size, max_concurrency=wanted.concurrency
        ),
        scope.opts,
    )
    return Ai(queue=queue, consumer=consumer)
