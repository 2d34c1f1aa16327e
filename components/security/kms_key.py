"""A customer managed key."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import kms

from components.protection import stateful
from components.security.iam import Statement, policy_document
from components.security.key_policy import KeyService, key_policy_statements


@dataclass(frozen=True, kw_only=True)
class KmsKeyArgs:
    """``region`` is the key's own: a log group, topic or bucket can only use a key of its region."""

    alias: str
    """Without ``alias/``."""
    description: str
    account_id: str
    region: str
    services: Sequence[KeyService] = ()
    extra_statements: Sequence[Statement] = ()
    deletion_protection: bool = True
    deletion_window_days: int = 30
    """7 to 30, the range KMS allows. A key that waits for its deletion costs nothing, and a snapshot that
    outlives its stack needs it."""


class KmsKey(pulumi.ComponentResource):
    """A symmetric key that rotates every year, and its alias.

    Multi-Region keys are left out: a replica Region re-encrypts with a key of its own, so that losing one
    key never takes both copies.
    """

    key: kms.Key
    alias: kms.Alias
    key_arn: pulumi.Output[str]
    key_id: pulumi.Output[str]
    alias_name: pulumi.Output[str]

    def __init__(self, name: str, args: KmsKeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:security:KmsKey", name, None, opts)
        self._name = name
        self._args = args
        _check(args)
        self.key = self._build_key()
        self.alias = self._build_alias()
        self.key_arn = self.key.arn
        self.key_id = self.key.key_id
        self.alias_name = self.alias.name
        self.register_outputs({"keyArn": self.key_arn, "keyId": self.key_id, "aliasName": self.alias_name})

    def _build_key(self) -> kms.Key:
        args = self._args
        statements = key_policy_statements(
            account_id=args.account_id, region=args.region, services=args.services
        )
        return kms.Key(
            f"{self._name}-key",
            description=args.description,
            enable_key_rotation=True,
            deletion_window_in_days=self._args.deletion_window_days,
            policy=policy_document(*statements, *args.extra_statements),
            region=args.region,
            opts=stateful(self, protected=args.deletion_protection),
        )

    def _build_alias(self) -> kms.Alias:
        return kms.Alias(
            f"{self._name}-alias",
            name=f"alias/{self._args.alias}",
            target_key_id=self.key.key_id,
            region=self._args.region,
            opts=pulumi.ResourceOptions(parent=self),
        )


def _check(args: KmsKeyArgs) -> None:
    if args.alias.startswith(("alias/", "aws/")):
        raise ValueError(f"alias: got {args.alias!r}; 'alias/' is added and 'aws/' is reserved: drop it")
    days = args.deletion_window_days
    if not 7 <= days <= 30:
        raise ValueError(f"deletion_window_days: got {days}; KMS allows 7 to 30: pick one in that range")
