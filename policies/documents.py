"""IAM policy documents, read statement by statement."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, cast

from policies.peers import is_world
from policies.values import UNKNOWN, NotEvaluatedError, Props

_EXCLUDING = ("stringnot", "arnnot", "notip", "foranyvalue:stringnot", "forallvalues:", "null")
_CIRCUMSTANCES = frozenset(
    {
        "aws:currenttime",
        "aws:epochtime",
        "aws:multifactorauthage",
        "aws:multifactorauthpresent",
        "aws:referer",
        "aws:requestedregion",
        "aws:securetransport",
        "aws:tokenissuetime",
        "aws:useragent",
        "aws:viaawsservice",
    }
)
"""Condition keys that say how or when a call is made, not who makes it or what it touches."""


@dataclass(frozen=True)
class Statement:
    """One statement with every field a list, whatever form the document used."""

    at: str
    effect: str
    actions: tuple[str, ...]
    not_actions: tuple[str, ...]
    resources: tuple[str, ...]
    principals: Mapping[str, tuple[str, ...]]
    conditions: Mapping[str, Mapping[str, Any]]
    all_but: bool = False
    """NotPrincipal: everyone but those that it names."""

    @property
    def allows(self) -> bool:
        return self.effect == "Allow"

    @property
    def condition_keys(self) -> frozenset[str]:
        return frozenset(key.lower() for test in self.conditions.values() for key in test)

    @property
    def public(self) -> bool:
        """Whether anyone at all is named as principal."""
        return self.all_but or any("*" in names for names in self.principals.values())

    def bound_by(self, keys: Collection[str]) -> bool:
        """Whether a condition on one of ``keys`` (lower case) really narrows the statement.

        One that excludes instead of naming, that is skipped where the key is missing, or that any value
        satisfies, narrows nothing.
        """
        for test, operands in self.conditions.items():
            if test.lower().startswith(_EXCLUDING) or test.lower().endswith("ifexists"):
                continue
            for key, value in operands.items():
                if key.lower() in keys and not any(map(anyone, _values(value))):
                    return True
        return False

    @property
    def narrowed(self) -> bool:
        """Whether a condition holds it to some resources or callers. A test that excludes does not."""
        for test, operands in self.conditions.items():
            if test.lower().startswith(("stringnot", "arnnot", "notip", "null")):
                continue
            for key, value in operands.items():
                if key.lower() not in _CIRCUMSTANCES and not any(map(anyone, _values(value))):
                    return True
        return False

    def grants(self, action: str) -> bool:
        """Whether an Allow of this statement covers ``service:Action``. NotAction counts as covering."""
        if not self.allows:
            return False
        if self.not_actions:
            return not any(_covers(pattern, action) for pattern in self.not_actions)
        return any(_covers(pattern, action) for pattern in self.actions)


def statements(props: Props, path: str) -> Iterator[Statement]:
    """The statements of the document at ``path``, which may be text or an object."""
    document = props.document(path)
    if document is None:
        return
    at = props.where(path)
    found = document.get("Statement", [])
    if found is UNKNOWN:
        raise NotEvaluatedError(f"{at}.Statement")
    items = cast("list[Any]", found) if isinstance(found, list) else [found]
    for index, item in enumerate(items):
        if item is UNKNOWN:
            raise NotEvaluatedError(f"{at}.Statement.{index}")
        if isinstance(item, Mapping):
            named = cast("Mapping[str, Any]", item)
            yield _statement(named, f"{at} statement {named.get('Sid') or index}")


def _statement(item: Mapping[str, Any], at: str) -> Statement:
    return Statement(
        at=at,
        effect=str(item.get("Effect", "")),
        actions=_texts(item.get("Action"), at),
        not_actions=_texts(item.get("NotAction"), at),
        # NotResource is everything but what it names, as far as anyone can tell.
        resources=("*",) if item.get("NotResource") else _texts(item.get("Resource"), at, keep_unknown=True),
        principals=_principals(item.get("Principal"), at),
        conditions=_conditions(item.get("Condition"), at),
        all_but=item.get("NotPrincipal") is not None,
    )


def _conditions(value: Any, at: str) -> Mapping[str, Mapping[str, Any]]:
    if value is UNKNOWN:
        raise NotEvaluatedError(f"{at}.Condition")
    tests = cast("Mapping[str, Any]", value if isinstance(value, Mapping) else {})
    if any(operands is UNKNOWN for operands in tests.values()):
        raise NotEvaluatedError(f"{at}.Condition")
    return {
        test: cast("Mapping[str, Any]", operands)
        for test, operands in tests.items()
        if isinstance(operands, Mapping)
    }


def _values(value: Any) -> list[str]:
    """What a condition compares with. An unknown is some value, and not everything."""
    listed = cast("list[Any]", value) if isinstance(value, list) else [value]
    return [str(item) for item in listed if item is not UNKNOWN]


def anyone(value: str) -> bool:
    """Whether a condition that compares with the value holds for everyone, however it is written."""
    parts = value.split(":", 5)
    if parts[0] != "arn":
        return not value.strip("*?") or is_world(value)
    if len(parts) < 6:
        return parts[-1] == "*"
    service, account, name = parts[2], parts[4], parts[5]
    if not name.strip("*?"):
        return not account.isdigit()
    # Anybody can give a resource of theirs the same name; only a bucket's is nobody else's.
    return service != "s3" and any(wild in account for wild in "*?")


def _principals(value: Any, at: str) -> Mapping[str, tuple[str, ...]]:
    if value is UNKNOWN:
        raise NotEvaluatedError(f"{at}.Principal")
    if isinstance(value, Mapping):
        named = cast("Mapping[str, Any]", value)
        return {kind: _texts(names, at, keep_unknown=True) for kind, names in named.items()}
    return {"AWS": _texts(value, at)} if value else {}


def _texts(value: Any, at: str, *, keep_unknown: bool = False) -> tuple[str, ...]:
    """Strings of a field; an unknown ARN is kept as a placeholder, for it is one ARN and no wildcard."""
    values = cast("list[Any]", value) if isinstance(value, list) else [] if value is None else [value]
    if any(item is UNKNOWN for item in values) and not keep_unknown:
        raise NotEvaluatedError(at)
    return tuple("<unknown>" if item is UNKNOWN else str(item) for item in values)


def _covers(pattern: str, action: str) -> bool:
    return fnmatchcase(action.lower(), pattern.lower())


def identity_statements(props: Props) -> Iterator[Statement]:
    """The statements of a policy resource, or of a role's inline policies."""
    yield from statements(props, "policy")
    for block in props.blocks("inlinePolicies"):
        yield from statements(block, "policy")
