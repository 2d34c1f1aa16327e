"""The master password of a database with read replicas: taken over from RDS, kept and rotated by us."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import pulumi
from pulumi_aws import iam as aws_iam
from pulumi_aws import lambda_, rds, secretsmanager

from components.protection import stateful
from components.security import grants
from components.security.iam import Statement, policy_document
from components.security.managed_secret import RotationFunction


class MasterFunction(RotationFunction, Protocol):
    """Runs ``functions/database_master``; ``LambdaFunction`` serves."""

    @property
    def function_name(self) -> pulumi.Output[str]: ...
    @property
    def alias_name(self) -> pulumi.Output[str]: ...


@dataclass(frozen=True, kw_only=True)
class SecretCopy:
    """A copy of the secret in another region, under a key of that region. It follows each rotation, and stays
    when the first region is lost."""

    region: str
    kms_key_arn: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class RdsMasterArgs:
    """``instance`` was made with a password that RDS manages."""

    instance: rds.Instance
    function: MasterFunction
    every_days: int
    kms_key_arn: pulumi.Input[str]
    secret_name: str | None = None
    """A physical name, where the application knows it; automatic else."""
    copies: Sequence[SecretCopy] = ()
    deletion_protection: bool = True


class RdsMaster(pulumi.ComponentResource):
    """A secret of ours, the hand-over that fills it, and the rotation that follows.

    The hand-over is one synchronous call of the function when the database is made: it stores a random
    password, sets it on the instance in place of the one RDS managed, and returns when the instance is
    available again. It runs once; calling it again changes nothing. What is created after ``handover`` may be
    a replica. Left out: the users of applications, who log in by IAM token.
    """

    handover: lambda_.Invocation
    secret_arn: pulumi.Output[str]

    def __init__(self, name: str, args: RdsMasterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:data:RdsMaster", name, None, opts)
        if not 1 <= args.every_days <= 1000:
            raise ValueError(
                f"every_days: got {args.every_days}; Secrets Manager allows 1 to 1000: pick one in that range"
            )
        self._name = name
        self._args = args
        self.secret = self._build_secret()
        self.handover = self._build_handover(self._build_grant())
        self._build_rotation()
        self.secret_arn = self.secret.arn
        self.register_outputs({"secretArn": self.secret_arn})

    def _build_secret(self) -> secretsmanager.Secret:
        protected = self._args.deletion_protection
        return secretsmanager.Secret(
            f"{self._name}-secret",
            name=self._args.secret_name,
            description=f"Master of the database {self._name}",
            replicas=[
                secretsmanager.SecretReplicaArgs(region=each.region, kms_key_id=each.kms_key_arn)
                for each in self._args.copies
            ]
            or None,
            kms_key_id=self._args.kms_key_arn,
            recovery_window_in_days=30 if protected else 7,
            opts=stateful(self, protected=protected),
        )

    def _build_grant(self) -> aws_iam.RolePolicy:
        return aws_iam.RolePolicy(
            f"{self._name}-grant",
            role=self._args.function.role_name,
            policy=policy_document(
                grants.rotate_secret(self.secret.arn),
                grants.random_password(),
                grants.kms_use(self._args.kms_key_arn),
                Statement(
                    actions=["rds:DescribeDBInstances", "rds:ModifyDBInstance"],
                    resources=[self._args.instance.arn],
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_handover(self, grant: aws_iam.RolePolicy) -> lambda_.Invocation:
        function = self._args.function
        return lambda_.Invocation(
            f"{self._name}-handover",
            function_name=function.function_name,
            qualifier=function.alias_name,
            input=pulumi.Output.json_dumps(
                {"handOver": {"instance": self._args.instance.identifier, "secret": self.secret.arn}},
                sort_keys=True,
            ),
            lifecycle_scope="CREATE_ONLY",
            opts=pulumi.ResourceOptions(parent=self, depends_on=[grant]),
        )

    def _build_rotation(self) -> secretsmanager.SecretRotation:
        function = self._args.function
        permission = function.allow_invoke(
            self._name, principal="secretsmanager.amazonaws.com", source_arn=self.secret.arn
        )
        return secretsmanager.SecretRotation(
            f"{self._name}-rotation",
            secret_id=self.secret.id,
            rotation_lambda_arn=function.alias_arn,
            rotate_immediately=False,
            rotation_rules=secretsmanager.SecretRotationRotationRulesArgs(
                automatically_after_days=self._args.every_days
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.handover, permission]),
        )
