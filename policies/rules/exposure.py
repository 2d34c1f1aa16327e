"""What resource policies, shares and ACLs give to the world."""

from collections.abc import Iterator

from policies.documents import Statement, statements
from policies.model import Resource
from policies.rule import Found, rule
from policies.tokens import (
    AMI_PERMISSION,
    BACKUP_VAULT_POLICY,
    BUCKET,
    BUCKET_ACL,
    BUCKET_POLICY,
    DB_CLUSTER_SNAPSHOT,
    DB_SNAPSHOT,
    DYNAMODB_POLICY,
    EFS_POLICY,
    EVENT_BUS_POLICY,
    EVENT_PERMISSION,
    KINESIS_POLICY,
    KMS_KEY_POLICY,
    KMS_REPLICA,
    LAYER_PERMISSION,
    LOG_DESTINATION_POLICY,
    LOG_POLICY,
    MSK_POLICY,
    OBJECT,
    S3_ACCESS_POINT,
    S3_ACCESS_POINT_POLICY,
    SEARCH_DOMAIN,
    SEARCH_POLICY,
    SECRET,
    SECRET_POLICY,
    SNAPSHOT_PERMISSION,
    SSM_DOCUMENT,
    VPC_ENDPOINT,
    VPC_ENDPOINT_POLICY,
)

_SCOPING = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceip",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:vpcsourceip",
        "elasticfilesystem:accesspointarn",
        "kms:calleraccount",
        "s3:dataaccesspointaccount",
    }
)
"""Condition keys by which a statement for everyone is a statement for some (S3, what "public" means)."""

_GROUPS = ("AllUsers", "AuthenticatedUsers")
_PUBLIC_ACLS = frozenset({"public-read", "public-read-write", "authenticated-read"})


def _open(r: Resource, path: str = "policy") -> Iterator[Statement]:
    for statement in statements(r, path):
        if statement.allows and statement.public and not statement.bound_by(_SCOPING):
            yield statement


@rule(
    id="s3-policy-not-public",
    title="No bucket policy lets everyone in",
    fsbp=("S3.2", "S3.3"),
    severity="critical",
    enforcement="M",
    types=(BUCKET, BUCKET_POLICY, S3_ACCESS_POINT),
    why="Most leaked data was in a bucket that someone had opened on purpose, for a moment.",
    fix="Name principals; let CloudFront read by origin access control.",
)
def s3_policy_not_public(r: Resource) -> Found:
    return [f"{s.at} allows {', '.join(s.actions) or 'everything'} to everyone" for s in _open(r)]


@rule(
    id="s3-acl-not-public",
    title="No ACL lets everyone in",
    fsbp=("S3.2", "S3.3"),
    severity="critical",
    enforcement="M",
    types=(BUCKET, BUCKET_ACL, OBJECT),
    why="AuthenticatedUsers are the users of every account in the world, not of this one.",
    fix="Leave acl at private, or better, out.",
)
def s3_acl_not_public(r: Resource) -> Found:
    acl = r.text("acl")
    if acl in _PUBLIC_ACLS:
        yield f"acl is {acl}"
    for path in ("grants", "accessControlPolicy.grants"):
        for grant in r.blocks(path):
            group = str(grant.raw("uri") or grant.raw("grantee.uri") or "").rsplit("/", 1)[-1]
            if group in _GROUPS:
                yield f"{grant.where('uri')} is {group}"


@rule(
    id="resource-policy-not-public",
    title="No policy on a resource lets everyone in",
    severity="critical",
    enforcement="M",
    types=(
        BACKUP_VAULT_POLICY,
        DYNAMODB_POLICY,
        EFS_POLICY,
        EVENT_BUS_POLICY,
        KINESIS_POLICY,
        KMS_KEY_POLICY,
        KMS_REPLICA,
        LOG_DESTINATION_POLICY,
        LOG_POLICY,
        MSK_POLICY,
        S3_ACCESS_POINT_POLICY,
        SEARCH_DOMAIN,
        SEARCH_POLICY,
        SECRET,
        SECRET_POLICY,
    ),
    why="It counts even for callers without a permission of their own: everyone means every account.",
    fix="Name principals, or bind '*' with aws:PrincipalOrgID, aws:SourceAccount or aws:SourceArn.",
)
def resource_policy_not_public(r: Resource) -> Found:
    for path in ("policy", "policyDocument", "accessPolicy", "accessPolicies"):
        for statement in _open(r, path):
            yield f"{statement.at} allows {', '.join(statement.actions) or 'everything'} to everyone"


@rule(
    id="permission-not-public",
    title="No event bus or layer is open to every account",
    severity="high",
    enforcement="M",
    types=(EVENT_PERMISSION, LAYER_PERMISSION),
    why="Anyone could send events that start our work, or read our code.",
    fix="Name an account as principal, or an organisation.",
)
def permission_not_public(r: Resource) -> Found:
    if r.text("principal") == "*" and not (r.has("organizationId") or r.has("condition")):
        return "principal is *"
    return None


@rule(
    id="snapshot-not-public",
    title="No snapshot, image or document is shared with everyone",
    fsbp=("EC2.1", "RDS.1", "SSM.4"),
    severity="critical",
    enforcement="M",
    types=(AMI_PERMISSION, DB_CLUSTER_SNAPSHOT, DB_SNAPSHOT, SNAPSHOT_PERMISSION, SSM_DOCUMENT),
    why="A shared snapshot is the whole database, without its network, its logins and its logs.",
    fix="Name the accounts, or leave the share out.",
)
def snapshot_not_public(r: Resource) -> Found:
    for path in ("sharedAccounts", "group", "accountId", "permissions.accountIds", "permissions.account_ids"):
        for value in r.elements(path):
            listed = str(value).replace(" ", "").split(",")
            if "all" in {item.lower() for item in listed}:
                yield f"{path} is {value}"


@rule(
    id="vpc-endpoint-policy-narrow",
    title="A policy on an endpoint is narrower than none",
    severity="low",
    enforcement="A",
    types=(VPC_ENDPOINT, VPC_ENDPOINT_POLICY),
    why="Through an open endpoint data can be copied to a bucket of a stranger without leaving the network.",
    fix="Name resources, or bind with aws:PrincipalOrgID, aws:PrincipalAccount or aws:ResourceAccount.",
)
def vpc_endpoint_policy_narrow(r: Resource) -> Found:
    for statement in _open(r):
        narrowed = statement.bound_by({"aws:resourceaccount", "aws:resourceorgid"})
        if "*" in statement.actions and "*" in statement.resources and not narrowed:
            yield f"{statement.at} allows everything to everyone"
