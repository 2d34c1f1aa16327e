"""The way of an analysis: the API's message, the queue, the pipe, the job, and what fails on the way."""

from dataclasses import dataclass

from components.compute.batch_worker import BatchWorker
from components.compute.batch_worker_args import BatchWorkerArgs, Fifo
from components.data.rds_instance import RdsInstance
from components.delivery.ecr_repository import EcrRepository
from components.messaging.job_failures import JobFailures, JobFailuresArgs
from components.messaging.pipe import MAX_BODY_BYTES, BatchPipe, BatchPipeArgs
from components.messaging.queue import Queue, QueueArgs
from components.network.security_group import connect
from components.network.vpc import Vpc
from components.security.kms_key import KmsKey
from settings.sesami import SesamiSettings
from systems.scope import Scope
from systems.sesami.network import open_ways_out
from systems.sesami.secrets import Secrets, token_statements

DAY_SECONDS = 86_400


@dataclass(frozen=True, kw_only=True)
class Jobs:
    queue: Queue
    worker: BatchWorker
    pipe: BatchPipe
    failures: JobFailures


def build_queue(scope: Scope, settings: SesamiSettings, key: KmsKey) -> Queue:
    wanted = settings.jobs
    return Queue(
        f"{scope.name}-analysis-jobs",
        QueueArgs(
            kms_key_arn=key.key_arn,
            visibility_timeout_seconds=wanted.visibility_seconds,
            retention_seconds=wanted.retention_days * DAY_SECONDS,
            dead_letter_retention_seconds=14 * DAY_SECONDS,
            max_receives=wanted.max_receives,
            max_message_bytes=MAX_BODY_BYTES,
        ),
        scope.opts,
    )


def build_jobs(
    scope: Scope,
    settings: SesamiSettings,
    *,
    vpc: Vpc,
    key: KmsKey,
    queue: Queue,
    images: EcrRepository,
    database: RdsInstance,
    secrets: Secrets,
) -> Jobs:
    worker = _build_worker(scope, settings, vpc=vpc, key=key, images=images, secrets=secrets)
    open_ways_out(worker.security_group, vpc)
    connect(
        worker.security_group,
        database.security_group,
        database.port,
        client_name="analysis jobs",
        server_name="the database",
    )
    pipe = BatchPipe(
        f"{scope.name}-pipe",
        BatchPipeArgs(
            pipe_name=f"{scope.physical_name}-analysis",
            account_id=scope.stack.account_id,
            region=scope.stack.region,
            queue_arn=queue.queue_arn,
            queue_key_arn=key.key_arn,
            worker=worker,
            kms_key_arn=key.key_arn,
            log_retention_days=settings.log_retention_days,
            description="Sesami: each message becomes one analysis",
        ),
        scope.opts,
    )
    failures = JobFailures(
        f"{scope.name}-failed-jobs",
        JobFailuresArgs(
            account_id=scope.stack.account_id,
            worker=worker,
            kms_key_arn=key.key_arn,
            log_group_name=f"{scope.physical_name}-blocked",
            log_retention_days=settings.log_retention_days,
        ),
        scope.opts,
    )
    return Jobs(queue=queue, worker=worker, pipe=pipe, failures=failures)


def _build_worker(
    scope: Scope,
    settings: SesamiSettings,
    *,
    vpc: Vpc,
    key: KmsKey,
    images: EcrRepository,
    secrets: Secrets,
) -> BatchWorker:
    wanted = settings.worker
    return BatchWorker(
        f"{scope.name}-worker",
        BatchWorkerArgs(
            region=scope.stack.region,
            account_id=scope.stack.account_id,
            vpc_id=vpc.vpc_id,
            subnet_ids=vpc.private_subnet_ids,
            image=images.image(wanted.image_digest),
            vcpus=wanted.vcpus,
            memory_mb=wanted.memory_mb,
            timeout_seconds=wanted.timeout_minutes * 60,
            attempts=wanted.attempts,
            scratch_mb=wanted.scratch_mb,
            user=wanted.user,
            kms_key_arn=key.key_arn,
            log_retention_days=settings.log_retention_days,
            # The pipe submits, and a pipe cannot name a share.
            scheduling=Fifo(),
            instance_types=wanted.instance_types,
            max_vcpus=wanted.max_vcpus,
            bid_percent=wanted.bid_percent,
            secrets={"DATABASE_URL": secrets.reference(secrets.database_url)},
            statements=token_statements(scope, key),
        ),
        scope.opts,
    )
