"""What a VPC is made of, and what it keeps shut."""

import json
from typing import Any

import pytest

from components.network.endpoints import InterfaceService
from components.network.security_group import CidrPeer, Rule, SecurityGroup, SecurityGroupArgs, connect
from components.network.vpc import Nat, Vpc, VpcArgs
from tests.harness import Deployment, deploy

ZONES = ("ap-northeast-2a", "ap-northeast-2b", "ap-northeast-2c")
ACCOUNT = "111122223333"
KEY = f"arn:aws:kms:ap-northeast-2:{ACCOUNT}:key/00000000-0000-4000-8000-000000000000"


def _vpc(
    *,
    zones: tuple[str, ...] = ZONES[:2],
    nat: Nat = "none",
    public: bool = False,
    interfaces: tuple[InterfaceService, ...] = (),
) -> Deployment:
    args = VpcArgs(
        cidr_block="10.10.0.0/16",
        zones=zones,
        region="ap-northeast-2",
        account_id=ACCOUNT,
        kms_key_arn=KEY,
        flow_log_retention_days=30,
        public_subnets=public,
        nat=nat,
        interface_endpoints=interfaces,
    )
    return deploy(lambda: Vpc("net", args))


def _statements(document: str) -> list[dict[str, Any]]:
    return json.loads(document)["Statement"]


def test_without_public_subnets_nothing_leads_outside() -> None:
    result = _vpc()
    assert len(result.of_type("aws:ec2/subnet:Subnet")) == 4
    assert not result.of_type("aws:ec2/internetGateway:InternetGateway")
    assert not result.of_type("aws:ec2/natGateway:NatGateway")
    assert not result.of_type("aws:ec2/route:Route")


@pytest.mark.parametrize(("nat", "count"), [("none", 0), ("single", 1), ("per_zone", 3)])
def test_nat(nat: Nat, count: int) -> None:
    result = _vpc(zones=ZONES, nat=nat, public=True)
    gateways = result.of_type("aws:ec2/natGateway:NatGateway")
    assert len(gateways) == count
    private = [each for each in result.of_type("aws:ec2/route:Route") if "private" in each.name]
    assert len(private) == (3 if count else 0)
    assert all(each["natGatewayId"] for each in private)
    internet = result.one("aws:ec2/internetGateway:InternetGateway")
    assert all(internet.urn in each.dependencies for each in gateways)


def test_each_zone_leaves_by_its_own_nat() -> None:
    result = _vpc(zones=ZONES, nat="per_zone", public=True)
    gateways = {
        each.name.removeprefix("net-nat-"): each.id
        for each in result.of_type("aws:ec2/natGateway:NatGateway")
    }
    for zone in ZONES:
        route = result.one("aws:ec2/route:Route", f"net-private-{zone}-nat")
        assert route["natGatewayId"] == gateways[zone]


def test_the_database_tier_has_no_way_out() -> None:
    result = _vpc(nat="per_zone", public=True)
    tables = {each.id for each in result.of_type("aws:ec2/routeTable:RouteTable") if "database" in each.name}
    assert tables
    assert not [each for each in result.of_type("aws:ec2/route:Route") if each["routeTableId"] in tables]
    gateways = [
        each
        for each in result.of_type("aws:ec2/vpcEndpoint:VpcEndpoint")
        if each["vpcEndpointType"] == "Gateway"
    ]
    assert gateways
    assert not [each for each in gateways if tables & set(each["routeTableIds"])]


def test_every_subnet_has_a_table_and_an_acl_of_its_tier() -> None:
    result = _vpc(public=True)
    subnets = {each.id: each["tags"]["tier"] for each in result.of_type("aws:ec2/subnet:Subnet")}
    routed = [
        each["subnetId"] for each in result.of_type("aws:ec2/routeTableAssociation:RouteTableAssociation")
    ]
    assert sorted(routed) == sorted(subnets)
    for acl in result.of_type("aws:ec2/networkAcl:NetworkAcl"):
        assert {subnets[each] for each in acl["subnetIds"]} == {acl.name.split("-")[1]}
    fenced = [each for acl in result.of_type("aws:ec2/networkAcl:NetworkAcl") for each in acl["subnetIds"]]
    assert sorted(fenced) == sorted(subnets)


def test_no_subnet_gives_public_addresses() -> None:
    assert not any(each["mapPublicIpOnLaunch"] for each in _vpc(public=True).of_type("aws:ec2/subnet:Subnet"))


