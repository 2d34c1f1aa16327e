"""IAM: what may be done, by whom, and who may pose as whom."""

from collections.abc import Iterator

from policies.documents import Statement, statements
from policies.escalation import PATHS, is_data_plane
from policies.model import Resource
from policies.rule import Found, rule
from policies.tokens import IAM_DOCUMENTS, IAM_ROLE, IAM_USER_ATTACHMENT, IAM_USER_POLICY

_CONFUSABLE = frozenset(
    f"{service}.amazonaws.com"
    for service in (
        "cloudtrail",
        "config",
        "events",
        "firehose",
        "monitoring.rds",
        "pipes",
        "scheduler",
        "sns",
        "states",
        "vpc-flow-logs",
    )
)
"""Services whose documentation shows aws:SourceArn or aws:SourceAccount in the trust policy.

RDS Proxy (rds.amazonaws.com) is not one: its documented trust policy has no condition.
"""

_SOURCES = frozenset({"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid"})
_PERMITTED = (*IAM_DOCUMENTS, IAM_ROLE)


def _granted(r: Resource) -> Iterator[Statement]:
    """Allow statements of identity policies, inline policies of a role included."""
    if r.type != IAM_ROLE:
        yield from (s for s in statements(r, "policy") if s.allows)
        return
    for block in r.blocks("inlinePolicies"):
        yield from (s for s in statements(block, "policy") if s.allows)


@rule(
    id="iam-no-full-access",
    title="No policy allows everything",
    fsbp=("IAM.1",),
    cis=("1.16",),
    severity="critical",
    enforcement="M",
    types=_PERMITTED,
    why="Such a policy turns any bug of its holder into control of the account.",
    fix="Name the actions and the ARNs.",
)
def iam_no_full_access(r: Resource) -> Found:
    for statement in _granted(r):
        if "*" in statement.actions:
            yield f"{statement.at} allows *"
        elif statement.not_actions:
            yield f"{statement.at} allows all but NotAction"


@rule(
    id="iam-no-service-wildcard",
    title="No policy allows every action of a service",
    fsbp=("IAM.21",),
    severity="medium",
    enforcement="M",
    types=_PERMITTED,
    why="It includes deletion, and every action the service will ever have.",
    fix="Name the actions.",
)
def iam_no_service_wildcard(r: Resource) -> Found:
    for statement in _granted(r):
        wide = [action for action in statement.actions if action.endswith(":*")]
        if wide:
            yield f"{statement.at} allows {', '.join(wide)}"


@rule(
    id="iam-no-user-policies",
    title="Permissions are given to roles and groups, not to users",
    fsbp=("IAM.2",),
    cis=("1.15",),
    severity="low",
    enforcement="M",
    types=(IAM_USER_POLICY, IAM_USER_ATTACHMENT),
    why="A user's own policy is what reviews miss.",
    fix="Attach the policy to a role or a group.",
)
def iam_no_user_policies(r: Resource) -> Found:
    return f"gives permissions to user {r.raw('user')} directly"


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
    for statement in statements(r, "assumeRolePolicy"):
        if statement.allows and statement.public:
            yield f"{statement.at} trusts everyone"


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
    for statement in statements(r, "assumeRolePolicy"):
        named = sorted(_CONFUSABLE & set(statement.principals.get("Service", ())))
        if statement.allows and named and not statement.condition_keys & _SOURCES:
            yield f"{statement.at} trusts {', '.join(named)} for any account"


@rule(
    id="iam-web-identity-narrowed",
    title="A role for an identity provider names one subject and one audience",
    severity="high",
    enforcement="M",
    types=(IAM_ROLE,),
    why="The provider vouches for every one of its identities: each pod of a cluster could have the role.",
    fix="Put conditions on <issuer>:sub and <issuer>:aud, without a wildcard, into the trust policy.",
)
def iam_web_identity_narrowed(r: Resource) -> Found:
    for statement in statements(r, "assumeRolePolicy"):
        if not statement.allows or "sts:assumerolewithwebidentity" not in map(str.lower, statement.actions):
            continue
        for what in ("sub", "aud"):
            if not any(key.endswith(f":{what}") for key in statement.condition_keys):
                yield f"{statement.at} takes any {what}"


@rule(
    id="iam-no-escalation",
    title="No policy is a path to more privilege",
    severity="critical",
    enforcement="M",
    types=_PERMITTED,
    why="Known sets of actions let their holder become administrator.",
    fix="Take one action of the set away, or bind it to ARNs that do not matter.",
)
def iam_no_escalation(r: Resource) -> Found:
    broad = [s for s in _granted(r) if "*" in s.resources and not s.conditions]
    for path, actions in PATHS.items():
        if all(any(s.grants(action) for s in broad) for action in actions):
            yield f"{path}: allows {', '.join(actions)} on *"


@rule(
    id="iam-data-on-named-resources",
    title="Actions on data name their resources",
    severity="high",
    enforcement="M",
    types=_PERMITTED,
    why="Access to every bucket, queue, table or secret is access to other systems' data.",
    fix="Put exact ARNs in Resource.",
)
def iam_data_on_named_resources(r: Resource) -> Found:
    for statement in _granted(r):
        if "*" in statement.resources and not statement.conditions:
            touched = [a for a in statement.actions if is_data_plane(a)]
            if touched:
                yield f"{statement.at} allows {', '.join(touched)} on *"


@rule(
    id="iam-no-decrypt-everywhere",
    title="No policy decrypts with every key",
    fsbp=("KMS.1", "KMS.2"),
    severity="medium",
    enforcement="M",
    types=_PERMITTED,
    why="It undoes the separation that keys are for.",
    fix="Name the key's ARN, or bind with kms:ViaService.",
)
def iam_no_decrypt_everywhere(r: Resource) -> Found:
    for statement in _granted(r):
        everywhere = any(res == "*" or res.endswith((":key/*", ":*")) for res in statement.resources)
        decrypts = [a for a in ("kms:Decrypt", "kms:ReEncryptFrom") if statement.grants(a)]
        if everywhere and decrypts and "kms:viaservice" not in statement.condition_keys:
            yield f"{statement.at} allows {', '.join(decrypts)} with every key"
