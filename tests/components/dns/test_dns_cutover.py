"""The cutover as registered: weights, fallback, affinity, break-glass record and journal at each stage."""

from typing import Any

import pytest

from components.dns.cutover import DnsCutover, DnsCutoverArgs
from components.dns.cutover_plan import SHARES, Committed, LegacyHost, Share, Shifting, Stage
from tests.harness import UNKNOWN, Deployment, deploy

HOST = "safework2.jclee.me"
LEGACY = LegacyHost(
    address="221.153.20.249",
    hostname="safework.jclee.me",
    break_glass_hostname="safework-legacy.jclee.me",
)
LOAD_BALANCER = "cloudflare:index/loadBalancer:LoadBalancer"
POOL = "cloudflare:index/loadBalancerPool:LoadBalancerPool"
MONITOR = "cloudflare:index/loadBalancerMonitor:LoadBalancerMonitor"
RECORD = "cloudflare:index/dnsRecord:DnsRecord"
TABLE = "aws:dynamodb/table:Table"


def args(stage: Stage, **changes: Any) -> DnsCutoverArgs:
    given: dict[str, Any] = {
        "account_id": "9" * 32,
        "zone_id": "a" * 32,
        "hostname": HOST,
        "origin_hostname": "api-safework2.jclee.me",
        "origin_address": "d-abc.execute-api.ap-northeast-2.amazonaws.com",
        "stage": stage,
        "kms_key_arn": "arn:aws:kms:ap-northeast-2:123456789012:key/k",
        "gate_alarm_names": ["safework-errors"],
    }
    return DnsCutoverArgs(**{**given, **changes})


def at(stage: Share | None, *, preview: bool = False, **changes: Any) -> Deployment:
    wanted = Committed() if stage is None else Shifting(percent=stage, legacy=LEGACY)
    return deploy(lambda: DnsCutover("cutover", args(wanted, **changes)), preview=preview)


def pool_ids(result: Deployment) -> dict[str, str]:
    return {record.name.removeprefix("cutover-"): record.id for record in result.of_type(POOL)}


@pytest.mark.parametrize(("stage", "legacy", "new"), [(0, 1, 0), (25, 0.3, 0.1), (50, 0.1, 0.1), (100, 0, 1)])
def test_each_stage_has_its_weights(stage: Share, legacy: float, new: float) -> None:
    result = at(stage)
    ids = pool_ids(result)
    balancer = result.one(LOAD_BALANCER)
    assert balancer["steeringPolicy"] == "random"
    assert balancer["randomSteering"] == {
        "defaultWeight": 0,
        "poolWeights": {ids["legacy"]: legacy, ids["new"]: new},
    }


@pytest.mark.parametrize("stage", SHARES)
def test_the_old_side_is_the_fallback_until_the_commit(stage: Share) -> None:
    result = at(stage)
    assert result.one(LOAD_BALANCER)["fallbackPool"] == pool_ids(result)["legacy"]
    assert result.one(LOAD_BALANCER)["proxied"] is True


@pytest.mark.parametrize(("stage", "first"), [(0, "legacy"), (25, "legacy"), (50, "legacy"), (100, "new")])
def test_the_heavier_side_comes_first(stage: Share, first: str) -> None:
    result = at(stage)
    pools = result.one(LOAD_BALANCER)["defaultPools"]
    assert len(pools) == 2
    assert pools[0] == pool_ids(result)[first]


@pytest.mark.parametrize("stage", SHARES)
def test_affinity_is_short_and_only_between_two_weighed_sides(stage: Share) -> None:
    balancer = at(stage).one(LOAD_BALANCER)
    if stage in (25, 50):
        assert (balancer["sessionAffinity"], balancer["sessionAffinityTtl"]) == ("cookie", 1800)
    else:
        assert balancer["sessionAffinity"] == "none"
        assert "sessionAffinityTtl" not in balancer.inputs


def test_affinity_can_be_off() -> None:
    assert at(25, affinity_seconds=None).one(LOAD_BALANCER)["sessionAffinity"] == "none"


