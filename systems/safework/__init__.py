"""SafeWork: an occupational-health survey service, serverless behind Cloudflare."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi

from components.compute.lambda_function import LambdaFunction, LambdaFunctionArgs, VpcPlacement, ZipCode
from components.compute.package import build_package
from components.messaging.alert_topics import AlertTopics, AlertTopicsArgs
from components.network.vpc import Vpc
from components.security.key_policy import KeyService
from components.security.kms_key import KmsKey, KmsKeyArgs
from components.security.managed_secret import ManagedSecret, ManagedSecretArgs, RotationArgs
from settings.migration import NoMigration
from settings.safework import SafeWorkSettings
from settings.stack import StackSettings
from systems.account import Account
from systems.endpoints import endpoint
from systems.migration import Given, Target, build_migration
from systems.rollouts import build_rollouts
from systems.safework.cutover import build_cutover, cutover_rules, request_metric
from systems.safework.data import Data, build_data
from systems.safework.edge import build_api, build_site
from systems.safework.functions import BUILD_DIRECTORY, build_functions
from systems.safework.network import build_network, open_way_to_aws, ways_to_aws
from systems.safework.watching import build_alarms, build_budget, build_dashboard
from systems.scope import Scope
from systems.tagging import tagging

SESSION_KEY_ROTATION_DAYS = 30
ROTATION_SOURCES = Path("functions/secret_rotation")


class SafeWork(pulumi.ComponentResource):
    """Client -> Cloudflare -> REST API -> five functions -> RDS Proxy or Data API -> Aurora; and a cache.

    Static files go their own way: CloudFront over a private bucket. The host name moves from the old host to
    the API in stages at Cloudflare, gated by the alarms built here.
    """

    exports: Mapping[str, Any]

    def __init__(
        self,
        stack: StackSettings,
        settings: SafeWorkSettings,
        account: Account,
        *,
        name: str = "safework",
    ) -> None:
        super().__init__(
            "platform:system:SafeWork",
            name,
            None,
            pulumi.ResourceOptions(transformations=[tagging(stack, system=name)]),
        )
        scope = Scope(name=name, stack=stack, account=account, root=self)
        key = _build_key(scope, settings)
        topics = _build_topics(scope, key)
        vpc = build_network(scope, settings, key)
        data = build_data(scope, settings, vpc, key)
        session_key = _build_session_key(scope, settings, vpc, key)
        functions = build_functions(scope, settings, vpc=vpc, key=key, data=data, session_key=session_key)
        door = build_api(scope, settings, key, functions)
        site = build_site(scope, settings, key, door.certificate)
        watching = build_alarms(scope, settings, topics=topics, functions=functions, api=door.api, data=data)
        rollouts = build_rollouts(scope, functions.by_name, watching.alarms)
        build_dashboard(scope, functions, watching)
        build_budget(scope, settings, topics)
        cutover = build_cutover(
            scope,
            settings,
            api=door.api,
            key=key,
            gate_alarm_names=list(watching.alarms.gate_alarm_names.values()),
        )
        migration = _build_migration(scope, settings, vpc=vpc, key=key, topics=topics, data=data)
        self.exports = {
            "url": f"https://{settings.domain.hostname}",
            "apiUrl": f"https://{settings.domain.api_hostname}",
            "staticDomain": settings.domain.static_hostname or site.domain_name,
            "staticBucket": site.bucket.bucket_name,
            "staticDistributionId": site.distribution_id,
            "database": {
                "clusterArn": data.database.arn,
                "endpoint": data.database.endpoint,
                "masterSecretArn": data.database.master_secret_arn,
                "name": data.database.database_name,
            },
            "releases": {function: group.release for function, group in rollouts.items()},
            "cutover": {
                **cutover.tool,
                **cutover_rules(settings),
                "requestMetric": request_metric(door.api),
            },
            **({"migration": migration} if migration else {}),
        }
        self.register_outputs(dict(self.exports))


def _build_key(scope: Scope, settings: SafeWorkSettings) -> KmsKey:
    return KmsKey(
        f"{scope.name}-key",
        KmsKeyArgs(
            alias=scope.physical_name,
            description="SafeWork: data, logs, environments, topics",
            account_id=scope.stack.account_id,
            region=scope.stack.region,
            services=_key_services(settings),
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    )


def _key_services(settings: SafeWorkSettings) -> list[KeyService]:
    """Fargate encrypts the disk of the task that moves the old database here."""
    moving: list[KeyService] = [] if isinstance(settings.migration, NoMigration) else ["fargate"]
    return ["budgets", "cloudfront", "cloudwatch", "logs", *moving]


def _build_migration(
    scope: Scope, settings: SafeWorkSettings, *, vpc: Vpc, key: KmsKey, topics: AlertTopics, data: Data
) -> Mapping[str, Any] | None:
    return build_migration(
        Given(
            scope=scope,
            vpc=vpc,
            key=key,
            topics=topics,
            target=Target(
                engine="aurora-postgresql",
                database_name=data.database.database_name,
                endpoint=data.database.endpoint,
                port=data.database.port,
                security_group=data.database.security_group,
            ),
            ways_out=ways_to_aws(settings, vpc),
            log_retention_days=settings.log_retention_days,
            deletion_protection=settings.deletion_protection,
        ),
        settings.migration,
    )


def _build_topics(scope: Scope, key: KmsKey) -> AlertTopics:
    alerts = scope.stack.alerts
    return AlertTopics(
        f"{scope.name}-alerts",
        AlertTopicsArgs(
            account_id=scope.stack.account_id,
            kms_key_arn=key.key_arn,
            publishers=["budgets", "cloudwatch"],
            subscriptions={
                "critical": [endpoint(each) for each in alerts.critical],
                "warning": [endpoint(each) for each in alerts.warning],
            },
        ),
        scope.opts,
    )


def _build_session_key(scope: Scope, settings: SafeWorkSettings, vpc: Vpc, key: KmsKey) -> ManagedSecret:
    """Flask signs its sessions with it. The function that rotates it runs in the VPC like the others."""
    rotator = LambdaFunction(
        f"{scope.name}-rotation",
        LambdaFunctionArgs(
            code=ZipCode(
                path=build_package({"": ROTATION_SOURCES}, BUILD_DIRECTORY, name="secret-rotation"),
                handler="handler.handler",
                runtime=settings.app.runtime,
            ),
            description="SafeWork: makes and rotates the session key",
            memory_mb=128,
            timeout_seconds=30,
            kms_key_arn=key.key_arn,
            log_retention_days=settings.log_retention_days,
            vpc=VpcPlacement(vpc_id=vpc.vpc_id, subnet_ids=vpc.private_subnet_ids),
        ),
        scope.opts,
    )
    open_way_to_aws(rotator.security_group, settings, vpc)
    return ManagedSecret(
        f"{scope.name}-session-key",
        ManagedSecretArgs(
            description="SafeWork: signs the sessions of the Flask application",
            kms_key_arn=key.key_arn,
            rotation=RotationArgs(function=rotator, every_days=SESSION_KEY_ROTATION_DAYS),
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    )
