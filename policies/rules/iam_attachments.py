"""IAM: managed policies by name, in every form an attachment takes, and credentials that last."""

import re
from collections.abc import Iterator

from policies.model import Graph, Resource
from policies.paths import is_boundary
from policies.rule import Found, rule, stack_rule
from policies.tokens import (
    IAM_ACCESS_KEY,
    IAM_ATTACHMENT,
    IAM_GROUP_ATTACHMENT,
    IAM_GROUP_EXCLUSIVE,
    IAM_LOGIN,
    IAM_POLICY,
    IAM_ROLE,
    IAM_ROLE_ATTACHMENT,
    IAM_ROLE_EXCLUSIVE,
    IAM_SERVICE_LOGIN,
    IAM_USER_ATTACHMENT,
    IAM_USER_EXCLUSIVE,
)
from policies.values import UNKNOWN

_FORMS = (
    IAM_ATTACHMENT,
    IAM_GROUP_ATTACHMENT,
    IAM_GROUP_EXCLUSIVE,
    IAM_ROLE,
    IAM_ROLE_ATTACHMENT,
    IAM_ROLE_EXCLUSIVE,
    IAM_USER_ATTACHMENT,
    IAM_USER_EXCLUSIVE,
)
_MANAGED = re.compile(r"arn:aws[a-z-]*:iam::aws:policy/(?:[\w-]+/)*(.+)")
_ADMINISTRATION = frozenset(
    {
        "AdministratorAccess",
        "AdministratorAccess-AWSElasticBeanstalk",
        "AWSOrganizationsFullAccess",
        "DatabaseAdministrator",
        "IAMFullAccess",
        "NetworkAdministrator",
        "PowerUserAccess",
        "SystemAdministrator",
    }
)
_WIDE = re.compile(r".*Full_?Access|.*_FullAccess|AWS.*Admin.*|Amazon.*Admin.*")
_COMPROMISED = frozenset({"AmazonEC2RoleforSSM", "AWSLambda_FullAccess", "AWSCompromisedKeyQuarantine"})


def _managed(r: Resource) -> Iterator[str]:
    """Names of AWS managed policies that the resource attaches. An unknown ARN is a policy made here."""
    for path in ("policyArn", "policyArns", "managedPolicyArns"):
        for arn in r.elements(path) if r.has(path) and r.raw(path) is not UNKNOWN else []:
            named = _MANAGED.fullmatch(arn) if isinstance(arn, str) else None
            if named:
                yield named[1]


@rule(
    id="iam-no-administrator-policy",
    title="No one is given AWS's administrator policies",
    fsbp=("IAM.1",),
    cis=("1.16",),
    severity="critical",
    enforcement="M",
    types=_FORMS,
    why="What holds AdministratorAccess or IAMFullAccess is the account: a bug in it opens everything.",
    fix="Write a policy with the actions and ARNs that it needs.",
)
def iam_no_administrator_policy(r: Resource) -> Found:
    return [f"attaches {name}" for name in _managed(r) if name in _ADMINISTRATION]


@rule(
    id="iam-no-service-administrator-policy",
    title="No one is given a whole service by an AWS managed policy",
    fsbp=("IAM.21",),
    severity="high",
    enforcement="M",
    types=_FORMS,
    why="It includes deletion, and every resource of the service, those of other systems too.",
    fix="Write a policy with the actions and ARNs that it needs.",
)
def iam_no_service_administrator_policy(r: Resource) -> Found:
    for name in _managed(r):
        if name not in _ADMINISTRATION and (_WIDE.fullmatch(name) or name in _COMPROMISED):
            yield f"attaches {name}"


@rule(
    id="iam-no-lasting-credentials",
    title="No key or password that lasts is made",
    fsbp=("IAM.3", "IAM.22"),
    cis=("1.13",),
    severity="high",
    enforcement="M",
    types=(IAM_ACCESS_KEY, IAM_LOGIN, IAM_SERVICE_LOGIN),
    why="It works from anywhere until someone remembers it, and its secret stands in the state file.",
    fix="Give programs roles, builds OIDC, and people IAM Identity Center.",
)
def iam_no_lasting_credentials(r: Resource) -> Found:
    kind = {IAM_ACCESS_KEY: "an access key", IAM_LOGIN: "a console password"}.get(r.type, "a service login")
    return f"makes {kind} for {r.raw('user') or r.raw('userName')}"


@stack_rule(
    id="iam-boundary-not-attached",
    title="A permissions boundary is attached to no one",
    severity="critical",
    enforcement="M",
    types=(IAM_POLICY,),
    why="A boundary may be wide because it grants nothing: attached as a policy it grants all of it.",
    fix="Attach a policy of the role's own, and name the boundary in permissionsBoundary alone.",
)
def iam_boundary_not_attached(r: Resource, graph: Graph) -> Found:
    if not is_boundary(r):
        return
    for path in ("policyArn", "policyArns", "managedPolicyArns"):
        for holder in graph.referring(r, path, *_FORMS):
            yield f"{holder.name} attaches it"
