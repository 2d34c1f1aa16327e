"""The table of computed values against the SDK."""

import re

import pytest

from offline import computed, computed_names, schema
from offline.computed import Context
from offline.schema_types import Scalar

TABLES = computed.tables()


@pytest.mark.parametrize("token", TABLES)
def test_entries_name_outputs_that_exist(token: str) -> None:
    assert set(TABLES[token]) - {"id"} <= schema.schema(token).outputs


@pytest.mark.parametrize("token", TABLES)
def test_entries_resolve_from_few_inputs(token: str) -> None:
    texts = [name for name, field in schema.schema(token).inputs.items() if field.type == Scalar("str")]
    assert computed.resource_id(token, "name", dict.fromkeys(texts, "given"), Context())
    outputs = computed.computed(token, "name", {}, Context())
    assert not [value for value in outputs.values() if isinstance(value, str) and "{" in value.strip("{}")]


def test_values_are_the_same_each_time_and_differ_by_urn() -> None:
    vpc, inputs = "aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16"}
    here = computed.resource_id(vpc, "net", inputs, Context(urn="urn:a"))
    assert re.fullmatch(r"vpc-[0-9a-f]{17}", here)
    assert here == computed.resource_id(vpc, "net", inputs, Context(urn="urn:a"))
    assert here != computed.resource_id(vpc, "net", inputs, Context(urn="urn:b"))


def test_a_replacement_gets_another_identity_and_an_update_keeps_it() -> None:
    vpc = "aws:ec2/vpc:Vpc"
    before = computed.resource_id(vpc, "net", {"cidrBlock": "10.0.0.0/16"}, Context())
    tagged = computed.resource_id(vpc, "net", {"cidrBlock": "10.0.0.0/16", "tags": {"a": "b"}}, Context())
    moved = computed.resource_id(vpc, "net", {"cidrBlock": "10.1.0.0/16"}, Context())
    assert before == tagged != moved


def test_arns_carry_the_account_and_the_resources_own_region() -> None:
    outputs = computed.computed(
        "aws:sns/topic:Topic", "alerts", {"region": "us-east-1"}, Context(account_id="444455556666")
    )
    assert re.fullmatch(r"arn:aws:sns:us-east-1:444455556666:alerts-[0-9a-f]{7}", outputs["arn"])


def test_a_given_name_is_kept_and_an_automatic_one_made() -> None:
    bucket = "aws:s3/bucket:Bucket"
    assert computed.resource_id(bucket, "Data", {"bucket": "given"}, Context()) == "given"
    assert re.fullmatch(r"data-[0-9a-f]{7}", computed.resource_id(bucket, "Data", {}, Context()))


def test_certificates_ask_for_one_record_for_a_wildcard_and_its_base() -> None:
    options = computed.computed(
        "aws:acm/certificate:Certificate",
        "c",
        {"domainName": "example.com", "subjectAlternativeNames": ["*.example.com", "www.example.com"]},
        Context(),
    )["domainValidationOptions"]
    records = [option["resourceRecordName"] for option in options]
    assert [option["domainName"] for option in options] == ["example.com", "*.example.com", "www.example.com"]
    assert (records[0] == records[1], records[1] == records[2]) == (True, False)


def test_published_versions_count_up() -> None:
    function = "aws:lambda/function:Function"
    first = computed.computed(function, "f", {"publish": True}, Context())
    second = computed.computed(function, "f", {"publish": True}, Context(previous=first))
    assert (first["version"], second["version"]) == ("1", "2")
    assert second["qualifiedArn"].endswith(":2")
    assert computed.computed(function, "f", {}, Context())["version"] == "$LATEST"


def test_managed_master_secrets_appear_only_when_asked_for() -> None:
    cluster = "aws:rds/cluster:Cluster"
    given = {"engine": "aurora-postgresql", "manageMasterUserPassword": True}
    assert computed.computed(cluster, "db", given, Context())["masterUserSecrets"][0]["secretArn"]
    assert computed.computed(cluster, "db", {"engine": "aurora-mysql"}, Context())["masterUserSecrets"] == []


@pytest.mark.parametrize("token", computed_names.tokens())
def test_naming_rules_fit_the_sdk(token: str) -> None:
    rule = computed_names.rule(token)
    assert rule
    assert schema.schema(token).inputs[rule.property].required != rule.generated


def test_a_logical_name_too_long_for_the_service_is_told() -> None:
    problem = computed_names.too_long("aws:lb/targetGroup:TargetGroup", "a" * 25)
    assert problem
    assert "at most 32" in problem
    assert computed_names.too_long("aws:lb/targetGroup:TargetGroup", "a" * 24) is None