def test_the_defaults_are_empty() -> None:
    result = _vpc()
    for kind in (
        "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl",
    ):
        assert (result.one(kind)["ingress"], result.one(kind)["egress"]) == ([], [])
    acl = result.one("aws:ec2/defaultNetworkAcl:DefaultNetworkAcl")
    assert acl.options.ignore_changes == ("subnetIds",)


def test_flow_logs_go_to_an_encrypted_group_by_a_role_of_their_own() -> None:
    result = _vpc()
    flow = result.one("aws:ec2/flowLog:FlowLog")
    group = result.one("aws:cloudwatch/logGroup:LogGroup")
    role = result.one("aws:iam/role:Role")
    assert flow["trafficType"] == "ALL"
    assert (group["kmsKeyId"], group["retentionInDays"]) == (KEY, 30)
    trust = _statements(role["assumeRolePolicy"])[0]
    assert trust["Principal"] == {"Service": ["vpc-flow-logs.amazonaws.com"]}
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}
    assert trust["Condition"]["ArnLike"] == {
        "aws:SourceArn": f"arn:aws:ec2:ap-northeast-2:{ACCOUNT}:vpc-flow-log/*"
    }
    assert {flow.urn} <= {each.urn for each in result if group.urn in each.dependencies}


def test_interface_endpoints_admit_the_account_over_https_alone() -> None:
    result = _vpc(interfaces=("logs", "ecr.api"))
    endpoint = result.one("aws:ec2/vpcEndpoint:VpcEndpoint", "net-endpoints-ecr-api")
    assert endpoint["serviceName"] == "com.amazonaws.ap-northeast-2.ecr.api"
    assert endpoint["privateDnsEnabled"] is True
    assert len(endpoint["subnetIds"]) == 2
    (statement,) = _statements(endpoint["policy"])
    assert statement["Condition"] == {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}
    rule = result.one("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    assert (rule["cidrIpv4"], rule["fromPort"], rule["toPort"]) == ("10.10.0.0/16", 443, 443)
    assert not result.of_type("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")


def test_no_interfaces_means_no_group_for_them() -> None:
    assert not _vpc().of_type("aws:ec2/securityGroup:SecurityGroup")


def test_a_zone_more_changes_no_resource() -> None:
    def kept(result: Deployment) -> dict[str, Any]:
        kinds = ("subnet:Subnet", "route:Route", "routeTable:RouteTable", "natGateway:NatGateway")
        return {each.urn: each.inputs for each in result if each.type.endswith(kinds)}

    before = kept(_vpc(zones=ZONES[:2], nat="per_zone", public=True))
    after = kept(_vpc(zones=ZONES, nat="per_zone", public=True))
    assert before.items() <= after.items()


def test_nat_needs_public_subnets() -> None:
    with pytest.raises(ValueError, match=r"nat: got 'single' without public subnets.*set public_subnets"):
        _vpc(nat="single")


def _group(**rules: Any) -> Deployment:
    return deploy(lambda: SecurityGroup("app", SecurityGroupArgs(vpc_id="vpc-1", description="App", **rules)))


def test_a_group_is_shut_until_a_rule_opens_it() -> None:
    group = _group().one("aws:ec2/securityGroup:SecurityGroup")
    assert "ingress" not in group.inputs
    assert "egress" not in group.inputs


def test_connect_opens_both_ends_by_reference() -> None:
    def build() -> None:
        one = SecurityGroup("one", SecurityGroupArgs(vpc_id="vpc-1", description="One"))
        two = SecurityGroup("two", SecurityGroupArgs(vpc_id="vpc-1", description="Two"))
        connect(one, two, 5432, client_name="one", server_name="two")

    result = deploy(build)
    ids = {each.name: each.id for each in result.of_type("aws:ec2/securityGroup:SecurityGroup")}
    way_in = result.one("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "two-in-from-one")
    way_out = result.one("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "one-out-to-two")
    assert way_in["securityGroupId"] == way_out["referencedSecurityGroupId"] == ids["two-group"]
    assert way_in["referencedSecurityGroupId"] == way_out["securityGroupId"] == ids["one-group"]
    assert {way_in["fromPort"], way_in["toPort"], way_out["fromPort"], way_out["toPort"]} == {5432}


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ([Rule(description="it's", peer=CidrPeer("10.0.0.0/8"), port=80)], "description: got"),
        ([Rule(description="x", peer=CidrPeer("10.0.0.0/8"), port=(90, 80))], "the lower first"),
        ([Rule(description="x", peer=CidrPeer("10.0.0.0/8"), port=80)] * 2, "two in rules"),
    ],
)
def test_bad_rules(rules: list[Rule], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        _group(ingress=rules)
