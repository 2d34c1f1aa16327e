"""Work Redesign's secrets: the database's address, the model's key, and the chat's webhook."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi

from components.compute.fargate_service import FargateService
from components.compute.fargate_task_definition import SecretReference
from components.compute.lambda_function import LambdaFunction
from components.data.rds_instance import RdsInstance
from components.messaging.event_calls import EventCall, EventCallArgs
from components.messaging.queue import Queue
from components.network.vpc import Vpc
from components.security.grants import invoke_functions, kms_use, read_secret
from components.security.iam import Statement
from components.security.kms_key import KmsKey
from components.security.managed_secret import ManagedSecret, ManagedSecretArgs, RotationArgs
from components.security.owner_secret import OwnerSecret, OwnerSecretArgs
from settings.work_redesign import WorkRedesignSettings
from systems.scope import Scope
from systems.work_redesign.functions import Wanted, build_function

URL_SOURCES = Path("functions/database_url")
URL_ROTATION_DAYS = 1
"""Besides each change of the password: a day is the longest that a missed event can leave an old address."""


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
                rotation=RotationArgs(function=composer, every_days=URL_ROTATION_DAYS),
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
            sources=URL_SOURCES,
            description="Work Redesign: makes the database's address from its password",
            timeout_seconds=30,
            environment={
                "DB_HOST": database.endpoint,
                "DB_PORT": str(database.port),
                "DB_NAME": database.database_name,
                "MASTER_SECRET_ID": database.master_secret_arn,
            },
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
    """A new password makes a new address, and a new address makes new tasks, which read it at their start.

    Secrets Manager tells of a rotation through CloudTrail: an account without a trail gets the new address by
    the daily rotation, and new tasks by the next release.
    """
    follower = build_function(
        scope,
        settings,
        "url-follower",
        Wanted(
            sources=URL_SOURCES,
            handler="handler.noticed",
            description="Work Redesign: follows changes of the database's password",
            timeout_seconds=30,
            statements=[
                Statement(
                    actions=["secretsmanager:RotateSecret"], resources=[secrets.database_url.secret_arn]
                ),
                invoke_functions([secrets.composer.alias_arn]),
                Statement(actions=["ecs:UpdateService"], resources=[each.service.arn for each in services]),
                kms_use(key.key_arn),
            ],
            failure_queue_arn=failures.dead_letter_queue_arn,
        ),
        vpc=vpc,
        key=key,
    )
    EventCall(
        f"{scope.name}-password-changed",
        EventCallArgs(
            description="The database's password has changed",
            pattern=_rotated(database.master_secret_arn),
            function=follower,
            message={"rotate": secrets.database_url.secret_arn},
        ),
        scope.opts,
    )
    EventCall(
        f"{scope.name}-url-changed",
        EventCallArgs(
            description="The database's address has changed",
            pattern=_rotated(secrets.database_url.secret_arn),
            function=follower,
            message={
                "restart": [each.service_name for each in services],
                "cluster": services[0].cluster_name,
            },
        ),
        scope.opts,
    )


def _rotated(secret_arn: pulumi.Input[str]) -> dict[str, Any]:
    return {
        "source": ["aws.secretsmanager"],
        "detail-type": ["AWS Service Event via CloudTrail"],
        "detail": {
            "eventName": ["RotationSucceeded"],
            "additionalEventData": {"SecretId": [secret_arn]},
        },
    }
