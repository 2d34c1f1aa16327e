"""Weaknesses in trust, shares and credentials, and in what recovery and reach depend on."""

from typing import Any

from policies import tokens as t
from tests.policies.mutations import Mutation, add, drop, edit, put, state, take, together
from tests.policies.scene import ACCOUNT, allow, policy, res

_EVERYONE = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:b/*"}
_OTHERS = {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}
_GITHUB = "token.actions.githubusercontent.com"
_ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
_MANAGED = "arn:aws:iam::aws:policy/"
_KEY_FORM = "AKIA" + "IOSFODNN7EXAMPLE"


def _web_identity(**condition: Any) -> Mutation:
    trust = {
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{_GITHUB}"},
        "Condition": condition,
    }
    return state(t.IAM_ROLE, "assumeRolePolicy", trust)


def _account(principal: str, **condition: Any) -> Mutation:
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": principal}}
    return state(t.IAM_ROLE, "assumeRolePolicy", {**trust, **({"Condition": condition} if condition else {})})


def _objective(token: str, change: dict[str, Any], **tags: str) -> Mutation:
    """An objective by tag, and a setting that cannot meet it. What else the setting breaks is no matter."""

    def weaken(inputs: dict[str, Any]) -> None:
        inputs["tags"] = {**inputs.get("tags", {}), **tags}
        inputs.update(change)

    return edit(
        token,
        weaken,
        also=(
            "rds-multi-az",
            "rds-backups",
            "dynamodb-point-in-time",
            "recovery-time-met",
            "recovery-point-met",
        ),
    )


def _open(token: str, name: str, **inputs: Any) -> Mutation:
    return add(res(token, name, inputs))


TRUST: dict[str, list[Mutation]] = {
    "iam-trust-account-bound": [
        _account(f"arn:aws:iam::{ACCOUNT}:root"),
        _account(ACCOUNT),
        _account(ACCOUNT, StringLike={"sts:ExternalId": "*"}),
    ],
    "iam-trust-federation-bound": [
        _web_identity(StringEquals={f"{_GITHUB}:aud": "sts.amazonaws.com"}),
        _web_identity(StringLike={f"{_GITHUB}:sub": "repo:*"}),
        _web_identity(StringLike={f"{_GITHUB}:sub": "*"}),
        _web_identity(StringEquals={f"{_GITHUB}:sub": "repo:example/platform:ref:refs/heads/main"}),
    ],
    "iam-no-administrator-policy": [
        put(t.IAM_ROLE_ATTACHMENT, "policyArn", f"{_MANAGED}AdministratorAccess", portable=False),
        put(t.IAM_ROLE, "managedPolicyArns", [f"{_MANAGED}IAMFullAccess"]),
        _open(t.IAM_ATTACHMENT, "a", policyArn=f"{_MANAGED}PowerUserAccess", roles=["role"]),
        _open(t.IAM_GROUP_ATTACHMENT, "a", policyArn=f"{_MANAGED}AdministratorAccess", group="g"),
        _open(t.IAM_ROLE_EXCLUSIVE, "a", policyArns=[f"{_MANAGED}AdministratorAccess"], roleName="role"),
    ],
    "iam-no-service-administrator-policy": [
        put(t.IAM_ROLE, "managedPolicyArns", [f"{_MANAGED}AmazonS3FullAccess"]),
        _open(t.IAM_GROUP_ATTACHMENT, "a", policyArn=f"{_MANAGED}AWSLambda_FullAccess", group="g"),
    ],
    "iam-boundary-not-attached": [
        put(t.IAM_POLICY, "path", "/boundary/", where=lambda r: r.inputs.get("path") != "/boundary/"),
    ],
    "iam-no-lasting-credentials": [
        _open(t.IAM_ACCESS_KEY, "key-of-a-person", user="kim"),
        _open(t.IAM_LOGIN, "login-of-a-person", user="kim"),
    ],
    "iam-no-pass-role-everywhere": [
        state(t.IAM_ROLE_POLICY, "policy", allow(["iam:PassRole"], "*")),
        state(t.IAM_ROLE_POLICY, "policy", allow(["iam:PassRole"], [f"arn:aws:iam::{ACCOUNT}:role/*"])),
    ],
    "iam-no-exposure-everywhere": [
        state(t.IAM_ROLE_POLICY, "policy", allow(["s3:PutBucketPolicy"], "arn:aws:s3:::*")),
        state(t.IAM_ROLE_POLICY, "policy", allow(["ecr:Set*"], "*")),
    ],
    "iam-role-no-escalation": [
        together(
            state(t.IAM_ROLE_POLICY, "policy", allow(["ec2:RunInstances"], "*")),
            state(t.IAM_POLICY, "policy", allow(["iam:PassRole"], "*")),
            names=t.IAM_ROLE,
            also=("iam-no-pass-role-everywhere",),
            portable=False,
        )
    ],
}

SHARES: dict[str, list[Mutation]] = {
    "s3-policy-not-public": [
        state(t.BUCKET_POLICY, "policy", _EVERYONE),
        state(t.BUCKET_POLICY, "policy", {**_EVERYONE, "Principal": {"AWS": ["*"]}, "Condition": _OTHERS}),
        put(t.BUCKET, "policy", policy(_EVERYONE)),
    ],
    "s3-acl-not-public": [
        _open(t.OBJECT, "page", bucket="bucket-id", key="a", acl="public-read"),
        put(t.BUCKET, "acl", "public-read-write", also=("s3-no-acl",)),
        put(t.BUCKET, "grants", [{"type": "Group", "uri": _ALL_USERS}], also=("s3-no-acl",)),
        _open(
            t.BUCKET_ACL,
            "acl",
            bucket="other",
            accessControlPolicy={"grants": [{"grantee": {"uri": _ALL_USERS}}]},
        ),
    ],
    "resource-policy-not-public": [
        state(
            t.SECRET_POLICY,
            "policy",
            {**_EVERYONE, "Action": "secretsmanager:GetSecretValue"},
            portable=False,
        ),
        put(t.SECRET, "policy", policy({**_EVERYONE, "Action": "secretsmanager:*"})),
        _open(t.EFS_POLICY, "p", policy=policy({**_EVERYONE, "Action": "elasticfilesystem:ClientMount"})),
    ],
    "vpc-endpoint-policy-narrow": [
        put(t.VPC_ENDPOINT, "policy", policy({**_EVERYONE, "Action": "*", "Resource": "*"})),
    ],
    "kms-grant-to-a-role": [put(t.KMS_GRANT, "granteePrincipal", f"arn:aws:iam::{ACCOUNT}:root")],
    "permission-not-public": [
        put(t.EVENT_PERMISSION, "principal", "*"),
        put(t.LAYER_PERMISSION, "principal", "*"),
    ],
    "snapshot-not-public": [
        put(t.DB_SNAPSHOT, "sharedAccounts", ["all"]),
        put(t.SSM_DOCUMENT, "permissions", {"type": "Share", "accountIds": "All"}),
        _open(t.AMI_PERMISSION, "image", imageId="ami-1", group="all"),
        _open(t.SNAPSHOT_PERMISSION, "disk", snapshotId="snap-1", accountId="all"),
    ],
    "credential-not-in-properties": [
        put(t.BUDGET, "name", f"key {_KEY_FORM}"),
        put(t.EVENT_TARGET, "input", '{"key": "-----BEGIN RSA PRIVATE KEY-----"}'),
    ],
    "ec2-no-secret-in-user-data": [
        put(t.INSTANCE, "userData", "export DB_PASSWORD=hunter22\n"),
        put(t.LAUNCH_TEMPLATE, "userData", "cGFzc3dvcmQ9aHVudGVyMjI="),
    ],
}

RECOVERY: dict[str, list[Mutation]] = {
    "recovery-time-met": [
        _objective(t.DB, {"multiAz": False, "allocatedStorage": 100}, **{"rto-minutes": "20"}),
        _objective(t.DYNAMODB, {}, **{"rto-minutes": "30"}),
    ],
    "recovery-point-met": [
        _objective(t.DB, {"backupRetentionPeriod": 0}, **{"rpo-minutes": "15"}),
        _objective(t.DB_CLUSTER, {}, **{"rpo-minutes": "1"}),
        _objective(t.DYNAMODB, {"pointInTimeRecovery": {"enabled": False}}, **{"rpo-minutes": "60"}),
    ],
    "ecs-reaches-its-services": [
        drop(
            t.VPC_ENDPOINT,
            every=True,
            names=t.ECS_SERVICE,
            also=("lambda-reaches-its-services",),
            portable=False,
        ),
        take(
            t.VPC_ENDPOINT,
            "vpcId",
            portable=False,
            names=t.ECS_SERVICE,
            also=("lambda-reaches-its-services",),
        ),
    ],
    "alarm-dimension-exists": [
        put(t.ALARM, "dimensions", {"FunctionName": "misspelt"}, where=lambda r: "metricName" in r.inputs),
    ],
}
