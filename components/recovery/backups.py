"""Regular backups in a vault, here and where asked in another region."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import pulumi
from pulumi_aws import backup

from components.recovery import backup_rules_plan
from components.recovery.backup_rules_plan import (
    BackupRule,
    ComplianceLock,
    GovernanceLock,
    NoLock,
    TagSelection,
    VaultLock,
)
from components.recovery.backup_vault import BackupVault, BackupVaultArgs
from components.security.service_role import ServiceRole, ServiceRoleArgs

__all__ = [
    "ArnSelection",
    "BackupPlan",
    "BackupPlanArgs",
    "BackupRule",
    "ComplianceLock",
    "CrossRegionCopy",
    "GovernanceLock",
    "NoCopy",
    "NoLock",
    "TagSelection",
]

BACKUP_POLICY = "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup"
S3_BACKUP_POLICY = "arn:aws:iam::aws:policy/AWSBackupServiceRolePolicyForS3Backup"


@dataclass(frozen=True, kw_only=True)
class ArnSelection:
    """The resources themselves."""

    arns: Sequence[pulumi.Input[str]]


Selection: TypeAlias = TagSelection | ArnSelection


@dataclass(frozen=True)
class NoCopy:
    """Backups stay in the region."""


@dataclass(frozen=True, kw_only=True)
class CrossRegionCopy:
    """Backups are copied to a vault of their own in ``region``, encrypted with a key of that region."""

    region: str
    kms_key_arn: pulumi.Input[str]
    delete_after_days: int


Copies: TypeAlias = NoCopy | CrossRegionCopy


@dataclass(frozen=True, kw_only=True)
class BackupPlanArgs:
    """``account_id`` guards the role against a confused deputy."""

    account_id: str
    kms_key_arn: pulumi.Input[str]
    rules: Sequence[BackupRule]
    selections: Mapping[str, Selection]
    """By a stable key."""
    lock: VaultLock = field(default_factory=NoLock)
    """Of the vault, and of the one in the other region."""
    copies: Copies = field(default_factory=NoCopy)
    includes_buckets: bool = False
    """S3 needs a policy that may read every bucket, so it is attached only where buckets are backed up."""
    deletion_protection: bool = True

    def __post_init__(self) -> None:
        backup_rules_plan.check_lock(self.lock)
        backup_rules_plan.check_rules(self.rules, self.lock)
        if not self.selections:
            raise ValueError("selections: got none; a plan without one backs nothing up: give a tag or ARNs")
        for key, selection in self.selections.items():
            if isinstance(selection, ArnSelection) and not selection.arns:
                raise ValueError(f"selections[{key!r}]: got no ARN: name one, or select by tag")
        if isinstance(self.copies, CrossRegionCopy):
            copied = [rule for rule in self.rules if rule.copy]
            if not copied:
                raise ValueError("copies: got a region, and no rule with copy=True: let one be copied")
            probe = BackupRule(
                name="copies", schedule="cron(0 0 * * ? *)", delete_after_days=self.copies.delete_after_days
            )
            backup_rules_plan.check_rules([probe], self.lock)


class BackupPlan(pulumi.ComponentResource):
    """A vault, the rules, what they apply to, and the role AWS Backup takes backups with.

    The role has AWS's own policies for the service, which grow with the services it can back up; restores are
    another role's (``RestoreTestingPlan``). Left out: which services AWS Backup may touch at all, which an
    account has once; reports of jobs, which its own console keeps for a month.
    """

    vault: BackupVault
    copy_vault: BackupVault | None
    plan: backup.Plan
    plan_id: pulumi.Output[str]
    plan_arn: pulumi.Output[str]
    vault_name: pulumi.Output[str]
    vault_arn: pulumi.Output[str]
    role: ServiceRole

    def __init__(self, name: str, args: BackupPlanArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:recovery:BackupPlan", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self.vault = self._build_vault("local", args.kms_key_arn, None)
        copies = args.copies
        self.copy_vault = (
            self._build_vault("copies", copies.kms_key_arn, copies.region)
            if isinstance(copies, CrossRegionCopy)
            else None
        )
        self.plan = self._build_plan()
        self.role = self._build_role()
        for key, selection in args.selections.items():
            self._build_selection(key, selection)
        self.plan_id = self.plan.id
        self.plan_arn = self.plan.arn
        self.vault_name = self.vault.vault_name
        self.vault_arn = self.vault.vault_arn
        self.register_outputs(
            {
                "planId": self.plan_id,
                "planArn": self.plan_arn,
                "vaultName": self.vault_name,
                "vaultArn": self.vault_arn,
                "copyVaultArn": self.copy_vault.vault_arn if self.copy_vault else None,
            }
        )

    def _build_vault(self, role: str, kms_key_arn: pulumi.Input[str], region: str | None) -> BackupVault:
        return BackupVault(
            f"{self._name}-{role}",
            BackupVaultArgs(
                kms_key_arn=kms_key_arn,
                lock=self._args.lock,
                region=region,
                deletion_protection=self._args.deletion_protection,
            ),
            opts=self._child,
        )

    def _build_plan(self) -> backup.Plan:
        return backup.Plan(
            f"{self._name}-plan", rules=[self._rule(each) for each in self._args.rules], opts=self._child
        )

    def _rule(self, rule: BackupRule) -> backup.PlanRuleArgs:
        return backup.PlanRuleArgs(
            rule_name=rule.name,
            target_vault_name=self.vault.vault_name,
            schedule=rule.schedule,
            schedule_expression_timezone="Etc/UTC",
            start_window=rule.start_window_minutes,
            completion_window=rule.completion_window_minutes,
            enable_continuous_backup=rule.continuous,
            lifecycle=backup.PlanRuleLifecycleArgs(
                delete_after=rule.delete_after_days, cold_storage_after=rule.cold_storage_after_days
            ),
            copy_actions=self._copies(rule),
        )

    def _copies(self, rule: BackupRule) -> list[backup.PlanRuleCopyActionArgs]:
        copies = self._args.copies
        if self.copy_vault is None or not isinstance(copies, CrossRegionCopy) or not rule.copy:
            return []
        return [
            backup.PlanRuleCopyActionArgs(
                destination_vault_arn=self.copy_vault.vault_arn,
                lifecycle=backup.PlanRuleCopyActionLifecycleArgs(delete_after=copies.delete_after_days),
            )
        ]

    def _build_role(self) -> ServiceRole:
        policies = [BACKUP_POLICY, *([S3_BACKUP_POLICY] if self._args.includes_buckets else [])]
        return ServiceRole(
            f"{self._name}-role",
            ServiceRoleArgs(
                service="backup.amazonaws.com",
                description="Takes the backups of the plan",
                source_account=self._args.account_id,
                managed_policy_arns=policies,
            ),
            opts=self._child,
        )

    def _build_selection(self, key: str, selection: Selection) -> backup.Selection:
        tags: list[backup.SelectionSelectionTagArgs] | None = None
        arns: list[pulumi.Input[str]] | None = None
        match selection:
            case TagSelection(key=tag, value=value):
                tags = [backup.SelectionSelectionTagArgs(type="STRINGEQUALS", key=tag, value=value)]
            case ArnSelection():
                arns = list(selection.arns)
        return backup.Selection(
            f"{self._name}-{key}",
            plan_id=self.plan.id,
            iam_role_arn=self.role.role_arn,
            selection_tags=tags,
            resources=arns,
            # AWS Backup tries the role when it makes the selection.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.role]),
        )
