"""Computed outputs: networks, security groups, keys."""

from collections.abc import Mapping

from offline.computed import Entry, Facts

_EC2 = "arn:aws:ec2:{region}:{account}:"


def _zone_id(facts: Facts) -> str:
    zone = facts.text("availabilityZone", f"{facts.region}a")
    number = {"a": 1, "b": 2, "c": 3, "d": 4}.get(zone[-1:], 1)
    return f"{''.join(part[:1] for part in facts.region.split('-')[:2])}e{facts.region[-1]}-az{number}"


def _address(facts: Facts) -> str:
    """From 203.0.113.0/24, the block reserved for documentation."""
    return f"203.0.113.{int(facts.digest()[:2], 16)}"


def _endpoint_names(facts: Facts) -> list[dict[str, str]]:
    service = facts.text("serviceName").rsplit(".", 1)[-1]
    if facts.inputs.get("vpcEndpointType") != "Interface":
        return []
    prefix = f"vpce-{facts.digest()[:17]}-{facts.digest()[17:25]}"
    return [
        {
            "dnsName": f"{prefix}.{service}.{facts.region}.vpce.amazonaws.com",
            "hostedZoneId": f"Z{facts.digest()[:13].upper()}",
        },
        {"dnsName": f"{service}.{facts.region}.amazonaws.com", "hostedZoneId": "Z0PRIVATE"},
    ]


def _interfaces(facts: Facts) -> list[str]:
    subnets = facts.items_of("subnetIds")
    return [f"eni-{facts.digest(str(index))[:17]}" for index in range(len(subnets))]


TABLE: Mapping[str, Entry] = {
    "aws:ec2/vpc:Vpc": {
        "id": "vpc-{hex17}",
        "arn": _EC2 + "vpc/{id}",
        "defaultNetworkAclId": "acl-{hex17}",
        "defaultRouteTableId": "rtb-{hex17}",
        "mainRouteTableId": "rtb-{hex17}",
        "defaultSecurityGroupId": "sg-{hex17}",
        "dhcpOptionsId": "dopt-{hex17}",
        "enableDnsHostnames": False,
    },
    "aws:ec2/subnet:Subnet": {
        "id": "subnet-{hex17}",
        "arn": _EC2 + "subnet/{id}",
        "availabilityZone": "{region}a",
        "availabilityZoneId": _zone_id,
    },
    "aws:ec2/routeTable:RouteTable": {"id": "rtb-{hex17}", "arn": _EC2 + "route-table/{id}"},
    "aws:ec2/route:Route": {
        "id": "r-{in_routeTableId}{hex10}",
        "origin": "CreateRoute",
        "state": "active",
    },
    "aws:ec2/routeTableAssociation:RouteTableAssociation": {"id": "rtbassoc-{hex17}"},
    "aws:ec2/internetGateway:InternetGateway": {"id": "igw-{hex17}", "arn": _EC2 + "internet-gateway/{id}"},
    "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway": {"id": "eigw-{hex17}"},
    "aws:ec2/eip:Eip": {
        "id": "eipalloc-{hex17}",
        "allocationId": "{id}",
        "arn": _EC2 + "elastic-ip/{id}",
        "publicIp": _address,
        "publicDns": lambda facts: (
            f"ec2-{_address(facts).replace('.', '-')}.{facts.region}.compute.amazonaws.com"
        ),
    },
    "aws:ec2/natGateway:NatGateway": {
        "id": "nat-{hex17}",
        "associationId": "eipassoc-{hex17}",
        "networkInterfaceId": "eni-{hex17}",
        "privateIp": "10.0.0.10",
        "publicIp": _address,
    },
    "aws:ec2/vpcEndpoint:VpcEndpoint": {
        "id": "vpce-{hex17}",
        "arn": _EC2 + "vpc-endpoint/{id}",
        "cidrBlocks": [],
        "dnsEntries": _endpoint_names,
        "networkInterfaceIds": _interfaces,
        "prefixListId": lambda facts: "" if _interfaces(facts) else f"pl-{facts.digest()[:8]}",
        "requesterManaged": False,
        "state": "available",
    },
    "aws:ec2/networkAcl:NetworkAcl": {"id": "acl-{hex17}", "arn": _EC2 + "network-acl/{id}"},
    "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl": {
        "id": "{in_defaultNetworkAclId}",
        "arn": _EC2 + "network-acl/{id}",
        "vpcId": "vpc-{hex17}",
    },
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": {
        "id": "sg-{hex17}",
        "arn": _EC2 + "security-group/{id}",
        "name": "default",
        "description": "default VPC security group",
    },
    "aws:ec2/defaultRouteTable:DefaultRouteTable": {
        "id": "{in_defaultRouteTableId}",
        "arn": _EC2 + "route-table/{id}",
        "vpcId": "vpc-{hex17}",
    },
    "aws:ec2/networkAclRule:NetworkAclRule": {"id": "nacl-{hex10}"},
    "aws:ec2/networkAclAssociation:NetworkAclAssociation": {"id": "aclassoc-{hex17}"},
    "aws:ec2/flowLog:FlowLog": {"id": "fl-{hex17}", "arn": _EC2 + "vpc-flow-log/{id}"},
    "aws:ec2/securityGroup:SecurityGroup": {
        "id": "sg-{hex17}",
        "arn": _EC2 + "security-group/{id}",
        "description": "Managed by Pulumi",
        "egress": [],
        "ingress": [],
    },
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {
        "id": "sgr-{hex17}",
        "securityGroupRuleId": "{id}",
        "arn": _EC2 + "security-group-rule/{id}",
    },
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": {
        "id": "sgr-{hex17}",
        "securityGroupRuleId": "{id}",
        "arn": _EC2 + "security-group-rule/{id}",
    },
    "aws:kms/key:Key": {"id": "{uuid}", "keyId": "{id}", "arn": "arn:aws:kms:{region}:{account}:key/{id}"},
    "aws:kms/alias:Alias": {
        "id": "{name}",
        "arn": "arn:aws:kms:{region}:{account}:{id}",
        "targetKeyArn": lambda facts: (
            facts.text("targetKeyId")
            if facts.text("targetKeyId").startswith("arn:")
            else facts.render("arn:aws:kms:{region}:{account}:key/{in_targetKeyId}")
        ),
    },
    "aws:ebs/volume:Volume": {
        "id": "vol-{hex17}",
        "arn": _EC2 + "volume/{id}",
        "createTime": "2026-01-01T00:00:00Z",
    },
}
