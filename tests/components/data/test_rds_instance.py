"""The instances of Work Redesign, Sesami and PetClinic."""

import json
from pathlib import Path
from typing import Any

import pytest

from components.compute.lambda_args import LambdaFunctionArgs, ZipCode
from components.compute.lambda_function import LambdaFunction
from components.data.rds_cross_region_replica import RdsCrossRegionReplica, RdsCrossRegionReplicaArgs
from components.data.rds_instance import HandedOverMaster, RdsInstance, RdsInstanceArgs
from components.network.security_group import SecurityGroup, SecurityGroupArgs
from tests.harness import deploy

KEY = "arn:aws:kms:ap-northeast-2:123456789012:key/data"
TOKYO_KEY = "arn:aws:kms:ap-northeast-1:123456789012:key/data"
INSTANCE = "aws:rds/instance:Instance"


def work_redesign(**changes: Any) -> RdsInstanceArgs:
    given: dict[str, Any] = {
        "engine": "postgres",
        "engine_version": "17",
        "identifier": "work-redesign-prod",
        "database_name": "workredesign",
        "master_username": "redesign_owner",
        "instance_class": "db.t4g.large",
        "allocated_storage_gb": 100,
        "max_allocated_storage_gb": 500,
        "vpc_id": "vpc-1",
        "subnet_ids": ["subnet-a", "subnet-b"],
        "availability_zones": ["ap-northeast-2a", "ap-northeast-2c"],
        "kms_key_arn": KEY,
        "source_account": "123456789012",
        "backup_window": "03:00-04:00",
        "maintenance_window": "mon:04:00-mon:05:00",
    }
    return RdsInstanceArgs(**{**given, **changes})


def build(**changes: Any) -> Any:
    return deploy(lambda: RdsInstance("redesign-db", work_redesign(**changes)))


@pytest.fixture
def master(tmp_path: Path) -> Any:
    """Makes the function that takes over the master."""
    package = tmp_path / "package.zip"
    package.write_bytes(b"PK\x05\x06" + b"\0" * 18)

    def made() -> HandedOverMaster:
        args = LambdaFunctionArgs(
            code=ZipCode(path=package, handler="handler.handler", runtime="python3.13"),
            description="Database master",
            memory_mb=128,
            timeout_seconds=600,
            kms_key_arn=KEY,
            log_retention_days=30,
        )
        return HandedOverMaster(function=LambdaFunction("master-function", args), every_days=30)

    return made


def with_replicas(master: Any, **changes: Any) -> Any:
    def program() -> RdsInstance:
        return RdsInstance("redesign-db", work_redesign(master=master(), **{"read_replicas": 1, **changes}))

    return deploy(program)


def test_work_redesigns_numbers() -> None:
    inputs = build().one(INSTANCE).inputs

    assert (inputs["engine"], inputs["engineVersion"]) == ("postgres", "17")
    assert inputs["instanceClass"] == "db.t4g.large"
    assert (inputs["allocatedStorage"], inputs["maxAllocatedStorage"]) == (100, 500)
    assert inputs["storageType"] == "gp3"
    assert inputs["multiAz"] is True
    assert inputs["backupRetentionPeriod"] == 7
    assert inputs["backupWindow"] == "03:00-04:00"
    assert inputs["maintenanceWindow"] == "mon:04:00-mon:05:00"
    assert inputs["identifier"] == "work-redesign-prod"
    assert inputs["dbName"] == "workredesign"


def test_secure_without_being_asked() -> None:
    inputs = build().one(INSTANCE).inputs

    assert inputs["storageEncrypted"] is True
    for name in ("kmsKeyId", "masterUserSecretKmsKeyId", "performanceInsightsKmsKeyId"):
        assert inputs[name] == KEY
    assert inputs["manageMasterUserPassword"] is True
    assert "password" not in inputs
    assert inputs["iamDatabaseAuthenticationEnabled"] is True
    assert inputs["publiclyAccessible"] is False
    assert inputs["autoMinorVersionUpgrade"] is True
    assert inputs["copyTagsToSnapshot"] is True
    assert inputs["caCertIdentifier"] == "rds-ca-rsa2048-g1"
    assert inputs["monitoringInterval"] == 60
    assert (inputs["databaseInsightsMode"], inputs["performanceInsightsRetentionPeriod"]) == ("standard", 7)
    assert inputs["engineLifecycleSupport"] == "open-source-rds-extended-support-disabled"


@pytest.mark.parametrize("protected", [True, False])
def test_locks_come_together(protected: bool) -> None:
    found = build(deletion_protection=protected).one(INSTANCE)

    assert found.inputs["deletionProtection"] is protected
    assert found.inputs["skipFinalSnapshot"] is not protected
    assert found.inputs["deleteAutomatedBackups"] is not protected
    assert found.inputs["finalSnapshotIdentifier"] == "work-redesign-prod-final"
    assert found.options.protect is protected
    assert found.options.retain_on_delete is protected


