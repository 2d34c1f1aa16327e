"""Sesami: repository analyses as jobs of AWS Batch, behind an API and a single-page application."""

from collections.abc import Mapping
from typing import Any

import pulumi

from components.compute.batch_worker_roles import encrypted_volume_statements
from components.delivery.ecr_repository import EcrRepository, EcrRepositoryArgs
from components.messaging.alert_topics import AlertTopics, AlertTopicsArgs
from components.security.kms_key import KmsKey, KmsKeyArgs
from settings.sesami import SesamiSettings
from settings.stack import StackSettings
from systems.account import Account
from systems.endpoints import subscriptions
from systems.migration import Given, Target, build_migration
from systems.scope import Scope
from systems.sesami.api import build_api
from systems.sesami.data import build_database
from systems.sesami.edge import (
    TARGET,
    build_api_cdn,
    build_api_certificate,
    build_firewall,
    build_load_balancer,
    build_log_bucket,
    build_site,
)
from systems.sesami.jobs import Jobs, build_jobs, build_queue
from systems.sesami.network import build_network, ways_out
from systems.sesami.secrets import build_secrets, follow_changes
from systems.sesami.watching import build_alarms, build_budget, build_dashboard, build_rollback
from systems.tagging import tagging


class Sesami(pulumi.ComponentResource):
    """Browser -> CloudFront -> the application's files; or load balancer -> API on Fargate -> queue -> pipe
    -> Batch on Spot -> RDS for PostgreSQL.

    The pipe deletes a message once Batch has its job; from there retries are Batch's, and a job that fails
    for good becomes an event in a queue of failed jobs.
    """

    exports: Mapping[str, Any]

    def __init__(
        self,
        stack: StackSettings,
        settings: SesamiSettings,
        account: Account,
        *,
        name: str = "sesami",
    ) -> None:
        super().__init__(
            "platform:system:Sesami",
            name,
            None,
            pulumi.ResourceOptions(transformations=[tagging(stack, system=name)]),
        )
        scope = Scope(name=name, stack=stack, account=account, root=self)
        key = _build_key(scope, settings)
        topics = _build_topics(scope, key)
        logs = build_log_bucket(scope, settings)
        vpc = build_network(scope, settings, key)
        images = {role: _build_images(scope, settings, key, role) for role in ("api", "worker")}
        database = build_database(scope, settings, vpc, key)
        secrets = build_secrets(scope, settings, vpc=vpc, key=key, database=database)
        certificate = build_api_certificate(scope, settings)
        load_balancer = build_load_balancer(scope, settings, vpc, logs, certificate)
        queue = build_queue(scope, settings, key)
        api = build_api(
            scope,
            settings,
            vpc=vpc,
            key=key,
            images=images["api"],
            target=load_balancer.target(TARGET),
            queue=queue,
            database=database,
            secrets=secrets,
            rollback=build_rollback(scope, topics, load_balancer),
        )
        missed_changes = follow_changes(
            scope, settings, vpc=vpc, key=key, database=database, secrets=secrets, api=api
        )
        jobs = build_jobs(
            scope,
            settings,
            vpc=vpc,
            key=key,
            queue=queue,
            images=images["worker"],
            database=database,
            secrets=secrets,
        )
        firewall = build_firewall(scope, settings)
        build_api_cdn(
            scope,
            settings,
            load_balancer=load_balancer,
            logs=logs,
            certificate=certificate,
            firewall=firewall,
        )
        site = build_site(scope, settings, key, logs, firewall)
        watching = build_alarms(
            scope,
            settings,
            topics=topics,
            load_balancer=load_balancer,
            api=api,
            database=database,
            jobs=jobs,
            missed_changes=missed_changes,
        )
        build_dashboard(scope, watching, jobs)
        build_budget(scope, settings, topics)
        migration = build_migration(
            Given(
                scope=scope,
                vpc=vpc,
                key=key,
                topics=topics,
                target=Target(
                    engine="postgres",
                    database_name=database.database_name,
                    endpoint=database.endpoint,
                    port=database.port,
                    security_group=database.security_group,
                ),
                ways_out=ways_out(vpc),
                log_retention_days=settings.log_retention_days,
                deletion_protection=settings.deletion_protection,
            ),
            settings.migration,
        )
        self.exports = {
            "url": f"https://{settings.domain.hostname}",
            "apiUrl": f"https://{settings.domain.api_hostname}",
            "site": site.release,
            "repositories": {role: repository.url for role, repository in images.items()},
            "service": {"cluster": api.cluster_name, "name": api.service_name},
            "database": {
                "endpoint": database.endpoint,
                "masterSecretArn": database.master_secret_arn,
                "name": database.database_name,
            },
            "ownerSecrets": {
                "encryptionKeys": secrets.encryption_keys.secret_name,
                "githubOauth": secrets.github_oauth.secret_name,
            },
            "jobs": _job_exports(settings, jobs),
            **({"migration": migration} if migration else {}),
        }
        self.register_outputs(dict(self.exports))


def _job_exports(settings: SesamiSettings, jobs: Jobs) -> Mapping[str, Any]:
    capacity = jobs.worker.capacity
    return {
        "queueUrl": jobs.queue.queue_url,
        "deadLetterQueueUrl": jobs.queue.dead_letter_queue_url,
        "failedJobsQueueUrl": jobs.failures.queue_url,
        "jobQueue": jobs.worker.job_queue_name,
        "pipe": jobs.pipe.pipe_name,
        "logGroup": jobs.worker.log_group_name,
        "capacity": {
            "jobsAtOnce": capacity.jobs_at_once,
            "jobsForCertain": capacity.jobs_for_certain,
            "jobsPerHour": capacity.jobs_per_hour(settings.worker.typical_minutes),
            "fittingInstanceTypes": list(capacity.fitting_types),
        },
    }


def _build_key(scope: Scope, settings: SesamiSettings) -> KmsKey:
    return KmsKey(
        f"{scope.name}-key",
        KmsKeyArgs(
            alias=scope.physical_name,
            description="Sesami: data, logs, messages, images, disks",
            account_id=scope.stack.account_id,
            region=scope.stack.region,
            services=["budgets", "cloudfront", "cloudwatch", "events", "fargate", "logs"],
            extra_statements=encrypted_volume_statements(scope.stack.account_id),
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    )


def _build_topics(scope: Scope, key: KmsKey) -> AlertTopics:
    return AlertTopics(
        f"{scope.name}-alerts",
        AlertTopicsArgs(
            account_id=scope.stack.account_id,
            kms_key_arn=key.key_arn,
            publishers=["budgets", "cloudwatch"],
            subscriptions=subscriptions(scope.stack.alerts),
        ),
        scope.opts,
    )


def _build_images(scope: Scope, settings: SesamiSettings, key: KmsKey, role: str) -> EcrRepository:
    return EcrRepository(
        f"{scope.name}-{role}",
        EcrRepositoryArgs(kms_key_arn=key.key_arn, deletion_protection=settings.deletion_protection),
        scope.opts,
    )
