"""The caches of Work Redesign (two shards), Currency Travel (three nodes) and PetClinic (sessions)."""

from typing import Any

import pytest

from components.data.redis_replication_group import (
    ClusterMode,
    RedisReplicationGroup,
    RedisReplicationGroupArgs,
    SingleShard,
)
from components.network.security_group import SecurityGroup, SecurityGroupArgs
from tests.harness import deploy

GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"
USER = "aws:elasticache/user:User"
KEY = "arn:aws:kms:ap-northeast-2:123456789012:key/data"


def build(**changes: Any) -> Any:
    def program() -> RedisReplicationGroup:
        tasks = SecurityGroup("tasks", SecurityGroupArgs(vpc_id="vpc-1", description="tasks"))
        given: dict[str, Any] = {
            "replication_group_id": "redesign-prod",
            "user_id": "redesign-prod-app",
            "topology": ClusterMode(shards=2, replicas_per_shard=1),
            "node_type": "cache.t4g.medium",
            "vpc_id": "vpc-1",
            "subnet_ids": ["subnet-a", "subnet-b"],
            "clients": {"backend": tasks},
            "kms_key_arn": KEY,
        }
        args = RedisReplicationGroupArgs(**{**given, **changes})
        return RedisReplicationGroup("redesign-cache", args)

    return deploy(program)


def test_work_redesigns_two_shards() -> None:
    result = build()
    inputs = result.one(GROUP).inputs

    assert (inputs["numNodeGroups"], inputs["replicasPerNodeGroup"]) == (2, 1)
    assert inputs["clusterMode"] == "enabled"
    assert "numCacheClusters" not in inputs
    parameters = result.one("aws:elasticache/parameterGroup:ParameterGroup").inputs
    assert parameters["family"] == "valkey8"
    assert {"name": "cluster-enabled", "value": "yes"} in parameters["parameters"]
    outputs = result.one("platform:data:RedisReplicationGroup").outputs
    assert outputs["endpoint"].startswith("clustercfg.")
    assert outputs.get("readerEndpoint") is None


def test_currency_travels_three_nodes() -> None:
    result = build(
        engine="redis",
        engine_version="7.1",
        topology=SingleShard(replicas=2),
        node_type="cache.r6g.large",
    )
    inputs = result.one(GROUP).inputs

    assert inputs["numCacheClusters"] == 3
    assert (inputs["engine"], inputs["engineVersion"], inputs["nodeType"]) == (
        "redis",
        "7.1",
        "cache.r6g.large",
    )
    for name in ("clusterMode", "numNodeGroups", "replicasPerNodeGroup"):
        assert name not in inputs
    outputs = result.one("platform:data:RedisReplicationGroup").outputs
    assert outputs["endpoint"].startswith("master.")
    assert outputs["readerEndpoint"].startswith("replica.")
    assert result.result.node_ids == ("redesign-prod-001", "redesign-prod-002", "redesign-prod-003")


def test_encrypted_and_watched_over() -> None:
    result = build()
    inputs = result.one(GROUP).inputs

    assert inputs["atRestEncryptionEnabled"] is True
    assert inputs["kmsKeyId"] == KEY
    assert inputs["transitEncryptionEnabled"] is True
    assert inputs["transitEncryptionMode"] == "required"
    assert inputs["automaticFailoverEnabled"] is True
    assert inputs["multiAzEnabled"] is True
    assert inputs["autoMinorVersionUpgrade"] is True
    assert (inputs["snapshotRetentionLimit"], inputs["snapshotWindow"]) == (7, "17:00-18:00")
    assert inputs["maintenanceWindow"] == "sun:18:30-sun:19:30"
    assert inputs["finalSnapshotIdentifier"] == "redesign-prod-final"
    delivered = {each["logType"]: each for each in inputs["logDeliveryConfigurations"]}
    assert set(delivered) == {"engine-log", "slow-log"}
    for each in delivered.values():
        assert (each["destinationType"], each["logFormat"]) == ("cloudwatch-logs", "json")
    for group in result.of_type("aws:cloudwatch/logGroup:LogGroup"):
        assert (group.inputs["retentionInDays"], group.inputs["kmsKeyId"]) == (30, KEY)


def test_one_user_who_logs_in_by_token() -> None:
    result = build(key_pattern="app:*", channel_pattern="socket.io*")
    user = result.one(USER)
    users = result.one("aws:elasticache/userGroup:UserGroup")

    assert user.inputs["authenticationMode"] == {"type": "iam"}
    assert user.inputs["userId"] == user.inputs["userName"] == "redesign-prod-app"
    assert user.inputs["accessString"] == "on ~app:* &socket.io* +@all -@admin -@dangerous"
    assert users.inputs["userIds"] == ["redesign-prod-app"]
    assert result.one(GROUP).inputs["userGroupIds"] == ["redesign-prod"]


def test_redis_has_a_default_user_that_can_do_nothing() -> None:
    result = build(engine="redis", engine_version="7.1")
    closed = result.one(USER, "redesign-cache-closed-default").inputs

    assert (closed["userName"], closed["accessString"]) == ("default", "off ~* -@all")
    assert result.one("aws:elasticache/userGroup:UserGroup").inputs["userIds"] == [
        "redesign-prod-app",
        "redesign-prod-default",
    ]


def test_one_node_alone_does_not_fail_over() -> None:
    inputs = build(topology=SingleShard(replicas=0), deletion_protection=False).one(GROUP).inputs

    assert inputs["numCacheClusters"] == 1
    assert inputs["automaticFailoverEnabled"] is False
    assert inputs["multiAzEnabled"] is False
    assert "finalSnapshotIdentifier" not in inputs


def test_shards_without_replicas_still_fail_over_in_elasticaches_eyes() -> None:
    inputs = build(topology=ClusterMode(shards=2, replicas_per_shard=0)).one(GROUP).inputs
    assert inputs["automaticFailoverEnabled"] is True
    assert inputs["multiAzEnabled"] is False


@pytest.mark.parametrize("protected", [True, False])
def test_the_engine_protects_what_is_kept(protected: bool) -> None:
    options = build(deletion_protection=protected).one(GROUP).options
    assert (options.protect, options.retain_on_delete) == (protected, protected)


def test_only_named_clients() -> None:
    rule = build().one("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule").inputs
    assert (rule["fromPort"], rule["toPort"]) == (6379, 6379)
    assert rule["referencedSecurityGroupId"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"replication_group_id": "Redesign"}, "replication_group_id"),
        ({"user_id": "default"}, "takes unasked"),
        ({"node_type": "cache.t2.small"}, "node_type"),
        ({"node_type": "cache.r6gd.xlarge"}, "node_type"),
        ({"engine_version": "6.2"}, "engine_version"),
        ({"subnet_ids": ["subnet-a"]}, "need two subnets"),
        ({"snapshot_retention_days": 0}, "allowed 1 to 35"),
        ({"snapshot_window": "17:00-17:30"}, "at least an hour"),
        ({"snapshot_window": "18:00-19:00"}, "overlaps"),
        ({"channel_pattern": ""}, "channel_pattern"),
        ({"engine": "redis", "engine_version": "7.1", "replication_group_id": "a" * 38}, "with -default"),
    ],
)
def test_arguments_that_elasticache_or_the_rules_refuse(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build(**changes)
