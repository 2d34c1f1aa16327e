"""What the roles of a pipeline may do, worked out from the resource types of the stack. No Pulumi."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from components.delivery.deploy_catalogue import Catalogue
from components.security.iam import Conditions, Statement

MANAGED_TAG: Conditions = {"StringEquals": {"aws:ResourceTag/managed-by": "pulumi"}}
"""Keys have no name to go by."""

_BOUND = frozenset(
    {
        "iam:AttachRolePolicy",
        "iam:CreateRole",
        "iam:DeleteRolePolicy",
        "iam:DetachRolePolicy",
        "iam:PutRolePermissionsBoundary",
        "iam:PutRolePolicy",
    }
)
"""Actions that give a role something: IAM compares them with the role's boundary."""

_LINKED = frozenset({"iam:CreateServiceLinkedRole", "iam:DeleteServiceLinkedRole"})
_NO_RESOURCE = "AWS takes no resource for these actions"
_DESCRIBES = "they describe and list; none of them shows what is stored"


@dataclass(frozen=True, kw_only=True)
class Reach:
    """Whose resources a role may touch."""

    account_id: str
    boundary_arn: str
    """What every role that is made must carry."""
    names: Sequence[str]
    """Patterns of physical names, such as ``safework-*``."""
    extra: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    """By IAM service, ends of ARNs of what is named otherwise: ``{"dynamodb": ["table/RankingResults"]}``."""


def boundary_arn(account_id: str, label: str) -> str:
    """Known before the boundary exists, for stacks whose roles need it and that do not make it."""
    return f"arn:aws:iam::{account_id}:policy/boundary/{label}"


def read_statements(types: Sequence[str], reach: Reach, catalogue: Catalogue) -> list[Statement]:
    """What a refresh calls to look at things, without a secret in the answer."""
    reads = catalogue.calls(types).read
    open_reads, scoped_reads = _split(reads, lambda each: not _scoped_read(each, catalogue))
    named = [each for each in open_reads if each not in ("s3:ListBucket",)]
    found = [
        Statement(sid=f"Describe{number}", actions=part, resources=["*"], wildcard_reason=_DESCRIBES)
        for number, part in enumerate(_parts(named), 1)
    ]
    if "s3:ListBucket" in open_reads:
        found.append(
            Statement(sid="Buckets", actions=["s3:ListBucket"], resources=_arns("s3", reach, catalogue))
        )
    for service, actions in _by_service(scoped_reads).items():
        values = catalogue.services[service].values
        arns = [] if values is None else [a for a in _arns(service, reach, catalogue) if a not in values]
        if arns:
            found.append(Statement(sid=_sid("Read", service), actions=actions, resources=arns))
    return found


def value_statements(types: Sequence[str], reach: Reach, catalogue: Catalogue) -> list[Statement]:
    """What a refresh calls besides, and what shows secrets: keys of API clients, parameters."""
    found: list[Statement] = []
    scoped = [each for each in catalogue.calls(types).read if _scoped_read(each, catalogue)]
    for service, actions in _by_service(scoped).items():
        values = catalogue.services[service].values
        arns = _arns(service, reach, catalogue) if values is None else list(values)
        if arns:
            found.append(Statement(sid=_sid("See", service), actions=actions, resources=arns))
    if any(each.startswith("ssm:") for each in scoped):
        found.append(
            Statement(
                sid="DecryptParameters",
                actions=["kms:Decrypt"],
                resources=[f"arn:aws:kms:*:{reach.account_id}:key/*"],
                conditions={**MANAGED_TAG, "StringLike": {"kms:ViaService": "ssm.*.amazonaws.com"}},
            )
        )
    return found


