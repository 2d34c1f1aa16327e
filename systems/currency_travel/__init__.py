"""Currency Travel: exchange rates, rankings of destinations, and their history."""

from collections.abc import Mapping
from typing import Any

import pulumi

from components.compute.batch_worker_roles import encrypted_volume_statements
from components.messaging.alert_topics import AlertTopics, AlertTopicsArgs
from components.security.kms_key import KmsKey, KmsKeyArgs
from settings.currency_travel import CurrencyTravelSettings
from settings.stack import StackSettings
from systems.account import Account
from systems.currency_travel.data import build_data
from systems.currency_travel.edge import build_api, build_site
from systems.currency_travel.functions import Given, build_functions, build_images
from systems.currency_travel.ingestor import build_ingestor
from systems.currency_travel.messages import build_messages
from systems.currency_travel.network import build_network
from systems.currency_travel.overview import build_dashboard
from systems.currency_travel.recovery import build_recovery
from systems.currency_travel.watching import build_alarms, build_budget
from systems.endpoints import subscriptions
from systems.rollouts import build_rollouts
from systems.scope import Scope
from systems.tagging import tagging


class CurrencyTravel(pulumi.ComponentResource):
    """Client -> WAF -> REST API -> three functions in container images -> Aurora MySQL, Redis, two tables.

    Every five minutes the ingestor writes rates to Kafka, from where one consumer keeps the cache fresh and
    another keeps the history. Rankings are calculated from a queue. What fails for good waits in one place.
    """

    exports: Mapping[str, Any]

    def __init__(
        self,
        stack: StackSettings,
        settings: CurrencyTravelSettings,
        account: Account,
        *,
        name: str = "currency-travel",
    ) -> None:
        super().__init__(
            "platform:system:CurrencyTravel",
            name,
            None,
            pulumi.ResourceOptions(transformations=[tagging(stack, system=name)]),
        )
        scope = Scope(name=name, stack=stack, account=account, root=self)
        key = _build_key(scope, settings)
        topics = _build_topics(scope, key)
        vpc = build_network(scope, settings, key)
        data = build_data(scope, settings, vpc, key)
        messages = build_messages(scope, settings, vpc, key)
        given = Given(
            scope=scope,
            settings=settings,
            vpc=vpc,
            key=key,
            images=build_images(scope, settings, key),
            data=data,
            messages=messages,
        )
        functions = build_functions(given)
        ingestor = build_ingestor(given, topics)
        door = build_api(scope, settings, key, functions)
        site = build_site(scope, settings, key, data.logs)
        watching = build_alarms(
            scope,
            settings,
            topics=topics,
            functions=functions,
            api=door.api,
            data=data,
            messages=messages,
            ingestor=ingestor,
        )
        rollouts = build_rollouts(scope, functions.services, watching.alarms)
        build_dashboard(scope, settings, functions=functions, data=data, messages=messages, watching=watching)
        build_recovery(scope, settings, key=key, data=data, topics=topics)
        build_budget(scope, settings, topics)
        self.exports = {
            "apiUrl": f"https://{settings.domain.api_hostname}",
            "staticUrl": f"https://{settings.domain.hostname}",
            "staticBucket": site.bucket.bucket_name,
            "staticDistributionId": site.distribution_id,
            "backupBucket": data.backups.bucket_name,
            "clientKeyIds": door.plan.key_ids,
            "repositories": {each: repository.url for each, repository in given.images.items()},
            "releases": {function: group.release for function, group in rollouts.items()},
            "parameters": data.parameters.names,
            "kafka": {
                "clusterArn": messages.kafka.cluster_arn,
                "bootstrapBrokers": messages.kafka.bootstrap_brokers,
            },
            "database": {
                "clusterArn": data.database.arn,
                "endpoint": data.database.endpoint,
                "masterSecretArn": data.database.master_secret_arn,
                "name": data.database.database_name,
            },
            "ingestor": {"kind": settings.ingestor, **ingestor.exports},
        }
        self.register_outputs(dict(self.exports))


def _build_key(scope: Scope, settings: CurrencyTravelSettings) -> KmsKey:
    """Its policy is the same whatever runs the ingestor, so that changing that leaves the key alone."""
    return KmsKey(
        f"{scope.name}-key",
        KmsKeyArgs(
            alias=scope.physical_name,
            description="Currency Travel: data, logs, images, topics",
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
            publishers=["budgets", "cloudwatch", "events"],
            subscriptions=subscriptions(scope.stack.alerts),
        ),
        scope.opts,
    )
