"""The roles that AWS DMS looks for by name."""

from dataclasses import dataclass

import pulumi

from components.security.service_role import ServiceRole, ServiceRoleArgs

VPC_ROLE = "dms-vpc-role"
LOGS_ROLE = "dms-cloudwatch-logs-role"
"""DMS finds both by these names and no other."""

_MANAGED = "arn:aws:iam::aws:policy/service-role"


@dataclass(frozen=True, kw_only=True)
class DmsAccountRolesArgs:
    account_id: str
    region: str


class DmsAccountRoles(pulumi.ComponentResource):
    """Lets DMS place its interfaces in a VPC, and write its log.

    An account has each once, whatever the number of replications. Their policies are AWS's own, which DMS
    keeps in step with what it does. The service-linked role of DMS Serverless is left out: the first
    replication makes it.
    """

    vpc_role: ServiceRole
    logs_role: ServiceRole

    def __init__(
        self, name: str, args: DmsAccountRolesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("platform:migration:DmsAccountRoles", name, None, opts)
        self._name = name
        self._args = args
        self.vpc_role = self._build_role(
            "vpc", VPC_ROLE, "DMS places its interfaces in a VPC", "AmazonDMSVPCManagementRole"
        )
        self.logs_role = self._build_role(
            "logs", LOGS_ROLE, "DMS writes its log", "AmazonDMSCloudWatchLogsRole"
        )
        self.register_outputs({"vpcRoleArn": self.vpc_role.role_arn, "logsRoleArn": self.logs_role.role_arn})

    def _build_role(self, role: str, physical_name: str, description: str, policy: str) -> ServiceRole:
        args = self._args
        return ServiceRole(
            f"{self._name}-{role}",
            ServiceRoleArgs(
                service="dms.amazonaws.com",
                description=description,
                physical_name=physical_name,
                source_account=args.account_id,
                source_arn=f"arn:aws:dms:{args.region}:{args.account_id}:*",
                managed_policy_arns=[f"{_MANAGED}/{policy}"],
            ),
            pulumi.ResourceOptions(parent=self),
        )
