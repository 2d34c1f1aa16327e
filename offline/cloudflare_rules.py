"""What Cloudflare refuses in load balancers, pools, monitors and DNS records, and where it sends sessions.

The source of each rule is in docs/local-cloudflare.md. Only what the tools here and the provider send is
checked: a body that passes may still be refused by Cloudflare.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

STEERING = (
    "off",
    "geo",
    "random",
    "dynamic_latency",
    "proximity",
    "least_outstanding_requests",
    "least_connections",
    "",
)
AFFINITY = ("none", "cookie", "ip_cookie", "header", "")
MONITOR_TYPES = ("http", "https", "tcp", "udp_icmp", "icmp_ping", "smtp")
RECORD_TYPES = ("A", "AAAA", "CNAME", "TXT", "MX", "CAA", "NS", "SRV")

Body = Mapping[str, Any]


class Refusal(Exception):  # noqa: N818 - an answer, not a fault
    """A status, a code and a message of Cloudflare."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def invalid(message: str) -> Refusal:
    return Refusal(400, 1002, f"{message}: validation failed")


def check_load_balancer(body: Body, *, zone: str, pool_exists: Callable[[str], bool]) -> None:
    """Raises Refusal."""
    for key in ("name", "default_pools", "fallback_pool"):
        if not body.get(key):
            raise invalid(f"{key} is required")
    name = str(body["name"])
    if name != zone and not name.endswith(f".{zone}"):
        raise invalid(f"name {name!r} is not in zone {zone!r}")
    pools: Any = body["default_pools"]
    for pool in [*_texts(pools, "default_pools"), str(body["fallback_pool"])]:
        if not pool_exists(pool):
            raise invalid(f"pool {pool!r} does not exist")
    if body.get("steering_policy", "") not in STEERING:
        raise invalid(f"steering_policy must be one of {', '.join(STEERING)}")
    for where, weight in _weights(body):
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 <= weight <= 1:
            raise invalid(f"{where} must be a number from 0 to 1")
        if abs(weight * 10 - round(weight * 10)) > 1e-9:
            raise invalid(f"{where} must be a multiple of 0.1")
    _check_affinity(body)


def _check_affinity(body: Body) -> None:
    affinity = body.get("session_affinity") or ""
    if affinity not in AFFINITY:
        raise invalid("session_affinity must be one of none, cookie, ip_cookie, header")
    ttl = body.get("session_affinity_ttl")
    if ttl is not None and affinity in ("cookie", "ip_cookie") and not 1_800 <= ttl <= 604_800:
        raise invalid("session_affinity_ttl must be between 1800 and 604800")


def check_pool(body: Body, *, zones: Sequence[str], monitor_exists: Callable[[str], bool]) -> None:
    """Raises Refusal."""
    name = str(body.get("name") or "")
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise invalid("name must hold letters, digits, hyphens and underscores only")
    origins: list[Body] = body.get("origins") or []
    if not origins:
        raise invalid("the origin list length must be in range [1, 20]")
    seen: set[str] = set()
    for origin in origins:
        if not origin.get("name") or not origin.get("address"):
            raise invalid("an origin needs a name and an address")
        if origin["name"] in seen:
            raise invalid(f"origin name {origin['name']!r} is not unique")
        seen.add(origin["name"])
        if not 0 <= origin.get("weight", 1) <= 1:
            raise invalid("an origin's weight must be from 0 to 1")
        header: Mapping[str, list[str]] = origin.get("header") or {}
        for host in header.get("Host") or []:
            if not any(host == zone or host.endswith(f".{zone}") for zone in zones):
                raise invalid(f"Host header {host!r} not allowed for origin domain {origin['address']!r}")
    monitor = body.get("monitor")
    if monitor and not monitor_exists(monitor):
        raise invalid(f"monitor {monitor!r} does not exist")


def check_monitor(body: Body) -> None:
    """Raises Refusal."""
    kind = body.get("type", "http")
    if kind not in MONITOR_TYPES:
        raise invalid(f"type must be one of {', '.join(MONITOR_TYPES)}")
    if kind in ("http", "https") and not body.get("expected_codes"):
        raise invalid("expected_codes is required for http and https")
    if not 0 <= body.get("retries", 2) <= 5:
        raise invalid("retries must be from 0 to 5")
    if not 1 <= body.get("timeout", 5) <= 10:
        raise invalid("timeout must be from 1 to 10")


def check_record(body: Body, *, zone: str) -> None:
    """Raises Refusal. Codes of DNS are of a family of their own, from 1000 to 99999."""
    kind, name, content = body.get("type"), str(body.get("name") or ""), str(body.get("content") or "")
    if kind not in RECORD_TYPES:
        raise Refusal(400, 1004, "DNS Validation Error")
    if name != zone and not name.endswith(f".{zone}"):
        raise Refusal(400, 1004, f"DNS Validation Error: {name} is not in {zone}")
    if kind in ("A", "AAAA"):
        try:
            version = ipaddress.ip_address(content).version
        except ValueError:
            version = 0
        if version != (4 if kind == "A" else 6):
            raise Refusal(400, 9005, f"Content for {kind} record must be a valid IP address")
    if body.get("proxied") and kind not in ("A", "AAAA", "CNAME"):
        raise Refusal(400, 9004, f"{kind} records cannot be proxied")


def shares(
    balancer: Body, pools: Mapping[str, Body], healthy: Callable[[str], bool | None]
) -> dict[str, float]:
    """Where new sessions go: pool id to share. Empty if even the fallback pool is off."""
    able = [each for each in balancer["default_pools"] if pools[each].get("enabled", True) and healthy(each)]
    steering: Body = balancer.get("random_steering") or {}
    given: Body = steering.get("pool_weights") or {}
    weights = {each: float(given.get(each, steering.get("default_weight", 1))) for each in able}
    if balancer.get("steering_policy") != "random" and able:
        weights = {able[0]: 1.0}
    total = sum(weights.values())
    if total:
        return {each: weight / total for each, weight in weights.items() if weight}
    fallback = str(balancer["fallback_pool"])
    return {fallback: 1.0} if pools[fallback].get("enabled", True) else {}


def _weights(body: Body) -> Iterator[tuple[str, Any]]:
    steering: Body = body.get("random_steering") or {}
    if steering.get("default_weight") is not None:
        yield "random_steering.default_weight", steering["default_weight"]
    given: Body = steering.get("pool_weights") or {}
    for pool, weight in given.items():
        yield f"random_steering.pool_weights.{pool}", weight


def _texts(values: Any, key: str) -> list[str]:
    listed = cast("list[Any]", values)
    if not isinstance(values, list) or not all(isinstance(value, str) for value in listed):
        raise invalid(f"{key} must be a list of text")
    return [str(value) for value in listed]
