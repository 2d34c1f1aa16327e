"""Cloudflare's load balancing and DNS in memory: the state of one account and one zone, call by call.

``offline.cloudflare_server`` serves it over HTTP; tests with a clock of their own call it as it is.
"""

import copy
import hashlib
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from offline import cloudflare_rules as rules
from offline.cloudflare_rules import Refusal

CALLS = 1_200
WINDOW_SECONDS = 300.0

Body = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


_ITEM = r"(?:/(?P<item>[0-9a-f]{32}))?"
_PATHS = {
    "zone": re.compile(r"/zones/(?P<scope>[0-9a-f]{32})"),
    "balancers": re.compile(rf"/zones/(?P<scope>[0-9a-f]{{32}})/load_balancers{_ITEM}"),
    "records": re.compile(rf"/zones/(?P<scope>[0-9a-f]{{32}})/dns_records{_ITEM}"),
    "pools": re.compile(rf"/accounts/(?P<scope>[0-9a-f]{{32}})/load_balancers/pools{_ITEM}"),
    "health": re.compile(rf"/accounts/(?P<scope>[0-9a-f]{{32}})/load_balancers/pools{_ITEM}/health"),
    "monitors": re.compile(rf"/accounts/(?P<scope>[0-9a-f]{{32}})/load_balancers/monitors{_ITEM}"),
}
_DEFAULTS: Mapping[str, Body] = {
    "balancers": {"enabled": True, "proxied": False, "steering_policy": "", "session_affinity": "none"},
    "pools": {"enabled": True, "minimum_origins": 1, "check_regions": None, "monitor": ""},
    "monitors": {"type": "http", "method": "GET", "path": "/", "interval": 60, "retries": 2, "timeout": 5},
    "records": {"ttl": 1, "proxied": False},
}


