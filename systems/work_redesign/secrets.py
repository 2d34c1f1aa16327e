"""Work Redesign's secrets: the database's address, the model's key, and the chat's webhook."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.compute.fargate_service import FargateService
from components.compute.fargate_task_definition import SecretReference
from components.compute.lambda_function import LambdaFunction
from components.data.rds_instance import RdsInstance
from components.messaging.queue import Queue
from components.network.vpc import Vpc
from components.security.grants import kms_use, read_secret
from components.security.kms_key import KmsKey
from components.security.managed_secret import ManagedSecret, ManagedSecretArgs, RotationArgs
from components.security.owner_secret import OwnerSecret, OwnerSecretArgs
from settings.work_redesign import WorkRedesignSettings
from systems import database_url
from systems.scope import Scope
from systems.work_redesign.functions import Wanted, build_function


@dataclass(frozen=True, kw_only=True)
class Secrets:
    database_url: ManagedSecret
    composer: LambdaFunction
    """Makes the address."""
    anthropic_key: OwnerSecret

    @property
    def references(self) -> dict[str, SecretReference]:
        """By the variable that the backend reads."""
        # Known once the rotation has made the first value, so that no task starts before it.
        ready = pulumi.Output.all(self.database_url.secret_arn, self.database_url.rotation.id)
        return {
            "DATABASE_URL": SecretReference(arn=ready.apply(lambda known: str(known[0]))),
            "ANTHROPIC_API_KEY": SecretReference(arn=self.anthropic_key.secret_arn),
        }


def build_secrets(
    scope: Scope, settings: WorkRedesignSettings, *, vpc: Vpc, key: KmsKey, database: RdsInstance
) -> Secrets:
    composer = _build_composer(scope, settings, vpc=vpc, key=key, database=database)
    return Secrets(
        composer=composer,
        database_url=ManagedSecret(
            f"{scope.name}-database-url",
            ManagedSecretArgs(
                description="Work Redesign: the database's address, with its user and password",
                kms_key_arn=key.key_arn,
                rotation=RotationArgs(function=composer, every_days=database_url.ROTATION_DAYS),
                deletion_protection=settings.deletion_protection,
            ),
            scope.opts,
        ),
        anthropic_key=build_owner_secret(
            scope, settings, key, "anthropic-key", "Work Redesign: the key of the Anthropic API"
        ),
    )


def build_owner_secret(
    scope: Scope, settings: WorkRedesignSettings, key: KmsKey, role: str, description: str
) -> OwnerSecret:
    return OwnerSecret(
        f"{scope.name}-{role}",
        OwnerSecretArgs(
            description=description,
            kms_key_arn=key.key_arn,
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    )


def _build_composer(
    scope: Scope, settings: WorkRedesignSettings, *, vpc: Vpc, key: KmsKey, database: RdsInstance
) -> LambdaFunction:
    return build_function(
        scope,
        settings,
        "url-composer",
        Wanted(
            sources=database_url.SOURCES,
            description="Work Redesign: makes the database's address from its password",
            timeout_seconds=30,
            environment=database_url.composer_environment(database),
            statements=[read_secret(database.master_secret_arn), kms_use(key.key_arn)],
        ),
        vpc=vpc,
        key=key,
    )


def follow_changes(
    scope: Scope,
    settings: WorkRedesignSettings,
    *,
    vpc: Vpc,
    key: KmsKey,
    database: RdsInstance,
    secrets: Secrets,
    failures: Queue,
    services: Sequence[FargateService],
) -> None:
    """A new password makes a new address, and a new address makes new tasks, which read it at their start."""
    follower = build_function(
        scope,
        settings,
        "url-follower",
        Wanted(
            sources=database_url.SOURCES,
            handler=database_url.FOLLOWER_HANDLER,
            description="Work Redesign: follows changes of the database's password",
            timeout_seconds=30,
            statements=[
                *database_url.follower_statements(
                    database_url=secrets.database_url, composer=secrets.composer, services=services
                ),
                kms_use(key.key_arn),
            ],
            failure_queue_arn=failures.dead_letter_queue_arn,
        ),
        vpc=vpc,
        key=key,
    )
    database_url.follow(
        scope,
        follower,
        {
            "password": database_url.Rotate(
                changed=database.master_secret_arn, secret_arn=secrets.database_url.secret_arn
            ),
            "url": database_url.Restart(changed=secrets.database_url.secret_arn, services=services),
        },
    )
