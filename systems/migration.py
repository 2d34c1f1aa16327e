"""How an old PostgreSQL database comes into a system's own: a task in its VPC, and a replication by DMS."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pulumi

from components.compute.ecs_cluster import EcsCluster, EcsClusterArgs
from components.compute.fargate_task import FargateTask, FargateTaskArgs
from components.compute.fargate_task_definition import TaskArgs
from components.delivery.ecr_repository import EcrRepository, EcrRepositoryArgs
from components.messaging.alert_topics import AlertTopics
from components.migration.dms_endpoint import Encrypted, PostgresEndpoint, PostgresEndpointArgs, Tls, Verified
from components.migration.dms_replication import DmsReplication, DmsReplicationArgs
from components.network.security_group import CidrPeer, Rule, SecurityGroup, connect
from components.network.vpc import Vpc
from components.observability.alarms import Alarms, AlarmsArgs
from components.observability.dms_alarms import dms_alarms
from components.security.grants import read_secret
from components.security.iam import Statement
from components.security.kms_key import KmsKey
from components.security.owner_secret import OwnerSecret, OwnerSecretArgs
from settings import migration as choices
from systems.scope import Scope

RUNBOOK = "migration-dms.md"

USER = "10001:10001"
"""As ``ops/migrate/Dockerfile`` makes it."""

CPU_UNITS = 4_096
MEMORY_MB = 8_192
"""Rows stream through, so memory does not grow with tables; the cores compare and copy side by side."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """The system's own database."""

    engine: Literal["postgres", "aurora-postgresql"]
    database_name: str
    endpoint: pulumi.Input[str]
    port: int
    security_group: SecurityGroup


@dataclass(frozen=True, kw_only=True)
class Given:
    """What every part of a move is built from. ``ways_out`` lead to AWS."""

    scope: Scope
    vpc: Vpc
    key: KmsKey
    topics: AlertTopics
    target: Target
    ways_out: Sequence[Rule]
    log_retention_days: int
    deletion_protection: bool


@dataclass(frozen=True, kw_only=True)
class Secrets:
    source: OwnerSecret
    target: OwnerSecret


def build_migration(given: Given, wanted: choices.Migration) -> dict[str, Any] | None:
    """What ``ops migrate`` and its operator need to know, or None where nothing moves."""
    match wanted:
        case choices.NoMigration():
            return None
        case choices.TaskMigration():
            return _build_task(given, wanted, _build_secrets(given))
        case choices.DmsMigration():
            secrets = _build_secrets(given)
            task = _build_task(given, wanted, secrets)
            return {**task, **_build_replication(given, wanted, secrets)}


def _build_secrets(given: Given) -> Secrets:
    """Users made for the move: neither the application's nor the master's, and gone after it."""
    return Secrets(source=_build_secret(given, "source"), target=_build_secret(given, "target"))


def _build_secret(given: Given, end: Literal["source", "target"]) -> OwnerSecret:
    return OwnerSecret(
        f"{given.scope.name}-migration-{end}",
        OwnerSecretArgs(
            description=f"{given.scope.name}: where and as whom the migration opens its {end}",
            kms_key_arn=given.key.key_arn,
            deletion_protection=given.deletion_protection,
        ),
        given.scope.opts,
    )


def _build_task(
    given: Given, wanted: choices.TaskMigration | choices.DmsMigration, secrets: Secrets
) -> dict[str, Any]:
    scope = given.scope
    repository = EcrRepository(
        f"{scope.name}-migration",
        EcrRepositoryArgs(kms_key_arn=given.key.key_arn, deletion_protection=given.deletion_protection),
        scope.opts,
    )
    cluster = EcsCluster(
        f"{scope.name}-migration-cluster",
        EcsClusterArgs(kms_key_arn=given.key.key_arn, insights_retention_days=given.log_retention_days),
        scope.opts,
    )
    task = FargateTask(
        f"{scope.name}-migration",
        FargateTaskArgs(
            cluster=cluster,
            task=TaskArgs(
                account_id=scope.stack.account_id,
                region=scope.stack.region,
                image=repository.image(wanted.image_digest),
                user=USER,
                cpu_units=CPU_UNITS,
                memory_mb=MEMORY_MB,
                kms_key_arn=given.key.key_arn,
                log_retention_days=given.log_retention_days,
                statements=_statements(given, secrets),
            ),
            vpc_id=given.vpc.vpc_id,
            subnet_ids=given.vpc.private_subnet_ids,
            egress=[*given.ways_out, _way_to_source(wanted.source)],
        ),
        scope.opts,
    )
    _connect_target(given, task.security_group, "the migration")
    return {
        "secrets": {"source": secrets.source.secret_arn, "target": secrets.target.secret_arn},
        "repository": repository.url,
        "run": task.run,
        "target": {
            "host": given.target.endpoint,
            "port": given.target.port,
            "dbname": given.target.database_name,
        },
    }


