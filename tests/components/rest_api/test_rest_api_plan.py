"""Every route is answered by its own function, and no route moves another's resources."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.edge.rest_api_plan import ROOT, answering_paths, node_key, permission_path, plan_tree

PARTS = st.text("abc", min_size=1, max_size=2)
ROUTES = st.one_of(
    st.just("/"),
    st.lists(PARTS, min_size=1, max_size=3).map(lambda parts: "/" + "/".join(parts)),
    st.lists(PARTS, min_size=1, max_size=3).map(lambda parts: "/" + "/".join(parts) + "/*"),
)


def without_conflicts(routes: set[str]) -> set[str]:
    taken: set[str] = set()
    kept: set[str] = set()
    for route in sorted(routes):
        if taken.isdisjoint(answering_paths(route)):
            taken.update(answering_paths(route))
            kept.add(route)
    return kept


TABLES = st.sets(ROUTES, min_size=1, max_size=8).map(without_conflicts)


def test_the_routes_of_a_system() -> None:
    tree = plan_tree(["/auth/*", "/login", "/api/safework/*", "/"])
    assert [node.path for node in tree.nodes] == [
        "/api",
        "/api/safework",
        "/api/safework/{proxy+}",
        "/auth",
        "/auth/{proxy+}",
        "/login",
    ]
    assert tree.answers == {
        "/": "/",
        "/api/safework": "/api/safework/*",
        "/api/safework/{proxy+}": "/api/safework/*",
        "/auth": "/auth/*",
        "/auth/{proxy+}": "/auth/*",
        "/login": "/login",
    }


@given(TABLES)
def test_each_node_comes_after_its_parent_and_once(routes: set[str]) -> None:
    seen = [ROOT]
    for node in plan_tree(routes).nodes:
        assert node.parent in seen
        assert node.path not in seen
        assert node.path == f"{node.parent.rstrip('/')}/{node.path_part}"
        seen.append(node.path)


@given(TABLES)
def test_each_route_answers_on_its_paths(routes: set[str]) -> None:
    tree = plan_tree(routes)
    assert {path: route for route in routes for path in answering_paths(route)} == tree.answers
    assert {node.path for node in tree.nodes} | {ROOT} >= tree.answers.keys()


@given(TABLES, ROUTES)
def test_another_route_changes_none(routes: set[str], another: str) -> None:
    before = plan_tree(routes)
    after = plan_tree(without_conflicts(routes | {another}) | routes) if _fits(routes, another) else before
    assert set(before.nodes) <= set(after.nodes)
    assert before.answers.items() <= after.answers.items()


def _fits(routes: set[str], another: str) -> bool:
    taken = {path for route in routes for path in answering_paths(route)}
    return taken.isdisjoint(answering_paths(another))


@given(TABLES)
def test_order_does_not_matter_and_keys_are_distinct(routes: set[str]) -> None:
    tree = plan_tree(routes)
    assert tree == plan_tree(sorted(routes, reverse=True))
    assert len({node_key(node.path) for node in tree.nodes}) == len(tree.nodes)


@pytest.mark.parametrize("routes", [["/auth/*", "/auth"], ["/", "/*"]])
def test_two_routes_on_one_path_are_refused(routes: list[str]) -> None:
    with pytest.raises(ValueError, match="both answer"):
        plan_tree(routes)


@pytest.mark.parametrize(
    "route", ["", "auth", "/auth/", "/a*", "/*/a", "//", "/a/../b c", "/{id}", "/a\n", "/..", "/a/./b"]
)
def test_malformed_routes_are_refused(route: str) -> None:
    with pytest.raises(ValueError, match="a route is"):
        plan_tree([route])


def test_no_route_is_refused() -> None:
    with pytest.raises(ValueError, match="got none"):
        plan_tree([])


@pytest.mark.parametrize(
    ("path", "expected"), [("/", ""), ("/login", "login"), ("/auth/{proxy+}", "auth/*"), ("/{proxy+}", "*")]
)
def test_permissions_name_the_path(path: str, expected: str) -> None:
    assert permission_path(path) == expected
