"""A secret that AWS makes and rotates."""

from dataclasses import dataclass
from typing import Protocol

import pulumi
from pulumi_aws import iam as aws_iam
from pulumi_aws import secretsmanager

from components.protection import stateful
from components.security.grants import kms_use, random_password, rotate_secret
from components.security.iam import policy_document


class RotationFunction(Protocol):
    """A function that follows Secrets Manager's four steps; ``LambdaFunction`` serves."""

    @property
    def alias_arn(self) -> pulumi.Output[str]: ...
    @property
    def role_name(self) -> pulumi.Output[str]: ...
    def allow_invoke(
        self,
        role: str,
        *,
        principal: str,
        source_arn: pulumi.Input[str],
        source_account: str | None = None,
    ) -> pulumi.Resource: ...


@dataclass(frozen=True, kw_only=True)
class RotationArgs:
    """Who rotates (its role is granted this one secret), and how often: every 1 to 1000 days."""

    function: RotationFunction
    every_days: int


@dataclass(frozen=True, kw_only=True)
class ManagedSecretArgs:
    """The value is never an argument."""

    description: str
    kms_key_arn: pulumi.Input[str]
    rotation: RotationArgs
    deletion_protection: bool = True


class ManagedSecret(pulumi.ComponentResource):
    """A secret without a value, and the rotation that makes the first one at once and a new one ever after.

    A value that someone types is left out: it would sit in the state and in a shell's history. Replicas in
    other Regions are left out: a second Region makes secrets of its own.
    """

    secret: secretsmanager.Secret
    secret_arn: pulumi.Output[str]
    secret_name: pulumi.Output[str]
    rotation: secretsmanager.SecretRotation
    """Depend on it to start after the first value exists."""

    def __init__(
        self, name: str, args: ManagedSecretArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("platform:security:ManagedSecret", name, None, opts)
        if not 1 <= args.rotation.every_days <= 1000:
            raise ValueError(
                f"rotation.every_days: got {args.rotation.every_days}; Secrets Manager allows 1 to 1000: "
                "pick one in that range"
            )
        self._name = name
        self._args = args
        self.secret = self._build_secret()
        self.rotation = self._build_rotation(self._build_grant())
        self.secret_arn = self.secret.arn
        self.secret_name = self.secret.name
        self.register_outputs({"secretArn": self.secret_arn})

    def _build_secret(self) -> secretsmanager.Secret:
        protected = self._args.deletion_protection
        return secretsmanager.Secret(
            f"{self._name}-secret",
            description=self._args.description,
            kms_key_id=self._args.kms_key_arn,
            recovery_window_in_days=30 if protected else 7,
            opts=stateful(self, protected=protected),
        )

    def _build_grant(self) -> aws_iam.RolePolicy:
        return aws_iam.RolePolicy(
            f"{self._name}-rotation-grant",
            role=self._args.rotation.function.role_name,
            policy=policy_document(
                rotate_secret(self.secret.arn), random_password(), kms_use(self._args.kms_key_arn)
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_rotation(self, grant: aws_iam.RolePolicy) -> secretsmanager.SecretRotation:
        rotation = self._args.rotation
        permission = rotation.function.allow_invoke(
            self._name, principal="secretsmanager.amazonaws.com", source_arn=self.secret.arn
        )
        return secretsmanager.SecretRotation(
            f"{self._name}-rotation",
            secret_id=self.secret.id,
            rotation_lambda_arn=rotation.function.alias_arn,
            rotate_immediately=True,
            rotation_rules=secretsmanager.SecretRotationRotationRulesArgs(
                automatically_after_days=rotation.every_days
            ),
            # The first rotation starts in this very call.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[grant, permission]),
        )
