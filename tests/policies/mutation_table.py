"""For each rule, at least one way to break exactly what it guards."""

from policies import tokens as t
from tests.policies.mutations import (
    Mutation,
    add,
    drop,
    edit,
    put,
    state,
    take,
    together,
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
            drop(t.ROUTE, every=True),
            names=t.FUNCTION,
            also=("ecs-reaches-its-services",),
        ),
        edit(
            t.VPC_ENDPOINT,
            lambda inputs: inputs.update(serviceName="com.amazonaws.ap-northeast-2.sqs"),
            where=lambda record: record.inputs["serviceName"].endswith(".secretsmanager"),
            names=t.FUNCTION,
            also=("ecs-reaches-its-services",),
            portable=False,
        ),
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
        state(
            t.IAM_ROLE_POLICY,
            "policy",
            allow(["iam:PassRole", "ec2:RunInstances"], "*"),
            also=("iam-no-pass-role-everywhere",),
        ),
        state(t.IAM_ROLE_POLICY, "policy", allow(["iam:Put*Policy"], ["*"])),
        state(t.IAM_ROLE_POLICY, "policy", allow(["iam:CreatePolicyVersion"], "*")),
    ],
    "iam-data-on-named-resources": [
        state(t.IAM_ROLE_POLICY, "policy", allow(["elasticache:Connect"], "*")),
        state(t.IAM_ROLE_POLICY, "policy", allow(["secretsmanager:Get*"], "*")),
    ],
    "iam-no-decrypt-everywhere": [
        state(
            t.IAM_ROLE_POLICY,
            "policy",
            allow(["kms:Decrypt"], "arn:aws:kms:ap-northeast-2:1:key/*"),
            also=("iam-data-on-named-resources",),
        ),
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
