"""The cluster that SafeWork runs on, and what changes where data is not kept."""

from typing import Any

import pytest

from components.data.aurora import AuroraServerless, AuroraServerlessArgs
from components.network.security_group import SecurityGroup, SecurityGroupArgs
from tests.harness import UNKNOWN, deploy

KEY = "arn:aws:kms:ap-northeast-2:123456789012:key/data"


def safework(**changes: Any) -> AuroraServerlessArgs:
    given: dict[str, Any] = {
        "engine": "aurora-postgresql",
        "engine_version": "16",
        "cluster_identifier": "safework-prod",
        "database_name": "safework",
        "master_username": "safework_owner",
        "min_acu": 0.5,
        "max_acu": 4,
        "vpc_id": "vpc-1",
        "subnet_ids": ["subnet-a", "subnet-b"],
        "availability_zones": ["ap-northeast-2a", "ap-northeast-2b"],
        "kms_key_arn": KEY,
        "source_account": "123456789012",
    }
    return AuroraServerlessArgs(**{**given, **changes})


def build(**changes: Any) -> Any:
    return deploy(lambda: AuroraServerless("safework-db", safework(**changes)))


def cluster(**changes: Any) -> Any:
    return build(**changes).one("aws:rds/cluster:Cluster")


def test_capacity_backups_and_the_data_api() -> None:
    inputs = cluster().inputs

    assert inputs["serverlessv2ScalingConfiguration"] == {"minCapacity": 0.5, "maxCapacity": 4}
    assert inputs["backupRetentionPeriod"] == 7
    assert inputs["enableHttpEndpoint"] is True
    assert inputs["copyTagsToSnapshot"] is True
    assert (inputs["databaseInsightsMode"], inputs["performanceInsightsRetentionPeriod"]) == ("standard", 7)


def test_encrypted_with_our_key_and_no_password_of_ours() -> None:
    inputs = cluster().inputs

    assert inputs["storageEncrypted"] is True
    for name in ("kmsKeyId", "masterUserSecretKmsKeyId", "performanceInsightsKmsKeyId"):
        assert inputs[name] == KEY
    assert inputs["manageMasterUserPassword"] is True
    assert "masterPassword" not in inputs
    assert inputs["iamDatabaseAuthenticationEnabled"] is True


def test_the_secret_and_the_logs_may_have_keys_of_their_own() -> None:
    result = build(secret_kms_key_arn="arn:secret", log_kms_key_arn="arn:logs")

    assert result.one("aws:rds/cluster:Cluster").inputs["masterUserSecretKmsKeyId"] == "arn:secret"
    groups = result.of_type("aws:cloudwatch/logGroup:LogGroup")
    assert {each.inputs["kmsKeyId"] for each in groups} == {"arn:logs"}


def test_protected_data_has_all_its_locks() -> None:
    found = cluster()

    assert found.inputs["deletionProtection"] is True
    assert found.inputs["skipFinalSnapshot"] is False
    assert found.inputs["finalSnapshotIdentifier"] == "safework-prod-final"
    assert found.inputs["deleteAutomatedBackups"] is False
    assert found.options.protect is True
    assert found.options.retain_on_delete is True


def test_unlocked_data_still_leaves_a_snapshot() -> None:
    found = cluster(deletion_protection=False)

    assert found.inputs["deletionProtection"] is False
    assert found.inputs["skipFinalSnapshot"] is False
    assert found.inputs["deleteAutomatedBackups"] is False
    assert not found.options.protect


def test_data_that_is_not_kept_has_no_lock() -> None:
    found = cluster(deletion_protection=False, final_snapshot=False)

    assert found.inputs["skipFinalSnapshot"] is True
    assert not found.options.protect
    assert not found.options.retain_on_delete


def test_the_economy_cluster_pauses_and_stands_alone() -> None:
    result = build(min_acu=0, readers=0, deletion_protection=False)

    scaling = result.one("aws:rds/cluster:Cluster").inputs["serverlessv2ScalingConfiguration"]
    assert scaling == {"minCapacity": 0, "maxCapacity": 4, "secondsUntilAutoPause": 300}
    assert [each.name for each in result.of_type("aws:rds/clusterInstance:ClusterInstance")] == [
        "safework-db-writer"
    ]


