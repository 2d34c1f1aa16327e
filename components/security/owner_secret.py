"""A secret whose value only its owner has: a key that a third party issued."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import secretsmanager

from components.protection import stateful


@dataclass(frozen=True, kw_only=True)
class OwnerSecretArgs:
    """The value is never an argument: ``aws secretsmanager put-secret-value`` sets it, past the state."""

    description: str
    kms_key_arn: pulumi.Input[str]
    deletion_protection: bool = True


class OwnerSecret(pulumi.ComponentResource):
    """A secret without a value. Whatever reads it fails until the owner has put one in.

    Rotation is left out: only the issuer can make a new value, and none of the issuers has an interface for
    it. Where AWS can make the value, take ``ManagedSecret``.
    """

    secret: secretsmanager.Secret
    secret_arn: pulumi.Output[str]
    secret_name: pulumi.Output[str]

    def __init__(self, name: str, args: OwnerSecretArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:security:OwnerSecret", name, None, opts)
        self.secret = secretsmanager.Secret(
            f"{name}-secret",
            description=args.description,
            kms_key_id=args.kms_key_arn,
            recovery_window_in_days=30 if args.deletion_protection else 7,
            opts=stateful(self, protected=args.deletion_protection),
        )
        self.secret_arn = self.secret.arn
        self.secret_name = self.secret.name
        self.register_outputs({"secretArn": self.secret_arn})
