"""Work Redesign's backups: daily, kept, copied where asked, locked where asked."""

import json
from typing import Any

import pytest

from components.recovery.backups import (
    ArnSelection,
    BackupPlan,
    BackupPlanArgs,
    BackupRule,
    ComplianceLock,
    CrossRegionCopy,
    GovernanceLock,
    NoLock,
    TagSelection,
)
from tests.harness import Deployment, deploy

ACCOUNT = "123456789012"
KEY = f"arn:aws:kms:ap-northeast-2:{ACCOUNT}:key/backups"
TOKYO_KEY = f"arn:aws:kms:ap-northeast-1:{ACCOUNT}:key/backups"
DAILY = BackupRule(name="daily", schedule="cron(0 18 * * ? *)", delete_after_days=35)
VAULT = "aws:backup/vault:Vault"
LOCK = "aws:backup/vaultLockConfiguration:VaultLockConfiguration"


def build(**changes: Any) -> Deployment:
    given: dict[str, Any] = {
        "account_id": ACCOUNT,
        "kms_key_arn": KEY,
        "rules": [DAILY],
        "selections": {"tagged": TagSelection(value="work-redesign")},
        **changes,
    }
    return deploy(lambda: BackupPlan("redesign-backup", BackupPlanArgs(**given)))


def rule(**changes: Any) -> BackupRule:
    given: dict[str, Any] = {"name": "daily", "schedule": "cron(0 18 * * ? *)", "delete_after_days": 35}
    return BackupRule(**{**given, **changes})


def test_a_daily_backup_kept_35_days_in_an_encrypted_vault() -> None:
    result = build()
    vault = result.one(VAULT)
    (planned,) = result.one("aws:backup/plan:Plan")["rules"]

    assert vault["kmsKeyArn"] == KEY
    assert vault["forceDestroy"] is False
    assert vault.options.protect is True
    assert planned["targetVaultName"] == vault.outputs["name"]
    assert planned["schedule"] == "cron(0 18 * * ? *)"
    assert planned["scheduleExpressionTimezone"] == "Etc/UTC"
    assert planned["lifecycle"] == {"deleteAfter": 35}
    assert planned["enableContinuousBackup"] is False
    assert (planned["startWindow"], planned["completionWindow"]) == (60, 180)
    assert not planned.get("copyActions")
    assert not result.of_type(LOCK)


def test_continuous_and_cold_are_choices_of_a_rule() -> None:
    rules = [
        rule(name="continuous", continuous=True),
        rule(name="monthly", delete_after_days=365, cold_storage_after_days=30),
    ]
    planned = {each["ruleName"]: each for each in build(rules=rules).one("aws:backup/plan:Plan")["rules"]}

    assert planned["continuous"]["enableContinuousBackup"] is True
    assert planned["monthly"]["lifecycle"] == {"deleteAfter": 365, "coldStorageAfter": 30}


def test_copies_go_to_a_vault_with_a_key_of_that_region() -> None:
    copies = CrossRegionCopy(region="ap-northeast-1", kms_key_arn=TOKYO_KEY, delete_after_days=14)
    result = build(copies=copies, rules=[DAILY, rule(name="hourly", copy=False)])
    there = result.one(VAULT, "redesign-backup-copies-vault")
    planned = {each["ruleName"]: each for each in result.one("aws:backup/plan:Plan")["rules"]}

    assert (there["region"], there["kmsKeyArn"]) == ("ap-northeast-1", TOKYO_KEY)
    assert there.options.protect is True
    assert planned["daily"]["copyActions"] == [
        {"destinationVaultArn": there.outputs["arn"], "lifecycle": {"deleteAfter": 14}}
    ]
    assert there.outputs["arn"].startswith("arn:aws:backup:ap-northeast-1:")
    assert not planned["hourly"].get("copyActions")


