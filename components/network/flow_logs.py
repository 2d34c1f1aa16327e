"""Who talked to whom in a VPC."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch, ec2

from components.observability.log_group import log_group
from components.security.iam import Statement
from components.security.service_role import ServiceRole, ServiceRoleArgs


@dataclass(frozen=True, kw_only=True)
class FlowLogsArgs:
    """The key's policy must let CloudWatch Logs use it."""

    vpc_id: pulumi.Input[str]
    account_id: str
    region: str
    retention_days: int
    kms_key_arn: pulumi.Input[str]


class FlowLogs(pulumi.ComponentResource):
    """Accepted and rejected traffic of a VPC in an encrypted log group.

    One-minute aggregation is left out: ten minutes answers an investigation and writes fewer records.
    """

    log_group: cloudwatch.LogGroup
    role: ServiceRole
    flow_log: ec2.FlowLog

    def __init__(self, name: str, args: FlowLogsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:network:FlowLogs", name, None, opts)
        self._name = name
        self._args = args
        self.log_group = log_group(
            self, f"{name}-logs", retention_days=args.retention_days, kms_key_arn=args.kms_key_arn
        )
        self.role = self._build_role()
        self.flow_log = self._build_flow_log()
        self.register_outputs({"logGroupName": self.log_group.name, "flowLogId": self.flow_log.id})

    def _build_role(self) -> ServiceRole:
        region, account_id = self._args.region, self._args.account_id
        return ServiceRole(
            self._name,
            ServiceRoleArgs(
                service="vpc-flow-logs.amazonaws.com",
                description="VPC flow logs write to their log group",
                source_account=account_id,
                source_arn=f"arn:aws:ec2:{region}:{account_id}:vpc-flow-log/*",
                statements=[
                    Statement(
                        actions=["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                        resources=[self.log_group.arn, pulumi.Output.concat(self.log_group.arn, ":*")],
                    ),
                    # Flow logs look for their group by listing the account's.
                    Statement(
                        actions=["logs:DescribeLogGroups"],
                        resources=[f"arn:aws:logs:{region}:{account_id}:log-group:*"],
                    ),
                ],
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _build_flow_log(self) -> ec2.FlowLog:
        return ec2.FlowLog(
            f"{self._name}-capture",
            vpc_id=self._args.vpc_id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=self.log_group.arn,
            iam_role_arn=self.role.role_arn,
            max_aggregation_interval=600,
            opts=pulumi.ResourceOptions(parent=self),
        )
