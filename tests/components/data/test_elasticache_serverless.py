"""The cache, and who may use it."""

from typing import Any

import pytest

from components.data.cache_access import access_string
from components.data.elasticache_serverless import CacheServerless, CacheServerlessArgs
from components.network.security_group import SecurityGroup, SecurityGroupArgs
from tests.harness import deploy


def build(**changes: Any) -> Any:
    def program() -> None:
        functions = SecurityGroup("functions", SecurityGroupArgs(vpc_id="vpc-1", description="functions"))
        given: dict[str, Any] = {
            "cache_name": "safework-prod",
            "user_id": "safework-prod-app",
            "vpc_id": "vpc-1",
            "subnet_ids": ["subnet-a", "subnet-b"],
            "clients": {"functions": functions},
            "kms_key_arn": "arn:key",
            "max_data_storage_gb": 1,
            "max_ecpu_per_second": 1_000,
        }
        CacheServerless("safework-cache", CacheServerlessArgs(**{**given, **changes}))

    return deploy(program)


CACHE = "aws:elasticache/serverlessCache:ServerlessCache"


def test_encrypted_bounded_and_snapshotted() -> None:
    inputs = build().one(CACHE).inputs

    assert (inputs["engine"], inputs["majorEngineVersion"]) == ("valkey", "8")
    assert inputs["kmsKeyId"] == "arn:key"
    assert inputs["cacheUsageLimits"] == {
        "dataStorage": {"maximum": 1, "unit": "GB"},
        "ecpuPerSeconds": [{"maximum": 1_000}],
    }
    assert (inputs["snapshotRetentionLimit"], inputs["dailySnapshotTime"]) == (7, "17:00")


def test_one_user_who_logs_in_by_token_and_no_default_user() -> None:
    result = build()
    user = result.one("aws:elasticache/user:User").inputs
    group = result.one("aws:elasticache/userGroup:UserGroup").inputs

    assert user["authenticationMode"] == {"type": "iam"}
    assert user["userId"] == user["userName"] == "safework-prod-app"
    assert user["accessString"] == "on ~* +@all -@admin -@dangerous"
    assert (user["engine"], group["engine"]) == ("valkey", "valkey")
    assert group["userIds"] == ["safework-prod-app"]
    assert result.one(CACHE).inputs["userGroupId"] == group["userGroupId"]


def test_only_named_clients_reach_both_ports() -> None:
    rule = build().one("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule").inputs

    assert (rule["fromPort"], rule["toPort"]) == (6379, 6380)
    assert rule["referencedSecurityGroupId"]


@pytest.mark.parametrize("protected", [True, False])
def test_the_engine_protects_what_is_kept(protected: bool) -> None:
    options = build(deletion_protection=protected).one(CACHE).options

    assert bool(options.protect) is protected
    assert bool(options.retain_on_delete) is protected


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cache_name": "a" * 41}, "cache_name"),
        ({"user_id": "Safework"}, "user_id"),
        ({"user_id": "default"}, "takes unasked"),
        ({"max_data_storage_gb": 0}, "allowed 1 to 5000"),
        ({"max_ecpu_per_second": 999}, "allowed 1000 to 15000000"),
        ({"snapshot_retention_days": 0}, "allowed 1 to 35"),
        ({"daily_snapshot_time": "2am"}, "needs hh:mm"),
        ({"subnet_ids": ["subnet-a"]}, "takes two or three"),
        ({"key_pattern": "a b"}, "one pattern without spaces"),
    ],
)
def test_arguments_that_elasticache_refuses(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build(**changes)


def test_rights_stop_at_the_pattern() -> None:
    assert access_string("session:*") == "on ~session:* +@all -@admin -@dangerous"
    assert access_string("*", "socket.io*") == "on ~* &socket.io* +@all -@admin -@dangerous"