def write_statements(types: Sequence[str], reach: Reach, catalogue: Catalogue) -> list[Statement]:
    """What creating, changing, tagging and deleting calls, beside what ``read_statements`` allow."""
    found: list[Statement] = []
    for service, actions in _by_service(catalogue.calls(types).write).items():
        loose, scoped = _split(
            actions, lambda each: _action(each) in catalogue.services[_service(each)].unscoped
        )
        if loose:
            found.append(
                Statement(
                    sid=_sid("New", service), actions=loose, resources=["*"], wildcard_reason=_NO_RESOURCE
                )
            )
        found += _nameless(service, scoped, reach, catalogue)
        if service == "iam":
            found += _roles(scoped, types, reach, catalogue)
        elif service == "kms":
            found += _keys(scoped, reach, catalogue)
        elif scoped:
            found.append(
                Statement(
                    sid=_sid("Make", service), actions=scoped, resources=_arns(service, reach, catalogue)
                )
            )
    return [*found, *_key_use(types, reach, catalogue), _own_denial(reach)]


def boundary_statements(account_id: str, catalogue: Catalogue) -> list[Statement]:
    """The most that a role of a system may do, whoever wrote its policies."""
    return [
        Statement(
            sid="Most",
            actions=[f"{service}:*" for service in catalogue.boundary],
            resources=["*"],
            wildcard_reason="a boundary grants nothing: the role's own policies name actions and resources",
        ),
        Statement(
            sid="PassOwnRoles",
            actions=["iam:GetRole", "iam:PassRole"],
            resources=[f"arn:aws:iam::{account_id}:role/*"],
            wildcard_reason="the role's own policy names the roles",
        ),
        Statement(
            sid="NoWayAround",
            effect="Deny",
            actions=["iam:PassRole"],
            resources=[f"arn:aws:iam::{account_id}:role/deploy-*"],
        ),
    ]


def _nameless(
    service: str, actions: Sequence[str], reach: Reach, catalogue: Catalogue
) -> Iterator[Statement]:
    for number, (end, allowed) in enumerate(catalogue.services[service].nameless.items(), 1):
        granted = [each for each in actions if _action(each) in allowed]
        if granted:
            arn = f"arn:aws:{service}:*:{reach.account_id}:{end}"
            yield Statement(sid=f"{_sid('Numbered', service)}{number}", actions=granted, resources=[arn])


def _roles(
    actions: Sequence[str], types: Sequence[str], reach: Reach, catalogue: Catalogue
) -> Iterator[Statement]:
    """Roles of the systems' names, each with the boundary; IAM's own doors around it stay shut."""
    roles = [arn for arn in _arns("iam", reach, catalogue) if ":role/" in arn]
    bound = [each for each in actions if each in _BOUND]
    if bound:
        yield Statement(
            sid="RolesWithinTheBoundary",
            actions=bound,
            resources=roles,
            conditions={"StringEquals": {"iam:PermissionsBoundary": reach.boundary_arn}},
        )
    if "iam:PassRole" in actions:
        yield Statement(
            sid="HandRolesToServices",
            actions=["iam:PassRole"],
            resources=roles,
            conditions={"StringLike": {"iam:PassedToService": list(catalogue.passed_to)}},
        )
    linked = [each for each in actions if each in _LINKED]
    if linked:
        services = sorted({name for kind in types for name in catalogue.linked_roles.get(kind, ())})
        account = f"arn:aws:iam::{reach.account_id}"
        yield Statement(
            sid="RolesOfServices",
            actions=linked,
            resources=[f"{account}:role/aws-service-role/{service}/*" for service in services],
        )
    rest = [each for each in actions if each not in _BOUND | _LINKED | {"iam:PassRole"}]
    if rest:
        yield Statement(sid="OwnRoles", actions=rest, resources=_arns("iam", reach, catalogue))


