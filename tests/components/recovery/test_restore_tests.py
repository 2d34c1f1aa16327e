"""The monthly drill of Work Redesign."""

from typing import Any

import pytest

from components.recovery.backup_rules_plan import TagSelection
from components.recovery.restore_tests import RestoreTest, RestoreTestingPlan, RestoreTestingPlanArgs
from tests.harness import Deployment, deploy

ACCOUNT = "123456789012"
VAULT = f"arn:aws:backup:ap-northeast-2:{ACCOUNT}:backup-vault:redesign"
TAG = TagSelection(value="work-redesign")


def build(**changes: Any) -> Deployment:
    given: dict[str, Any] = {
        "plan_name": "work_redesign",
        "account_id": ACCOUNT,
        "vault_arns": [VAULT],
        "tests": {
            "database": RestoreTest(
                resource_type="RDS", resources=TAG, metadata={"dbSubnetGroupName": "redesign"}
            ),
            "uploads": RestoreTest(resource_type="S3", resources=["arn:aws:s3:::uploads"]),
        },
        **changes,
    }
    return deploy(lambda: RestoreTestingPlan("redesign-drill", RestoreTestingPlanArgs(**given)))


def test_every_month_the_newest_point_of_the_last_week() -> None:
    plan = build().one("aws:backup/restoreTestingPlan:RestoreTestingPlan")

    assert plan["name"] == "work_redesign"
    assert plan["scheduleExpression"] == "cron(0 20 1 * ? *)"
    assert plan["startWindowHours"] == 4
    assert plan["recoveryPointSelection"] == {
        "algorithm": "LATEST_WITHIN_WINDOW",
        "includeVaults": [VAULT],
        "recoveryPointTypes": ["CONTINUOUS", "SNAPSHOT"],
        "selectionWindowDays": 7,
    }


def test_a_test_for_each_type() -> None:
    kind = "aws:backup/restoreTestingSelection:RestoreTestingSelection"
    result = build()
    database, uploads = (
        result.one(kind, "redesign-drill-database"),
        result.one(kind, "redesign-drill-uploads"),
    )

    assert database["protectedResourceType"] == "RDS"
    assert database["protectedResourceConditions"] == {
        "stringEquals": [{"key": "aws:ResourceTag/backup-plan", "value": "work-redesign"}]
    }
    assert "protectedResourceArns" not in database.inputs
    assert database["restoreMetadataOverrides"] == {"dbSubnetGroupName": "redesign"}
    assert database["validationWindowHours"] == 4
    assert uploads["protectedResourceArns"] == ["arn:aws:s3:::uploads"]
    assert "protectedResourceConditions" not in uploads.inputs


def test_the_role_restores_and_takes_no_backups() -> None:
    attached = {
        each["policyArn"] for each in build().of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    }
    assert attached == {
        "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForRestores",
        "arn:aws:iam::aws:policy/AWSBackupServiceRolePolicyForS3Restore",
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"plan_name": "work-redesign"}, "letters, digits and underscores"),
        ({"schedule": "rate(30 days)"}, "needs six fields"),
        ({"tests": {}}, "proves nothing"),
        ({"vault_arns": []}, "vault_arns: got none"),
        ({"start_window_hours": 169}, "allowed 1 to 168"),
        ({"selection_window_days": 0}, "allowed 1 to 365"),
        ({"tests": {"a-b": RestoreTest(resource_type="RDS", resources=TAG)}}, "tests: got 'a-b'"),
        (
            {"tests": {"a": RestoreTest(resource_type="RDS", resources=TAG, validation_window_hours=0)}},
            "validation_window_hours: got 0",
        ),
        ({"tests": {"a": RestoreTest(resource_type="RDS", resources=[])}}, "got 0 ARNs"),
    ],
)
def test_what_backup_refuses(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build(**changes)
