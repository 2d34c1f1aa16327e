"""Verdicts, environments, configuration by rule, waivers in use."""

from dataclasses import replace
from datetime import date

import pytest

from policies import tokens as t
from policies.evaluation import WAIVERS_RULE, Outcome, evaluate
from policies.rule import Rule, Severity, all_rules
from policies.settings import PackConfig, environment_from
from policies.values import UNKNOWN
from policies.waivers import Waiver
from tests.policies.scene import TAGS, res

TODAY = date(2026, 6, 1)
CONFIG = PackConfig(today=TODAY)
RULES = {rule.id: rule for rule in all_rules()}
OPEN_DB = res(t.DB, "open", {"publiclyAccessible": True})


def only(rule_id: str) -> list[Rule]:
    return [RULES[rule_id]]


def waiver(**changes: object) -> Waiver:
    base = Waiver("rds-not-public", f"*::{t.DB}::open", "a demo", "data team", date(2026, 12, 31))
    return replace(base, **changes)


def test_a_failure_outweighs_an_unknown() -> None:
    group = res(
        t.SG,
        "mixed",
        {
            "ingress": [
                {"protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlocks": ["0.0.0.0/0"]},
                {"protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlocks": [UNKNOWN]},
            ]
        },
    )
    assert evaluate([group], CONFIG, rules=only("sg-no-open-admin-ports")).failed


def test_an_unknown_is_counted_with_its_path() -> None:
    database = res(t.DB, "db", {"publiclyAccessible": UNKNOWN})
    evaluation = evaluate([database], CONFIG, rules=only("rds-not-public"))

    (verdict,) = evaluation.having(Outcome.NOT_EVALUATED)
    assert (verdict.rule, verdict.urn, verdict.unknown) == (
        "rds-not-public",
        database.urn,
        "publiclyAccessible",
    )
    assert "1 not evaluated until up" in evaluation.summary()


def test_old_tokens_do_not_dodge_a_rule() -> None:
    bucket = res("aws:s3/bucketV2:BucketV2", "old", {"forceDestroy": True})
    assert evaluate([bucket], CONFIG, rules=only("s3-no-force-destroy")).failed


def test_production_rules_rest_in_dev() -> None:
    bucket = res(t.BUCKET, "b", {"forceDestroy": True})
    assert not evaluate(
        [bucket], replace(CONFIG, environment="dev"), rules=only("s3-no-force-destroy")
    ).failed
    assert evaluate([bucket], replace(CONFIG, environment="qa"), rules=only("s3-no-force-destroy")).failed


@pytest.mark.parametrize(
    ("rule_id", "record", "settings"),
    [
        ("tags-required", res(t.BUCKET, "b", {"tags": {"team": "x"}}), {"requiredTags": ["team"]}),
        ("region-allowed", res(t.DB, "b", {"region": "eu-west-1"}), {"allowedRegions": ["eu-west-1"]}),
        ("rds-backups", res(t.DB, "b", {"backupRetentionPeriod": 3}), {"minimumBackupDays": 3}),
        (
            "lambda-runtime-supported",
            res(t.FUNCTION, "f", {"runtime": "x"}),
            {"lambdaRuntimes": {"x": "2099-01-01"}},
        ),
        (
            "alarm-metric-exists",
            res(t.ALARM, "a", {"namespace": "Shop", "metricName": "Orders"}),
            {"customNamespaces": ["Shop"]},
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_rule_takes_its_own_configuration(
    rule_id: str, record: object, settings: dict[str, object]
) -> None:
    assert evaluate([record], CONFIG, rules=only(rule_id)).failed
    assert not evaluate([record], CONFIG, rules=only(rule_id), overrides={rule_id: settings}).failed


def test_support_ends_on_a_day() -> None:
    function = res(t.FUNCTION, "f", {"runtime": "x"})
    config = replace(CONFIG, lambda_runtimes={"x": "2026-06-01"})
    rules = only("lambda-runtime-supported")
    assert not evaluate([function], config, rules=rules).failed
    assert evaluate([function], replace(config, today=date(2026, 6, 2)), rules=rules).failed


def test_edge_region_is_for_edge_types_alone() -> None:
    rules = only("region-allowed")
    assert not evaluate([res(t.WAF, "w", {"region": "us-east-1"})], CONFIG, rules=rules).failed
    assert evaluate([res(t.BUCKET, "b", {"region": "us-east-1"})], CONFIG, rules=rules).failed


def test_a_waiver_in_use_waives_and_is_counted() -> None:
    evaluation = evaluate([OPEN_DB], CONFIG, rules=only("rds-not-public"), waivers=[waiver()])
    assert not evaluation.failed
    assert len(evaluation.having(Outcome.WAIVED)) == 1
    assert "1 waived" in evaluation.summary()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"expires": date(2026, 5, 31)}, "expired on 2026-05-31"),
        ({"urn": "*::nothing"}, "unused"),
        ({"urn": "urn:pulumi:prod::shop::*::nothing"}, "unused"),
        ({"rule": "rds-instance-encrypted"}, "unused"),
    ],
)
def test_an_expired_or_unused_waiver_fails(change: dict[str, object], says: str) -> None:
    evaluation = evaluate([OPEN_DB], CONFIG, rules=only("rds-not-public"), waivers=[waiver(**change)])
    (verdict,) = [v for v in evaluation.failed if v.rule == WAIVERS_RULE]
    assert says in verdict.messages[0]
    assert any(v.rule == "rds-not-public" for v in evaluation.failed), "it must not waive either"


