"""One comment and one issue, kept up to date, against GitHub's REST API as a transport."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from ops.errors import OpsError
from ops.github import GitHub, from_environment

MARKER = "<!-- mark -->"


class Service:
    """Comments and issues of one repository, in pages, with failures on demand."""

    def __init__(self) -> None:
        self.comments: list[dict[str, Any]] = []
        self.issues: list[dict[str, Any]] = []
        self.failures: list[int] = []
        self.calls: list[str] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.calls.append(request.method)
        if self.failures:
            return httpx.Response(self.failures.pop(0), json={"message": "no"})
        assert request.headers["authorization"] == "Bearer token"
        path = request.url.path.removeprefix("/repos/jclee/platform")
        content = json.loads(request.content) if request.content else {}
        things = self.comments if "comments" in path else self.issues
        if request.method == "GET":
            page, size = int(request.url.params["page"]), int(request.url.params["per_page"])
            wanted = [each for each in things if each.get("state", "open") == "open"]
            return httpx.Response(200, json=wanted[(page - 1) * size : page * size])
        if request.method == "POST":
            made = {
                "id": len(things),
                "number": len(things),
                "html_url": f"https://x/{len(things)}",
                **content,
            }
            things.append(made)
            return httpx.Response(201, json=made)
        found = things[int(path.rpartition("/")[2])]
        found.update(content)
        return httpx.Response(200, json=found)


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def github(service: Service, monkeypatch: pytest.MonkeyPatch) -> GitHub:
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda _seconds: None)
    return GitHub("jclee/platform", "token", transport=httpx.MockTransport(service.answer))


def test_a_comment_is_made_once_and_then_written_over(github: GitHub, service: Service) -> None:
    service.comments = [{"id": index, "body": f"talk {index}"} for index in range(150)]
    github.comment(7, MARKER, f"{MARKER} first")
    github.comment(7, MARKER, f"{MARKER} second")
    assert [each["body"] for each in service.comments[150:]] == [f"{MARKER} second"]


def test_an_issue_is_opened_updated_and_closed(github: GitHub, service: Service) -> None:
    assert github.settle(MARKER, "drift", "gone") is None
    github.issue(MARKER, "Drift", f"{MARKER} one", "drift")
    github.issue(MARKER, "Drift", f"{MARKER} two", "drift")
    assert [each["body"] for each in service.issues] == [f"{MARKER} two"]
    assert github.settle(MARKER, "drift", "gone") == "https://x/0"
    assert (service.issues[0]["state"], service.comments[0]["body"]) == ("closed", "gone")
    github.issue(MARKER, "Drift", f"{MARKER} again", "drift")
    assert len(service.issues) == 2


def test_a_read_is_tried_again_and_a_post_is_not(github: GitHub, service: Service) -> None:
    service.failures = [502, 429]
    github.comment(7, MARKER, f"{MARKER} text")
    assert service.calls == ["GET", "GET", "GET", "POST"]
    service.calls.clear()

    def failing_post(answer: Callable[[httpx.Request], httpx.Response]) -> Callable[[httpx.Request], Any]:
        return lambda request: httpx.Response(502) if request.method == "POST" else answer(request)

    broken = GitHub("jclee/platform", "token", transport=httpx.MockTransport(failing_post(service.answer)))
    service.comments.clear()
    with pytest.raises(OpsError, match="POST /issues/7/comments gave 502"):
        broken.comment(7, MARKER, "text")


def test_a_refusal_names_the_permission(github: GitHub, service: Service) -> None:
    service.failures = [403]
    with pytest.raises(OpsError) as error:
        github.comment(7, MARKER, "text")
    assert "pull-requests: write" in str(error.value.fix)


def test_without_a_token_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_TOKEN", "GITHUB_REPOSITORY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(OpsError, match="GITHUB_TOKEN and GITHUB_REPOSITORY"):
        from_environment()