def _statements(given: Given, secrets: Secrets) -> list[Statement]:
    """Its two secrets, and their key for them alone."""
    return [
        read_secret(secrets.source.secret_arn),
        read_secret(secrets.target.secret_arn),
        Statement(
            actions=["kms:Decrypt"],
            resources=[given.key.key_arn],
            conditions={
                "StringEquals": {"kms:ViaService": f"secretsmanager.{given.scope.stack.region}.amazonaws.com"}
            },
        ),
    ]


def _build_replication(given: Given, wanted: choices.DmsMigration, secrets: Secrets) -> dict[str, Any]:
    scope = given.scope
    roles = scope.account.dms_roles
    replication = DmsReplication(
        f"{scope.name}-replication",
        DmsReplicationArgs(
            replication_name=scope.physical_name,
            vpc_id=given.vpc.vpc_id,
            subnet_ids=given.vpc.private_subnet_ids,
            source=_build_endpoint(
                given,
                "source",
                engine="postgres",
                database_name=wanted.source.database,
                secret=secrets.source,
                tls=wanted.source_tls,
            ),
            target=_build_endpoint(
                given,
                "target",
                engine=given.target.engine,
                database_name=given.target.database_name,
                secret=secrets.target,
                tls=wanted.target_tls,
            ),
            schemas=wanted.schemas,
            kms_key_arn=given.key.key_arn,
            log_retention_days=given.log_retention_days,
            min_capacity_units=wanted.min_capacity,
            max_capacity_units=wanted.max_capacity,
            multi_az=wanted.multi_az,
            egress=[*given.ways_out, _way_to_source(wanted.source)],
        ),
        # A subnet group is refused before the account has the role for it.
        pulumi.ResourceOptions(parent=scope.root, depends_on=[roles] if roles else []),
    )
    _connect_target(given, replication.security_group, "the replication")
    _build_alarms(given, wanted, replication)
    return {
        "replicationConfigArn": replication.config_arn,
        "replicationLogGroup": replication.log_group_name,
    }


def _build_endpoint(
    given: Given,
    end: Literal["source", "target"],
    *,
    engine: Literal["postgres", "aurora-postgresql"],
    database_name: str,
    secret: OwnerSecret,
    tls: choices.Tls,
) -> PostgresEndpoint:
    scope = given.scope
    return PostgresEndpoint(
        f"{scope.name}-{end}",
        PostgresEndpointArgs(
            endpoint_id=f"{scope.physical_name}-{end}",
            end=end,
            engine=engine,
            database_name=database_name,
            secret_arn=secret.secret_arn,
            secret_key_arn=given.key.key_arn,
            kms_key_arn=given.key.key_arn,
            tls=_tls(tls),
            account_id=scope.stack.account_id,
            region=scope.stack.region,
        ),
        scope.opts,
    )


def _build_alarms(given: Given, wanted: choices.DmsMigration, replication: DmsReplication) -> Alarms:
    name = f"{given.scope.name}-replication-alarms"
    return Alarms(
        name,
        AlarmsArgs(
            alarms=dms_alarms(
                replication,
                f"{given.scope.name}-replication",
                log_group_name=replication.log_group_name,
                namespace=given.scope.physical_name,
                lag_seconds=wanted.lag_seconds,
                runbook=RUNBOOK,
            ),
            alarm_actions=[given.topics.arns["warning"]],
            critical_actions=[given.topics.arns["critical"]],
            runbook_url=given.scope.runbook_url(),
        ),
        given.scope.opts,
    )


def _connect_target(given: Given, client: SecurityGroup, name: str) -> None:
    connect(
        client,
        given.target.security_group,
        given.target.port,
        client_name=name,
        server_name="the database",
    )


def _way_to_source(source: choices.Source) -> Rule:
    return Rule(description="to the old database", peer=CidrPeer(source.cidr), port=source.port)


def _tls(wanted: choices.Tls) -> Tls:
    match wanted:
        case choices.RequireTls():
            return Encrypted()
        case choices.VerifyFullTls(authority_file=path):
            return Verified(authority_pem=Path(path).read_text(encoding="utf-8"))
