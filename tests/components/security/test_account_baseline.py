"""The account baseline: what records, what judges, what watches, and who may write."""

import json
from typing import Any

import pytest

from components.security.account_baseline import AccountBaseline, AccountBaselineArgs
from components.security.account_baseline_plan import CONFIG_RULES, trail_arn
from components.security.account_baseline_policies import record_key_statements
from tests.contracts import given
from tests.harness import Deployment, deploy

TRAIL = trail_arn(region=given.REGION, account_id=given.ACCOUNT, trail_name="records")


@pytest.fixture(scope="module")
def deployment() -> Deployment:
    args = AccountBaselineArgs(
        account_id=given.ACCOUNT,
        region=given.REGION,
        trail_name="records",
        kms_key_arn=given.KEY_ARN,
        finding_topic_arn=given.TOPIC_ARN,
        log_retention_days=30,
    )
    return deploy(lambda: AccountBaseline("base", args))


def test_the_trail_records_every_call_everywhere_and_can_be_trusted(deployment: Deployment) -> None:
    trail = deployment.one("aws:cloudtrail/trail:Trail")
    assert trail["isMultiRegionTrail"] is True
    assert trail["includeGlobalServiceEvents"] is True
    assert trail["enableLogFileValidation"] is True
    assert trail["enableLogging"] is True
    assert trail["kmsKeyId"] == given.KEY_ARN
    assert trail["cloudWatchLogsGroupArn"].endswith(":*")
    assert {each["name"] for each in trail["advancedEventSelectors"]} == {
        "Management",
        "Objects",
        "Functions",
    }


def test_the_trail_does_not_record_its_own_files(deployment: Deployment) -> None:
    trail = deployment.one("aws:cloudtrail/trail:Trail")
    (objects,) = [each for each in trail["advancedEventSelectors"] if each["name"] == "Objects"]
    (own,) = [each for each in objects["fieldSelectors"] if each["field"] == "resources.ARN"]
    bucket = deployment.one("aws:s3/bucket:Bucket", "base-records-bucket")
    assert own["notStartsWiths"] == [f"{bucket.outputs['arn']}/"]


def test_the_policy_names_the_trail_that_is_made(deployment: Deployment) -> None:
    trail = deployment.one("aws:cloudtrail/trail:Trail")
    policy = json.loads(deployment.one("aws:s3/bucketPolicy:BucketPolicy", "base-records-policy")["policy"])
    statements: list[dict[str, Any]] = policy["Statement"]
    writers = [each for each in statements if each["Effect"] == "Allow"]
    assert trail.outputs["arn"] == TRAIL
    conditions = json.dumps([each["Condition"] for each in writers])
    assert TRAIL in conditions
    assert all(
        "aws:SourceArn" in json.dumps(each) or "aws:SourceAccount" in json.dumps(each) for each in writers
    )
    assert trail.dependencies, "the trail must wait for the policy"


def test_config_records_everything_before_it_judges(deployment: Deployment) -> None:
    group = deployment.one("aws:cfg/recorder:Recorder")["recordingGroup"]
    assert group == {"allSupported": True, "includeGlobalResourceTypes": True}
    assert deployment.one("aws:cfg/recorderStatus:RecorderStatus")["isEnabled"] is True
    rules = deployment.of_type("aws:cfg/rule:Rule")
    assert {each["source"]["sourceIdentifier"] for each in rules} == {
        rule.identifier for rule in CONFIG_RULES.values()
    }
    recorder = deployment.one("aws:cfg/recorder:Recorder").urn
    assert all(recorder in each.dependencies for each in rules)


def test_guardduty_and_security_hub_are_on(deployment: Deployment) -> None:
    assert deployment.one("aws:guardduty/detector:Detector")["enable"] is True
    features = deployment.of_type("aws:guardduty/detectorFeature:DetectorFeature")
    assert {each["status"] for each in features} == {"ENABLED"}
    standards = {
        each["standardsArn"].split("::")[1]
        for each in deployment.of_type("aws:securityhub/standardsSubscription:StandardsSubscription")
    }
    assert any("foundational" in each for each in standards)
    assert any("cis-aws" in each for each in standards)


def test_somebody_hears_of_grave_findings(deployment: Deployment) -> None:
    targets = deployment.of_type("aws:cloudwatch/eventTarget:EventTarget")
    assert {each["arn"] for each in targets} == {given.TOPIC_ARN}
    sources = {
        json.loads(each["eventPattern"])["source"][0]
        for each in deployment.of_type("aws:cloudwatch/eventRule:EventRule")
    }
    assert sources == {"aws.guardduty", "aws.securityhub"}


def test_account_defaults(deployment: Deployment) -> None:
    block = deployment.one("aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock")
    assert all(value is True for key, value in block.inputs.items() if key != "accountId")
    assert deployment.one("aws:ebs/encryptionByDefault:EncryptionByDefault")["enabled"] is True
    passwords = deployment.one("aws:iam/accountPasswordPolicy:AccountPasswordPolicy")
    assert passwords["minimumPasswordLength"] >= 14
    assert passwords["passwordReusePrevention"] == 24
    assert deployment.one("aws:accessanalyzer/analyzer:Analyzer")["type"] == "ACCOUNT"


def test_the_key_serves_one_trail_and_one_account() -> None:
    statements = record_key_statements(account_id=given.ACCOUNT, trail_arn=TRAIL)
    conditions = {each.sid: each.conditions for each in statements}
    assert conditions["CloudTrail"] == {"StringEquals": {"aws:SourceArn": TRAIL}}
    assert conditions["Config"] == {"StringEquals": {"aws:SourceAccount": given.ACCOUNT}}
