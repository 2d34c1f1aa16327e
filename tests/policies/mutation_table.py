"""For each rule, at least one way to break exactly what it guards."""

from typing import Any

from policies import tokens as t
from policies.rules.stack import DATA_STORES
from tests.policies.mutations import (
    Mutation,
    add,
    drop,
    edit,
    forget_dependencies,
    put,
    state,
    take,
    together,
    unprotect,
)
from tests.policies.scene import KEY, allow, policy, res

WORLD = {"fromPort": 0, "toPort": 65535, "ipProtocol": "-1", "cidrIpv4": "0.0.0.0/0"}
SSH = {"fromPort": 22, "toPort": 22}
BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
EVERYONE = {"Effect": "Allow", "Principal": "*", "Action": "x:y", "Resource": "*"}


NETWORK: dict[str, list[Mutation]] = {
    "vpc-default-group-empty": [
        put(t.SG_DEFAULT, "ingress", [{"protocol": "-1", "fromPort": 0, "toPort": 0, "self": True}]),
        put(t.SG_DEFAULT, "egress", [{"protocol": "-1", "fromPort": 0, "toPort": 0}]),
    ],
    "vpc-default-group-managed": [drop(t.SG_DEFAULT, names=t.VPC)],
    "vpc-dns-enabled": [put(t.VPC, "enableDnsSupport", False), put(t.VPC, "enableDnsHostnames", False)],
    "vpc-flow-logs": [
        drop(t.FLOW_LOG, names=t.VPC),
        put(t.FLOW_LOG, "trafficType", "REJECT", names=t.VPC, also=("flow-log-all-traffic",)),
    ],
    "flow-log-all-traffic": [put(t.FLOW_LOG, "trafficType", "ACCEPT", also=("vpc-flow-logs",))],
    "subnet-no-public-address": [put(t.SUBNET, "mapPublicIpOnLaunch", True)],
    "sg-no-open-admin-ports": [
        add(res(t.SG_INGRESS, "ssh", {**SSH, "ipProtocol": "tcp", "cidrIpv4": "0.0.0.0/0"})),
        add(
            res(
                t.SG_INGRESS,
                "rdp6",
                {"fromPort": 3000, "toPort": 4000, "ipProtocol": "tcp", "cidrIpv6": "::/0"},
            )
        ),
        add(res(t.SG_INGRESS, "all", WORLD)),
        add(
            res(t.SG_RULE, "old", {**SSH, "type": "ingress", "protocol": "tcp", "cidrBlocks": ["0.0.0.0/0"]})
        ),
        add(res(t.SG_RULE, "old6", {**SSH, "type": "ingress", "protocol": "6", "ipv6CidrBlocks": ["::/0"]})),
        add(res(t.SG, "inline", {"ingress": [{**SSH, "protocol": "tcp", "cidrBlocks": ["0.0.0.0/0"]}]})),
        add(res(t.SG, "halves", {"ingress": [{**SSH, "protocol": "tcp", "cidrBlocks": ["128.0.0.0/1"]}]})),
    ],
    "sg-open-ports-authorised": [
        add(
            res(
                t.SG_INGRESS,
                "redis",
                {"fromPort": 6379, "toPort": 6379, "ipProtocol": "tcp", "cidrIpv4": "0.0.0.0/0"},
            )
        )
    ],
    "nacl-no-open-admin-ports": [
        edit(
            t.NACL,
            lambda i: i["ingress"].append(
                {"action": "Allow", "protocol": "6", "fromPort": 0, "toPort": 22, "cidrBlock": "0.0.0.0/0"}
            ),
            where=lambda r: bool(r.inputs.get("ingress")),
        ),
        edit(t.NACL_RULE, lambda i: i.update(fromPort=20, toPort=25, cidrBlock="0.0.0.0/0")),
        edit(t.NACL_RULE, lambda i: i.update(protocol="-1", cidrBlock="0.0.0.0/0")),
    ],
    "vpc-endpoint-private": [
        put(
            t.VPC_ENDPOINT,
            "privateDnsEnabled",
            False,
            where=lambda r: r.inputs.get("vpcEndpointType") == "Interface",
        ),
        take(
            t.VPC_ENDPOINT, "securityGroupIds", where=lambda r: r.inputs.get("vpcEndpointType") == "Interface"
        ),
    ],
    "data-store-unreachable": [
        add(
            res(
                t.SG_INGRESS,
                "db-open",
                {
                    "securityGroupId": "db-id",
                    "fromPort": 5433,
                    "toPort": 5433,
                    "ipProtocol": "tcp",
                    "cidrIpv4": "211.0.0.0/8",
                },
            ),
            names=t.DB_CLUSTER,
            portable=False,
        ),
        add(
            res(
                t.SG_INGRESS,
                "app-open",
                {
                    "securityGroupId": "app-id",
                    "fromPort": 443,
                    "toPort": 443,
                    "ipProtocol": "tcp",
                    "cidrIpv4": "0.0.0.0/0",
                },
            ),
            names=t.DB_CLUSTER,
            portable=False,
        ),
        put(t.DB_SUBNETS, "subnetIds", ["public-a-id"], names=t.DB_CLUSTER, portable=False),
    ],
    "lambda-reaches-its-services": [
        together(
            drop(t.VPC_ENDPOINT, every=True),
            drop(t.NAT, every=True),
            names=t.FUNCTION,
        ),
        drop(t.VPC_ENDPOINT, names=t.FUNCTION, portable=False),
    ],
}