def _keys(actions: Sequence[str], reach: Reach, catalogue: Catalogue) -> Iterator[Statement]:
    """A key is known by its tag, an alias by its name; making an alias asks for both."""
    aliases, keys = _split(actions, lambda each: each.endswith("Alias"))
    arns = _arns("kms", reach, catalogue)
    any_key = [arn for arn in arns if ":key/" in arn]
    if aliases:
        yield Statement(sid="Aliases", actions=aliases, resources=[arn for arn in arns if arn not in any_key])
    owned = sorted({*keys, *aliases} - {"kms:TagResource", "kms:CreateGrant"})
    if owned:
        yield Statement(sid="OwnKeys", actions=owned, resources=any_key, conditions=MANAGED_TAG)
    if "kms:TagResource" in keys:
        yield Statement(
            sid="NewKeys",
            actions=["kms:TagResource"],
            resources=any_key,
            conditions={"StringEquals": {"aws:RequestTag/managed-by": "pulumi"}},
        )


def _key_use(types: Sequence[str], reach: Reach, catalogue: Catalogue) -> Iterator[Statement]:
    """With the stack's keys, and through the services that ask for it as they make an encrypted thing."""
    services = sorted({catalogue.key_users[kind] for kind in types if kind in catalogue.key_users})
    if services:
        yield Statement(
            sid="UseKeysThroughServices",
            actions=catalogue.key_actions,
            resources=[f"arn:aws:kms:*:{reach.account_id}:key/*"],
            conditions={
                **MANAGED_TAG,
                "StringLike": {"kms:ViaService": [f"{service}.*.amazonaws.com" for service in services]},
            },
        )


def _own_denial(reach: Reach) -> Statement:
    """Whatever else is granted one day: the pipeline does not widen itself."""
    account = f"arn:aws:iam::{reach.account_id}"
    return Statement(
        sid="NotTheBootstrap",
        effect="Deny",
        actions=[
            "iam:Add*",
            "iam:Attach*",
            "iam:Create*",
            "iam:Delete*",
            "iam:Detach*",
            "iam:Pass*",
            "iam:Put*",
            "iam:Remove*",
            "iam:Set*",
            "iam:Tag*",
            "iam:Untag*",
            "iam:Update*",
        ],
        resources=[
            f"{account}:role/deploy-*",
            f"{account}:policy/boundary/*",
            f"{account}:policy/deploy-*",
            f"{account}:oidc-provider/*",
        ],
    )


def _arns(service: str, reach: Reach, catalogue: Catalogue) -> list[str]:
    known = catalogue.services[service]
    region = "" if service == "iam" else "*"
    ends = [filled for end in known.resources for filled in _fill(end, reach)]
    ends += reach.extra.get(service, ())
    arns = [f"arn:aws:{service}:{region}:{reach.account_id}:{end}" for end in ends]
    return [*arns, *(filled for arn in known.elsewhere for filled in _fill(arn, reach))]


def _fill(pattern: str, reach: Reach) -> list[str]:
    given = pattern.replace("{account}", reach.account_id)
    if "{underscored}" in given:
        return [given.replace("{underscored}", name.replace("-", "_")) for name in reach.names]
    return [given.replace("{name}", name) for name in reach.names] if "{name}" in given else [given]


def _scoped_read(action: str, catalogue: Catalogue) -> bool:
    service = catalogue.services.get(_service(action))
    return service is not None and _action(action) in service.scoped_reads


def _by_service(actions: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for action in sorted(actions):
        found.setdefault(_service(action), []).append(action)
    return found


def _split(actions: Sequence[str], first: Callable[[str], bool]) -> tuple[list[str], list[str]]:
    return [each for each in actions if first(each)], [each for each in actions if not first(each)]


def _parts(actions: Sequence[str]) -> Iterator[Sequence[str]]:
    """A statement cannot be longer than a policy; 100 actions are half of one."""
    return (actions[start : start + 100] for start in range(0, len(actions), 100))


def _service(action: str) -> str:
    return action.partition(":")[0]


def _action(action: str) -> str:
    return action.partition(":")[2]


def _sid(verb: str, service: str) -> str:
    return verb + "".join(part.capitalize() for part in service.split("-"))
