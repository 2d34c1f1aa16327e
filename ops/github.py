"""The few calls of GitHub's REST API that the tools make: one comment, one issue, each kept up to date."""

import os
from collections.abc import Iterator
from typing import Any

import httpx
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from ops.errors import OpsError

API = "https://api.github.com"
_PAGE = 100
_ATTEMPTS = 4
_TOO_MANY = 429


class GitHub:
    """One repository. Every failure is an OpsError that names the call."""

    def __init__(
        self, repository: str, token: str, *, api: str = API, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._root = f"/repos/{repository}"
        self._client = httpx.Client(
            base_url=api,
            timeout=20,
            transport=transport,
            headers={
                "authorization": f"Bearer {token}",
                "accept": "application/vnd.github+json",
                "x-github-api-version": "2022-11-28",
            },
        )

    def comment(self, number: int, marker: str, body: str) -> str:
        """Write ``body`` over the comment that begins with ``marker``, or as a new one; returns its URL."""
        for each in self._pages(f"/issues/{number}/comments"):
            if str(each["body"] or "").startswith(marker):
                return str(self._call("PATCH", f"/issues/comments/{each['id']}", {"body": body})["html_url"])
        return str(self._call("POST", f"/issues/{number}/comments", {"body": body})["html_url"])

    def issue(self, marker: str, title: str, body: str, label: str) -> str:
        """Write over the open issue whose body begins with ``marker``, or open one; returns its address."""
        found = self._open_issue(marker, label)
        if found is not None:
            content = {"title": title, "body": body}
            return str(self._call("PATCH", f"/issues/{found}", content)["html_url"])
        content = {"title": title, "body": body, "labels": [label]}
        return str(self._call("POST", "/issues", content)["html_url"])

    def settle(self, marker: str, label: str, said: str) -> str | None:
        """Close the open issue whose body begins with ``marker``, with a last word; None for none."""
        found = self._open_issue(marker, label)
        if found is None:
            return None
        self._call("POST", f"/issues/{found}/comments", {"body": said})
        closed = {"state": "closed", "state_reason": "completed"}
        return str(self._call("PATCH", f"/issues/{found}", closed)["html_url"])

    def _open_issue(self, marker: str, label: str) -> int | None:
        for each in self._pages("/issues", state="open", labels=label):
            if "pull_request" not in each and str(each["body"] or "").startswith(marker):
                return int(each["number"])
        return None

    def _pages(self, path: str, **query: str) -> Iterator[dict[str, Any]]:
        page = 1
        while True:
            found = self._call("GET", path, query={**query, "per_page": _PAGE, "page": page})
            yield from found
            if len(found) < _PAGE:
                return
            page += 1

    def _call(self, method: str, path: str, content: Any = None, query: dict[str, Any] | None = None) -> Any:
        def once() -> Any:
            answer = self._client.request(method, self._root + path, json=content, params=query)
            answer.raise_for_status()
            return answer.json()

        # A POST whose answer was lost is not repeated: a second comment would be the one that nobody updates.
        attempts = 1 if method == "POST" else _ATTEMPTS
        try:
            for attempt in Retrying(
                stop=stop_after_attempt(attempts),
                wait=wait_exponential(max=8),
                retry=retry_if_exception(_passing),
                reraise=True,
            ):
                with attempt:
                    return once()
        except httpx.HTTPStatusError as error:
            said = error.response.text[:300]
            raise OpsError(
                f"GitHub: {method} {path} gave {error.response.status_code}: {said}",
                fix="the job's token needs `pull-requests: write` for comments, `issues: write` for issues",
            ) from error
        except httpx.HTTPError as error:
            raise OpsError(f"GitHub: {method} {path}: {error}") from error
        raise AssertionError("a call returns or raises")


def from_environment() -> GitHub:
    """By the variables of a workflow: GITHUB_TOKEN, GITHUB_REPOSITORY, GITHUB_API_URL. Raises OpsError."""
    missing = [name for name in ("GITHUB_TOKEN", "GITHUB_REPOSITORY") if not os.environ.get(name)]
    if missing:
        raise OpsError(
            f"{' and '.join(missing)}: not in the environment",
            fix="in a workflow: `env: GITHUB_TOKEN: ${{ github.token }}`",
        )
    return GitHub(
        os.environ["GITHUB_REPOSITORY"],
        os.environ["GITHUB_TOKEN"],
        api=os.environ.get("GITHUB_API_URL") or API,
    )


def _passing(error: BaseException) -> bool:
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code == _TOO_MANY or error.response.is_server_error
    return isinstance(error, httpx.TransportError)