SECURITY: dict[str, list[Mutation]] = {
    "kms-key-rotated": [put(t.KMS_KEY, "enableKeyRotation", False)],
    "kms-key-not-public": [
        state(t.KMS_KEY, "policy", {**EVERYONE, "Action": "kms:Decrypt"}),
        state(t.KMS_KEY, "policy", {**EVERYONE, "Principal": {"AWS": ["*"]}}),
    ],
    "kms-key-deletion-window": [put(t.KMS_KEY, "deletionWindowInDays", 7)],
    "secret-rotated": [drop(t.SECRET_ROTATION, names=t.SECRET)],
    "secret-own-key": [take(t.SECRET, "kmsKeyId")],
    "iam-no-full-access": [
        state(
            t.IAM_ROLE_POLICY,
            "policy",
            {"Effect": "Allow", "Action": "*", "Resource": KEY},
        ),
        state(
            t.IAM_ROLE_POLICY, "policy", {"Effect": "Allow", "NotAction": ["iam:*", "kms:*"], "Resource": KEY}
        ),
        put(t.IAM_ROLE, "inlinePolicies", [{"name": "x", "policy": policy(allow(["*"]))}]),
    ],
    "iam-no-service-wildcard": [state(t.IAM_ROLE_POLICY, "policy", allow(["ec2:*"], KEY))],
    "iam-no-user-policies": [
        add(res(t.IAM_USER_POLICY, "bob", {"user": "bob", "policy": policy(allow(["ec2:StartInstances"]))})),
        add(res(t.IAM_USER_ATTACHMENT, "bob", {"user": "bob", "policyArn": "arn:x"})),
    ],
    "iam-trust-not-public": [
        state(t.IAM_ROLE, "assumeRolePolicy", {**EVERYONE, "Action": "sts:AssumeRole"}),
        state(t.IAM_ROLE, "assumeRolePolicy", {**EVERYONE, "Principal": {"AWS": "*"}}),
    ],
    "iam-trust-not-confusable": [
        state(
            t.IAM_ROLE,
            "assumeRolePolicy",
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "events.amazonaws.com"}},
        )
    ],
    "iam-no-escalation": [
        state(t.IAM_ROLE_POLICY, "policy", allow(["iam:PassRole", "ec2:RunInstances"], "*")),
        state(t.IAM_ROLE_POLICY, "policy", allow(["iam:Put*Policy"], ["*"])),
        state(t.IAM_ROLE_POLICY, "policy", allow(["iam:CreatePolicyVersion"], "*")),
    ],
    "iam-data-on-named-resources": [
        state(t.IAM_ROLE_POLICY, "policy", allow(["elasticache:Connect"], "*")),
        state(t.IAM_ROLE_POLICY, "policy", allow(["secretsmanager:Get*"], "*")),
    ],
    "iam-no-decrypt-everywhere": [
        state(t.IAM_ROLE_POLICY, "policy", allow(["kms:Decrypt"], "arn:aws:kms:ap-northeast-2:1:key/*")),
        state(t.IAM_ROLE_POLICY, "policy", allow(["kms:Re*"], "arn:aws:kms:ap-northeast-2:1:key/*")),
    ],
}