def test_a_waiver_of_another_stack_is_not_unused_here() -> None:
    elsewhere = waiver(urn="urn:pulumi:prod::*::nothing")
    stack = res("pulumi:pulumi:Stack", "shop-dev")
    here = replace(stack, urn=stack.urn.replace(":prod::", ":dev::"))
    assert not evaluate([here], CONFIG, waivers=[elsewhere]).failed


def test_a_waiver_of_a_system_that_is_not_here_is_not_unused() -> None:
    elsewhere = waiver(urn="*::nothing", system="bakery")
    assert not evaluate([res(t.DB, "b")], CONFIG, rules=(), waivers=[elsewhere]).failed
    tagged = res(t.DB, "b", {"tags": {"system": "bakery"}})
    assert evaluate([tagged], CONFIG, rules=(), waivers=[elsewhere]).failed


def test_a_waiver_of_a_rule_that_looks_at_nothing_here_is_not_unused() -> None:
    """One for every load balancer is no fault of a stack that has none."""
    elsewhere = waiver(urn="*::nothing")
    assert not evaluate([res(t.BUCKET, "b")], CONFIG, rules=(), waivers=[elsewhere]).failed
    assert evaluate([res(t.DB, "b")], CONFIG, rules=(), waivers=[elsewhere]).failed


def test_the_last_day_still_counts() -> None:
    evaluation = evaluate([OPEN_DB], CONFIG, rules=only("rds-not-public"), waivers=[waiver(expires=TODAY)])
    assert not evaluation.failed


def test_the_environment_comes_from_the_stack_configuration() -> None:
    assert environment_from({"seoul-platform:stack": '{"environment": "dev"}'}) == "dev"
    assert environment_from({"seoul-platform:stack": "not json"}) is None
    assert environment_from({"other:key": "x"}) is None


def test_a_rule_that_breaks_names_itself_and_the_resource() -> None:
    broken = replace(RULES["rds-not-public"], check=lambda _r, _g: 1 / 0)
    with pytest.raises(ZeroDivisionError) as caught:
        evaluate([OPEN_DB], CONFIG, rules=[broken])
    assert "rds-not-public" in caught.value.__notes__[0]
    assert OPEN_DB.urn in caught.value.__notes__[0]


def test_peers_cannot_hide_in_other_forms() -> None:
    """A range of ports, a protocol number, the address space in two halves: all are open SSH."""
    forms = [
        {"ipProtocol": "-1", "cidrIpv4": "0.0.0.0/0"},
        {"ipProtocol": "tcp", "fromPort": 1, "toPort": 1000, "cidrIpv4": "0.0.0.0/0"},
        {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "cidrIpv4": "0.0.0.0/1"},
        {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "cidrIpv6": "::/0"},
    ]
    records = [res(t.SG_INGRESS, f"i{number}", form) for number, form in enumerate(forms)]
    assert len(evaluate(records, CONFIG, rules=only("sg-no-open-admin-ports")).failed) == len(forms)


def test_severities_are_known() -> None:
    assert {rule.severity for rule in RULES.values()} == set(Severity)
    assert TAGS
