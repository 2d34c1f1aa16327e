"""The local Cloudflare keeps the rules of docs/local-cloudflare.md."""

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from offline.cloudflare_model import CALLS, Answer, CloudflareModel
from offline.cloudflare_server import serve

ACCOUNT, ZONE, TOKEN = "a" * 32, "b" * 32, "token-of-the-tests"
BALANCERS, POOLS = f"/zones/{ZONE}/load_balancers", f"/accounts/{ACCOUNT}/load_balancers/pools"
MONITORS, RECORDS = f"/accounts/{ACCOUNT}/load_balancers/monitors", f"/zones/{ZONE}/dns_records"
ORIGIN = {"name": "one", "address": "192.0.2.1", "header": {"Host": ["api.jclee.me"]}}


class Cloudflare(CloudflareModel):
    """With a clock that tests move, and calls in short."""

    def __init__(self) -> None:
        self.time = 0.0
        super().__init__(
            account_id=ACCOUNT, zone_id=ZONE, zone="jclee.me", token=TOKEN, now=lambda: self.time
        )

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Answer:
        return self.handle(method, path, body, f"Bearer {TOKEN}")

    def make(self, path: str, **body: Any) -> str:
        answer = self.call("POST", path, body)
        assert answer.status == 200, answer.body
        return answer.body["result"]["id"]


@pytest.fixture
def cloudflare() -> Cloudflare:
    return Cloudflare()


@pytest.fixture
def pools(cloudflare: Cloudflare) -> list[str]:
    monitor = cloudflare.make(MONITORS, type="https", expected_codes="200")
    return [cloudflare.make(POOLS, name=name, origins=[ORIGIN], monitor=monitor) for name in ("old", "new")]


def balancer(pools: list[str], **given: Any) -> dict[str, Any]:
    return {
        "name": "www.jclee.me",
        "default_pools": pools,
        "fallback_pool": pools[0],
        "steering_policy": "random",
        "random_steering": {"default_weight": 0, "pool_weights": dict(zip(pools, (0.3, 0.1), strict=True))},
        **given,
    }


def refused(answer: Answer) -> tuple[int, int, str]:
    assert answer.body["success"] is False
    assert answer.body["result"] is None
    (error,) = answer.body["errors"]
    return answer.status, error["code"], error["message"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": ""}, "name is required"),
        ({"default_pools": []}, "default_pools is required"),
        ({"fallback_pool": None}, "fallback_pool is required"),
        ({"fallback_pool": "c" * 32}, "does not exist"),
        ({"name": "www.example.com"}, "is not in zone"),
        ({"steering_policy": "dice"}, "steering_policy must be one of"),
        ({"random_steering": {"default_weight": 0.25}}, "multiple of 0.1"),
        ({"random_steering": {"default_weight": 1.1}}, "from 0 to 1"),
        ({"session_affinity": "forever"}, "session_affinity must be one of"),
        ({"session_affinity": "cookie", "session_affinity_ttl": 60}, "between 1800 and 604800"),
    ],
)
def test_what_a_load_balancer_may_not_be(
    cloudflare: Cloudflare, pools: list[str], change: dict[str, Any], message: str
) -> None:
    status, code, said = refused(cloudflare.call("POST", BALANCERS, balancer(pools, **change)))
    assert (status, code) == (400, 1002)
    assert message in said


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        (POOLS, {"name": "a b", "origins": [ORIGIN]}, 1002),
        (POOLS, {"name": "a", "origins": []}, 1002),
        (POOLS, {"name": "a", "origins": [ORIGIN, ORIGIN]}, 1002),
        (POOLS, {"name": "a", "origins": [ORIGIN], "monitor": "d" * 32}, 1002),
        (POOLS, {"name": "a", "origins": [{**ORIGIN, "header": {"Host": ["x.example.com"]}}]}, 1002),
        (POOLS, {"name": "old", "origins": [ORIGIN]}, 1003),
        (MONITORS, {"type": "gopher"}, 1002),
        (MONITORS, {"type": "https"}, 1002),
        (RECORDS, {"type": "A", "name": "a.jclee.me", "content": "here"}, 9005),
        (RECORDS, {"type": "TXT", "name": "a.jclee.me", "content": "x", "proxied": True}, 9004),
        (RECORDS, {"type": "A", "name": "a.example.com", "content": "192.0.2.1"}, 1004),
    ],
)
@pytest.mark.usefixtures("pools")
def test_what_other_objects_may_not_be(
    cloudflare: Cloudflare, path: str, body: dict[str, Any], code: int
) -> None:
    status, got, _ = refused(cloudflare.call("POST", path, body))
    assert (status, got) == (400, code)


