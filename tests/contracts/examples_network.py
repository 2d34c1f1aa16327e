"""The least that each component of the group needs."""

from typing import Any

import pulumi

from components.network.endpoints import VpcEndpoints, VpcEndpointsArgs
from components.network.flow_logs import FlowLogs, FlowLogsArgs
from components.network.security_group import CidrPeer, Rule, SecurityGroup, SecurityGroupArgs
from components.network.vpc import Vpc, VpcArgs
from tests.contracts import given

Options = pulumi.ResourceOptions | None


def _vpc(name: str, opts: Options) -> Vpc:
    args = VpcArgs(
        cidr_block="10.0.0.0/16",
        zones=given.ZONES,
        region=given.REGION,
        account_id=given.ACCOUNT,
        kms_key_arn=given.KEY_ARN,
        flow_log_retention_days=30,
        public_subnets=True,
        nat="per_zone",
        gateway_endpoints=("s3", "dynamodb"),
        interface_endpoints=("kms",),
    )
    return Vpc(name, args, opts)


def _endpoints(name: str, opts: Options) -> VpcEndpoints:
    args = VpcEndpointsArgs(
        vpc_id=given.VPC_ID,
        vpc_cidr="10.0.0.0/16",
        region=given.REGION,
        account_id=given.ACCOUNT,
        subnet_ids=dict(zip(given.ZONES, given.SUBNET_IDS, strict=True)),
        route_table_ids=dict.fromkeys(given.ZONES, "rtb-0123456789abcdef0"),
        gateways=("s3",),
        interfaces=("kms",),
    )
    return VpcEndpoints(name, args, opts)


def _flow_logs(name: str, opts: Options) -> FlowLogs:
    args = FlowLogsArgs(
        vpc_id=given.VPC_ID,
        account_id=given.ACCOUNT,
        region=given.REGION,
        retention_days=30,
        kms_key_arn=given.KEY_ARN,
    )
    return FlowLogs(name, args, opts)


def _security_group(name: str, opts: Options) -> SecurityGroup:
    rule = Rule(description="HTTPS from the network", peer=CidrPeer("10.0.0.0/16"), port=443)
    args = SecurityGroupArgs(vpc_id=given.VPC_ID, description="Example", ingress=[rule], egress=[rule])
    return SecurityGroup(name, args, opts)


EXAMPLES: dict[str, Any] = {
    "Vpc": _vpc,
    "VpcEndpoints": _endpoints,
    "FlowLogs": _flow_logs,
    "SecurityGroup": _security_group,
}
