"""The pool in front of the cluster."""

import json
from typing import Any

import pytest

from components.data.aurora import AuroraServerless, AuroraServerlessArgs
from components.data.rds_proxy import IamAuth, ProxyAuth, RdsProxy, RdsProxyArgs, SecretAuth
from components.network.security_group import SecurityGroup, SecurityGroupArgs
from tests.harness import deploy

SECRET = SecretAuth(secret_arn="arn:secret", secret_kms_key_arn="arn:key")
IAM = IamAuth(database_users=["safework_app"])


def build(auth: ProxyAuth = IAM, *, readers: int = 1, min_acu: float = 0.5, **changes: Any) -> Any:
    def program() -> None:
        functions = SecurityGroup("functions", SecurityGroupArgs(vpc_id="vpc-1", description="functions"))
        cluster = AuroraServerless(
            "safework-db",
            AuroraServerlessArgs(
                engine="aurora-postgresql",
                engine_version="16",
                cluster_identifier="safework-prod",
                database_name="safework",
                master_username="safework_owner",
                min_acu=min_acu,
                max_acu=4,
                vpc_id="vpc-1",
                subnet_ids=["subnet-a", "subnet-b"],
                availability_zones=["ap-northeast-2a", "ap-northeast-2b"],
                readers=readers,
                kms_key_arn="arn:key",
                source_account="123456789012",
            ),
        )
        RdsProxy(
            "safework-proxy",
            RdsProxyArgs(
                proxy_name="safework-prod",
                cluster=cluster,
                auth=auth,
                vpc_id="vpc-1",
                subnet_ids=["subnet-a", "subnet-b"],
                clients={"functions": functions},
                region="ap-northeast-2",
                account_id="123456789012",
                log_kms_key_arn="arn:key",
                **changes,
            ),
        )

    return deploy(program)


def role_statements(result: Any) -> list[dict[str, Any]]:
    policy = result.one("aws:iam/rolePolicy:RolePolicy").inputs["policy"]
    return json.loads(policy)["Statement"]


def test_tls_is_required_and_sql_is_not_logged() -> None:
    inputs = build().one("aws:rds/proxy:Proxy").inputs

    assert inputs["requireTls"] is True
    assert inputs["debugLogging"] is False
    assert inputs["engineFamily"] == "POSTGRESQL"


def test_iam_from_end_to_end_needs_no_secret() -> None:
    result = build(IAM)
    inputs = result.one("aws:rds/proxy:Proxy").inputs
    [statement] = role_statements(result)

    assert inputs["defaultAuthScheme"] == "IAM_AUTH"
    assert not inputs.get("auths")
    assert statement["Action"] == ["rds-db:connect"]
    [arn] = statement["Resource"]
    assert arn.startswith("arn:aws:rds-db:ap-northeast-2:123456789012:dbuser:cluster-")
    assert arn.endswith("/safework_app")


def test_a_secret_opens_to_the_proxy_alone_and_clients_sign_tokens() -> None:
    result = build(SECRET)
    [auth] = result.one("aws:rds/proxy:Proxy").inputs["auths"]
    by_action = {each["Action"][0]: each for each in role_statements(result)}

    assert auth == {"authScheme": "SECRETS", "iamAuth": "REQUIRED", "secretArn": "arn:secret"}
    assert by_action["secretsmanager:GetSecretValue"]["Resource"] == ["arn:secret"]
    assert by_action["kms:Decrypt"]["Resource"] == ["arn:key"]
    assert by_action["kms:Decrypt"]["Condition"] == {
        "StringEquals": {"kms:ViaService": "secretsmanager.ap-northeast-2.amazonaws.com"}
    }


def test_clients_that_cannot_sign_use_scram() -> None:
    auth = SecretAuth(secret_arn="arn:secret", secret_kms_key_arn="arn:key", client_iam=False)
    [found] = build(auth).one("aws:rds/proxy:Proxy").inputs["auths"]

    assert (found["iamAuth"], found["clientPasswordAuthType"]) == ("DISABLED", "POSTGRES_SCRAM_SHA_256")


def test_the_target_waits_for_every_instance() -> None:
    result = build()
    target = result.one("aws:rds/proxyTarget:ProxyTarget")

    for instance in result.of_type("aws:rds/clusterInstance:ClusterInstance"):
        assert instance.urn in target.dependencies


def test_the_proxy_waits_for_its_log_group() -> None:
    result = build()
    logs = next(
        each
        for each in result.of_type("aws:cloudwatch/logGroup:LogGroup")
        if each.inputs["name"] == "/aws/rds/proxy/safework-prod"
    )

    assert logs.inputs["retentionInDays"] == 30
    assert logs.urn in result.one("aws:rds/proxy:Proxy").dependencies


def test_the_way_in_is_clients_then_proxy_then_cluster() -> None:
    result = build()
    groups = {
        each.inputs["description"]: each.id for each in result.of_type("aws:ec2/securityGroup:SecurityGroup")
    }
    ways_in = {
        (rule.inputs["referencedSecurityGroupId"], rule.inputs["securityGroupId"], rule.inputs["fromPort"])
        for rule in result.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    }
    [way_out] = result.of_type("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")

    functions, proxy, cluster = (
        groups[name] for name in ("functions", "RDS Proxy safework-prod", "Aurora cluster safework-prod")
    )
    assert ways_in == {(functions, proxy, 5432), (proxy, cluster, 5432)}
    assert way_out.inputs["securityGroupId"] == proxy
    assert way_out.inputs["referencedSecurityGroupId"] == cluster


def test_the_pool_leaves_room_for_people() -> None:
    pool = build().one("aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup").inputs

    assert pool["connectionPoolConfig"] == {
        "connectionBorrowTimeout": 10,
        "maxConnectionsPercent": 90,
        "maxIdleConnectionsPercent": 50,
    }


def test_a_reader_endpoint_on_request() -> None:
    assert not build().of_type("aws:rds/proxyEndpoint:ProxyEndpoint")
    endpoint = build(reader_endpoint=True).one("aws:rds/proxyEndpoint:ProxyEndpoint").inputs

    assert (endpoint["targetRole"], endpoint["dbProxyEndpointName"]) == ("READ_ONLY", "safework-prod-reader")


def test_a_cluster_that_pauses_has_no_proxy() -> None:
    with pytest.raises(ValueError, match="use the Data API in place of the proxy"):
        build(min_acu=0)


def test_a_reader_endpoint_needs_a_reader() -> None:
    with pytest.raises(ValueError, match="the cluster has no reader"):
        build(readers=0, reader_endpoint=True)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"max_connections_percent": 0}, "max_connections_percent: got 0; allowed 1 to 100"),
        ({"max_connections_percent": 40}, "max_idle_connections_percent: got 50"),
        ({"connection_borrow_timeout_seconds": 301}, "allowed 0 to 300"),
        ({"idle_client_timeout_seconds": 28_801}, "allowed 1 to 28800"),
    ],
)
def test_pools_that_rds_refuses(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build(**changes)


def test_end_to_end_iam_names_its_users() -> None:
    with pytest.raises(ValueError, match="database_users: got none"):
        IamAuth(database_users=[])


def test_what_clients_need_is_published() -> None:
    result = build(SECRET)
    outputs = result.one("platform:data:RdsProxy").outputs

    assert outputs["resourceId"].startswith("prx-")
    assert outputs["port"] == 5432
    assert outputs["endpoint"].startswith("safework-prod.proxy-")
