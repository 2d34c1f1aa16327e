"""The guard lets nothing through that is not on its routes, and all that is."""

import posixpath
from collections.abc import Iterable
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.safework import wsgi_adapter
from functions.safework.wsgi_adapter import RouteGuard

SEGMENTS = st.sampled_from(
    ["auth", "admin", "login", "..", ".", "", "%2e%2e", "%252e%252e", "a b", "..;", "%2f", "\\", "\x00"]
)
PATHS = st.lists(SEGMENTS, max_size=6).map(lambda parts: "/" + "/".join(parts))
PLAIN = st.lists(st.text("abcXYZ019-_.~ 가%", min_size=1, max_size=8), max_size=4).filter(
    lambda parts: all(unquote(part) == part and part not in {".", ".."} for part in parts)
)


def app(_environ: object, _start: object) -> Iterable[bytes]:
    return [b"app"]


GUARD = RouteGuard(app, ["/auth/*", "/login"])


def fully_decoded(path: str) -> str:
    while (decoded := unquote(path)) != path:
        path = decoded
    return path


@given(PATHS)
def test_what_passes_resolves_below_a_route(path: str) -> None:
    if GUARD.allows(path):
        resolved = posixpath.normpath(fully_decoded(path))
        assert resolved in {"/auth", "/login"} or resolved.startswith("/auth/")


@given(PLAIN)
def test_every_plain_path_below_a_route_passes(parts: list[str]) -> None:
    assert GUARD.allows("/".join(["/auth", *parts]))


@given(st.text())
def test_any_text_gets_an_answer(path: str) -> None:
    assert GUARD.allows(path) in {True, False}


def test_the_root_is_a_route_of_its_own() -> None:
    guard = RouteGuard(app, ["/health", "/"])
    allowed = {path for path in ["/", "", "/health/", "//", "/x"] if guard.allows(path)}
    assert allowed == {"/", "", "/health/"}


def test_routes_are_required() -> None:
    with pytest.raises(ValueError, match="ROUTES"):
        RouteGuard(app, [])
    assert wsgi_adapter.NOT_FOUND
