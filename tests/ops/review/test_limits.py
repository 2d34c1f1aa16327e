"""Limits and approvals of cost and tags, and how they judge a plan."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from ops.errors import OpsError
from ops.review import judge, policy
from ops.review.comment import render
from ops.review.limits import FILE, Approval, Limit, Limits, load
from ops.review.model import Review

TODAY = date(2026, 11, 21)
ROOT = "urn:pulumi:dev::seoul-platform::pulumi:pulumi:Stack::seoul-platform-dev"
SYSTEM = "urn:pulumi:dev::seoul-platform::platform:system:Sesami::sesami"
DATABASE = "urn:pulumi:dev::seoul-platform::platform:system:Sesami$aws:rds/instance:Instance::sesami-database"
POLICIES = policy.Report({"failed": 0, "waived": 0, "passed": 3}, ())


def database(instance_class: str, **tags: str) -> dict[str, Any]:
    return {
        "instanceClass": instance_class,
        "engine": "postgres",
        "allocatedStorage": 20,
        "storageType": "gp3",
        "multiAz": False,
        "tags": {"system": "sesami", **tags},
    }


def document(before: dict[str, Any] | None, after: dict[str, Any]) -> str:
    """A preview of a system with one database."""
    parts = [(ROOT, "pulumi:pulumi:Stack", "", {}), (SYSTEM, "platform:system:Sesami", ROOT, {})]
    steps: list[dict[str, Any]] = [
        {"op": "same", "urn": urn, "oldState": state, "newState": state}
        for urn, type_, parent, inputs in parts
        for state in [{"urn": urn, "type": type_, "parent": parent, "inputs": inputs}]
    ]
    plain = {"urn": DATABASE, "type": "aws:rds/instance:Instance", "custom": True, "parent": SYSTEM}
    step: dict[str, Any] = {"op": "update" if before else "create", "urn": DATABASE}
    step["newState"] = {**plain, "inputs": after}
    if before:
        step["oldState"] = {**plain, "inputs": before}
    return json.dumps({"steps": [*steps, step], "changeSummary": {"same": 2}})


def judged(
    before: dict[str, Any] | None,
    after: dict[str, Any],
    *approvals: Approval,
    limit: Limit | None = None,
    report: policy.Report | None = POLICIES,
) -> Review:
    limits = Limits(
        limits={"dev": limit or Limit(percent=25, usd=100, negligible_usd=10)}, approvals=list(approvals)
    )
    return judge.review(
        judge.Given(
            stack="dev",
            document=document(before, after),
            policies=report,
            against="the deployed state",
            simulated=False,
            seconds=1.0,
            approvals=(),
            limits=limits,
            today=TODAY,
        )
    )


def approval(stop: str, **given: Any) -> Approval:
    return Approval.model_validate(
        {"stack": "dev", "stop": stop, "reason": "more clinics", "owner": "kim", "expires": date(2026, 12, 1)}
        | given
    )


SMALL, LARGE = database("db.t4g.micro"), database("db.r6g.large")


def test_growth_beyond_the_limit_stops_and_names_the_item() -> None:
    found = judged(SMALL, LARGE)
    [stop] = found.stops
    assert (stop.kind, stop.id) == ("cost", "cost:sesami")
    assert found.cost_after - found.cost_before == pytest.approx((0.27 - 0.025) * 730)
    assert "allowed without approval: 25 percent more and 100.00 USD more" in stop.line
    assert "most of it: database instances +178.85" in stop.line


def test_less_cost_and_negligible_growth_pass() -> None:
    assert judged(LARGE, SMALL).ok
    assert judged(SMALL, LARGE, limit=Limit(percent=0, usd=0, negligible_usd=200)).ok


def test_a_system_that_is_new_is_held_to_the_sum_alone() -> None:
    assert judged(None, SMALL, limit=Limit(percent=0, usd=100)).ok
    [stop] = judged(None, LARGE, limit=Limit(percent=0, usd=100)).stops
    assert "new" in stop.line


def test_an_approval_passes_up_to_its_amount() -> None:
    enough = judged(SMALL, LARGE, approval("cost:sesami", up_to_usd=180))
    assert enough.ok
    assert "approved by kim until 2026-12-01: more clinics" in enough.approved[0]
    [stop] = judged(SMALL, LARGE, approval("cost:sesami", up_to_usd=170)).stops
    assert "approved were 170.00 USD more (kim)" in stop.line


def test_expired_and_unused_approvals_stop() -> None:
    found = judged(SMALL, LARGE, approval("cost:sesami", up_to_usd=180, expires=date(2026, 11, 20)))
    assert [stop.id for stop in found.stops] == ["cost:sesami", "approvals"]
    assert "expired on 2026-11-20" in found.stops[1].line
    [stop] = judged(SMALL, SMALL, approval("cost:sesami", up_to_usd=180)).stops
    assert "is not needed: take it out" in stop.line
    assert judged(SMALL, SMALL, approval("cost:sesami", stack="prod", up_to_usd=180)).ok


def test_what_has_no_price_stops_until_it_is_approved() -> None:
    unknown = database("db.x9z.huge")
    found = judged(SMALL, unknown)
    [stop] = found.stops
    assert stop.id == "cost:sesami:unpriced"
    assert ", 1 item without a price |" in render([found], [], rest="")
    assert "rds.postgres.db.x9z.huge.hour" in stop.line
    assert judged(SMALL, unknown, approval("cost:sesami:unpriced")).ok


def test_any_tag_that_is_dropped_stops_unless_the_pack_says_so_already() -> None:
    tagged = database("db.t4g.micro", backup="daily")
    [stop] = judged(tagged, SMALL).stops
    assert (stop.id, "drops the tag backup from sesami-database" in stop.line) == ("tags:backup", True)
    assert judged(tagged, SMALL, approval("tags:backup")).ok
    assert judged(SMALL, tagged).ok


def test_no_report_of_the_pack_is_no_pass() -> None:
    [stop] = judged(SMALL, SMALL, report=None).stops
    assert "left no report" in stop.line


def test_a_preview_that_failed_says_why_and_claims_no_cost() -> None:
    limits = Limits(limits={"dev": Limit(percent=0, usd=0)})
    text = json.dumps({"diagnostics": [{"severity": "error", "message": "1 setting is not usable"}]})
    found = judge.review(
        judge.Given(
            stack="dev",
            document=text,
            policies=None,
            against="x",
            simulated=True,
            seconds=1.0,
            approvals=(),
            limits=limits,
            today=TODAY,
        )
    )
    assert not found.ok
    assert "1 setting is not usable" in found.stops[0].line
    assert found.notes == ("the cost is not known: the preview did not finish",)


def test_the_committed_file_is_read() -> None:
    assert {"dev", "prod"} <= set(load(FILE, today=datetime.now(UTC).date()).limits)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("limits: {dev: {percent: -1, usd: 1}}", "limits.dev.percent: got -1"),
        ("limits: {dev: {percent: 1, usd: 1, eur: 1}}", "limits.dev.eur"),
        ("limits: {dev: {percent: 1}}", "limits.dev.usd"),
        ("limits: {}\napprovals: [{stack: dev, stop: everything}]", "approvals.0.stop: got 'everything'"),
        (
            "limits: {}\napprovals: [{stack: dev, stop: 'cost:x', reason: r, owner: o, expires: 2026-12-01}]",
            "approvals.0.upToUsd: missing",
        ),
        (
            "limits: {}\napprovals: [{stack: dev, stop: 'tags:x', reason: r, owner: o, expires: 2036-12-01}]",
            "at most 90 days ahead",
        ),
        ("limits: [", "not YAML"),
    ],
)
def test_bad_files_name_the_key(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "limits.yaml"
    file.write_text(text)
    with pytest.raises(OpsError) as error:
        load(file, today=TODAY)
    assert said in error.value.message


def test_a_stack_without_a_limit_is_refused() -> None:
    with pytest.raises(OpsError, match="stack staging has none"):
        Limits(limits={}).of("staging")
