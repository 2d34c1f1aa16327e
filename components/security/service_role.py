"""A role that one AWS service assumes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import iam as aws_iam

from components.security.iam import Statement, assume_role_policy, policy_document


@dataclass(frozen=True, kw_only=True)
class ServiceRoleArgs:
    """``source_account`` and ``source_arn`` guard against a confused deputy; see ``assume_role_policy``."""

    service: str
    description: str
    statements: Sequence[Statement] = ()
    source_account: str | None = None
    source_arn: pulumi.Input[str] | None = None
    managed_policy_arns: Sequence[str] = ()
    """AWS managed policies, where the service insists on one."""
    permissions_boundary_arn: pulumi.Input[str] | None = None
    tag_session: bool = False
    """For the services that tag their sessions; see ``assume_role_policy``."""
    request_tags: Mapping[str, pulumi.Input[str]] | None = None
    physical_name: str | None = None
    """Where a service finds the role by one name and no other."""


class ServiceRole(pulumi.ComponentResource):
    """A role, who may assume it, and one inline policy.

    Customer managed policies are left out: an inline one lives and dies with its role, so a grant cannot
    be reused by accident.
    """

    role: aws_iam.Role
    policy: aws_iam.RolePolicy | None
    role_arn: pulumi.Output[str]
    role_name: pulumi.Output[str]

    def __init__(self, name: str, args: ServiceRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:security:ServiceRole", name, None, opts)
        self._name = name
        self._args = args
        self.role = self._build_role()
        self.policy = self._build_policy() if args.statements else None
        for arn in args.managed_policy_arns:
            self._build_attachment(arn)
        self.role_arn = self.role.arn
        self.role_name = self.role.name
        self.register_outputs({"roleArn": self.role_arn, "roleName": self.role_name})

    def _build_role(self) -> aws_iam.Role:
        return aws_iam.Role(
            f"{self._name}-role",
            name=self._args.physical_name,
            assume_role_policy=assume_role_policy(
                self._args.service,
                source_account=self._args.source_account,
                source_arn=self._args.source_arn,
                request_tags=self._args.request_tags,
                tag_session=self._args.tag_session,
            ),
            description=self._args.description,
            permissions_boundary=self._args.permissions_boundary_arn,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_policy(self) -> aws_iam.RolePolicy:
        return aws_iam.RolePolicy(
            f"{self._name}-policy",
            role=self.role.name,
            policy=policy_document(*self._args.statements),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_attachment(self, arn: str) -> aws_iam.RolePolicyAttachment:
        return aws_iam.RolePolicyAttachment(
            f"{self._name}-{arn.rsplit('/', 1)[-1]}",
            role=self.role.name,
            policy_arn=arn,
            opts=pulumi.ResourceOptions(parent=self),
        )
