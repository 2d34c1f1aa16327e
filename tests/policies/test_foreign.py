"""The pack on programs that this repository did not write: right verdicts and no crash, on the engine too."""

from pathlib import Path
from typing import Any

import pytest

from policies.evaluation import Evaluation, Outcome
from policies.remedies import REMEDIES
from tests.policies.foreigners import harnessed, previewed

CALM: dict[str, Any] = {
    "packs": ["security", "reliability"],
    "levels": {"dynamodb-in-backup-plan": "disabled"},
}
BAD = {
    "static_site_bad": {
        ("cloudfront-origin-tls", "cdn"),
        ("cloudfront-viewer-tls", "cdn"),
        ("cloudfront-waf", "cdn"),
        ("data-store-protected", "site"),
        ("s3-acl-not-public", "index"),
        ("s3-acl-not-public", "site"),
        ("s3-no-force-destroy", "site"),
        ("s3-policy-keeps-control", "uploads"),
        ("s3-policy-not-public", "uploads"),
        ("s3-public-access-blocked", "uploads"),
        ("s3-versioned", "site"),
        ("tags-required", "cdn"),
    },
    "back_office_bad": {
        ("alarm-acts", "errors"),
        ("apigateway-authorised", "orders"),
        ("apigatewayv2-authorised", "reports"),
        ("cloudtrail-all-regions", "office"),
        ("dynamodb-point-in-time", "orders"),
        ("ec2-no-secret-in-user-data", "builder"),
        ("ecs-no-public-address", "nightly"),
        ("ecs-not-privileged", "agent"),
        ("elasticache-tls", "sessions"),
        ("iam-data-on-named-resources", "reader"),
        ("iam-no-escalation", "helpdesk"),
        ("iam-trust-federation-bound", "deployer"),
        ("iam-trust-not-confusable", "events"),
        ("lambda-permission-not-public", "report"),
        ("rds-instance-encrypted", "reports"),
        ("rds-not-public", "reports"),
        ("resource-policy-not-public", "delivery"),
        ("resource-policy-not-public", "orders"),
        ("s3-policy-not-public", "uploads"),
        ("sg-no-open-admin-ports", "office"),
        ("sqs-not-public", "inbox"),
        ("waf-has-rules", "office"),
    },
    "web_server_bad": {
        ("data-store-unreachable", "db"),
        ("ec2-imdsv2", "web"),
        ("ec2-no-secret-in-user-data", "web"),
        ("ec2-volumes-encrypted", "web"),
        ("rds-backups", "db"),
        ("rds-instance-encrypted", "db"),
        ("rds-master-password-managed", "db"),
        ("rds-not-public", "db"),
        ("rds-tls-forced", "db"),
        ("rds-version-supported", "db"),
        ("sg-no-open-admin-ports", "web"),
        ("sg-open-ports-authorised", "db-from-office"),
        ("subnet-no-public-address", "net-a"),
        ("vpc-flow-logs", "net"),
    },
    "containers_bad": {
        ("container-image-by-digest", "app"),
        ("ecs-circuit-breaker", "app"),
        ("ecs-logged", "app"),
        ("ecs-no-public-address", "app"),
        ("ecs-no-secret-in-environment", "app"),
        ("ecs-not-root", "app"),
        ("elb-access-logs", "web"),
        ("elb-http-redirects", "web"),
        ("elb-waf", "web"),
        ("iam-no-administrator-policy", "task"),
        ("iam-trust-not-confusable", "task"),
    },
}
WAITING = {
    "static_site_bad": {
        ("s3-policy-keeps-control", "site-policy", "policy"),
        ("s3-policy-not-public", "site-policy", "policy"),
        ("s3-tls-only", "site", "policy"),
    },
    "back_office_bad": set(),
    "web_server_bad": set(),
    "containers_bad": {
        ("ecs-reaches-its-services", "app", "networkConfiguration.subnets (no subnet of this stack)"),
    },
}
"""What a first preview cannot know, and why."""

GOOD = ("static_site_good", "serverless_good")
RUNS = [*((name, {}) for name in BAD), *((name, CALM) for name in GOOD)]


def _found(evaluation: Evaluation) -> set[tuple[str, str]]:
    return {(v.rule, v.urn.rsplit("::", 1)[-1]) for v in evaluation.failed}


@pytest.mark.parametrize("program", BAD)
def test_weaknesses_of_another_program_are_found(program: str) -> None:
    evaluation = harnessed(program, {})
    assert BAD[program] - _found(evaluation) == set()
    waiting = evaluation.having(Outcome.NOT_EVALUATED)
    assert {(v.rule, v.urn.rsplit("::", 1)[-1], v.unknown) for v in waiting} == WAITING[program]


@pytest.mark.parametrize("program", GOOD)
def test_a_sound_program_raises_nothing(program: str) -> None:
    assert _found(harnessed(program, CALM)) == set()


@pytest.mark.engine
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("program", "pack"), RUNS, ids=[name for name, _ in RUNS])
def test_the_engine_gives_the_same_verdicts(program: str, pack: dict[str, Any], tmp_path: Path) -> None:
    code, printed, report = previewed(program, pack, tmp_path)
    assert report, printed
    # Mandatory failures stop the preview; a program in order passes.
    assert (code == 0) is (program in GOOD), printed
    here = harnessed(program, pack)
    ours = {(v.rule, v.urn, str(v.outcome)) for v in here.verdicts if v.outcome is not Outcome.PASSED}
    assert {(v["rule"], v["urn"], v["outcome"]) for v in report["verdicts"]} == ours


@pytest.mark.engine
@pytest.mark.timeout(600)
def test_each_remediation_mends_on_the_engine(tmp_path: Path) -> None:
    tags = dict.fromkeys(
        ("system", "environment", "component", "owner", "cost-center", "managed-by", "repository"), "x"
    )
    _, printed, report = previewed("unmended", {"remediate": True, "defaultTags": tags}, tmp_path)
    assert report, printed
    assert {each["rule"] for each in report["mended"]} == set(REMEDIES)
    still = {v["rule"] for v in report["verdicts"] if v["outcome"] == "failed"}
    # Plain HTTP to an origin is left to a person; its protocols are mended.
    assert still & set(REMEDIES) == set(), printed
    assert "a word that no one may see" not in printed


@pytest.mark.engine
@pytest.mark.timeout(600)
def test_nothing_is_mended_unless_it_is_asked_for(tmp_path: Path) -> None:
    _, printed, report = previewed("unmended", {}, tmp_path)
    assert report, printed
    assert report["mended"] == []
    failed = {v["rule"] for v in report["verdicts"] if v["outcome"] == "failed"}
    assert set(REMEDIES) - failed == set()


@pytest.mark.engine
@pytest.mark.timeout(600)
def test_a_configuration_that_cannot_be_used_stops_the_run_and_says_why(tmp_path: Path) -> None:
    code, printed, _ = previewed("serverless_good", {"pakcs": ["security"], "levels": {"x": "off"}}, tmp_path)
    assert code != 0
    assert "policies:config.pakcs: not a key; did you mean packs?" in printed
    assert "policies:config.levels.x: got 'off'" in printed
    assert "Traceback" not in printed
