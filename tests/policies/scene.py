"""A small stack in which every rule finds something to look at, and nothing to complain about."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from policies import tokens as t
from policies.model import Record
from policies.settings import PackConfig
from policies.taggable import TAGGABLE

TAGS = dict.fromkeys(PackConfig().required_tags, "x")
STACK_URN = "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod"
ACCOUNT = "123456789012"
KEY = "arn:key"
TLS_ONLY = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": ["arn:b", "arn:b/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


def res(
    token: str,
    name: str,
    inputs: Mapping[str, Any] | None = None,
    *,
    outputs: Mapping[str, Any] | None = None,
    protect: bool = False,
    dependencies: Sequence[str] = (),
) -> Record:
    """A record whose id is ``name-id`` and whose ARN is ``arn:name``; taggable types get the tags."""
    tags = {"tags": dict(TAGS)} if token in TAGGABLE else {}
    return Record(
        type=token,
        urn=urn(token, name),
        name=name,
        inputs={**tags, **(inputs or {})},
        outputs={"id": f"{name}-id", "arn": f"arn:{name}", "name": name, **(inputs or {}), **(outputs or {})},
        protect=protect,
        dependencies=tuple(dependencies),
    )


def urn(token: str, name: str) -> str:
    return f"urn:pulumi:prod::shop::{token}::{name}"


def policy(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(actions: Sequence[str], resources: Sequence[str] | str = "arn:b", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resources, **more}


def _trust(service: str, **condition: Any) -> str:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
    return policy({**statement, **({"Condition": condition} if condition else {})})


def network() -> list[Record]:
    return [
        res(t.VPC, "vpc", {"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": True}),
        res(t.SG_DEFAULT, "vpc-default", {"vpcId": "vpc-id"}),
        res(t.FLOW_LOG, "vpc-flow", {"vpcId": "vpc-id", "trafficType": "ALL"}),
        res(t.INTERNET_GATEWAY, "igw", {"vpcId": "vpc-id"}),
        *(res(t.SUBNET, f"private-{z}", {"vpcId": "vpc-id", "availabilityZone": z}) for z in "ab"),
        res(t.SUBNET, "public-a", {"vpcId": "vpc-id", "availabilityZone": "a"}),
        res(t.ROUTE_TABLE, "public", {"vpcId": "vpc-id"}),
        res(t.ROUTE, "public-out", {"routeTableId": "public-id", "gatewayId": "igw-id"}),
        res(
            "aws:ec2/routeTableAssociation:RouteTableAssociation",
            "public-a",
            {"routeTableId": "public-id", "subnetId": "public-a-id"},
        ),
        *(
            res(
                t.VPC_ENDPOINT,
                f"endpoint-{service}",
                {
                    "vpcId": "vpc-id",
                    "serviceName": f"com.amazonaws.ap-northeast-2.{service}",
                    "vpcEndpointType": "Interface",
                    "privateDnsEnabled": True,
                    "securityGroupIds": ["app-id"],
                },
            )
            for service in ("secretsmanager", "s3", "ecr.api", "ecr.dkr", "logs")
        ),
        res(t.SG, "app", {"vpcId": "vpc-id"}),
        res(t.SG, "db", {"vpcId": "vpc-id"}),
        res(
            t.SG_INGRESS,
            "db-from-app",
            {
                "securityGroupId": "db-id",
                "referencedSecurityGroupId": "app-id",
                "ipProtocol": "tcp",
                "fromPort": 5433,
                "toPort": 5433,
            },
        ),
        res(
            t.SG_RULE,
            "app-https",
            {
                "type": "ingress",
                "securityGroupId": "app-id",
                "protocol": "tcp",
                "fromPort": 443,
                "toPort": 443,
                "cidrBlocks": ["10.0.0.0/16"],
            },
        ),
        res(
            t.NACL,
            "subnet-acl",
            {
                "vpcId": "vpc-id",
                "ingress": [
                    {
                        "action": "allow",
                        "ruleNo": 100,
                        "protocol": "tcp",
                        "fromPort": 443,
                        "toPort": 443,
                        "cidrBlock": "0.0.0.0/0",
                    }
                ],
            },
        ),
        res(
            t.NACL_RULE,
            "acl-rule",
            {
                "networkAclId": "subnet-acl-id",
                "ruleNumber": 110,
                "ruleAction": "allow",
                "protocol": "tcp",
                "fromPort": 1024,
                "toPort": 2048,
                "cidrBlock": "10.0.0.0/8",
            },
        ),
    ]


def security() -> list[Record]:
    root = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    return [
        res(t.KMS_KEY, "key", {"enableKeyRotation": True, "policy": policy(root)}, protect=True),
        res(t.IAM_ROLE, "role", {"assumeRolePolicy": _trust("lambda.amazonaws.com")}),
        res(
            t.IAM_ROLE,
            "flow-role",
            {
                "assumeRolePolicy": _trust(
                    "vpc-flow-logs.amazonaws.com", StringEquals={"aws:SourceAccount": ACCOUNT}
                )
            },
        ),
        res(
            t.IAM_ROLE_POLICY,
            "role-policy",
            {
                "role": "role-id",
                "policy": policy(
                    allow(["secretsmanager:GetSecretValue"], ["arn:secret"]), allow(["kms:Decrypt"], [KEY])
                ),
            },
        ),
        res(
            t.SECRET,
            "secret",
            {"kmsKeyId": KEY, "replicas": [{"region": "ap-northeast-1", "kmsKeyId": KEY}]},
            protect=True,
        ),
        res(t.SECRET_ROTATION, "secret-rotation", {"secretId": "secret-id"}),
    ]
