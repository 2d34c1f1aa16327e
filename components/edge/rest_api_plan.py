"""From a table of routes to the resource tree of a REST API."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

ROOT = "/"
GREEDY = "{proxy+}"

_ROUTE = re.compile(r"/|/\*|(/(?!\.{1,2}(/|$))[A-Za-z0-9._:~-]+)+(/\*)?")


@dataclass(frozen=True)
class TreeNode:
    """One API resource. ``parent`` is the path of another node, or the root, which every API has."""

    path: str
    parent: str
    path_part: str


@dataclass(frozen=True)
class ApiTree:
    """The nodes, each after its parent, and for every path that answers the route it answers for."""

    nodes: tuple[TreeNode, ...]
    answers: Mapping[str, str]


def plan_tree(routes: Iterable[str]) -> ApiTree:
    """Lay out the tree.

    ``/login`` is one path. ``/auth/*`` is everything below ``/auth`` and ``/auth`` itself, which API Gateway
    does not count as below. A deeper route wins over a wider one, as API Gateway has it. Paths, and so
    identities, depend on the route alone: another route changes none of them.

    Raises ValueError for no route, a malformed one, and two that claim one path.
    """
    answers: dict[str, str] = {}
    for route in sorted(set(routes)):
        if not _ROUTE.fullmatch(route):
            raise ValueError(
                f"route: got {route!r}; a route is '/', a path such as '/login', or a tree such as '/auth/*'"
            )
        for path in answering_paths(route):
            if path in answers:
                raise ValueError(
                    f"route: {answers[path]!r} and {route!r} both answer {path!r}; keep one of them"
                )
            answers[path] = route
    if not answers:
        raise ValueError("routes: got none; an API without a route answers nothing")
    nodes = {node.path: node for path in answers for node in _branch(path)}
    return ApiTree(tuple(nodes[path] for path in sorted(nodes)), dict(sorted(answers.items())))


def answering_paths(route: str) -> tuple[str, ...]:
    """The API resources that answer for a route."""
    if not route.endswith("/*"):
        return (route,)
    base = route.removesuffix("/*")
    return (base or ROOT, f"{base}/{GREEDY}")


def permission_path(path: str) -> str:
    """The end of an invoke permission's source ARN, without the leading slash: a parameter is a ``*``."""
    return path.removeprefix("/").replace(GREEDY, "*")


def node_key(path: str) -> str:
    """How a path reads at the end of a logical name."""
    return path.replace(GREEDY, "*")


def _branch(path: str) -> Iterable[TreeNode]:
    parent = ROOT
    for part in path.strip("/").split("/"):
        if part:
            node = TreeNode(path=f"{parent.rstrip('/')}/{part}", parent=parent, path_part=part)
            yield node
            parent = node.path
