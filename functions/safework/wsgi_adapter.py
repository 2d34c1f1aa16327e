"""From API Gateway to a Flask application, and only on the routes that are this function's own.

All five functions carry the whole application, so without the guard each would answer for the others:
with another's memory, time-out, permissions and alarms.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from urllib.parse import unquote
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from apig_wsgi import make_lambda_handler

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]

NOT_FOUND = b'{"error": "not found"}\n'


class RouteGuard:
    """WSGI middleware: 404 for a path outside ``routes``.

    A route is a path (``/login``), which a trailing slash does not change, or everything below one
    (``/auth/*``, which ``/auth`` is part of).
    """

    def __init__(self, app: WSGIApplication, routes: Sequence[str]) -> None:
        if not routes:
            raise ValueError("ROUTES: got none; a function without routes answers nothing")
        self._app = app
        self._trees = tuple(route.removesuffix("*") for route in routes if route.endswith("/*"))
        self._paths = frozenset(_without_slash(route) for route in routes if not route.endswith("/*"))

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if self.allows(environ.get("PATH_INFO", "")):
            return self._app(environ, start_response)
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(NOT_FOUND)))]
        start_response("404 Not Found", headers)
        return [] if environ.get("REQUEST_METHOD") == "HEAD" else [NOT_FOUND]

    def allows(self, path: str) -> bool:
        """Whether a decoded request path is one of ours, and can be read in one way only."""
        if not _is_unambiguous(path):
            return False
        return _without_slash(path) in self._paths or any(
            path.startswith(tree) or path == tree.removesuffix("/") for tree in self._trees
        )


def make_handler(app: WSGIApplication, routes: Sequence[str]) -> Handler:
    """The Lambda handler; what is not text goes back as base64, which the API decodes."""
    return make_lambda_handler(RouteGuard(app, routes), binary_support=True)


def _without_slash(path: str) -> str:
    return path.removesuffix("/") if path.strip("/") else path or "/"


def _is_unambiguous(path: str) -> bool:
    """Whether no part, however often it is decoded, climbs out of its folder or hides a control character."""
    while True:
        climbs = any(segment in {".", ".."} for segment in path.split("/"))
        if climbs or "\\" in path or any(ord(character) < 32 or character == "\x7f" for character in path):
            return False
        decoded = unquote(path)
        if decoded == path:
            return True
        path = decoded
