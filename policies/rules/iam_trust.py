"""Who may take a role."""

import re

from policies.documents import Statement, statements
from policies.model import Resource
from policies.rule import Found, rule
from policies.tokens import IAM_ROLE

_CONFUSABLE = frozenset(
    f"{service}.amazonaws.com"
    for service in (
        "backup",
        "bedrock",
        "cloudtrail",
        "codebuild",
        "codepipeline",
        "config",
        "ecs-tasks",
        "events",
        "firehose",
        "glue",
        "monitoring.rds",
        "pipes",
        "sagemaker",
        "scheduler",
        "sns",
        "ssm",
        "states",
        "transfer",
        "vpc-flow-logs",
    )
)
"""Services whose documentation shows aws:SourceArn or aws:SourceAccount in the trust policy.

RDS Proxy (rds.amazonaws.com) is not one: its documented trust policy has no condition.
"""

_SOURCES = frozenset({"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths"})
_BINDING = _SOURCES | {"sts:externalid", "aws:principalorgid", "aws:principalarn"}
_ACCOUNT = re.compile(r"(?:arn:aws[a-z-]*:iam::)?(\d{12})(?::root)?")
_SUBJECT = re.compile(r":(sub|aud|amr)$")
_ANY_SUBJECT = re.compile(
    r"(?:repo:|project_path:)?[^/:]*[*?][^/]*/.*|(?:repo:|project_path:|system:serviceaccount:)?[*?].*"
)
"""A wildcard in the owner's place, or in the namespace's: whoever may sign up there gets in."""


def _assumed(r: Resource) -> list[Statement]:
    return [s for s in statements(r, "assumeRolePolicy") if s.allows]


@rule(
    id="iam-trust-not-public",
    title="A role names who may assume it",
    severity="critical",
    enforcement="M",
    types=(IAM_ROLE,),
    why="Any account in the world could take the role.",
    fix="Name services, roles or accounts as principals.",
)
def iam_trust_not_public(r: Resource) -> Found:
    return [f"{s.at} trusts everyone" for s in _assumed(r) if s.public]


@rule(
    id="iam-trust-not-confusable",
    title="A service that acts for others is held to this account",
    severity="medium",
    enforcement="M",
    types=(IAM_ROLE,),
    why="Otherwise someone else's resource can make the service use our role (the confused deputy).",
    fix="Add a condition on aws:SourceAccount or aws:SourceArn to the trust policy.",
)
def iam_trust_not_confusable(r: Resource) -> Found:
    for statement in _assumed(r):
        named = sorted(_CONFUSABLE & set(statement.principals.get("Service", ())))
        if named and not statement.bound_by(_SOURCES):
            yield f"{statement.at} trusts {', '.join(named)} for any account"


@rule(
    id="iam-trust-account-bound",
    title="A role that another account may take asks for more than its number",
    severity="high",
    enforcement="M",
    types=(IAM_ROLE,),
    settings=("trustedAccounts",),
    why="Everyone there who may assume roles can take it; a vendor can be made to take it for others.",
    fix="Ask for sts:ExternalId or aws:PrincipalOrgID, name a role, or list the account in trustedAccounts.",
)
def iam_trust_account_bound(r: Resource) -> Found:
    for statement in _assumed(r):
        if statement.bound_by(_BINDING):
            continue
        for principal in statement.principals.get("AWS", ()):
            account = _ACCOUNT.fullmatch(principal)
            if account and account[1] not in r.config.trusted_accounts:
                yield f"{statement.at} trusts the whole account {account[1]}"


@rule(
    id="iam-trust-federation-bound",
    title="A role for a federated login names whose tokens it takes",
    severity="critical",
    enforcement="M",
    types=(IAM_ROLE,),
    why="GitHub and Cognito sign tokens for everyone: without a subject any repository or guest gets in.",
    fix="Add a condition on the token's sub (such as repo:owner/name:ref:refs/heads/main) beside aud.",
)
def iam_trust_federation_bound(r: Resource) -> Found:
    for statement in _assumed(r):
        providers = statement.principals.get("Federated", ())
        if not providers or not statement.grants("sts:AssumeRoleWithWebIdentity"):
            continue
        wanted = "amr" if "cognito-identity.amazonaws.com" in providers else "sub"
        subjects = [key for key in statement.condition_keys if _SUBJECT.search(key) and key.endswith(wanted)]
        if not subjects or not statement.bound_by(subjects):
            yield f"{statement.at} takes tokens of {', '.join(providers)} for any {wanted}"
        audiences = [key for key in statement.condition_keys if key.endswith(":aud")]
        if not audiences or not statement.bound_by(audiences):
            yield f"{statement.at} takes tokens of {', '.join(providers)} for any aud"
        for value in _compared(statement, subjects):
            if _ANY_SUBJECT.fullmatch(value):
                yield f"{statement.at} takes tokens of {value}"


def _compared(statement: Statement, keys: list[str]) -> list[str]:
    found: list[str] = []
    for operands in statement.conditions.values():
        for key, value in operands.items():
            if key.lower() in keys:
                found += [str(item) for item in (value if isinstance(value, list) else [value])]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return found
