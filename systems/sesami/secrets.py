"""Sesami's secrets: what its .env held, each where AWS or its owner keeps it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pulumi

from components.compute.fargate_service import FargateService
from components.compute.fargate_task_definition import SecretReference
from components.compute.lambda_function import LambdaFunction, LambdaFunctionArgs, VpcPlacement, ZipCode
from components.compute.package import build_package
from components.data.rds_instance import RdsInstance
from components.messaging.queue import Queue, QueueArgs
from components.network.vpc import Vpc
from components.security.grants import kms_use, read_secret
from components.security.iam import Statement
from components.security.kms_key import KmsKey
from components.security.managed_secret import ManagedSecret, ManagedSecretArgs, RotationArgs
from components.security.owner_secret import OwnerSecret, OwnerSecretArgs
from settings.sesami import SesamiSettings
from systems import database_url
from systems.scope import Scope
from systems.sesami.network import open_ways_out

BUILD_DIRECTORY = Path("build")
ROTATION_SOURCES = Path("functions/secret_rotation")
RUNTIME = "python3.13"

JWT_ROTATION_DAYS = 90
"""A new key signs everybody out once: the tasks that read it at their start are started anew."""

MISSED_CHANGES_SECONDS = 14 * 86_400

TOKEN_PREFIX = "sesami/github-token-"  # noqa: S105 - the beginning of names
"""A secret for each user's GitHub token, which the job role alone may read."""


@dataclass(frozen=True, kw_only=True)
class Secrets:
    composer: LambdaFunction
    """Makes the database's address."""
    database_url: ManagedSecret
    """The whole address, made from the password that RDS keeps."""
    jwt_key: ManagedSecret
    encryption_keys: OwnerSecret
    """Never rotated: what they encrypted could not be read again."""
    github_oauth: OwnerSecret

    def reference(self, secret: ManagedSecret) -> SecretReference:
        return SecretReference(arn=secret.secret_arn)


def build_secrets(
    scope: Scope, settings: SesamiSettings, *, vpc: Vpc, key: KmsKey, database: RdsInstance
) -> Secrets:
    composer = _build_composer(scope, settings, vpc, key, database)
    return Secrets(
        composer=composer,
        database_url=ManagedSecret(
            f"{scope.name}-database-address",
            ManagedSecretArgs(
                description="Sesami: the database's address with user and password",
                kms_key_arn=key.key_arn,
                rotation=RotationArgs(function=composer, every_days=database_url.ROTATION_DAYS),
                deletion_protection=settings.deletion_protection,
            ),
            scope.opts,
        ),
        jwt_key=_build_jwt_key(scope, settings, vpc, key),
        encryption_keys=_build_owner_secret(
            scope, settings, key, "encryption-keys", "Sesami: encrypts GitHub tokens in the database"
        ),
        github_oauth=_build_owner_secret(
            scope, settings, key, "github-oauth", "Sesami: id and secret of the GitHub OAuth application"
        ),
    )


def token_statements(scope: Scope, key: KmsKey) -> list[Statement]:
    """Reading the users' GitHub tokens, whose names are known only at run time but begin alike."""
    stack = scope.stack
    return [
        Statement(
            sid="GithubTokens",
            actions=["secretsmanager:GetSecretValue"],
            resources=[f"arn:aws:secretsmanager:{stack.region}:{stack.account_id}:secret:{TOKEN_PREFIX}*"],
        ),
        Statement(
            sid="GithubTokensKey",
            actions=["kms:Decrypt"],
            resources=[key.key_arn],
            conditions={"StringEquals": {"kms:ViaService": f"secretsmanager.{stack.region}.amazonaws.com"}},
        ),
    ]


