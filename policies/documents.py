"""IAM policy documents, read statement by statement."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, cast

from policies.values import UNKNOWN, NotEvaluatedError, Props


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

    @property
    def allows(self) -> bool:
        return self.effect == "Allow"

    @property
    def condition_keys(self) -> frozenset[str]:
        return frozenset(key.lower() for test in self.conditions.values() for key in test)

    @property
    def public(self) -> bool:
        """Whether anyone at all is named as principal."""
        return any("*" in names for names in self.principals.values())

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
        yield _statement(cast("dict[str, Any]", item), f"{at} statement {item.get('Sid') or index}")


def _statement(item: Mapping[str, Any], at: str) -> Statement:
    return Statement(
        at=at,
        effect=str(item.get("Effect", "")),
        actions=_texts(item.get("Action"), at),
        not_actions=_texts(item.get("NotAction"), at),
        resources=_texts(item.get("Resource"), at, keep_unknown=True),
        principals=_principals(item.get("Principal"), at),
        conditions=cast("Mapping[str, Mapping[str, Any]]", item.get("Condition") or {}),
    )


def _principals(value: Any, at: str) -> Mapping[str, tuple[str, ...]]:
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
