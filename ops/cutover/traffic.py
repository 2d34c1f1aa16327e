"""The live load balancer at Cloudflare: what it does now, how its pools are, and the emergency write."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from ops.cutover.cloudflare import Cloudflare, NotFoundError
from ops.cutover.target import LEGACY, NEW, Target
from ops.errors import OpsError
from ops.rollout.plan import Live
from ops.rollout.ports import PortError, Side

Object = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the load balancer is: all that the emergency write needs."""

    account_id: str
    zone_id: str
    load_balancer_id: str
    legacy_pool_id: str
    new_pool_id: str | None

    def published(self) -> dict[str, str]:
        return {
            "accountId": self.account_id,
            "zoneId": self.zone_id,
            "loadBalancerId": self.load_balancer_id,
            "legacyPoolId": self.legacy_pool_id,
            "newPoolId": self.new_pool_id or "",
        }


def place_of(target: Target) -> Place:
    return Place(
        account_id=target.account_id,
        zone_id=target.zone_id,
        load_balancer_id=target.load_balancer_id,
        legacy_pool_id=target.pool_ids.legacy or "",
        new_pool_id=target.pool_ids.new,
    )


def place_from_journal(published: Mapping[str, str]) -> Place:
    """Raises OpsError for an entry that does not say where."""
    try:
        return Place(
            account_id=published["accountId"],
            zone_id=published["zoneId"],
            load_balancer_id=published["loadBalancerId"],
            legacy_pool_id=published["legacyPoolId"],
            new_pool_id=published["newPoolId"] or None,
        )
    except KeyError as error:
        raise OpsError(
            f"the journal does not say where the load balancer is: no {error}", fix="--zone-id"
        ) from None


def find_place(api: Cloudflare, *, zone_id: str, hostname: str) -> Place:
    """From the zone alone: the fallback pool is the old side until the commit. Raises OpsError.

    A token that may not read the account's pools is enough; only the name of the pool is not checked then.
    """
    balancers = _objects(api.get(f"/zones/{zone_id}/load_balancers"))
    found = [each for each in balancers if each["name"] == hostname]
    if not found:
        raise OpsError(
            f"zone {zone_id} has no load balancer {hostname}", fix="check --hostname and --zone-id"
        )
    legacy = str(found[0]["fallback_pool"])
    place = Place(
        account_id="",
        zone_id=zone_id,
        load_balancer_id=str(found[0]["id"]),
        legacy_pool_id=legacy,
        new_pool_id=None,
    )
    try:
        account = str(api.get(f"/zones/{zone_id}")["account"]["id"])
        listed = _objects(api.get(f"/accounts/{account}/load_balancers/pools"))
    except PortError:
        return place
    pools = {str(each["id"]): str(each["name"]) for each in listed}
    if not pools.get(legacy, "").endswith(f"-{LEGACY}"):
        raise OpsError(
            f"the fallback pool of {hostname} is {pools.get(legacy, legacy)}, which is not the old side",
            fix="the cutover is committed, or the load balancer was changed by hand: use the dashboard",
        )
    prefix = pools[legacy].removesuffix(LEGACY)
    new = next((pool for pool, name in pools.items() if name == f"{prefix}{NEW}"), None)
    return replace(place, account_id=account, new_pool_id=new)


class CloudflareTraffic:
    """One load balancer with a pool for each side."""

    def __init__(self, api: Cloudflare, place: Place) -> None:
        self._api = api
        self._place = place
        self._sides = {place.legacy_pool_id: LEGACY}
        if place.new_pool_id:
            self._sides[place.new_pool_id] = NEW
        self._balancer = f"/zones/{place.zone_id}/load_balancers/{place.load_balancer_id}"
        self._pools = f"/accounts/{place.account_id}/load_balancers/pools"

    def read(self) -> Live:
        balancer = cast("Object", self._api.get(self._balancer))
        off = self._off()
        default_pools = cast("Sequence[str]", balancer["default_pools"])
        steering = cast("Object", balancer.get("random_steering") or {})
        weights = cast("Mapping[str, float]", steering.get("pool_weights") or {})
        shares: dict[str, float] = {}
        for pool in default_pools:
            weight = float(weights.get(pool, steering.get("default_weight", 1)))
            if weight and pool not in off:
                shares[self._sides.get(pool, f"pool {pool}")] = weight
        fallback = str(balancer["fallback_pool"])
        return Live(
            shares=shares,
            sticky=balancer.get("session_affinity") not in (None, "", "none"),
            fallback=self._sides.get(fallback, f"pool {fallback}"),
            problems=[*self._shape(balancer), *(f"the {self._sides[pool]} pool is off" for pool in off)],
        )

    def health(self) -> Mapping[str, Side]:
        return {side: self._health(pool) for pool, side in self._sides.items() if pool}

    def divert(self) -> None:
        """One write moves the traffic. The second switches the new pool off, so that an update of the stack
        that is still under way cannot bring it back; the update of a way back switches it on again."""
        legacy = self._place.legacy_pool_id
        self._api.patch(
            self._balancer,
            {
                "enabled": True,
                "default_pools": [legacy],
                "fallback_pool": legacy,
                "steering_policy": "random",
                "random_steering": {"default_weight": 0, "pool_weights": {legacy: 1}},
                "session_affinity": "none",
            },
        )
        if self._place.new_pool_id:
            with contextlib.suppress(PortError):
                self._api.patch(f"{self._pools}/{self._place.new_pool_id}", {"enabled": False})

    def target(self) -> Mapping[str, str]:
        return self._place.published()

    def _off(self) -> list[str]:
        if not self._place.account_id:
            return []
        pools = _objects(self._api.get(self._pools))
        return [
            str(each["id"]) for each in pools if each["id"] in self._sides and not each.get("enabled", True)
        ]

    def _shape(self, balancer: Object) -> list[str]:
        found: list[str] = []
        if not balancer.get("enabled", True):
            found.append("the load balancer is off")
        if balancer.get("steering_policy") != "random":
            found.append(f"steering is {balancer.get('steering_policy') or 'failover'}, not random")
        return found

    def _health(self, pool: str) -> Side:
        try:
            answer = cast("Object", self._api.get(f"{self._pools}/{pool}/health") or {})
        except NotFoundError as error:
            return Side(healthy=None, detail=error.message)
        regions = cast("Mapping[str, Object]", answer.get("pop_health") or {})
        known = {
            region: seen.get("healthy") for region, seen in regions.items() if seen.get("healthy") is not None
        }
        if not known:
            return Side(healthy=None, detail="no health check has run; a pool that is off has none")
        good = [region for region, healthy in known.items() if healthy]
        # A pool is healthy where most of its regions find it so.
        return Side(
            healthy=len(good) * 2 > len(known), detail=f"{len(good)} of {len(known)} regions find it healthy"
        )


def _objects(result: Any) -> list[Object]:
    if not isinstance(result, list):
        raise PortError(f"Cloudflare: got {type(result).__name__}, not a list")
    return cast("list[Object]", result)
