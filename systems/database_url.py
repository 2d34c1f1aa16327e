"""A database's address as a secret: what its maker is told, and how a new one reaches those who read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pulumi

from components.compute.fargate_service import FargateService
from components.compute.lambda_function import LambdaFunction
from components.data.rds_instance import RdsInstance
from components.messaging.event_calls import EventCall, EventCallArgs
from components.security.grants import invoke_functions
from components.security.iam import Statement
from components.security.managed_secret import ManagedSecret
from systems.scope import Scope

SOURCES = Path("functions/database_url")
FOLLOWER_HANDLER = "handler.noticed"

ROTATION_DAYS = 1
"""Besides each change of the password: a day is the longest that a missed event can leave an old address."""


@dataclass(frozen=True, kw_only=True)
class Rotate:
    """``changed`` was rotated, so ``secret_arn`` is to be."""

    changed: pulumi.Input[str]
    secret_arn: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class Restart:
    """``changed`` was rotated, and tasks read it at their start, so the services get new ones."""

    changed: pulumi.Input[str]
    services: Sequence[FargateService]


Change: TypeAlias = Rotate | Restart


def composer_environment(database: RdsInstance) -> dict[str, pulumi.Input[str]]:
    """What the function that makes the address is told."""
    return {
        "DB_HOST": database.endpoint,
        "DB_PORT": str(database.port),
        "DB_NAME": database.database_name,
        "MASTER_SECRET_ID": database.master_secret_arn,
    }


def follower_statements(
    *, database_url: ManagedSecret, composer: LambdaFunction, services: Sequence[FargateService]
) -> list[Statement]:
    """What the function that follows changes may do, besides the use of its key."""
    return [
        Statement(actions=["secretsmanager:RotateSecret"], resources=[database_url.secret_arn]),
        invoke_functions([composer.alias_arn]),
        Statement(actions=["ecs:UpdateService"], resources=[each.service.arn for each in services]),
    ]


def follow(scope: Scope, follower: LambdaFunction, changes: Mapping[str, Change]) -> None:
    """Call ``follower`` for each secret that was rotated, keyed by what the secret holds.

    Secrets Manager tells of a rotation through CloudTrail: an account without a trail gets the new address by
    the daily rotation, and new tasks by the next release.
    """
    for what, change in changes.items():
        EventCall(
            f"{scope.name}-{what}-changed",
            EventCallArgs(
                description=f"A secret was rotated: {what}",
                pattern=_rotated(change.changed),
                function=follower,
                message=_message(change),
            ),
            scope.opts,
        )


def _message(change: Change) -> dict[str, Any]:
    match change:
        case Rotate(secret_arn=secret_arn):
            return {"rotate": secret_arn}
        case Restart(services=services):
            return {
                "restart": [each.service_name for each in services],
                "cluster": services[0].cluster_name,
            }


def _rotated(secret_arn: pulumi.Input[str]) -> dict[str, Any]:
    return {
        "source": ["aws.secretsmanager"],
        "detail-type": ["AWS Service Event via CloudTrail"],
        "detail": {
            "eventName": ["RotationSucceeded"],
            "additionalEventData": {"SecretId": [secret_arn]},
        },
    }
