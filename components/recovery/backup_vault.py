"""Where recovery points are kept."""

from dataclasses import dataclass, field

import pulumi
from pulumi_aws import backup

from components import protection
from components.recovery import backup_rules_plan
from components.recovery.backup_rules_plan import ComplianceLock, GovernanceLock, NoLock, VaultLock


@dataclass(frozen=True, kw_only=True)
class BackupVaultArgs:
    """``kms_key_arn`` is of the vault's region, and another than the data's: losing one key is enough."""

    kms_key_arn: pulumi.Input[str]
    lock: VaultLock = field(default_factory=NoLock)
    region: str | None = None
    """That of the stack unless said."""
    deletion_protection: bool = True

    def __post_init__(self) -> None:
        backup_rules_plan.check_lock(self.lock)


class BackupVault(pulumi.ComponentResource):
    """An encrypted vault, and where asked its lock.

    An access policy is left out: a lock refuses deletion to everyone, which a policy would only make harder.
    """

    vault: backup.Vault
    vault_name: pulumi.Output[str]
    vault_arn: pulumi.Output[str]
    lock: VaultLock

    def __init__(self, name: str, args: BackupVaultArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:recovery:BackupVault", name, None, opts)
        self._name = name
        self._args = args
        self.lock = args.lock
        self.vault = self._build_vault()
        if not isinstance(args.lock, NoLock):
            self._build_lock(args.lock)
        self.vault_name = self.vault.name
        self.vault_arn = self.vault.arn
        self.register_outputs({"vaultName": self.vault_name, "vaultArn": self.vault_arn})

    def _build_vault(self) -> backup.Vault:
        args = self._args
        return backup.Vault(
            f"{self._name}-vault",
            kms_key_arn=args.kms_key_arn,
            force_destroy=not args.deletion_protection,
            region=args.region,
            opts=protection.stateful(self, protected=args.deletion_protection),
        )

    def _build_lock(self, lock: GovernanceLock | ComplianceLock) -> backup.VaultLockConfiguration:
        return backup.VaultLockConfiguration(
            f"{self._name}-lock",
            backup_vault_name=self.vault.name,
            min_retention_days=lock.min_retention_days,
            max_retention_days=lock.max_retention_days,
            changeable_for_days=lock.changeable_for_days if isinstance(lock, ComplianceLock) else None,
            region=self._args.region,
            opts=pulumi.ResourceOptions(parent=self),
        )