class CloudflareModel:
    """One account, one zone, one token. Safe to call from several threads."""

    def __init__(
        self,
        *,
        account_id: str,
        zone_id: str,
        zone: str,
        token: str,
        now: Callable[[], float] = time.monotonic,
        calls: int = CALLS,
    ) -> None:
        self.account_id = account_id
        self.zone_id = zone_id
        self.zone = zone
        self.objects: dict[str, dict[str, Body]] = {kind: {} for kind in _DEFAULTS}
        self.pool_health: dict[str, bool | None] = {}
        """By pool id; a pool that is not named is healthy once its monitor has run, which is at once here."""
        self.log: list[tuple[str, str]] = []
        self._token = token
        self._now = now
        self._limit = calls
        self._recent: deque[float] = deque()
        self._blocked_until = 0.0
        self._made = 0
        self._lock = threading.RLock()

    def handle(self, method: str, path: str, body: Body | None, authorization: str) -> Answer:
        """Answer one call; ``path`` begins after ``/client/v4``."""
        with self._lock:
            self.log.append((method, path))
            try:
                self._throttle()
                self._authorize(authorization)
                return _done(self._route(method, path.partition("?")[0], body or {}))
            except _TooManyError as many:
                answer = _refused(429, 971, str(many))
                return Answer(429, answer.body, {"Retry-After": f"{many.seconds:.0f}"})
            except Refusal as refusal:
                return _refused(refusal.status, refusal.code, refusal.message)

    def shares(self, balancer_id: str) -> dict[str, float]:
        """Where new sessions go, as Cloudflare's edge would decide: pool id to share."""
        with self._lock:
            balancer = self.objects["balancers"][balancer_id]
            return rules.shares(balancer, self.objects["pools"], self.health)

    def health(self, pool_id: str) -> bool | None:
        pool = self.objects["pools"][pool_id]
        if not pool["enabled"] or not pool["monitor"]:
            return None
        return self.pool_health.get(pool_id, True)

    def spend(self, calls: int) -> None:
        """Count calls that somebody else with the same user made."""
        with self._lock:
            self._recent.extend([self._now()] * calls)

    def _throttle(self) -> None:
        now = self._now()
        while self._recent and now - self._recent[0] >= WINDOW_SECONDS:
            self._recent.popleft()
        if now >= self._blocked_until and len(self._recent) >= self._limit:
            self._blocked_until = now + WINDOW_SECONDS
            self._recent.clear()
        if now < self._blocked_until:
            raise _TooManyError(self._limit, self._blocked_until - now)
        self._recent.append(now)

    def _authorize(self, authorization: str) -> None:
        if not authorization:
            raise Refusal(400, 9106, "Missing X-Auth-Key, X-Auth-Email or Authorization headers")
        if not authorization.startswith("Bearer "):
            raise Refusal(400, 6003, "Invalid request headers")
        if authorization.removeprefix("Bearer ") != self._token:
            raise Refusal(403, 10000, "Authentication error")

    def _route(self, method: str, path: str, body: Body) -> Any:
        for kind, pattern in _PATHS.items():
            if match := pattern.fullmatch(path):
                found = match.groupdict()
                owner = self.account_id if kind in ("pools", "monitors", "health") else self.zone_id
                if found["scope"] != owner:
                    raise Refusal(403, 10000, "Authentication error")
                if kind == "zone" and method == "GET":
                    account = {"id": self.account_id, "name": "offline"}
                    return {"id": self.zone_id, "name": self.zone, "status": "active", "account": account}
                if kind == "health" and method == "GET":
                    return self._pool_health(self._existing("pools", found["item"]))
                if kind in _DEFAULTS:
                    return self._collection(method, kind, found["item"], body)
        raise Refusal(404, 7003, f"Could not route to {path}, perhaps your object identifier is invalid?")

    def _collection(self, method: str, kind: str, item: str | None, body: Body) -> Any:
        match method, item:
            case "GET", None:
                return [copy.deepcopy(each) for each in self.objects[kind].values()]
            case "POST", None:
                return self._store(kind, self._new_id(kind), {**_DEFAULTS[kind], **body})
            case "GET", str():
                return copy.deepcopy(self._existing(kind, item))
            case "PUT", str():
                self._existing(kind, item)
                return self._store(kind, item, {**_DEFAULTS[kind], **body})
            case "PATCH", str():
                return self._store(kind, item, {**self._existing(kind, item), **body})
            case "DELETE", str():
                return self._delete(kind, item)
            case _:
                raise Refusal(405, 10405, "Method not allowed for this authentication scheme")

    def _store(self, kind: str, item: str, wanted: Body) -> Body:
        kept = {key: value for key, value in copy.deepcopy(wanted).items() if value is not None}
        self._check(kind, item, kept)
        self.objects[kind][item] = {**kept, "id": item}
        return copy.deepcopy(self.objects[kind][item])

    def _check(self, kind: str, item: str, body: Body) -> None:
        match kind:
            case "balancers":
                exists = self.objects["pools"].__contains__
                rules.check_load_balancer(body, zone=self.zone, pool_exists=exists)
            case "pools":
                exists = self.objects["monitors"].__contains__
                rules.check_pool(body, zones=[self.zone], monitor_exists=exists)
            case "monitors":
                rules.check_monitor(body)
            case _:
                rules.check_record(body, zone=self.zone)
        others = [each.get("name") for key, each in self.objects[kind].items() if key != item]
        if kind in ("balancers", "pools") and body.get("name") in others:
            raise Refusal(400, 1003, "value not unique")

    def _delete(self, kind: str, item: str) -> Body:
        self._existing(kind, item)
        if item in self._used(kind):
            raise Refusal(412, 1005, "This object is referenced by other objects, delete them first.")
        del self.objects[kind][item]
        return {"id": item}

    def _used(self, kind: str) -> set[str]:
        if kind == "monitors":
            return {str(pool["monitor"]) for pool in self.objects["pools"].values()}
        if kind == "pools":
            used = [
                [*each["default_pools"], each["fallback_pool"]] for each in self.objects["balancers"].values()
            ]
            return {str(pool) for pools in used for pool in pools}
        return set()

    def _existing(self, kind: str, item: str | None) -> Body:
        if item not in self.objects[kind]:
            raise Refusal(404, 1001, "object not found")
        return self.objects[kind][item]

    def _pool_health(self, pool: Body) -> Body:
        healthy = self.health(pool["id"])
        if healthy is None:
            return {"pool_id": pool["id"], "pop_health": {}}
        seen = {"healthy": healthy, "failure_reason": "No failures", "response_code": 200}
        if not healthy:
            seen |= {"failure_reason": "HTTP timeout occurred", "response_code": 0}
        origins = [{origin["address"]: seen} for origin in pool["origins"]]
        return {"pool_id": pool["id"], "pop_health": {"NEAS": {"healthy": healthy, "origins": origins}}}

    def _new_id(self, kind: str) -> str:
        self._made += 1
        return hashlib.md5(f"{kind} {self._made}".encode(), usedforsecurity=False).hexdigest()


class _TooManyError(Exception):
    def __init__(self, limit: int, seconds: float) -> None:
        super().__init__(
            f"More than {limit} requests per {WINDOW_SECONDS:.0f} seconds reached. "
            "Please wait and consider throttling your request speed"
        )
        self.seconds = seconds


def _done(result: Any) -> Answer:
    return Answer(200, {"result": result, "success": True, "errors": [], "messages": []})


def _refused(status: int, code: int, message: str) -> Answer:
    errors = [{"code": code, "message": message}]
    return Answer(status, {"result": None, "success": False, "errors": errors, "messages": []})
