"""Routes of an API that are written in a document (OpenAPI) and not as resources."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import yaml

from policies.model import Resource

_METHODS = frozenset({"delete", "get", "head", "patch", "post", "put"})
_ANY = "x-amazon-apigateway-any-method"
_AUTH = "x-amazon-apigateway-auth"


@dataclass(frozen=True)
class Route:
    """An operation of the document."""

    method: str
    path: str
    authorised: bool


def routes(api: Resource, *, root_counts: bool) -> Iterator[Route]:
    """The operations of ``body``, JSON or YAML, without those of CORS.

    ``root_counts`` is whether ``security`` at the document's root holds for its operations: HTTP APIs import
    it, REST APIs ignore it (API Gateway guide, important notes for REST APIs).
    """
    document = _document(api)
    root = document.get("security") if root_counts else None
    for path, item in _mapping(document.get("paths")).items():
        for method, operation in _mapping(item).items():
            if method.lower() in _METHODS or method == _ANY:
                named = "ANY" if method == _ANY else method.upper()
                yield Route(named, str(path), _authorised(_mapping(operation), root))


def _authorised(operation: Mapping[str, Any], root: Any) -> bool:
    if _mapping(operation.get(_AUTH)).get("type", "NONE") != "NONE":
        return True
    security = operation.get("security", root)
    # An empty requirement among others makes them all optional.
    return isinstance(security, list) and bool(cast("list[Any]", security)) and {} not in security


def _document(api: Resource) -> Mapping[str, Any]:
    parsed = api.document("body")
    if parsed is None:
        try:
            parsed = yaml.safe_load(api.text("body"))
        except yaml.YAMLError:
            parsed = None
    return _mapping(parsed)


def _mapping(value: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}
