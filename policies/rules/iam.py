"""IAM: what policies allow."""

import re
from collections.abc import Iterator, Sequence

from policies.documents import Statement, identity_statements
from policies.escalation import EXPOSURES, PATHS, is_data_plane
from policies.model import Graph, Resource
from policies.paths import is_boundary, role_documents
from policies.rule import Found, rule, stack_rule
from policies.tokens import IAM_DOCUMENTS, IAM_ROLE, IAM_USER_ATTACHMENT, IAM_USER_POLICY

_PERMITTED = (*IAM_DOCUMENTS, IAM_ROLE)


_WHOLE = re.compile(r"[\w-]+:[*?]*\*[*?]*")
"""Every action of a service, however the wildcard is written."""


def _every(action: str) -> bool:
    """``*``, ``*:*`` and their like."""
    return not action.strip("*?:")


def _anywhere(statement: Statement) -> bool:
    """Whether the statement names everything of its kind, and no condition narrows it."""
    return not statement.conditions and any(_EVERYTHING.fullmatch(res) for res in statement.resources)


_EVERYTHING = re.compile(
    r"\*+|arn:[^:]*:s3:::\*+(/\*+)?|arn:[^:]*:(?!s3:)[^:]*:[^:]*:[^:]*:(\*+|[\w-]+[/:]\*+)"
)
"""``*``, and ARNs such as ``arn:aws:iam::123456789012:role/*``. An ARN of S3 begins with the bucket."""


def _granted(r: Resource) -> Iterator[Statement]:
    """Allow statements of identity policies, a role's inline ones included; a boundary grants nothing."""
    return (s for s in identity_statements(r) if s.allows and not is_boundary(r))


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
        if any(_every(action) for action in statement.actions):
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
        wide = [a for a in statement.actions if ":" in a and not _every(a) and _WHOLE.fullmatch(a)]
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
    id="iam-no-escalation",
    title="No policy is a path to more privilege",
    severity="critical",
    enforcement="M",
    types=_PERMITTED,
    why="Known sets of actions let their holder become administrator.",
    fix="Take one action of the set away, or bind it to ARNs that do not matter.",
)
def iam_no_escalation(r: Resource) -> Found:
    return _paths([s for s in _granted(r) if _anywhere(s)])


def _paths(broad: Sequence[Statement]) -> Iterator[str]:
    for path, actions in PATHS.items():
        if all(any(s.grants(action) for s in broad) for action in actions):
            yield f"{path}: allows {', '.join(actions)} on *"


@stack_rule(
    id="iam-role-no-escalation",
    title="A role's policies together are no path to more privilege",
    severity="critical",
    enforcement="M",
    types=(IAM_ROLE,),
    why="Each of two harmless policies can hold half of a path.",
    fix="Take one action of the set away, or bind it to ARNs that do not matter.",
)
def iam_role_no_escalation(r: Resource, graph: Graph) -> Found:
    documents = role_documents(r, graph)
    broad = [[s for s in _granted(d) if _anywhere(s)] for d in documents]
    alone = {path for statements_ in broad for path in _paths(statements_)}
    names = ", ".join(d.name for d in documents)
    for path in _paths([s for found in broad for s in found]):
        if path not in alone:
            yield f"{names} together: {path}"


@rule(
    id="iam-no-pass-role-everywhere",
    title="No policy may hand any role to a service",
    severity="high",
    enforcement="M",
    types=_PERMITTED,
    why="Who may pass every role has the rights of every role, through any service that takes one.",
    fix="Name the roles in Resource, and the service in a condition on iam:PassedToService.",
)
def iam_no_pass_role_everywhere(r: Resource) -> Found:
    for statement in _granted(r):
        if _anywhere(statement) and statement.grants("iam:PassRole"):
            yield f"{statement.at} allows iam:PassRole on every role"


@rule(
    id="iam-no-exposure-everywhere",
    title="No policy may open every resource of a kind to others",
    severity="high",
    enforcement="M",
    types=_PERMITTED,
    why="Whoever may write a resource's own policy can give it to an account of theirs, whatever IAM says.",
    fix="Put exact ARNs in Resource.",
)
def iam_no_exposure_everywhere(r: Resource) -> Found:
    for statement in _granted(r):
        if _anywhere(statement):
            opened = [action for action in EXPOSURES if statement.grants(action)]
            if opened:
                yield f"{statement.at} allows {', '.join(opened)} on *"


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
        if _anywhere(statement):
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
        if everywhere and decrypts and not statement.bound_by({"kms:viaservice"}):
            yield f"{statement.at} allows {', '.join(decrypts)} with every key"