def test_two_private_instances_in_two_zones() -> None:
    result = build()
    instances = {each.name: each for each in result.of_type("aws:rds/clusterInstance:ClusterInstance")}

    assert {name: each.inputs["availabilityZone"] for name, each in instances.items()} == {
        "safework-db-writer": "ap-northeast-2a",
        "safework-db-reader-1": "ap-northeast-2b",
    }
    for each in instances.values():
        assert each.inputs["instanceClass"] == "db.serverless"
        assert each.inputs["publiclyAccessible"] is False
        assert each.inputs["autoMinorVersionUpgrade"] is True
        assert each.inputs["monitoringInterval"] == 60
        assert each.inputs["caCertIdentifier"] == "rds-ca-rsa2048-g1"
    assert instances["safework-db-writer"].urn in instances["safework-db-reader-1"].dependencies


def test_logs_go_to_groups_made_first() -> None:
    result = build()
    found = result.one("aws:rds/cluster:Cluster")
    groups = {each.inputs["name"]: each for each in result.of_type("aws:cloudwatch/logGroup:LogGroup")}

    assert set(groups) == {
        "/aws/rds/cluster/safework-prod/iam-db-auth-error",
        "/aws/rds/cluster/safework-prod/postgresql",
    }
    assert found.inputs["enabledCloudwatchLogsExports"] == ["iam-db-auth-error", "postgresql"]
    for each in groups.values():
        assert each.inputs["retentionInDays"] == 30
        assert each.inputs["kmsKeyId"] == KEY
        assert each.urn in found.dependencies


def test_refused_connections_are_counted_from_the_log() -> None:
    transformation = (
        build().one("aws:cloudwatch/logMetricFilter:LogMetricFilter").inputs["metricTransformation"]
    )

    assert transformation["name"] == "safework-prod-connection-failures"
    assert transformation["namespace"] == "Platform/Database"
    assert transformation["defaultValue"] == "0"


@pytest.mark.parametrize(
    ("engine", "version", "family", "tls", "port"),
    [
        ("aurora-postgresql", "16", "aurora-postgresql16", ("rds.force_ssl", "1"), 5432),
        ("aurora-mysql", "8.0", "aurora-mysql8.0", ("require_secure_transport", "ON"), 3306),
    ],
)
def test_tls_is_forced(engine: str, version: str, family: str, tls: tuple[str, str], port: int) -> None:
    result = build(engine=engine, engine_version=version)

    group = result.one("aws:rds/clusterParameterGroup:ClusterParameterGroup").inputs
    assert group["family"] == family
    assert tls in {(each["name"], each["value"]) for each in group["parameters"]}
    assert result.one("aws:rds/cluster:Cluster").inputs["port"] == port


def test_only_named_clients_may_connect() -> None:
    def with_client() -> None:
        functions = SecurityGroup("functions", SecurityGroupArgs(vpc_id="vpc-1", description="functions"))
        AuroraServerless("safework-db", safework(clients={"functions": functions}))

    result = deploy(with_client)

    rule = result.one("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule").inputs
    assert (rule["fromPort"], rule["toPort"]) == (5432, 5432)
    assert rule["referencedSecurityGroupId"]
    assert "cidrIpv4" not in rule
    assert not result.of_type("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"max_acu": 4.25}, "max_acu: got 4.25"),
        ({"master_username": "postgres"}, "guessed first"),
        ({"backup_retention_days": 1}, "allowed 7 to 35"),
        ({"engine_version": "latest"}, "engine_version"),
        ({"readers": 16}, "readers: got 16"),
        ({"log_retention_days": 31}, "retention_days: got 31"),
    ],
)
def test_arguments_that_aws_or_the_rules_refuse(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build(**changes)


def test_a_first_preview_knows_what_is_not_the_clouds_to_say() -> None:
    result = deploy(lambda: AuroraServerless("safework-db", safework()), preview=True)
    outputs = result.one("platform:data:AuroraServerless").outputs

    assert outputs["masterSecretArn"] == UNKNOWN
    assert outputs["databaseName"] == "safework"
    assert outputs["port"] == 5432


def test_the_alarm_limits_follow_from_the_capacity() -> None:
    found = build().result

    assert found.max_connections == 823
    assert found.connection_failures.name == "safework-prod-connection-failures"
    assert found.pauses is False