STORAGE: dict[str, list[Mutation]] = {
    "s3-public-access-blocked": [
        drop(t.BUCKET_PUBLIC_ACCESS, names=t.BUCKET),
        *(put(t.BUCKET_PUBLIC_ACCESS, flag, False, names=t.BUCKET) for flag in BLOCKS),
    ],
    "s3-tls-only": [drop(t.BUCKET_POLICY, names=t.BUCKET)],
    "s3-policy-keeps-control": [
        state(t.BUCKET_POLICY, "policy", allow(["s3:Put*"], "arn:b", Principal={"AWS": "999999999999"})),
    ],
    "s3-versioned": [
        drop(t.BUCKET_VERSIONING, names=t.BUCKET),
        put(t.BUCKET_VERSIONING, "versioningConfiguration.status", "Suspended", names=t.BUCKET),
    ],
    "s3-encryption-declared": [drop(t.BUCKET_ENCRYPTION, names=t.BUCKET)],
    "s3-encrypted-with-kms": [
        put(
            t.BUCKET_ENCRYPTION,
            "rules",
            [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}],
            where=lambda r: "aws:kms" in str(r.inputs["rules"]),
            names=t.BUCKET,
        )
    ],
    "s3-access-logged": [drop(t.BUCKET_LOGGING, names=t.BUCKET, also_shipped=("s3-encrypted-with-kms",))],
    "s3-no-acl": [
        put(t.BUCKET, "acl", "private"),
        add(
            res(t.BUCKET_ACL, "acl", {"bucket": "bucket-id", "acl": "private"}),
            names=t.BUCKET,
            portable=False,
        ),
    ],
    "s3-lifecycle": [drop(t.BUCKET_LIFECYCLE, names=t.BUCKET)],
    "s3-no-force-destroy": [put(t.BUCKET, "forceDestroy", True)],
}


def _allow_plaintext(inputs: dict[str, Any]) -> None:
    for parameter in inputs["parameters"]:
        if parameter["name"] == "rds.force_ssl":
            parameter["value"] = "0"


DATABASES: dict[str, list[Mutation]] = {
    "rds-not-public": [put(token, "publiclyAccessible", True) for token in (t.DB, t.DB_CLUSTER_INSTANCE)],
    "rds-instance-encrypted": [put(t.DB, "storageEncrypted", False)],
    "rds-cluster-encrypted": [
        put(t.DB_CLUSTER, "storageEncrypted", False),
        take(t.DB_CLUSTER, "storageEncrypted"),
    ],
    "rds-multi-az": [put(t.DB, "multiAz", False)],
    "rds-enhanced-monitoring": [put(t.DB_CLUSTER_INSTANCE, "monitoringInterval", 0)],
    "rds-cluster-deletion-protection": [put(t.DB_CLUSTER, "deletionProtection", False)],
    "rds-instance-deletion-protection": [put(t.DB, "deletionProtection", False)],
    "rds-logs-exported": [put(token, "enabledCloudwatchLogsExports", []) for token in (t.DB, t.DB_CLUSTER)],
    "rds-instance-iam-authentication": [put(t.DB, "iamDatabaseAuthenticationEnabled", False)],
    "rds-cluster-iam-authentication": [put(t.DB_CLUSTER, "iamDatabaseAuthenticationEnabled", False)],
    "rds-backups": [put(token, "backupRetentionPeriod", 6) for token in (t.DB, t.DB_CLUSTER)],
    "rds-minor-upgrades": [put(t.DB_CLUSTER_INSTANCE, "autoMinorVersionUpgrade", False)],
    "rds-tags-to-snapshots": [put(t.DB_CLUSTER, "copyTagsToSnapshot", False)],
    "rds-own-port": [put(t.DB_CLUSTER, "port", 5432, portable=False), take(t.DB, "port")],
    "rds-own-admin-name": [put(t.DB_CLUSTER, "masterUsername", "postgres"), put(t.DB, "username", "admin")],
    "rds-master-password-managed": [
        put(t.DB_CLUSTER, "masterPassword", "x"),
        take(t.DB_CLUSTER, "manageMasterUserPassword"),
        put(t.DB, "password", "x"),
    ],
    "rds-final-snapshot": [
        put(t.DB_CLUSTER, "skipFinalSnapshot", True),
        take(t.DB, "finalSnapshotIdentifier"),
    ],
    "rds-version-supported": [put(t.DB_CLUSTER, "engineVersion", "12.9"), take(t.DB, "engineVersion")],
    "rds-two-instances": [
        drop(t.DB_CLUSTER_INSTANCE, names=t.DB_CLUSTER, also=("rds-proxy-waits-for-writer",)),
        put(t.DB_CLUSTER_INSTANCE, "availabilityZone", "b", names=t.DB_CLUSTER, portable=False),
    ],
    "rds-tls-forced": [
        edit(t.DB_CLUSTER_PARAMETERS, _allow_plaintext, names=t.DB_CLUSTER),
        put(t.DB_CLUSTER_PARAMETERS, "parameters", [], names=t.DB_CLUSTER),
        take(t.DB_CLUSTER, "dbClusterParameterGroupName"),
        put(t.DB_PARAMETERS, "parameters", [], names=t.DB),
    ],
    "rds-proxy-waits-for-writer": [forget_dependencies(t.DB_PROXY_TARGET)],
    "rds-proxy-tls": [put(t.DB_PROXY, "requireTls", False)],
}

