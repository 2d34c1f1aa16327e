"""A replication is private, encrypted, logged, compared row by row, and opens databases by secrets."""

import json
from typing import Any

import pytest

from components.migration.dms_endpoint import Verified
from components.migration.replication_plan import CAPACITY_UNITS, table_mappings
from components.observability.alarms import Alarms, AlarmsArgs
from components.observability.dms_alarms import dms_alarms
from tests.contracts import given
from tests.contracts.examples_migration import endpoint, replication
from tests.harness import Deployment, deploy

CONFIG = "aws:dms/replicationConfig:ReplicationConfig"
ENDPOINT = "aws:dms/endpoint:Endpoint"
AUTHORITY = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


def built(**changes: Any) -> Deployment:
    return deploy(lambda: replication("move", **changes))


def test_full_load_then_changes_and_nothing_starts_by_itself() -> None:
    config = built().one(CONFIG)
    assert config["replicationType"] == "full-load-and-cdc"
    assert config["startReplication"] is False
    compute = config["computeConfig"]
    assert (compute["minCapacityUnits"], compute["maxCapacityUnits"], compute["multiAz"]) == (1, 8, True)
    assert compute["kmsKeyId"] == given.KEY_ARN


def test_every_row_is_compared_and_whole_large_objects_are_carried() -> None:
    settings = json.loads(built().one(CONFIG)["replicationSettings"])
    assert settings["ValidationSettings"]["EnableValidation"] is True
    assert settings["ValidationSettings"]["SkipLobColumns"] is False
    assert settings["TargetMetadata"]["FullLobMode"] is True
    assert settings["FullLoadSettings"]["TargetTablePrepMode"] == "DO_NOTHING"
    levels = {each["Id"]: each["Severity"] for each in settings["Logging"]["LogComponents"]}
    assert {"SOURCE_CAPTURE", "SOURCE_UNLOAD", "TARGET_APPLY", "TARGET_LOAD"} <= set(levels)
    assert set(levels.values()) == {"LOGGER_SEVERITY_DEFAULT"}


def test_its_log_group_is_made_before_dms_makes_one_without_an_end() -> None:
    deployment = built()
    config, group = deployment.one(CONFIG), deployment.one("aws:cloudwatch/logGroup:LogGroup")
    assert group["name"] == "dms-serverless-replication-example"
    assert (config.outputs or {})["arn"].endswith(":replication-config:example")
    assert group["retentionInDays"] == 30
    assert group["kmsKeyId"] == given.KEY_ARN


def test_nothing_comes_in() -> None:
    assert built().of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule") == ()


def test_an_endpoint_has_no_password_and_a_role_for_one_secret() -> None:
    deployment = deploy(lambda: endpoint("old"))
    record = deployment.one(ENDPOINT)
    assert record["secretsManagerArn"] == given.SECRET_ARN
    assert not {"password", "username", "serverName", "port"} & set(record.inputs)
    role = deployment.one("aws:iam/role:Role")
    (trust,) = json.loads(role["assumeRolePolicy"])["Statement"]
    assert trust["Principal"] == {"Service": ["dms.ap-northeast-2.amazonaws.com"]}
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": given.ACCOUNT}
    policy = json.loads(deployment.one("aws:iam/rolePolicy:RolePolicy")["policy"])
    reading, decrypting = policy["Statement"]
    assert reading["Resource"] == [given.SECRET_ARN]
    assert decrypting["Action"] == ["kms:Decrypt", "kms:DescribeKey"]


def test_tls_is_required_and_verified_where_the_authority_is_known() -> None:
    assert deploy(lambda: endpoint("old")).one(ENDPOINT)["sslMode"] == "require"
    verified = deploy(lambda: endpoint("old", tls=Verified(authority_pem=AUTHORITY)))
    record, certificate = verified.one(ENDPOINT), verified.one("aws:dms/certificate:Certificate")
    assert record["sslMode"] == "verify-full"
    assert record["certificateArn"] == (certificate.outputs or {})["certificateArn"]
    assert certificate["certificatePem"] == AUTHORITY
    with pytest.raises(ValueError, match="authority_pem: no certificate in it"):
        Verified(authority_pem="key")


def test_the_source_is_read_and_the_targets_triggers_rest() -> None:
    source = deploy(lambda: endpoint("old")).one(ENDPOINT)["postgresSettings"]
    assert (source["pluginName"], source["captureDdls"], source["heartbeatEnable"]) == (
        "test-decoding",
        False,
        True,
    )
    assert source["failTasksOnLobTruncation"] is True
    target = deploy(lambda: endpoint("new", end="target")).one(ENDPOINT)["postgresSettings"]
    assert target["afterConnectScript"] == "SET session_replication_role='replica'"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"replication_name": "Example"}, "replication_name: got 'Example'"),
        ({"replication_name": "a" * 32}, "1 to 31 lower-case letters"),
        ({"replication_name": "a--b"}, "single dashes"),
        ({"min_capacity_units": 3}, "min_capacity_units: got 3; DMS offers 1, 2, 4"),
        ({"min_capacity_units": 16}, r"got 16; at most max_capacity_units \(8\)"),
        ({"subnet_ids": ["subnet-a"]}, "subnet_ids: got 1"),
        ({"schemas": []}, "schemas: got none"),
        ({"schemas": ["app%"]}, "schemas: got 'app%'"),
    ],
)
def test_what_dms_would_refuse(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        built(**changes)


def test_each_schema_is_one_rule() -> None:
    rules = json.loads(table_mappings(["public", "audit"]))["rules"]
    assert [rule["object-locator"] for rule in rules] == [
        {"schema-name": "public", "table-name": "%"},
        {"schema-name": "audit", "table-name": "%"},
    ]
    assert CAPACITY_UNITS[0] == 1


def test_alarms_on_lag_failure_and_rows_that_differ() -> None:
    def build() -> None:
        move = replication("move")
        alarms = dms_alarms(
            move,
            "move",
            log_group_name=move.log_group_name,
            namespace="example",
            lag_seconds=300,
            runbook="migration-dms.md",
        )
        Alarms(
            "alarms",
            AlarmsArgs(alarms=alarms, alarm_actions=[given.TOPIC_ARN], runbook_url="https://runbooks"),
        )

    deployment = deploy(build)
    alarms = {
        record.name.removeprefix("alarms-"): record
        for record in deployment.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")
    }
    assert set(alarms) == {"lag-source", "lag-target", "failed", "errors", "differences"}
    (query,) = alarms["lag-target"]["metricQueries"]
    assert query["expression"] == 'SELECT MAX(CDCLatencyTarget) FROM "AWS/DMS"'
    assert (query["period"], alarms["lag-target"]["threshold"]) == (300, 300)
    filters = {
        record["metricTransformation"]["name"]: record["pattern"]
        for record in deployment.of_type("aws:cloudwatch/logMetricFilter:LogMetricFilter")
    }
    assert set(filters) == {"ReplicationFailed", "ReplicationErrors", "ValidationFailures"}
    for key, name in (("failed", "ReplicationFailed"), ("differences", "ValidationFailures")):
        assert (alarms[key]["namespace"], alarms[key]["metricName"]) == ("example", name)
        assert alarms[key]["threshold"] == 0