def test_a_failed_connection_stays_on_its_side() -> None:
    assert at(25).one(LOAD_BALANCER)["adaptiveRouting"] == {"failoverAcrossPools": False}


def test_each_side_gets_its_host_header() -> None:
    result = at(25)
    origins = {record.name: record["origins"][0] for record in result.of_type(POOL)}
    assert origins["cutover-legacy"]["address"] == "221.153.20.249"
    assert origins["cutover-legacy"]["header"] == {"hosts": ["safework.jclee.me"]}
    assert origins["cutover-new"]["address"] == "d-abc.execute-api.ap-northeast-2.amazonaws.com"
    assert origins["cutover-new"]["header"] == {"hosts": ["api-safework2.jclee.me"]}


def test_pools_are_watched_and_named_after_the_host() -> None:
    result = at(25)
    monitor = result.one(MONITOR)
    assert (monitor["type"], monitor["path"], monitor["expectedCodes"]) == ("https", "/health", "200")
    assert monitor["header"] == {"Host": [HOST]}
    assert monitor["allowInsecure"] is False
    assert all(record["monitor"] == monitor.id for record in result.of_type(POOL))
    names = {record["name"] for record in result.of_type(POOL)}
    assert names == {"safework2-jclee-me-legacy", "safework2-jclee-me-new"}


@pytest.mark.parametrize("stage", SHARES)
def test_the_break_glass_record_stays_until_the_commit(stage: Share) -> None:
    record = at(stage).one(RECORD, "cutover-break-glass")
    assert (record["type"], record["name"], record["content"], record["proxied"]) == (
        "A",
        "safework-legacy.jclee.me",
        "221.153.20.249",
        True,
    )


def test_commit_removes_the_old_host() -> None:
    result = at(None)
    ids = pool_ids(result)
    balancer = result.one(LOAD_BALANCER)
    assert list(ids) == ["new"]
    assert (balancer["defaultPools"], balancer["fallbackPool"]) == ([ids["new"]], ids["new"])
    assert balancer["randomSteering"] == {"defaultWeight": 1}
    assert [record.name for record in result.of_type(RECORD)] == ["cutover-origin"]


def test_the_journal_is_kept() -> None:
    table = at(0).one(TABLE)
    assert (table["hashKey"], table["rangeKey"]) == ("subject", "sequence")
    assert table["billingMode"] == "PAY_PER_REQUEST"
    assert table["pointInTimeRecovery"] == {"enabled": True}
    assert table["serverSideEncryption"]["kmsKeyArn"].startswith("arn:aws:kms:")
    assert table["deletionProtectionEnabled"] is True
    assert (table.options.protect, table.options.retain_on_delete) == (True, True)
    loose = at(0, deletion_protection=False).one(TABLE)
    assert (loose["deletionProtectionEnabled"], loose.options.protect) == (False, False)


def test_the_tool_gets_everything_it_needs() -> None:
    result = at(25)
    component = result.one("platform:dns:DnsCutover")
    assert component.outputs is not None
    tool = dict(component.outputs)
    assert tool["stage"] == "25"
    assert tool["poolIds"] == pool_ids(result)
    assert tool["loadBalancerId"] == result.one(LOAD_BALANCER).id
    assert tool["gateAlarms"] == ["safework-errors"]
    assert tool["plan"]["25"] == {"weights": {"legacy": 0.3, "new": 0.1}, "moves": ["50", "0"]}
    assert {
        "accountId",
        "zoneId",
        "hostname",
        "monitorId",
        "journalTable",
        "healthPath",
        "affinitySeconds",
    } <= set(tool)


def test_a_preview_plans_the_same_resources() -> None:
    planned, deployed = at(25, preview=True), at(25)
    assert [record.urn for record in planned] == [record.urn for record in deployed]
    assert planned.one(LOAD_BALANCER)["randomSteering"]["poolWeights"] == UNKNOWN


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"affinity_seconds": 60}, "affinity_seconds: got 60; 1800 to 604800"),
        ({"gate_alarm_names": []}, "gate_alarm_names: got none"),
        ({"origin_hostname": HOST}, "must all differ"),
    ],
)
def test_what_cannot_work_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        at(25, **changes)
