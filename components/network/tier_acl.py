"""The network ACL resource of one tier."""

from collections.abc import Sequence

import pulumi
from pulumi_aws import ec2

from components.network.network_acl import AclRule


def network_acl(
    parent: pulumi.Resource,
    name: str,
    *,
    vpc_id: pulumi.Input[str],
    subnet_ids: Sequence[pulumi.Input[str]],
    rules: Sequence[AclRule],
    display_name: str,
) -> ec2.NetworkAcl:
    """An ACL that holds all its rules itself, so that a rule added by hand shows up as drift."""
    return ec2.NetworkAcl(
        name,
        vpc_id=vpc_id,
        subnet_ids=subnet_ids,
        ingress=[_ingress(rule) for rule in rules if rule.direction == "ingress"],
        egress=[_egress(rule) for rule in rules if rule.direction == "egress"],
        tags={"Name": display_name},
        opts=pulumi.ResourceOptions(parent=parent),
    )


def _ingress(rule: AclRule) -> ec2.NetworkAclIngressArgs:
    return ec2.NetworkAclIngressArgs(
        rule_no=rule.number,
        action="allow",
        protocol=rule.protocol,
        cidr_block=rule.cidr_block,
        from_port=rule.from_port,
        to_port=rule.to_port,
    )


def _egress(rule: AclRule) -> ec2.NetworkAclEgressArgs:
    return ec2.NetworkAclEgressArgs(
        rule_no=rule.number,
        action="allow",
        protocol=rule.protocol,
        cidr_block=rule.cidr_block,
        from_port=rule.from_port,
        to_port=rule.to_port,
    )
