"""The client and the load balancer over HTTP, on the local Cloudflare; the emergency without Pulumi."""

import logging
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from click.testing import CliRunner
from moto import mock_aws

from offline.cloudflare_server import serve
from ops.__main__ import main
from ops.cutover.cloudflare import Cloudflare, http, token
from ops.cutover.command import cutover
from ops.cutover.target import LEGACY, NEW
from ops.cutover.traffic import CloudflareTraffic, find_place
from ops.errors import Exit, OpsError
from ops.rollout.clock import SystemClock
from ops.rollout.ports import PortError
from tests.ops.cutover.world import ACCOUNT, TOKEN, ZONE, World

HOSTNAME = "safework2.jclee.me"


class QuickClock(SystemClock):
    """A clock that nobody waits for."""

    def sleep(self, seconds: float) -> None:
        """Over at once."""


@pytest.fixture
def world() -> World:
    return World("50")


@pytest.fixture
def url(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with serve(world.model) as base:
        monkeypatch.setenv("CLOUDFLARE_BASE_URL", base)
        monkeypatch.setenv("CLOUDFLARE_API_TOKEN", TOKEN)
        yield base


def api(given: str = TOKEN) -> Cloudflare:
    return Cloudflare(http(given), QuickClock())


def test_what_is_live_is_read(world: World, url: str) -> None:
    del url
    traffic = CloudflareTraffic(api(), world.place)
    live = traffic.read()
    assert live.shares == {LEGACY: 1.0, NEW: 1.0}
    assert (live.sticky, live.fallback, list(live.problems)) == (True, LEGACY, [])
    world.health(NEW, False)
    assert {side: seen.healthy for side, seen in traffic.health().items()} == {LEGACY: True, NEW: False}


def test_the_emergency_write_moves_all_and_lets_nobody_stick(world: World, url: str) -> None:
    del url
    traffic = CloudflareTraffic(api(), world.place)
    traffic.divert()
    live = traffic.read()
    assert (dict(live.shares), live.sticky, live.fallback) == ({LEGACY: 1.0}, False, LEGACY)
    assert list(live.problems) == ["the new pool is off"]
    assert world.edge() == {LEGACY: 1.0}
    assert traffic.health()[NEW].healthy is None


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"enabled": False}, "the load balancer is off"),
        ({"steering_policy": "off"}, "steering is off, not random"),
    ],
)
def test_another_shape_of_the_balancer_is_a_problem(
    world: World, url: str, change: dict[str, Any], problem: str
) -> None:
    del url
    world.model.objects["balancers"][world.place.load_balancer_id].update(change)
    assert list(CloudflareTraffic(api(), world.place).read().problems) == [problem]


def test_an_unknown_pool_in_the_balancer_is_named(world: World, url: str) -> None:
    del url
    pool = world.model.objects["pools"][world.pools[NEW]]
    other = api().call("POST", f"/accounts/{ACCOUNT}/load_balancers/pools", {**pool, "name": "other"})["id"]
    balancer = world.model.objects["balancers"][world.place.load_balancer_id]
    balancer["default_pools"].append(other)
    balancer["random_steering"]["pool_weights"][other] = 0.5
    assert CloudflareTraffic(api(), world.place).read().shares[f"pool {other}"] == 0.5


def test_a_wrong_token_is_said_without_the_token(url: str, caplog: pytest.LogCaptureFixture) -> None:
    del url
    caplog.set_level(logging.DEBUG)
    with pytest.raises(PortError, match=r"Authentication error \(10000\)") as refused:
        api("wrong-token-0123456789").get(f"/zones/{ZONE}")
    assert "wrong-token" not in str(refused.value) + str(refused.value.fix) + caplog.text


def test_throttling_says_until_when(world: World, url: str) -> None:
    del url
    world.model.spend(1_200)
    with pytest.raises(PortError, match="too many calls; free again in 300 s"):
        api().get(f"/zones/{ZONE}")


def test_no_answer_is_tried_again_and_then_said() -> None:
    client = Cloudflare(http(TOKEN, base_url="http://127.0.0.1:9"), QuickClock())
    with pytest.raises(PortError, match="ConnectError: no answer"):
        client.get("/zones")


def test_a_token_travels_over_https_only() -> None:
    with pytest.raises(OpsError, match="https only"):
        http(TOKEN, base_url="http://api.example.com/client/v4")


def test_the_token_comes_from_the_environment_or_a_secret() -> None:
    assert token({"CLOUDFLARE_API_TOKEN": " abc\n"}) == "abc"
    with pytest.raises(OpsError, match="no token") as missing:
        token({})
    assert "CLOUDFLARE_API_TOKEN" in str(missing.value.fix)


def test_the_token_comes_from_secrets_manager(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-2")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        boto3.client("secretsmanager").create_secret(Name="cloudflare", SecretString="from-the-secret\n")
        assert token({"CLOUDFLARE_API_TOKEN_SECRET": "cloudflare"}) == "from-the-secret"
        with pytest.raises(OpsError, match="the secret none cannot be read"):
            token({"CLOUDFLARE_API_TOKEN_SECRET": "none"})


def test_the_place_is_found_from_the_zone_alone(world: World, url: str) -> None:
    del url
    assert find_place(api(), zone_id=ZONE, hostname=HOSTNAME) == world.place
    with pytest.raises(OpsError, match="no load balancer other"):
        find_place(api(), zone_id=ZONE, hostname="other.jclee.me")


def test_a_committed_cutover_is_not_diverted_to_the_new_side(url: str, world: World) -> None:
    del url
    world.set_live("committed", pools_on=True)
    with pytest.raises(OpsError, match="which is not the old side"):
        find_place(api(), zone_id=ZONE, hostname=HOSTNAME)


def test_the_emergency_needs_a_token_and_the_zone_alone(world: World, url: str) -> None:
    del url
    arguments = ["rollback", "--emergency", "--hostname", HOSTNAME, "--zone-id", ZONE, "--json"]
    assert main(["cutover", *arguments, "--dry-run"]) == Exit.OK
    assert world.edge() == {LEGACY: 0.5, NEW: 0.5}
    assert main(["cutover", *arguments]) == Exit.ROLLED_BACK
    assert world.edge() == {LEGACY: 1.0}


def test_the_emergency_goes_on_without_a_journal_that_cannot_be_had(
    world: World, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    del url
    for name, value in {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }.items():
        monkeypatch.setenv(name, value)
    arguments = ["--hostname", HOSTNAME, "--zone-id", ZONE, "--journal", "journal"]
    assert main(["cutover", "rollback", "--emergency", *arguments]) == Exit.INCOMPLETE
    assert world.edge() == {LEGACY: 1.0}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rollback", "--emergency"], "--emergency needs --hostname"),
        (["rollback", "--emergency", "--hostname", HOSTNAME], "--zone-id or --journal"),
        (["rollback", "--stack", "dev", "--zone-id", ZONE], "go with --emergency"),
        (["start"], "Missing option '--stack'"),
        (["rollback", "--stack", "dev", "--to", "30"], "not one of '0', '25', '50', '100'"),
    ],
)
def test_wrong_usage_is_said(arguments: list[str], message: str) -> None:
    done = CliRunner().invoke(cutover, arguments)
    assert done.exit_code == 2
    assert message in done.output


def test_no_verb_takes_a_token_from_the_command_line() -> None:
    for verb in cutover.commands.values():
        names = {name for option in verb.params for name in option.opts}
        assert not any("token" in name or "secret" in name for name in names)