def follow_changes(
    scope: Scope,
    settings: SesamiSettings,
    *,
    vpc: Vpc,
    key: KmsKey,
    database: RdsInstance,
    secrets: Secrets,
    api: FargateService,
) -> Queue:
    """A new password makes a new address; a new address or signing key makes new tasks, which read it at
    their start. Jobs read the address as they start, so nothing has to follow there. Changes that could not
    be followed wait in the queue that is returned.
    """
    missed = Queue(
        f"{scope.name}-missed-changes",
        QueueArgs(
            kms_key_arn=key.key_arn,
            visibility_timeout_seconds=30,
            retention_seconds=MISSED_CHANGES_SECONDS,
            dead_letter_retention_seconds=MISSED_CHANGES_SECONDS,
        ),
        scope.opts,
    )
    follower = LambdaFunction(
        f"{scope.name}-follower",
        _function_args(
            settings,
            vpc,
            key,
            sources=database_url.SOURCES,
            name="database-url",
            handler=database_url.FOLLOWER_HANDLER,
            description="Sesami: follows changes of secrets",
            statements=[
                *database_url.follower_statements(
                    database_url=secrets.database_url, composer=secrets.composer, services=[api]
                ),
                kms_use(key.key_arn, via_service=f"sqs.{scope.stack.region}.amazonaws.com"),
            ],
            failure_queue_arn=missed.queue_arn,
        ),
        scope.opts,
    )
    open_ways_out(follower.security_group, vpc)
    database_url.follow(
        scope,
        follower,
        {
            "password": database_url.Rotate(
                changed=database.master_secret_arn, secret_arn=secrets.database_url.secret_arn
            ),
            "address": database_url.Restart(changed=secrets.database_url.secret_arn, services=[api]),
            "jwt-key": database_url.Restart(changed=secrets.jwt_key.secret_arn, services=[api]),
        },
    )
    return missed


def _build_owner_secret(
    scope: Scope, settings: SesamiSettings, key: KmsKey, role: str, description: str
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


def _build_jwt_key(scope: Scope, settings: SesamiSettings, vpc: Vpc, key: KmsKey) -> ManagedSecret:
    rotator = LambdaFunction(
        f"{scope.name}-rotation",
        _function_args(
            settings,
            vpc,
            key,
            sources=ROTATION_SOURCES,
            name="secret-rotation",
            description="Sesami: makes and rotates the key that signs tokens",
        ),
        scope.opts,
    )
    open_ways_out(rotator.security_group, vpc)
    return ManagedSecret(
        f"{scope.name}-jwt-key",
        ManagedSecretArgs(
            description="Sesami: signs the API's tokens",
            kms_key_arn=key.key_arn,
            rotation=RotationArgs(function=rotator, every_days=JWT_ROTATION_DAYS),
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    )


def _build_composer(
    scope: Scope, settings: SesamiSettings, vpc: Vpc, key: KmsKey, database: RdsInstance
) -> LambdaFunction:
    composer = LambdaFunction(
        f"{scope.name}-database-url",
        _function_args(
            settings,
            vpc,
            key,
            sources=database_url.SOURCES,
            name="database-url",
            description="Sesami: makes the database's address from its password",
            environment=database_url.composer_environment(database),
            statements=[read_secret(database.master_secret_arn)],
        ),
        scope.opts,
    )
    open_ways_out(composer.security_group, vpc)
    return composer


def _function_args(
    settings: SesamiSettings,
    vpc: Vpc,
    key: KmsKey,
    *,
    sources: Path,
    name: str,
    description: str,
    handler: str = "handler.handler",
    environment: Mapping[str, pulumi.Input[str]] | None = None,
    statements: Sequence[Statement] = (),
    failure_queue_arn: pulumi.Input[str] | None = None,
) -> LambdaFunctionArgs:
    return LambdaFunctionArgs(
        code=ZipCode(
            path=build_package({"": sources}, BUILD_DIRECTORY, name=name),
            handler=handler,
            runtime=RUNTIME,
        ),
        description=description,
        memory_mb=128,
        timeout_seconds=30,
        kms_key_arn=key.key_arn,
        log_retention_days=settings.log_retention_days,
        environment=environment or {},
        statements=statements,
        failure_queue_arn=failure_queue_arn,
        vpc=VpcPlacement(vpc_id=vpc.vpc_id, subnet_ids=vpc.private_subnet_ids),
    )