@pytest.mark.parametrize(
    ("engine", "version", "expected"),
    [
        (
            "postgres",
            "17.6",
            {
                "family": "postgres17",
                "tls": ("rds.force_ssl", "1"),
                "port": 5432,
                "logs": ["iam-db-auth-error", "postgresql", "upgrade"],
            },
        ),
        (
            "mysql",
            "8.4",
            {
                "family": "mysql8.4",
                "tls": ("require_secure_transport", "1"),
                "port": 3306,
                "logs": ["error", "iam-db-auth-error", "slowquery"],
            },
        ),
    ],
)
def test_engines(engine: str, version: str, expected: dict[str, Any]) -> None:
    result = build(engine=engine, engine_version=version)
    found = result.one(INSTANCE)
    group = result.one("aws:rds/parameterGroup:ParameterGroup")

    assert group.inputs["family"] == expected["family"]
    assert expected["tls"] in {(each["name"], each["value"]) for each in group.inputs["parameters"]}
    assert group.urn in found.property_dependencies["parameterGroupName"]
    assert found.inputs["port"] == expected["port"]
    assert found.inputs["enabledCloudwatchLogsExports"] == expected["logs"]


def test_logs_go_to_groups_made_first() -> None:
    result = build()
    found = result.one(INSTANCE)
    groups = {each.inputs["name"]: each for each in result.of_type("aws:cloudwatch/logGroup:LogGroup")}

    assert set(groups) == {
        f"/aws/rds/instance/work-redesign-prod/{kind}"
        for kind in ("iam-db-auth-error", "postgresql", "upgrade")
    }
    for each in groups.values():
        assert (each.inputs["retentionInDays"], each.inputs["kmsKeyId"]) == (30, KEY)
        assert each.urn in found.dependencies


def test_a_replica_in_another_zone_with_an_endpoint_of_its_own(master: Any) -> None:
    result = with_replicas(master)
    primary = result.one(INSTANCE, "redesign-db-primary")
    replica = result.one(INSTANCE, "redesign-db-replica-1")

    assert replica.inputs["replicateSourceDb"] == "work-redesign-prod"
    assert replica.inputs["identifier"] == "work-redesign-prod-replica-1"
    assert replica.inputs["availabilityZone"] == "ap-northeast-2c"
    assert replica.inputs["instanceClass"] == "db.t4g.large"
    assert replica.inputs["storageEncrypted"] is True
    for name in ("kmsKeyId", "dbSubnetGroupName", "username", "engine", "allocatedStorage"):
        assert name not in replica.inputs, f"a replica inherits {name}"
    for name in ("vpcSecurityGroupIds", "parameterGroupName", "port", "maxAllocatedStorage"):
        assert replica.inputs[name] == primary.inputs[name]
    # RDS refuses a final snapshot of a replica, and a replica must be free to go.
    assert replica.inputs["skipFinalSnapshot"] is True
    assert replica.inputs["deletionProtection"] is False
    assert not replica.options.protect
    endpoints = result.one("platform:data:RdsInstance").outputs["replicaEndpoints"]
    assert set(endpoints) == {"replica-1"}
    assert endpoints["replica-1"] != result.one("platform:data:RdsInstance").outputs["endpoint"]


def test_petclinics_two_replicas_stand_apart(master: Any) -> None:
    zones = ["ap-northeast-2a", "ap-northeast-2b", "ap-northeast-2c"]
    result = with_replicas(
        master, engine="mysql", engine_version="8.4", read_replicas=2, availability_zones=zones
    )
    placed = {each.name: each.get("availabilityZone") for each in result.of_type(INSTANCE)}

    assert placed == {
        "redesign-db-primary": None,
        "redesign-db-replica-1": "ap-northeast-2b",
        "redesign-db-replica-2": "ap-northeast-2c",
    }
    groups = {each.get("name") for each in result.of_type("aws:cloudwatch/logGroup:LogGroup")}
    assert "/aws/rds/instance/work-redesign-prod-replica-2/slowquery" in groups


def test_replicas_wait_until_the_master_is_handed_over(master: Any) -> None:
    result = with_replicas(master)
    handover = result.one("aws:lambda/invocation:Invocation")
    secret = result.one("aws:secretsmanager/secret:Secret")
    rotation = result.one("aws:secretsmanager/secretRotation:SecretRotation")
    replica = result.one(INSTANCE, "redesign-db-replica-1")

    assert json.loads(handover.inputs["input"]) == {
        "handOver": {"instance": "work-redesign-prod", "secret": secret.outputs["arn"]}
    }
    assert handover.inputs["lifecycleScope"] == "CREATE_ONLY"
    assert handover.urn in replica.dependencies
    assert rotation.inputs["rotationRules"] == {"automaticallyAfterDays": 30}
    assert secret.inputs["kmsKeyId"] == KEY
    assert secret.options.protect is True
    assert result.one("platform:data:RdsInstance").outputs["masterSecretArn"] == secret.outputs["arn"]
    primary = result.one(INSTANCE, "redesign-db-primary")
    assert "masterUserSecretKmsKeyId" in primary.options.ignore_changes