@pytest.mark.parametrize(
    ("lock", "expected"),
    [
        (GovernanceLock(min_retention_days=7, max_retention_days=35), None),
        (ComplianceLock(min_retention_days=7, max_retention_days=35, changeable_for_days=3), 3),
    ],
)
def test_locks(lock: GovernanceLock | ComplianceLock, expected: int | None) -> None:
    copies = CrossRegionCopy(region="ap-northeast-1", kms_key_arn=TOKYO_KEY, delete_after_days=14)
    found = build(lock=lock, copies=copies).of_type(LOCK)

    assert [each.get("region") for each in found] == ["ap-northeast-1", None]
    for each in found:
        assert (each["minRetentionDays"], each["maxRetentionDays"]) == (7, 35)
        assert each.get("changeableForDays") == expected


def test_selected_by_tag_or_by_arn() -> None:
    arn = f"arn:aws:rds:ap-northeast-2:{ACCOUNT}:db:redesign"
    result = build(
        selections={"tagged": TagSelection(value="work-redesign"), "database": ArnSelection(arns=[arn])}
    )
    kind = "aws:backup/selection:Selection"

    assert result.one(kind, "redesign-backup-tagged")["selectionTags"] == [
        {"key": "backup-plan", "type": "STRINGEQUALS", "value": "work-redesign"}
    ]
    assert result.one(kind, "redesign-backup-database")["resources"] == [arn]


@pytest.mark.parametrize("buckets", [True, False])
def test_the_role_is_backups_alone_and_reads_buckets_only_where_asked(buckets: bool) -> None:
    result = build(includes_buckets=buckets)
    trust = json.loads(result.one("aws:iam/role:Role")["assumeRolePolicy"])["Statement"]
    attached = {
        each["policyArn"] for each in result.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    }

    assert trust[0]["Principal"] == {"Service": ["backup.amazonaws.com"]}
    assert trust[0]["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    assert "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup" in attached
    assert ("arn:aws:iam::aws:policy/AWSBackupServiceRolePolicyForS3Backup" in attached) is buckets
    assert not any("Restore" in arn for arn in attached)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rules": []}, "rules: got none"),
        ({"rules": [DAILY, DAILY]}, "each name once"),
        ({"rules": [rule(name="a b")]}, "got the name 'a b'"),
        ({"rules": [rule(schedule="rate(1 day)")]}, "needs six fields"),
        ({"rules": [rule(continuous=True, delete_after_days=36)]}, "kept 1 to 35 days, never cold"),
        ({"rules": [rule(cold_storage_after_days=30, delete_after_days=119)]}, "at least 120"),
        ({"rules": [rule(start_window_minutes=59)]}, "at least 60"),
        ({"rules": [rule(completion_window_minutes=119)]}, "an hour after the start window"),
        ({"lock": GovernanceLock(min_retention_days=36)}, "kept less than 36 days"),
        (
            {"lock": GovernanceLock(min_retention_days=1, max_retention_days=30)},
            "kept more than 30 days",
        ),
        ({"lock": ComplianceLock(min_retention_days=7, changeable_for_days=2)}, "allowed 3 to 36500"),
        ({"lock": GovernanceLock(min_retention_days=7, max_retention_days=6)}, "max_retention_days: got 6"),
        ({"selections": {}}, "selections: got none"),
        ({"selections": {"none": ArnSelection(arns=[])}}, "got no ARN"),
        (
            {
                "rules": [rule(copy=False)],
                "copies": CrossRegionCopy(region="r", kms_key_arn=KEY, delete_after_days=7),
            },
            "no rule with copy=True",
        ),
        (
            {
                "lock": GovernanceLock(min_retention_days=14),
                "copies": CrossRegionCopy(region="r", kms_key_arn=KEY, delete_after_days=7),
            },
            "copies: delete_after_days: got 7",
        ),
    ],
)
def test_what_backup_or_the_rules_refuse(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build(**changes)


def test_an_unprotected_vault_goes_with_its_contents() -> None:
    vault = build(deletion_protection=False, lock=NoLock()).one(VAULT)
    assert vault["forceDestroy"] is True
    assert not vault.options.protect
