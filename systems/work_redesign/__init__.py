"""Work Redesign: a workshop platform for team leaders, in containers behind CloudFront."""

from collections.abc import Mapping
from typing import Any

import pulumi

from components.messaging.alert_topics import AlertTopics, AlertTopicsArgs
from components.security.kms_key import KmsKey, KmsKeyArgs
from settings.stack import StackSettings
from settings.work_redesign import WorkRedesignSettings
from systems.account import Account
from systems.endpoints import subscriptions
from systems.scope import Scope
from systems.tagging import tagging
from systems.work_redesign.ai import build_consumer, build_queue
from systems.work_redesign.data import build_data
from systems.work_redesign.edge import (
    build_cdn,
    build_certificates,
    build_firewall,
    build_load_balancer,
)
from systems.work_redesign.network import build_network
from systems.work_redesign.notices import build_budget, build_chat, build_notices, build_schedule
from systems.work_redesign.overview import build_dashboard, build_queries
from systems.work_redesign.recovery import build_recovery
from systems.work_redesign.secrets import build_secrets, follow_changes
from systems.work_redesign.services import Given, build_cluster, build_images, build_services
from systems.work_redesign.watching import build_alarms, build_gates


class WorkRedesign(pulumi.ComponentResource):
    """Client -> CloudFront and WAF -> internal load balancer -> Next.js and Express -> PostgreSQL and Redis.

    Socket.IO keeps a client with one task of the backend. Analyses by the model go through a queue. Both
    services are released blue/green by ECS, after the migration of the database.
    """

    exports: Mapping[str, Any]

    def __init__(
        self,
        stack: StackSettings,
        settings: WorkRedesignSettings,
        account: Account,
        *,
        name: str = "work-redesign",
    ) -> None:
        super().__init__(
            "platform:system:WorkRedesign",
            name,
            None,
            pulumi.ResourceOptions(transformations=[tagging(stack, system=name)]),
        )
        scope = Scope(name=name, stack=stack, account=account, root=self)
        key = _build_key(scope, settings)
        topics = _build_topics(scope, key)
        vpc = build_network(scope, settings, key)
        data = build_data(scope, settings, vpc, key)
        secrets = build_secrets(scope, settings, vpc=vpc, key=key, database=data.database)
        queue = build_queue(scope, settings, key)
        certificates = build_certificates(scope, settings)
        load_balancer = build_load_balancer(
            scope, settings, vpc=vpc, logs=data.logs, certificates=certificates
        )
        images = build_images(scope, settings, key)
        services = build_services(
            Given(
                scope=scope,
                settings=settings,
                vpc=vpc,
                key=key,
                cluster=build_cluster(scope, settings, key),
                images=images,
                data=data,
                secrets=secrets,
                queue=queue,
            ),
            load_balancer,
            build_gates(scope, settings, topics, load_balancer),
        )
        follow_changes(
            scope,
            settings,
            vpc=vpc,
            key=key,
            database=data.database,
            secrets=secrets,
            failures=queue,
            services=[services.backend],
        )
        ai = build_consumer(
            scope, settings, vpc=vpc, key=key, queue=queue, uploads=data.uploads, secrets=secrets
        )
        cdn = build_cdn(
            scope,
            settings,
            load_balancer=load_balancer,
            logs=data.logs,
            certificates=certificates,
            firewall=build_firewall(scope, settings),
        )
        chat = build_chat(scope, settings, topics=topics, vpc=vpc, key=key, failures=queue)
        watching = build_alarms(
            scope,
            settings,
            topics=topics,
            load_balancer=load_balancer,
            services=services,
            data=data,
            ai=ai,
            relay=chat.function if chat else None,
        )
        build_dashboard(
            scope, settings, load_balancer=load_balancer, services=services, data=data, watching=watching
        )
        build_queries(scope, services=services, ai=ai, data=data)
        build_notices(scope, topics, services)
        build_recovery(scope, settings, key=key, data=data, topics=topics)
        build_budget(scope, settings, topics)
        build_schedule(scope, settings, services)
        self.exports = {
            "url": f"https://{settings.domain.hostname}",
            "distributionId": cdn.distribution_id,
            "cluster": services.backend.cluster_name,
            "services": {key: each.service_name for key, each in services.by_name.items()},
            "taskDefinitions": {key: each.task_definition_arn for key, each in services.by_name.items()},
            "migration": services.migration.run,
            "repositories": {each: repository.url for each, repository in images.items()},
            "uploadsBucket": data.uploads.bucket_name,
            "anthropicKeySecretArn": secrets.anthropic_key.secret_arn,
            "database": {
                "endpoint": data.database.endpoint,
                "name": data.database.database_name,
                "masterSecretArn": data.database.master_secret_arn,
                "urlSecretArn": secrets.database_url.secret_arn,
            },
        }
        self.register_outputs(dict(self.exports))


def _build_key(scope: Scope, settings: WorkRedesignSettings) -> KmsKey:
    return KmsKey(
        f"{scope.name}-key",
        KmsKeyArgs(
            alias=scope.physical_name,
            description="Work Redesign: data, logs, images, topics",
            account_id=scope.stack.account_id,
            region=scope.stack.region,
            services=["budgets", "cloudwatch", "events", "fargate", "logs", "sns"],
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
            publishers=["budgets", "cloudwatch", "events"],
            subscriptions=subscriptions(scope.stack.alerts),
        ),
        scope.opts,
    )
