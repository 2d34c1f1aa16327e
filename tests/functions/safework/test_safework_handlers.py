"""The five handlers as they are deployed: from the package and the layer, called with API Gateway events."""

import base64
import importlib
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

SOURCE = Path(__file__).parents[3] / "functions" / "safework"
ROUTES = {
    "auth": ["/auth/*", "/login", "/logout"],
    "survey": ["/survey/*", "/api/safework/*"],
    "admin": ["/admin/*"],
    "static": ["/static/*", "/documents/*"],
    "health": ["/health", "/"],
}
Query = Mapping[str, list[str]]


def event(
    method: str,
    path: str,
    *,
    query: Query | None = None,
    headers: Mapping[str, list[str]] | None = None,
    body: str | bytes | None = None,
) -> dict[str, Any]:
    """A REST API proxy event, as the Lambda developer guide prints it."""
    multi = {"Host": ["api-safework2.jclee.me"], "X-Forwarded-Proto": ["https"], **(headers or {})}
    return {
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": method,
        "headers": {key: values[-1] for key, values in multi.items()},
        "multiValueHeaders": multi,
        "queryStringParameters": {key: values[-1] for key, values in query.items()} if query else None,
        "multiValueQueryStringParameters": query,
        "pathParameters": {"proxy": path.lstrip("/")},
        "stageVariables": None,
        "requestContext": {
            "resourceId": "2gxmpl",
            "resourcePath": "/{proxy+}",
            "httpMethod": method,
            "path": f"/live{path}",
            "stage": "live",
            "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "identity": {"sourceIp": "192.0.2.1", "userAgent": "test"},
            "apiId": "70ixmpl4fl",
        },
        "body": base64.b64encode(body).decode() if isinstance(body, bytes) else body,
        "isBase64Encoded": isinstance(body, bytes),
    }


Call = Callable[..., dict[str, Any]]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch) -> Iterator[Call]:
    """``call("auth", "GET", "/login", ...)`` runs that function's handler."""
    monkeypatch.setattr(sys, "path", [str(SOURCE), str(SOURCE / "placeholder"), *sys.path])

    def invoke(function: str, method: str, path: str, **parts: Any) -> dict[str, Any]:
        monkeypatch.setenv("ROUTES", json.dumps(ROUTES[function]))
        sys.modules.pop("handler", None)
        return importlib.import_module("handler").handler(event(method, path, **parts), None)

    yield invoke
    for name in [name for name in sys.modules if name.split(".")[0] in {"handler", "wsgi_adapter", "app"}]:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("function", "method", "path", "status"),
    [
        ("auth", "GET", "/login", 200),
        ("auth", "GET", "/login/", 404),
        ("auth", "POST", "/login", 400),
        ("auth", "GET", "/logout", 303),
        ("auth", "GET", "/auth", 200),
        ("auth", "GET", "/auth/", 200),
        ("auth", "GET", "/auth/session", 200),
        ("survey", "GET", "/survey", 200),
        ("survey", "GET", "/api/safework/questions", 200),
        ("survey", "PUT", "/survey/responses", 405),
        ("admin", "GET", "/admin", 200),
        ("admin", "GET", "/admin/blueprints", 200),
        ("static", "GET", "/static/site.css", 200),
        ("static", "GET", "/static/none.css", 404),
        ("static", "GET", "/documents", 200),
        ("static", "GET", "/documents/notice.txt", 200),
        ("health", "GET", "/health", 200),
        ("health", "HEAD", "/health", 200),
        ("health", "OPTIONS", "/health", 200),
        ("health", "GET", "/", 200),
    ],
)
def test_each_function_answers_on_its_routes(
    call: Call, function: str, method: str, path: str, status: int
) -> None:
    assert call(function, method, path)["statusCode"] == status


PATHS = {
    "auth": "/login",
    "survey": "/survey",
    "admin": "/admin",
    "static": "/static/site.css",
    "health": "/",
}


