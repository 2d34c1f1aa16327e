"""Cloudflare's API: calls with a time limit, errors as sentences, the token nowhere but in a header."""

import os
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import boto3
import httpx
from botocore.exceptions import BotoCoreError, ClientError

from ops.errors import OpsError
from ops.rollout.dynamodb import FAST
from ops.rollout.ports import Clock, PortError

API = "https://api.cloudflare.com/client/v4"
TOKEN = "CLOUDFLARE_API_TOKEN"  # noqa: S105 - the name of the variable
TOKEN_SECRET = "CLOUDFLARE_API_TOKEN_SECRET"  # noqa: S105 - the name of the variable
BASE_URL = "CLOUDFLARE_BASE_URL"
TIMEOUT_SECONDS = 5.0
"""For one call. Two tries and the pause between them take 11 s at most."""
_TRIES = 2


@dataclass(frozen=True)
class Reply:
    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


Send = Callable[[str, str, Mapping[str, Any] | None], Reply]
"""Method, path and body of one call. Raises httpx.HTTPError where no answer came."""


def http(token: str, *, base_url: str | None = None) -> Send:
    """Calls over HTTPS. ``base_url`` or CLOUDFLARE_BASE_URL is for a server on this machine."""
    url = base_url or os.environ.get(BASE_URL) or API
    host = httpx.URL(url).host
    if not url.startswith("https://") and host not in ("127.0.0.1", "localhost"):
        raise OpsError(f"{BASE_URL}: got {url}; https only, since the token travels with each call")
    context = ssl.create_default_context()

    def send(method: str, path: str, body: Mapping[str, Any] | None) -> Reply:
        # A connection for each call: one that was kept may have died between two looks.
        with httpx.Client(
            base_url=url,
            timeout=TIMEOUT_SECONDS,
            headers={"Authorization": f"Bearer {token}"},
            trust_env=host not in ("127.0.0.1", "localhost"),
            verify=context,
        ) as client:
            answer = client.request(method, path, json=dict(body) if body is not None else None)
        try:
            document = answer.json()
        except ValueError:
            document = None
        return Reply(answer.status_code, document, answer.headers)

    return send


def token(environ: Mapping[str, str] = os.environ) -> str:
    """From the environment, or the secret in Secrets Manager that the environment names. Raises OpsError."""
    if found := environ.get(TOKEN, "").strip():
        return found
    if name := environ.get(TOKEN_SECRET, "").strip():
        client = boto3.client("secretsmanager", config=FAST)  # pyright: ignore[reportUnknownMemberType]
        try:
            return client.get_secret_value(SecretId=name)["SecretString"].strip()
        except (ClientError, BotoCoreError, KeyError) as error:
            raise OpsError(
                f"{TOKEN_SECRET}: the secret {name} cannot be read: {type(error).__name__}"
            ) from None
    raise OpsError(
        "no token for Cloudflare",
        fix=f"set {TOKEN}, or {TOKEN_SECRET} to the name or ARN of a secret in Secrets Manager; "
        "it needs Load Balancers Write on the zone, Load Balancing: Monitors and Pools Write on the account",
    )


class Cloudflare:
    """Calls that return the result of an answer."""

    def __init__(self, send: Send, clock: Clock) -> None:
        self._send = send
        self._clock = clock

    def get(self, path: str) -> Any:
        return self.call("GET", path)

    def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        """Names the values it sets, so that a repetition changes nothing more."""
        return self.call("PATCH", path, body)

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Raises PortError; NotFoundError where there is nothing of that id."""
        problem = ""
        for attempt in range(_TRIES):
            if attempt:
                self._clock.sleep(1)
            try:
                reply = self._send(method, path, body)
            except httpx.HTTPError as error:
                problem = f"{type(error).__name__}: no answer"
                continue
            if reply.status < 500:
                return _result(reply, f"{method} {path}")
            problem = f"status {reply.status}"
        raise PortError(f"Cloudflare, {method} {path}: {problem}")


class NotFoundError(PortError):
    """There is no such object, or the token may not see it."""


def _result(reply: Reply, what: str) -> Any:
    if reply.status == 429:
        wait = reply.headers.get("Retry-After") or reply.headers.get("retry-after") or "300"
        raise PortError(
            f"Cloudflare, {what}: too many calls; free again in {wait} s",
            fix="1,200 calls in 5 minutes is the limit of a user, dashboard included: another user's token",
        )
    document = cast("Mapping[str, Any]", reply.body) if hasattr(reply.body, "get") else dict[str, Any]()
    if document.get("success") is True:
        return document.get("result")
    errors = cast("list[Mapping[str, Any]]", document.get("errors") or [])
    said = "; ".join(f"{each.get('message')} ({each.get('code')})" for each in errors) or "no reason given"
    if reply.status == 404:
        raise NotFoundError(f"Cloudflare, {what}: {said}")
    fix = f"check {TOKEN}: its permissions, zone and account" if reply.status in (400, 401, 403) else None
    raise PortError(f"Cloudflare, {what}: status {reply.status}: {said}", fix=fix)
