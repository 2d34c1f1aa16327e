"""What the SDK's sources say about inputs."""

import pytest

from offline import provider_wire as wire
from offline import schema

VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
FUNCTION = "aws:lambda/function:Function"


def reasons(token: str, **inputs: object) -> list[str]:
    return [str(failure) for failure in schema.check(token, inputs)]


def test_a_right_resource_passes() -> None:
    assert reasons(VERSIONING, bucket="b", versioningConfiguration={"status": "Enabled"}) == []


def test_a_misspelt_property_is_told_with_the_right_one() -> None:
    assert reasons(VERSIONING, bucket="b", versioningConfiguraton={"status": "Enabled"}) == [
        "versioningConfiguraton: no such property; did you mean 'versioningConfiguration'?",
        "versioningConfiguration: required, and no value was given",
    ]


def test_nested_objects_are_checked_at_every_depth() -> None:
    rules = [
        {
            "name": "r",
            "priority": 1,
            "statement": {"rateBasedStatement": {"limit": "many", "aggregate": "IP"}},
            "visibilityConfig": {"metricName": "m", "sampledRequestsEnabled": True},
        }
    ]
    config = {"metricName": "m", "sampledRequestsEnabled": True, "cloudwatchMetricsEnabled": True}
    found = reasons(
        "aws:wafv2/webAcl:WebAcl",
        scope="REGIONAL",
        defaultAction={"allow": {}},
        visibilityConfig=config,
        rules=rules,
    )
    assert any(
        reason.startswith("rules[0].statement.rateBasedStatement.aggregate: no such") for reason in found
    )
    assert 'rules[0].statement.rateBasedStatement.limit: got "many"; must be a whole number' in found
    assert "rules[0].visibilityConfig.cloudwatchMetricsEnabled: required, and no value was given" in found


def test_a_slip_in_case_is_told_and_a_new_value_is_let_through() -> None:
    assert "did you mean 'python3.12'?" in reasons(FUNCTION, role="r", runtime="Python3.12")[0]
    assert reasons(FUNCTION, role="r", runtime="python3.99") == []
    status = reasons(VERSIONING, bucket="b", versioningConfiguration={"status": "enabled"})
    assert status == [
        'versioningConfiguration.status: got "enabled"; allowed: Enabled, Suspended, Disabled; '
        "did you mean 'Enabled'?"
    ]


def test_a_closed_list_admits_nothing_else() -> None:
    found = reasons("cloudflare:index/ruleset:Ruleset", kind="zonal", name="n", phase="http_ratelimit")
    assert found == ["kind: got \"zonal\"; allowed: managed, custom, root, zone; did you mean 'zone'?"]


@pytest.mark.parametrize("value", [wire.UNKNOWN, wire.secret(wire.UNKNOWN), {wire.SIGNATURE: wire.OUTPUT}])
def test_unknown_values_pass(value: object) -> None:
    assert reasons(FUNCTION, role=value, memorySize=value, layers=[value]) == []


def test_a_secret_is_checked_and_never_quoted() -> None:
    (reason,) = reasons(FUNCTION, role="r", memorySize=wire.secret("hush"))
    assert reason == "memorySize: got a secret value; must be a whole number"


def test_archives_are_told_from_text() -> None:
    archive = {wire.SIGNATURE: wire.ARCHIVE, "hash": "h", "path": "p"}
    assert reasons(FUNCTION, role="r", code=archive) == []
    assert reasons(FUNCTION, role="r", code="p") == ['code: got "p"; must be an archive']


def test_an_output_made_into_text_is_told() -> None:
    text = "arn:Calling __str__ on an Output[T] is not supported."
    assert reasons(FUNCTION, role=text) == ["role: got an Output made into text; use Output.format or apply"]


def test_old_tokens_still_resolve() -> None:
    assert schema.schema("aws:s3/bucketV2:BucketV2").inputs


def test_an_unknown_type_says_what_is_missing() -> None:
    with pytest.raises(schema.UnknownTypeError, match="no resource of this type"):
        schema.check("aws:s3/bucket:Buckett", {})
    with pytest.raises(schema.UnknownTypeError, match="pulumi_nowhere is not installed"):
        schema.check("nowhere:index/thing:Thing", {})


def test_immutable_properties() -> None:
    cluster = schema.immutable("aws:rds/cluster:Cluster")
    assert {"engine", "databaseName", "masterUsername", "storageEncrypted", "kmsKeyId"} <= cluster
    assert "engineVersion" not in cluster
    assert "tags" not in schema.immutable("aws:ec2/vpc:Vpc")
    assert schema.immutable("aws:elasticache/serverlessCache:ServerlessCache") >= {"name", "kmsKeyId"}
    assert "zoneId" in schema.immutable("cloudflare:index/loadBalancer:LoadBalancer")


def test_values_that_only_the_service_knows_are_checked() -> None:
    group = "aws:cloudwatch/logGroup:LogGroup"
    assert reasons(group, retentionInDays=30) == []
    assert reasons(group, retentionInDays=31)[0].startswith("retentionInDays: got 31; allowed: 0, 1, 3")
    assert reasons(FUNCTION, role="r", tracingConfig={"mode": "Passive"})[0].startswith("tracingConfig.mode")


def test_the_tables_name_properties_that_exist() -> None:
    listed = {token: set(schema.allowed_values(token)) for token in schema.tokens_with_values()}
    for token in schema.tokens_with_immutables():
        listed[token] = listed.get(token, set()) | schema.immutable(token)
    unknown = {
        f"{token} {path}"
        for token, paths in listed.items()
        for path in paths
        if path.split(".")[0] not in schema.schema(token).inputs
    }
    assert unknown == set()
