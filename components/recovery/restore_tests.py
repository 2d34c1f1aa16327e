"""The drill: recovery points are restored every month, and removed again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import pulumi
from pulumi_aws import backup

from components.recovery import backup_rules_plan
from components.recovery.backup_rules_plan import TagSelection
from components.security.service_role import ServiceRole, ServiceRoleArgs

RESTORE_POLICY = "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForRestores"
S3_RESTORE_POLICY = "arn:aws:iam::aws:policy/AWSBackupServiceRolePolicyForS3Restore"

MONTHLY = "cron(0 20 1 * ? *)"
"""05:00 in Seoul on the second day of each month."""

MAX_ARNS = 30

ProtectedType: TypeAlias = Literal["Aurora", "DynamoDB", "EBS", "EFS", "RDS", "S3"]


@dataclass(frozen=True, kw_only=True)
class RestoreTest:
    """What is restored of one type, and for how long it stays for a look.

    ``metadata`` tells the restore what it cannot infer. A database goes to the default VPC unless
    ``dbSubnetGroupName`` says where; an account without a default VPC needs it.
    """

    resource_type: ProtectedType
    resources: TagSelection | Sequence[pulumi.Input[str]]
    """A tag, or up to 30 ARNs."""
    validation_window_hours: int = 4
    metadata: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])


@dataclass(frozen=True, kw_only=True)
class RestoreTestingPlanArgs:
    """``vault_arns`` are where recovery points are looked for."""

    plan_name: str
    """Letters, digits and underscores, which automatic names would break."""
    account_id: str
    vault_arns: Sequence[pulumi.Input[str]]
    tests: Mapping[str, RestoreTest]
    """By a name of letters, digits and underscores."""
    schedule: str = MONTHLY
    start_window_hours: int = 4
    selection_window_days: int = 7
    """How old the newest recovery point may be: an older one means that backups have stopped."""

    def __post_init__(self) -> None:
        backup_rules_plan.check_testing_name("plan_name", self.plan_name)
        backup_rules_plan.check_schedule("schedule", self.schedule)
        if not self.tests:
            raise ValueError("tests: got none; a plan without one proves nothing: give a type of resource")
        if not self.vault_arns:
            raise ValueError("vault_arns: got none; name the vault of the backup plan")
        for what, value, low, high in (
            ("start_window_hours", self.start_window_hours, 1, 168),
            ("selection_window_days", self.selection_window_days, 1, 365),
        ):
            if not low <= value <= high:
                raise ValueError(f"{what}: got {value}; allowed {low} to {high}")
        for key, test in self.tests.items():
            _check_test(key, test)


class RestoreTestingPlan(pulumi.ComponentResource):
    """A monthly restore of the newest recovery point of each kind, and the role it runs with.

    AWS Backup deletes what it restored when the validation window is over, and reports how long the restore
    took: the figures that the computed recovery time starts from. A validating function is left out: what
    proves a database whole is the application's to say.
    """

    plan: backup.RestoreTestingPlan
    plan_arn: pulumi.Output[str]
    role: ServiceRole

    def __init__(
        self, name: str, args: RestoreTestingPlanArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("platform:recovery:RestoreTestingPlan", name, None, opts)
        self._name = name
        self._args = args
        self.plan = self._build_plan()
        self.role = self._build_role()
        for key, test in args.tests.items():
            self._build_test(key, test)
        self.plan_arn = self.plan.arn
        self.register_outputs({"planArn": self.plan_arn})

    def _build_plan(self) -> backup.RestoreTestingPlan:
        args = self._args
        return backup.RestoreTestingPlan(
            f"{self._name}-plan",
            name=args.plan_name,
            schedule_expression=args.schedule,
            schedule_expression_timezone="Etc/UTC",
            start_window_hours=args.start_window_hours,
            recovery_point_selection=backup.RestoreTestingPlanRecoveryPointSelectionArgs(
                algorithm="LATEST_WITHIN_WINDOW",
                include_vaults=list(args.vault_arns),
                recovery_point_types=["CONTINUOUS", "SNAPSHOT"],
                selection_window_days=args.selection_window_days,
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_role(self) -> ServiceRole:
        buckets = any(test.resource_type == "S3" for test in self._args.tests.values())
        return ServiceRole(
            f"{self._name}-role",
            ServiceRoleArgs(
                service="backup.amazonaws.com",
                description="Restores recovery points to prove that they can be restored",
                source_account=self._args.account_id,
                managed_policy_arns=[RESTORE_POLICY, *([S3_RESTORE_POLICY] if buckets else [])],
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_test(self, key: str, test: RestoreTest) -> backup.RestoreTestingSelection:
        tag = test.resources if isinstance(test.resources, TagSelection) else None
        arns = None if isinstance(test.resources, TagSelection) else list(test.resources)
        return backup.RestoreTestingSelection(
            f"{self._name}-{key.replace('_', '-')}",
            name=key,
            restore_testing_plan_name=self.plan.name,
            protected_resource_type=test.resource_type,
            iam_role_arn=self.role.role_arn,
            protected_resource_arns=arns,
            protected_resource_conditions=_conditions(tag) if tag else None,
            restore_metadata_overrides=dict(test.metadata) or None,
            validation_window_hours=test.validation_window_hours,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.role]),
        )


def _conditions(tag: TagSelection) -> backup.RestoreTestingSelectionProtectedResourceConditionsArgs:
    return backup.RestoreTestingSelectionProtectedResourceConditionsArgs(
        string_equals=[
            backup.RestoreTestingSelectionProtectedResourceConditionsStringEqualArgs(
                key=f"aws:ResourceTag/{tag.key}", value=tag.value
            )
        ]
    )


def _check_test(key: str, test: RestoreTest) -> None:
    backup_rules_plan.check_testing_name("tests", key)
    if not 1 <= test.validation_window_hours <= 168:
        raise ValueError(
            f"{key}: validation_window_hours: got {test.validation_window_hours}; allowed 1 to 168"
        )
    if not isinstance(test.resources, TagSelection) and not 1 <= len(test.resources) <= MAX_ARNS:
        raise ValueError(f"{key}: resources: got {len(test.resources)} ARNs; allowed 1 to {MAX_ARNS}")
