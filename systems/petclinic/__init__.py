"""PetClinic: three tiers that grow up, blue/green, and a second region."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from components.data.rds_master import SecretCopy
from components.delivery.budget import Budget, BudgetArgs
from components.dns.certificate import Certificate
from components.edge.load_balancer import LoadBalancer
from components.messaging.alert_topics import AlertTopics, AlertTopicsArgs
from components.network.vpc import Vpc
from components.security.key_policy import auto_scaling_hosts
from components.security.kms_key import KmsKey, KmsKeyArgs
from settings.loader import provider_access
from settings.petclinic import PetClinicSettings, WarmRegion
from settings.stack import StackSettings
from systems.account import Account
from systems.endpoints import subscriptions
from systems.petclinic.data import Data, build_data
from systems.petclinic.edge import build_certificate, build_edge, build_load_balancer
from systems.petclinic.failover import build_names, record_exports
from systems.petclinic.network import NAT, build_network
from systems.petclinic.overview import build_dashboard
from systems.petclinic.platform import Platform, build_platform
from systems.petclinic.recovery import build_recovery, recovery_exports
from systems.petclinic.regions import build_region
from systems.petclinic.second import Ground, Second, build_ground, build_second
from systems.petclinic.serverless import Serverless, build_serverless
from systems.petclinic.watching import build_alarms, build_second_alarms
from systems.scope import Scope
from systems.tagging import tagging


class PetClinic(pulumi.ComponentResource):
    """Route 53 -> CloudFront and WAF -> load balancer -> Spring Boot on EC2 or EKS -> MySQL and Redis.

    The second region has copies of the data and a few hosts; its name is answered when the first one's health
    check fails. Each region has a provider of its own.
    """

    exports: Mapping[str, Any]

    def __init__(
        self,
        stack: StackSettings,
        settings: PetClinicSettings,
        account: Account,
        *,
        name: str = "petclinic",
    ) -> None:
        tags = tagging(stack, system=name)
        super().__init__(
            "platform:system:PetClinic", name, None, pulumi.ResourceOptions(transformations=[tags])
        )
        system = Scope(name=name, stack=stack, account=account, root=self)
        access = provider_access()
        first = build_region(system, name, region=stack.region, zones=stack.zones, access=access, key="first")
        second_scope = None
        if isinstance(settings.second_region, WarmRegion):
            second_scope = build_region(
                system,
                f"{name}-second",
                region=settings.second_region.region,
                zones=settings.second_region.zones,
                access=access,
                key="second",
            )
        self.exports = _build(first, second_scope, settings)
        self.register_outputs(dict(self.exports))


@dataclass(frozen=True, kw_only=True)
class _Ground:
    """What both regions stand on before anything answers."""

    key: KmsKey
    topics: AlertTopics
    vpc: Vpc
    certificate: Certificate
    second: Ground | None
    data: Data
    balancer: LoadBalancer


def _build(first: Scope, second_scope: Scope | None, settings: PetClinicSettings) -> dict[str, Any]:
    base = _build_base(first, second_scope, settings)
    edge = build_edge(
        first,
        settings,
        load_balancer=base.balancer,
        logs=base.data.logs,
        certificate=base.certificate,
    )
    platform = build_platform(
        first,
        settings,
        vpc=base.vpc,
        key=base.key,
        topics=base.topics,
        data=base.data,
        load_balancer=base.balancer,
    )
    second: Second | None = None
    if base.second is not None and isinstance(settings.second_region, WarmRegion):
        second = build_second(base.second, settings, settings.second_region, first=first, data=base.data)
        build_second_alarms(settings, second)
    serverless = build_serverless(first, settings, vpc=base.vpc, key=base.key)
    names = build_names(
        first, settings, cdn=edge.cdn, second=base.second.load_balancer if base.second else None
    )
    _build_watch(first, settings, base, platform=platform, serverless=serverless, second=second)
    return {
        "url": f"https://{settings.domain.hostname}",
        "distributionId": edge.cdn.distribution_id,
        "database": _database_exports(base.data),
        "sessions": {"endpoint": base.data.sessions.endpoint, "port": base.data.sessions.port},
        "buckets": {each: bucket.bucket_name for each, bucket in base.data.buckets.items()},
        **platform.exports,
        **serverless.exports,
        "recovery": recovery_exports(
            settings, key=base.key, data=base.data, second=second, record=record_exports(names)
        ),
    }


def _build_base(first: Scope, second_scope: Scope | None, settings: PetClinicSettings) -> _Ground:
    key = _build_key(first, settings)
    vpc = build_network(
        first,
        settings,
        key,
        cidr=settings.network.vpc_cidr,
        zones=first.stack.zones,
        nat=NAT[settings.network.nat_gateways],
    )
    certificate = build_certificate(first, settings)
    second: Ground | None = None
    if second_scope is not None and isinstance(settings.second_region, WarmRegion):
        second_key = _build_key(second_scope, settings)
        second = build_ground(
            second_scope,
            settings,
            settings.second_region,
            key=second_key,
            topics=_build_topics(second_scope, second_key),
            certificate=certificate,
        )
    data = build_data(first, settings, vpc=vpc, key=key, secret_copies=_secret_copies(second))
    return _Ground(
        key=key,
        topics=_build_topics(first, key),
        vpc=vpc,
        certificate=certificate,
        second=second,
        data=data,
        balancer=build_load_balancer(first, settings, vpc=vpc, logs=data.logs, proven_by=certificate),
    )


def _build_watch(
    first: Scope,
    settings: PetClinicSettings,
    base: _Ground,
    *,
    platform: Platform,
    serverless: Serverless,
    second: Second | None,
) -> None:
    """Alarms, the dashboard, backups and the budget."""
    watching = build_alarms(
        first,
        settings,
        topics=base.topics,
        load_balancer=base.balancer,
        data=base.data,
        platform=platform.alarms,
        second=second,
        watched=serverless.watched,
    )
    build_dashboard(first, settings, load_balancer=base.balancer, data=base.data, watching=watching)
    build_recovery(
        first,
        settings,
        key=base.key,
        data=base.data,
        topics=base.topics,
        ground=base.second,
        table_arns=[*platform.table_arns, *serverless.table_arns],
    )
    _build_budget(first, settings, base.topics)


def _build_key(scope: Scope, settings: PetClinicSettings) -> KmsKey:
    """One in each region: copies are encrypted again there, and losing one key never takes both."""
    return KmsKey(
        f"{scope.name}-key",
        KmsKeyArgs(
            alias=scope.physical_name,
            description="PetClinic: data, disks, logs, topics",
            account_id=scope.stack.account_id,
            region=scope.stack.region,
            services=["budgets", "cloudwatch", "events", "logs", "sns"],
            extra_statements=auto_scaling_hosts(scope.stack.account_id),
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


def _build_budget(scope: Scope, settings: PetClinicSettings, topics: AlertTopics) -> Budget:
    return Budget(
        f"{scope.name}-budget",
        BudgetArgs(
            system=scope.name,
            monthly_limit_usd=settings.monthly_budget_usd,
            topic_arns=[topics.arns["info"]],
        ),
        scope.opts,
    )


def _secret_copies(ground: Ground | None) -> list[SecretCopy]:
    if ground is None:
        return []
    return [SecretCopy(region=ground.scope.stack.region, kms_key_arn=ground.key.key_arn)]


def _database_exports(data: Data) -> dict[str, Any]:
    database = data.database
    return {
        "endpoint": database.endpoint,
        "readEndpoints": dict(database.replica_endpoints),
        "port": database.port,
        "name": database.database_name,
        "identifier": database.identifier,
        "credentialsSecretArn": database.master_secret_arn,
    }
