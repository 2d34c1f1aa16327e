"""Private doors from a VPC to AWS services."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import pulumi
from pulumi_aws import ec2

from components.network.security_group import CidrPeer, Rule, SecurityGroup, SecurityGroupArgs
from components.security.iam import AnyPrincipal, Statement, policy_document

GatewayService: TypeAlias = Literal["s3", "dynamodb"]
InterfaceService: TypeAlias = Literal[
    "codedeploy",
    "ec2",
    "ec2messages",
    "ecr.api",
    "ecr.dkr",
    "eks",
    "eks-auth",
    "events",
    "kms",
    "lambda",
    "logs",
    "monitoring",
    "rds-data",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "ssmmessages",
    "sts",
    "xray",
]
"""The part of the service's name after ``com.amazonaws.<region>.``; all of these take an endpoint policy."""


@dataclass(frozen=True, kw_only=True)
class VpcEndpointsArgs:
    """``subnet_ids`` take the interfaces, ``route_table_ids`` the gateway routes; both keyed by zone."""

    vpc_id: pulumi.Input[str]
    vpc_cidr: pulumi.Input[str]
    region: str
    account_id: str
    subnet_ids: Mapping[str, pulumi.Input[str]]
    route_table_ids: Mapping[str, pulumi.Input[str]]
    gateways: Sequence[GatewayService] = ()
    interfaces: Sequence[InterfaceService] = ()


class VpcEndpoints(pulumi.ComponentResource):
    """Gateway and interface endpoints that serve principals of this account alone.

    The policies stop stolen credentials of another account from carrying data out through our door. A
    policy for each service's actions is left out: the callers' own roles are already that narrow.
    """

    gateways: dict[GatewayService, ec2.VpcEndpoint]
    interfaces: dict[InterfaceService, ec2.VpcEndpoint]
    security_group: SecurityGroup | None

    def __init__(self, name: str, args: VpcEndpointsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:network:VpcEndpoints", name, None, opts)
        self._name = name
        self._args = args
        self.gateways = {service: self._build_gateway(service) for service in args.gateways}
        self.security_group = self._build_security_group() if args.interfaces else None
        self.interfaces = (
            {service: self._build_interface(service, self.security_group) for service in args.interfaces}
            if self.security_group
            else {}
        )
        self.register_outputs(
            {
                "gatewayIds": {service: endpoint.id for service, endpoint in self.gateways.items()},
                "interfaceIds": {service: endpoint.id for service, endpoint in self.interfaces.items()},
            }
        )

    def _build_gateway(self, service: GatewayService) -> ec2.VpcEndpoint:
        statements = [_own_account(self._args.account_id)]
        if service == "s3":
            statements.append(_aws_packages(self._args.region))
        return ec2.VpcEndpoint(
            f"{self._name}-{service}",
            vpc_id=self._args.vpc_id,
            service_name=f"com.amazonaws.{self._args.region}.{service}",
            vpc_endpoint_type="Gateway",
            route_table_ids=list(self._args.route_table_ids.values()),
            policy=policy_document(*statements),
            tags={"Name": f"{self._name}-{service}"},
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_interface(self, service: InterfaceService, security_group: SecurityGroup) -> ec2.VpcEndpoint:
        key = service.replace(".", "-")
        return ec2.VpcEndpoint(
            f"{self._name}-{key}",
            vpc_id=self._args.vpc_id,
            service_name=f"com.amazonaws.{self._args.region}.{service}",
            vpc_endpoint_type="Interface",
            subnet_ids=list(self._args.subnet_ids.values()),
            security_group_ids=[security_group.security_group_id],
            private_dns_enabled=True,
            policy=policy_document(_own_account(self._args.account_id)),
            tags={"Name": f"{self._name}-{key}"},
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_security_group(self) -> SecurityGroup:
        return SecurityGroup(
            f"{self._name}-interfaces",
            SecurityGroupArgs(
                vpc_id=self._args.vpc_id,
                description="Interface endpoints",
                ingress=[
                    Rule(description="HTTPS from the VPC", peer=CidrPeer(self._args.vpc_cidr), port=443)
                ],
            ),
            pulumi.ResourceOptions(parent=self),
        )


def _own_account(account_id: str) -> Statement:
    return Statement(
        sid="OwnAccount",
        actions=["*"],
        resources=["*"],
        principals=[AnyPrincipal()],
        conditions={"StringEquals": {"aws:PrincipalAccount": account_id}},
        wildcard_reason="the condition is the limit; what each principal may do is in its own role",
    )


def _aws_packages(region: str) -> Statement:
    """Reads that AWS's own accounts sign, or nobody does.

    Image layers of ECR and packages of Amazon Linux 2023 come from these buckets by way of the gateway
    (ECR User Guide, "Minimum Amazon S3 bucket permissions"; AL2023 User Guide, "repositories in VPC").
    """
    return Statement(
        sid="AwsPackages",
        actions=["s3:GetObject"],
        resources=[
            f"arn:aws:s3:::prod-{region}-starport-layer-bucket/*",
            f"arn:aws:s3:::al2023-repos-{region}-de612dc2/*",
        ],
        principals=[AnyPrincipal()],
        wildcard_reason="the callers are ECR's own account and anonymous package managers; read only",
    )