@pytest.mark.parametrize("function", ROUTES)
@pytest.mark.parametrize("owner", ROUTES)
def test_only_the_owner_of_a_route_answers(call: Call, function: str, owner: str) -> None:
    assert call(function, "GET", PATHS[owner])["statusCode"] == (200 if function == owner else 404)


@pytest.mark.parametrize(
    "path",
    [
        "/auth/../admin",
        "/auth/%2e%2e/admin",
        "/auth/%252e%252e/admin",
        "/auth/%2E./admin",
        "/auth/..%2fadmin",
        "/auth/..%5cadmin",
        "/auth/.",
        "/auth/%00",
        "/auth/%0d%0aX: y",
        "//admin",
        "/authx",
        "/AUTH/session",
    ],
)
def test_no_spelling_of_a_path_leaves_the_function(call: Call, path: str) -> None:
    answer = call("auth", "GET", path)
    assert answer["statusCode"] == 404
    assert json.loads(answer["body"]) == {"error": "not found"}


def test_a_foreign_head_request_has_no_body(call: Call) -> None:
    answer = call("auth", "HEAD", "/admin")
    assert (answer["statusCode"], answer["body"]) == (404, "")


def test_health_says_what_answers(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_VERSION", "7")
    body = json.loads(call("health", "GET", "/health")["body"])
    assert (body["status"], body["version"], body["configuration"]) == ("healthy", "7", "production")


def test_repeated_query_parameters_all_arrive(call: Call) -> None:
    answer = call("survey", "GET", "/api/safework/questions", query={"only": ["symptoms", "comment"]})
    assert json.loads(answer["body"])["questions"] == ["symptoms", "comment"]


@pytest.mark.parametrize("encode", [False, True])
def test_a_body_arrives_as_text_or_base64(call: Call, *, encode: bool) -> None:
    sent = json.dumps({"department": "안전관리팀"}, ensure_ascii=False)
    answer = call(
        "survey",
        "POST",
        "/survey/responses",
        headers={"Content-Type": ["application/json"]},
        body=sent.encode() if encode else sent,
    )
    assert answer["statusCode"] == 201
    assert json.loads(answer["body"])["answers"] == {"department": "안전관리팀"}


@pytest.mark.parametrize(
    ("body", "field"),
    [("{}", "department"), ('{"department": 1}', "department"), ("[]", "body"), ("{", "body")],
)
def test_bad_answers_are_named(call: Call, body: str, field: str) -> None:
    answer = call(
        "survey", "POST", "/api/safework/responses", headers={"Content-Type": ["application/json"]}, body=body
    )
    assert answer["statusCode"] == 422
    assert list(json.loads(answer["body"])["errors"]) == [field]


def test_a_form_and_a_cookie_arrive(call: Call) -> None:
    form = {"Content-Type": ["application/x-www-form-urlencoded"], "Cookie": ["session=a; theme=b"]}
    assert call("auth", "POST", "/login", headers=form, body="username=a&password=b")["statusCode"] == 401
    cleared = call("auth", "GET", "/logout", headers=form)["multiValueHeaders"]["Set-Cookie"]
    assert cleared[0].startswith("session=;")


def test_binary_files_go_back_as_base64(call: Call) -> None:
    answer = call("static", "GET", "/static/icon.png")
    assert answer["isBase64Encoded"] is True
    assert base64.b64decode(answer["body"]).startswith(b"\x89PNG")


def test_answers_are_hardened(call: Call) -> None:
    headers = call("health", "GET", "/")["multiValueHeaders"]
    assert headers["X-Content-Type-Options"] == ["nosniff"]
    assert headers["Content-Security-Policy"] == ["default-src 'self'"]


def test_the_requirements_name_no_host() -> None:
    text = (SOURCE / "requirements.txt").read_text()
    assert "://" not in text
    assert "--index" not in text
    assert {line.split("==")[0] for line in text.splitlines() if "==" in line} >= {"flask", "apig-wsgi"}
