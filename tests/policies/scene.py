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
            for service in ("secretsmanager", "s3")
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
        res(t.SECRET, "secret", {"kmsKeyId": KEY}),
        res(t.SECRET_ROTATION, "secret-rotation", {"secretId": "secret-id"}),
    ]


def data() -> list[Record]:
    engine = {
        "engine": "aurora-postgresql",
        "engineVersion": "16.6",
        "storageEncrypted": True,
        "deletionProtection": True,
        "enabledCloudwatchLogsExports": ["postgresql"],
        "iamDatabaseAuthenticationEnabled": True,
        "backupRetentionPeriod": 7,
        "copyTagsToSnapshot": True,
        "port": 5433,
        "manageMasterUserPassword": True,
        "finalSnapshotIdentifier": "last",
        "vpcSecurityGroupIds": ["db-id"],
        "dbSubnetGroupName": "db-subnets",
    }
    member = {"clusterIdentifier": "cluster-id", "monitoringInterval": 60}
    writer = res(t.DB_CLUSTER_INSTANCE, "writer", {**member, "availabilityZone": "a"})
    return [
        res(
            t.DB_CLUSTER,
            "cluster",
            {**engine, "masterUsername": "owner", "dbClusterParameterGroupName": "params"},
            protect=True,
        ),
        res(
            t.DB_CLUSTER_PARAMETERS,
            "params",
            {"family": "aurora-postgresql16", "parameters": [{"name": "rds.force_ssl", "value": "1"}]},
        ),
        res(t.DB_SUBNETS, "db-subnets", {"subnetIds": ["private-a-id", "private-b-id"]}),
        writer,
        res(t.DB_CLUSTER_INSTANCE, "reader", {**member, "availabilityZone": "b"}),
        res(t.DB_PROXY, "proxy", {"requireTls": True, "vpcSecurityGroupIds": ["db-id"]}),
        res(
            t.DB_PROXY_TARGET,
            "proxy-target",
            {"dbProxyName": "proxy", "dbClusterIdentifier": "cluster-id"},
            dependencies=[writer.urn],
        ),
        res(
            t.DB,
            "db",
            {
                **engine,
                "engine": "postgres",
                "username": "owner",
                "multiAz": True,
                "monitoringInterval": 60,
                "parameterGroupName": "db-params",
            },
            protect=True,
        ),
        res(t.DB_PARAMETERS, "db-params", {"parameters": [{"name": "rds.force_ssl", "value": "1"}]}),
        res(
            t.CACHE_SERVERLESS,
            "cache",
            {
                "engine": "valkey",
                "userGroupId": "users-id",
                "kmsKeyId": KEY,
                "snapshotRetentionLimit": 1,
                "securityGroupIds": ["db-id"],
                "subnetIds": ["private-a-id", "private-b-id"],
            },
            protect=True,
        ),
        res(
            t.CACHE_USER,
            "cache-default",
            {"userName": "default", "accessString": "off ~* -@all", "noPasswordRequired": True},
        ),
        res(
            t.CACHE_USER,
            "cache-user",
            {"userName": "shopper", "accessString": "on ~* +@all", "authenticationMode": {"type": "iam"}},
        ),
        res(t.CACHE_USER_GROUP, "users", {"userIds": ["cache-default-id", "cache-user-id"]}),
        res(
            t.CACHE_GROUP,
            "redis",
            {
                "snapshotRetentionLimit": 1,
                "automaticFailoverEnabled": True,
                "atRestEncryptionEnabled": True,
                "transitEncryptionEnabled": True,
                "userGroupIds": ["users-id"],
                "kmsKeyId": KEY,
                "subnetGroupName": "redis-subnets",
                "securityGroupIds": ["db-id"],
            },
            protect=True,
        ),
        res(
            t.DYNAMODB,
            "table",
            {
                "billingMode": "PAY_PER_REQUEST",
                "pointInTimeRecovery": {"enabled": True},
                "deletionProtectionEnabled": True,
                "serverSideEncryption": {"enabled": True, "kmsKeyArn": KEY},
            },
            protect=True,
        ),
        res("aws:backup/selection:Selection", "backup", {"resources": ["arn:table"]}),
    ]


def storage() -> list[Record]:
    found: list[Record] = []
    for name in ("bucket", "logs"):
        found += [
            res(t.BUCKET, name, protect=True),
            res(
                t.BUCKET_PUBLIC_ACCESS,
                f"{name}-private",
                {
                    "bucket": f"{name}-id",
                    "blockPublicAcls": True,
                    "blockPublicPolicy": True,
                    "ignorePublicAcls": True,
                    "restrictPublicBuckets": True,
                },
            ),
            res(t.BUCKET_POLICY, f"{name}-policy", {"bucket": f"{name}-id", "policy": policy(TLS_ONLY)}),
            res(
                t.BUCKET_VERSIONING,
                f"{name}-versions",
                {"bucket": f"{name}-id", "versioningConfiguration": {"status": "Enabled"}},
            ),
            res(
                t.BUCKET_ENCRYPTION,
                f"{name}-key",
                {
                    "bucket": f"{name}-id",
                    "rules": [
                        {
                            "applyServerSideEncryptionByDefault": {
                                "sseAlgorithm": "aws:kms",
                                "kmsMasterKeyId": KEY,
                            }
                        }
                    ],
                },
            ),
            res(
                t.BUCKET_LIFECYCLE,
                f"{name}-lifecycle",
                {"bucket": f"{name}-id", "rules": [{"id": "old", "status": "Enabled"}]},
            ),
        ]
    logging = {"bucket": "bucket-id", "targetBucket": "logs-id", "targetPrefix": "s3/"}
    return [*found, res(t.BUCKET_LOGGING, "bucket-logging", logging)]