DATA: dict[str, list[Mutation]] = {
    "elasticache-snapshots": [
        put(token, "snapshotRetentionLimit", 0) for token in (t.CACHE_GROUP, t.CACHE_SERVERLESS)
    ],
    "elasticache-minor-upgrades": [put(t.CACHE_GROUP, "autoMinorVersionUpgrade", False)],
    "elasticache-failover": [put(t.CACHE_GROUP, "automaticFailoverEnabled", False)],
    "elasticache-encrypted": [put(t.CACHE_GROUP, "atRestEncryptionEnabled", False)],
    "elasticache-tls": [take(t.CACHE_GROUP, "transitEncryptionEnabled")],
    "elasticache-authenticated": [take(t.CACHE_GROUP, "userGroupIds")],
    "elasticache-own-subnets": [take(t.CACHE_GROUP, "subnetGroupName")],
    "elasticache-serverless-user-group": [take(t.CACHE_SERVERLESS, "userGroupId")],
    "elasticache-serverless-key": [take(t.CACHE_SERVERLESS, "kmsKeyId")],
    "elasticache-own-key": [take(t.CACHE_GROUP, "kmsKeyId")],
    "elasticache-user-authenticated": [
        edit(
            t.CACHE_USER,
            lambda i: i.update(authenticationMode={"type": "no-password-required"}),
            where=lambda r: r.inputs.get("userName") != "default",
        ),
        put(t.CACHE_USER, "noPasswordRequired", True, where=lambda r: r.inputs.get("userName") != "default"),
    ],
    "elasticache-user-group-closed": [
        edit(
            t.CACHE_USER,
            lambda i: i.update(
                accessString="on ~* +@all", noPasswordRequired=False, authenticationMode={"type": "iam"}
            ),
            where=lambda r: r.inputs.get("userName") == "default",
            names=t.CACHE_USER_GROUP,
        ),
        put(t.CACHE_USER_GROUP, "userIds", ["default"]),
    ],
    "dynamodb-scales": [put(t.DYNAMODB, "billingMode", "PROVISIONED")],
    "dynamodb-point-in-time": [put(t.DYNAMODB, "pointInTimeRecovery.enabled", False)],
    "dynamodb-in-backup-plan": [drop("aws:backup/selection:Selection", names=t.DYNAMODB)],
    "dynamodb-deletion-protection": [put(t.DYNAMODB, "deletionProtectionEnabled", False)],
    "dynamodb-own-key": [take(t.DYNAMODB, "serverSideEncryption")],
    "data-store-protected": [unprotect(token) for token in DATA_STORES],
    "tags-required": [
        take(t.BUCKET, "tags"),
        take(t.DB_CLUSTER, "tags.owner"),
        put(t.FUNCTION, "tags.system", ""),
    ],
    "region-allowed": [put(t.DB_CLUSTER, "region", "us-east-1"), put(t.KMS_KEY, "region", "eu-west-1")],
}
