"""A system's own network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import pulumi
from pulumi_aws import ec2

from components.network.endpoints import GatewayService, InterfaceService, VpcEndpoints, VpcEndpointsArgs
from components.network.flow_logs import FlowLogs, FlowLogsArgs
from components.network.network_acl import ANYWHERE, acl_rules
from components.network.subnet_plan import PlannedSubnet, SubnetPlan, Tier, plan_subnets
from components.network.tier_acl import network_acl
from components.runtime_owned import ignore_changes

Nat: TypeAlias = Literal["none", "single", "per_zone"]


@dataclass(frozen=True, kw_only=True)
class VpcArgs:
    """``zones`` is append-only (see ``subnet_plan``). NAT gateways stand in public subnets and need them.

    ``nat``: ``single`` stands in the first zone and goes down with it; ``per_zone`` does not.
    """

    cidr_block: str
    zones: Sequence[str]
    region: str
    account_id: str
    kms_key_arn: pulumi.Input[str]
    flow_log_retention_days: int
    public_subnets: bool = False
    nat: Nat = "none"
    gateway_endpoints: Sequence[GatewayService] = ("s3",)
    interface_endpoints: Sequence[InterfaceService] = ()
    interface_endpoints_in: Literal["single", "per_zone"] = "per_zone"
    """``single`` puts them in the first zone alone: half the price, and gone with that zone."""


class Vpc(pulumi.ComponentResource):
    """Private and database subnets in each zone, public ones when asked for, and their routes and fences.

    The database tier has no way out. The default security group and network ACL are emptied, so that
    nothing works by accident. IPv6 is left out: the five systems' peers (RDS Proxy, MSK, the owners' hosts)
    speak IPv4. Instances never get a public address by default; load balancers and NAT take their own.
    """

    vpc: ec2.Vpc
    vpc_id: pulumi.Output[str]
    cidr_block: str
    zones: tuple[str, ...]
    subnet_ids: dict[Tier, dict[str, pulumi.Output[str]]]
    """By tier, then by zone in the given order; a tier that is not built is empty."""
    public_subnet_ids: list[pulumi.Output[str]]
    private_subnet_ids: list[pulumi.Output[str]]
    database_subnet_ids: list[pulumi.Output[str]]
    private_route_table_ids: dict[str, pulumi.Output[str]]
    nat_public_ips: dict[str, pulumi.Output[str]]
    endpoints: VpcEndpoints
    gateway_prefix_list_ids: dict[GatewayService, pulumi.Output[str]]
    flow_logs: FlowLogs

    def __init__(self, name: str, args: VpcArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:network:Vpc", name, None, opts)
        plan = _plan(args)
        self._name = name
        self._args = args

        self.vpc = self._build_vpc(plan)
        self._build_default_locks()
        self._subnets = {(each.tier, each.zone): self._build_subnet(each) for each in plan.subnets}
        gateway = self._build_internet_gateway() if args.public_subnets else None
        self._nats = self._build_nats(gateway) if gateway else {}
        private_tables = {zone: self._build_private_table(zone) for zone in plan.zones}
        for zone in plan.zones:
            self._build_table("database", zone, [zone])
        for tier in _tiers(args):
            self._build_network_acl(tier, plan)

        self._publish(plan, private_tables)
        self.endpoints = self._build_endpoints()
        self.gateway_prefix_list_ids = {
            service: endpoint.prefix_list_id for service, endpoint in self.endpoints.gateways.items()
        }
        self.flow_logs = self._build_flow_logs()
        self.register_outputs(
            {
                "vpcId": self.vpc_id,
                "publicSubnetIds": self.public_subnet_ids,
                "privateSubnetIds": self.private_subnet_ids,
                "databaseSubnetIds": self.database_subnet_ids,
            }
        )

    def _publish(self, plan: SubnetPlan, private_tables: dict[str, ec2.RouteTable]) -> None:
        self.vpc_id = self.vpc.id
        self.cidr_block = plan.vpc_cidr
        self.zones = plan.zones
        self.subnet_ids = {
            tier: {each.zone: self._subnets[(each.tier, each.zone)].id for each in plan.tier(tier)}
            for tier in ("public", "private", "database")
        }
        self.public_subnet_ids = list(self.subnet_ids["public"].values())
        self.private_subnet_ids = list(self.subnet_ids["private"].values())
        self.database_subnet_ids = list(self.subnet_ids["database"].values())
        self.private_route_table_ids = {zone: table.id for zone, table in private_tables.items()}
        self.nat_public_ips = {zone: nat.public_ip for zone, nat in self._nats.items()}

    def _build_vpc(self, plan: SubnetPlan) -> ec2.Vpc:
        return ec2.Vpc(
            f"{self._name}-vpc",
            cidr_block=plan.vpc_cidr,
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags={"Name": self._name},
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_default_locks(self) -> None:
        ec2.DefaultSecurityGroup(
            f"{self._name}-default-group",
            vpc_id=self.vpc.id,
            ingress=[],
            egress=[],
            tags={"Name": f"{self._name}-default-unused"},
            opts=pulumi.ResourceOptions(parent=self),
        )
        ec2.DefaultNetworkAcl(
            f"{self._name}-default-acl",
            default_network_acl_id=self.vpc.default_network_acl_id,
            ingress=[],
            egress=[],
            tags={"Name": f"{self._name}-default-unused"},
            opts=pulumi.ResourceOptions(
                parent=self, ignore_changes=ignore_changes("aws:ec2/defaultNetworkAcl:DefaultNetworkAcl")
            ),
        )

    def _build_subnet(self, planned: PlannedSubnet) -> ec2.Subnet:
        subnet_name = f"{self._name}-{planned.tier}-{planned.zone}"
        return ec2.Subnet(
            subnet_name,
            vpc_id=self.vpc.id,
            cidr_block=planned.cidr_block,
            availability_zone=planned.zone,
            map_public_ip_on_launch=False,
            tags={"Name": subnet_name, "tier": planned.tier},
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_internet_gateway(self) -> ec2.InternetGateway:
        gateway = ec2.InternetGateway(
            f"{self._name}-internet",
            vpc_id=self.vpc.id,
            tags={"Name": self._name},
            opts=pulumi.ResourceOptions(parent=self),
        )
        table = self._build_table("public", None, self._args.zones)
        ec2.Route(
            f"{self._name}-public-internet",
            route_table_id=table.id,
            destination_cidr_block=ANYWHERE,
            gateway_id=gateway.id,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return gateway

    def _build_nats(self, gateway: ec2.InternetGateway) -> dict[str, ec2.NatGateway]:
        match self._args.nat:
            case "none":
                zones: Sequence[str] = ()
            case "single":
                zones = self._args.zones[:1]
            case "per_zone":
                zones = self._args.zones
        return {zone: self._build_nat(zone, gateway) for zone in zones}

    def _build_nat(self, zone: str, gateway: ec2.InternetGateway) -> ec2.NatGateway:
        nat_name = f"{self._name}-nat-{zone}"
        address = ec2.Eip(
            f"{nat_name}-address",
            domain="vpc",
            tags={"Name": nat_name},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[gateway]),
        )
        return ec2.NatGateway(
            nat_name,
            allocation_id=address.id,
            subnet_id=self._subnets[("public", zone)].id,
            tags={"Name": nat_name},
            # A NAT gateway fails to start in a VPC that has no internet gateway attached yet.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[gateway]),
        )

    def _build_private_table(self, zone: str) -> ec2.RouteTable:
        table = self._build_table("private", zone, [zone])
        nat = self._nats.get(zone) or next(iter(self._nats.values()), None)
        if nat:
            ec2.Route(
                f"{self._name}-private-{zone}-nat",
                route_table_id=table.id,
                destination_cidr_block=ANYWHERE,
                nat_gateway_id=nat.id,
                opts=pulumi.ResourceOptions(parent=self),
            )
        return table

    def _build_table(self, tier: Tier, zone: str | None, zones: Sequence[str]) -> ec2.RouteTable:
        table_name = f"{self._name}-{tier}" if zone is None else f"{self._name}-{tier}-{zone}"
        table = ec2.RouteTable(
            f"{table_name}-routes",
            vpc_id=self.vpc.id,
            tags={"Name": table_name},
            opts=pulumi.ResourceOptions(parent=self),
        )
        for each in zones:
            ec2.RouteTableAssociation(
                f"{self._name}-{tier}-{each}-routes",
                route_table_id=table.id,
                subnet_id=self._subnets[(tier, each)].id,
                opts=pulumi.ResourceOptions(parent=self),
            )
        return table

    def _build_network_acl(self, tier: Tier, plan: SubnetPlan) -> ec2.NetworkAcl:
        leaves_vpc = self._args.nat != "none" or bool(self._args.gateway_endpoints)
        return network_acl(
            self,
            f"{self._name}-{tier}-acl",
            vpc_id=self.vpc.id,
            subnet_ids=[self._subnets[(tier, each.zone)].id for each in plan.tier(tier)],
            rules=acl_rules(tier, vpc_cidr=plan.vpc_cidr, leaves_vpc=leaves_vpc),
            display_name=f"{self._name}-{tier}",
        )

    def _build_endpoints(self) -> VpcEndpoints:
        return VpcEndpoints(
            f"{self._name}-endpoints",
            VpcEndpointsArgs(
                vpc_id=self.vpc_id,
                vpc_cidr=self.cidr_block,
                region=self._args.region,
                account_id=self._args.account_id,
                subnet_ids=self._endpoint_subnet_ids(),
                route_table_ids=self.private_route_table_ids,
                gateways=self._args.gateway_endpoints,
                interfaces=self._args.interface_endpoints,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _endpoint_subnet_ids(self) -> Mapping[str, pulumi.Output[str]]:
        private = self.subnet_ids["private"]
        if self._args.interface_endpoints_in == "per_zone":
            return private
        first = self._args.zones[0]
        return {first: private[first]}

    def _build_flow_logs(self) -> FlowLogs:
        return FlowLogs(
            f"{self._name}-flow",
            FlowLogsArgs(
                vpc_id=self.vpc_id,
                account_id=self._args.account_id,
                region=self._args.region,
                retention_days=self._args.flow_log_retention_days,
                kms_key_arn=self._args.kms_key_arn,
            ),
            pulumi.ResourceOptions(parent=self),
        )


def _tiers(args: VpcArgs) -> tuple[Tier, ...]:
    return ("public", "private", "database") if args.public_subnets else ("private", "database")


def _plan(args: VpcArgs) -> SubnetPlan:
    if args.nat != "none" and not args.public_subnets:
        raise ValueError(
            f"nat: got {args.nat!r} without public subnets; a NAT gateway stands in one: set public_subnets"
        )
    return plan_subnets(args.cidr_block, args.zones, _tiers(args))