def test_sessions_go_by_weight_among_the_healthy_and_else_to_the_fallback(
    cloudflare: Cloudflare, pools: list[str]
) -> None:
    old, new = pools
    item = cloudflare.make(BALANCERS, **balancer(pools))
    assert cloudflare.shares(item) == pytest.approx({old: 0.75, new: 0.25})
    cloudflare.pool_health[new] = False
    assert cloudflare.shares(item) == {old: 1.0}
    cloudflare.pool_health[old] = False
    assert cloudflare.shares(item) == {old: 1.0}, "the fallback, whatever its health"
    cloudflare.call("PATCH", f"{POOLS}/{old}", {"enabled": False})
    assert cloudflare.shares(item) == {}


def test_a_pool_that_is_off_gets_nothing_and_is_not_checked(cloudflare: Cloudflare, pools: list[str]) -> None:
    old, new = pools
    item = cloudflare.make(BALANCERS, **balancer(pools))
    cloudflare.call("PATCH", f"{POOLS}/{new}", {"enabled": False})
    assert cloudflare.shares(item) == {old: 1.0}
    assert cloudflare.call("GET", f"{POOLS}/{new}/health").body["result"]["pop_health"] == {}


def test_a_patch_changes_what_it_names_and_a_put_replaces(cloudflare: Cloudflare, pools: list[str]) -> None:
    item = cloudflare.make(BALANCERS, **balancer(pools, description="cutover", session_affinity="cookie"))
    patched = cloudflare.call("PATCH", f"{BALANCERS}/{item}", {"session_affinity": "none"}).body["result"]
    assert (patched["description"], patched["session_affinity"]) == ("cutover", "none")
    put = cloudflare.call("PUT", f"{BALANCERS}/{item}", balancer(pools)).body["result"]
    assert "description" not in put
    wrong = cloudflare.call("PATCH", f"{BALANCERS}/{item}", {"random_steering": {"default_weight": 0.05}})
    assert refused(wrong)[1] == 1002
    assert cloudflare.call("GET", f"{BALANCERS}/{item}").body["result"] == put


def test_what_is_in_use_is_not_deleted(cloudflare: Cloudflare, pools: list[str]) -> None:
    item = cloudflare.make(BALANCERS, **balancer(pools))
    assert refused(cloudflare.call("DELETE", f"{POOLS}/{pools[1]}"))[:2] == (412, 1005)
    assert cloudflare.call("DELETE", f"{BALANCERS}/{item}").status == 200
    assert cloudflare.call("DELETE", f"{POOLS}/{pools[1]}").status == 200
    assert refused(cloudflare.call("GET", f"{POOLS}/{pools[1]}"))[0] == 404


def test_too_many_calls_block_all_for_five_minutes(cloudflare: Cloudflare) -> None:
    for _ in range(CALLS):
        assert cloudflare.call("GET", POOLS).status == 200
    answer = cloudflare.call("GET", POOLS)
    assert refused(answer)[0] == 429
    assert answer.headers["Retry-After"] == "300"
    cloudflare.time += 299
    assert cloudflare.call("GET", POOLS).headers["Retry-After"] == "1"
    cloudflare.time += 1
    assert cloudflare.call("GET", POOLS).status == 200


def test_calls_spread_over_time_are_never_blocked(cloudflare: Cloudflare) -> None:
    for _ in range(3 * CALLS):
        cloudflare.time += 0.26
        assert cloudflare.call("GET", POOLS).status == 200


@pytest.mark.parametrize(("authorization", "status"), [("", 400), ("Basic abc", 400), ("Bearer wrong", 403)])
def test_a_token_is_needed(cloudflare: Cloudflare, authorization: str, status: int) -> None:
    assert refused(cloudflare.handle("GET", POOLS, None, authorization))[0] == status


def test_other_accounts_and_paths_are_not_there(cloudflare: Cloudflare) -> None:
    assert refused(cloudflare.call("GET", f"/zones/{'c' * 32}/load_balancers"))[0] == 403
    assert refused(cloudflare.call("GET", "/radar"))[0] == 404


def test_over_http(cloudflare: Cloudflare) -> None:
    with serve(cloudflare) as url:
        request = urllib.request.Request(f"{url}/zones/{ZONE}", headers={"Authorization": f"Bearer {TOKEN}"})  # noqa: S310
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request) as answer:
            assert json.load(answer)["result"]["account"]["id"] == ACCOUNT
        broken = urllib.request.Request(f"{url}/zones", data=b"{", method="POST")  # noqa: S310
        with pytest.raises(urllib.error.HTTPError) as error:
            opener.open(broken)
        assert error.value.code == 400
        error.value.close()