def test_the_master_function_may_touch_this_database_alone(master: Any) -> None:
    result = with_replicas(master)
    policy = json.loads(
        result.one("aws:iam/rolePolicy:RolePolicy", "redesign-db-master-grant").inputs["policy"]
    )
    rds = [each for each in policy["Statement"] if "rds:ModifyDBInstance" in each["Action"]]

    assert [each["Resource"] for each in rds] == [
        ["arn:aws:rds:ap-northeast-2:123456789012:db:work-redesign-prod"]
    ]


def test_a_copy_in_tokyo(master: Any) -> None:
    def program() -> None:
        source = RdsInstance(
            "petclinic-db", work_redesign(engine="mysql", engine_version="8.4", master=master())
        )
        RdsCrossRegionReplica(
            "petclinic-tokyo",
            RdsCrossRegionReplicaArgs(
                source=source,
                source_engine_version="8.4",
                region="ap-northeast-1",
                identifier="petclinic-tokyo",
                instance_class="db.t4g.large",
                subnet_ids=["subnet-t1", "subnet-t2"],
                security_group_ids=["sg-tokyo"],
                kms_key_arn=TOKYO_KEY,
            ),
        )

    result = deploy(program)
    replica = result.one(INSTANCE, "petclinic-tokyo-replica")

    assert replica.inputs["region"] == "ap-northeast-1"
    assert replica.inputs["replicateSourceDb"].startswith("arn:aws:rds:ap-northeast-2:")
    assert replica.inputs["kmsKeyId"] == TOKYO_KEY
    assert replica.inputs["performanceInsightsKmsKeyId"] == TOKYO_KEY
    assert replica.inputs["backupRetentionPeriod"] == 7
    assert replica.inputs["skipFinalSnapshot"] is True
    assert replica.inputs["deletionProtection"] is True
    assert replica.options.protect is True
    assert result.one("aws:lambda/invocation:Invocation").urn in replica.dependencies
    for kind in (
        "aws:rds/subnetGroup:SubnetGroup",
        "aws:rds/parameterGroup:ParameterGroup",
        "aws:cloudwatch/logGroup:LogGroup",
    ):
        regions = {each.get("region") for each in result.of_type(kind) if "tokyo" in each.name}
        assert regions == {"ap-northeast-1"}, kind


def test_a_copy_elsewhere_needs_a_master_of_ours() -> None:
    def program() -> None:
        RdsCrossRegionReplicaArgs(
            source=RdsInstance("redesign-db", work_redesign()),
            source_engine_version="17",
            region="ap-northeast-1",
            identifier="copy",
            instance_class="db.t4g.large",
            subnet_ids=["subnet-t1", "subnet-t2"],
            security_group_ids=["sg-tokyo"],
            kms_key_arn=TOKYO_KEY,
        )

    with pytest.raises(ValueError, match="HandedOverMaster"):
        deploy(program)


def test_only_named_clients_may_connect() -> None:
    def program() -> None:
        tasks = SecurityGroup("tasks", SecurityGroupArgs(vpc_id="vpc-1", description="tasks"))
        RdsInstance("redesign-db", work_redesign(clients={"backend": tasks}))

    result = deploy(program)
    rule = result.one("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule").inputs
    assert (rule["fromPort"], rule["toPort"]) == (5432, 5432)
    assert rule["referencedSecurityGroupId"]
    assert not result.of_type("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")


def test_sesamis_sizes() -> None:
    dev = build(
        instance_class="db.t4g.micro", allocated_storage_gb=20, max_allocated_storage_gb=None, multi_az=False
    )
    inputs = dev.one(INSTANCE).inputs
    assert (inputs["instanceClass"], inputs["allocatedStorage"], inputs["maxAllocatedStorage"]) == (
        "db.t4g.micro",
        20,
        0,
    )
    assert (dev.result.memory_gib, build(instance_class="db.r6g.large").result.memory_gib) == (1, 16)


def test_classes_too_small_for_insights_go_without() -> None:
    inputs = build(engine="mysql", engine_version="8.4", instance_class="db.t4g.micro").one(INSTANCE).inputs
    assert "performanceInsightsEnabled" not in inputs


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"read_replicas": 1}, "RDS creates no replica"),
        ({"allocated_storage_gb": 10}, "allowed 20 to 65536"),
        ({"max_allocated_storage_gb": 109}, "allowed 110"),
        ({"instance_class": "db.x9.large"}, "a class of the t, m or r families"),
        ({"engine_version": "8.4"}, "postgres needs a major or full version"),
        ({"identifier": "Work"}, "identifier: got 'Work'"),
        ({"master_username": "postgres"}, "guessed first"),
        ({"backup_retention_days": 1}, "allowed 7 to 35"),
        ({"parameters": {"rds.force_ssl": "0"}}, "TLS is always forced"),
        ({"maintenance_window": "mon:03:30-mon:04:30"}, "overlaps backup_window"),
        ({"availability_zones": ["ap-northeast-2a"]}, "two or more"),
        (
            {
                "engine": "mysql",
                "engine_version": "8.4",
                "instance_class": "db.t4g.micro",
                "insights_mode": "advanced",
            },
            "from medium up",
        ),
    ],
)
def test_arguments_that_rds_or_the_rules_refuse(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build(**changes)
