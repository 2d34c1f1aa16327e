"""Documents are exact, stable, and never wide by accident."""

import json
from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from components.security import grants
from components.security.iam import (
    AnyPrincipal,
    AwsPrincipal,
    ServicePrincipal,
    Statement,
    assume_role_policy,
    policy_document,
)
from components.security.service_role import ServiceRole, ServiceRoleArgs
from tests.harness import deploy

ACCOUNT = "111122223333"


def _document(build: Callable[[], Statement]) -> dict[str, Any]:
    result = deploy(lambda: pulumi.export("document", policy_document(build())))
    return json.loads(result.outputs["document"])


def test_a_document() -> None:
    arn = "arn:aws:s3:::files/*"

    def build() -> Statement:
        return Statement(
            sid="Read",
            actions=["s3:ListBucket", "s3:GetObject"],
            resources=[pulumi.Output.from_input(arn)],
            principals=[ServicePrincipal("b.amazonaws.com"), AwsPrincipal("arn:aws:iam::1:root")],
            conditions={
                "StringEquals": {"aws:SourceAccount": pulumi.Output.from_input(ACCOUNT), "k": ["a", "b"]}
            },
        )

    assert _document(build) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Read",
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:ListBucket"],
                "Resource": [arn],
                "Principal": {"Service": ["b.amazonaws.com"], "AWS": ["arn:aws:iam::1:root"]},
                "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT, "k": ["a", "b"]}},
            }
        ],
    }


def test_the_same_statements_give_the_same_text() -> None:
    def text(actions: list[str]) -> str:
        return deploy(
            lambda: pulumi.export(
                "document", policy_document(Statement(actions=actions, resources=["arn:aws:s3:::x"]))
            )
        ).outputs["document"]

    assert text(["s3:GetObject", "s3:PutObject"]) == text(["s3:PutObject", "s3:GetObject"])


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"actions": ["s3:GetObject"], "resources": ["*"]}, r"resources: got '\*'"),
        ({"actions": ["s3:*"], "resources": ["arn:aws:s3:::x"]}, "actions: got"),
        ({"actions": ["s3:Get*"], "resources": ["arn:aws:s3:::x"]}, "actions: got"),
        ({"actions": ["sts:AssumeRole"], "principals": [AnyPrincipal()]}, "principals: got anyone"),
    ],
)
def test_a_wildcard_needs_a_reason(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Statement(**fields)
    Statement(**fields, wildcard_reason="the API has no resources")


def test_a_denial_may_be_wide() -> None:
    Statement(effect="Deny", actions=["s3:*"], resources=["*"], principals=[AnyPrincipal()])


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"actions": []}, "no action"),
        ({"actions": ["a:B"], "sid": "with space"}, "sid: got"),
        (
            {
                "actions": ["a:B"],
                "principals": [AnyPrincipal(), ServicePrincipal("x")],
                "wildcard_reason": "r",
            },
            "alone",
        ),
    ],
)
def test_bad_statements(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Statement(**fields)


def test_an_empty_policy_is_refused() -> None:
    with pytest.raises(ValueError, match="no statement"):
        policy_document()


def test_trust_names_service_account_and_source() -> None:
    arn = f"arn:aws:x:ap-northeast-2:{ACCOUNT}:thing"
    result = deploy(
        lambda: pulumi.export(
            "trust", assume_role_policy("x.amazonaws.com", source_account=ACCOUNT, source_arn=arn)
        )
    )
    (statement,) = json.loads(result.outputs["trust"])["Statement"]
    assert statement["Principal"] == {"Service": ["x.amazonaws.com"]}
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"aws:SourceArn": arn},
    }
    assert "Resource" not in statement


SCOPED: list[Callable[[], Statement]] = [
    lambda: grants.write_logs("arn:1"),
    lambda: grants.kms_use("arn:1"),
    lambda: grants.kms_decrypt("arn:1"),
    lambda: grants.read_secret("arn:1"),
    lambda: grants.rotate_secret("arn:1"),
    lambda: grants.read_objects("arn:1"),
    lambda: grants.write_objects("arn:1"),
    lambda: grants.list_bucket("arn:1"),
    lambda: grants.publish("arn:1"),
    lambda: grants.send_messages("arn:1"),
    lambda: grants.consume_messages("arn:1"),
    lambda: grants.invoke_functions(["arn:1"]),
    lambda: grants.connect_database(region="r", account_id="1", resource_id="prx-1", user="u"),
    lambda: grants.connect_cache(cache_arn="arn:1", user_arn="arn:1"),
    lambda: grants.data_api(cluster_arn="arn:1"),
]


@pytest.mark.parametrize("build", SCOPED)
def test_scoped_grants_name_their_resource(build: Callable[[], Statement]) -> None:
    (statement,) = _document(build)["Statement"]
    assert statement["Resource"]
    assert "*" not in statement["Resource"]
    assert not any(action.endswith("*") for action in statement["Action"])


def test_database_login_is_for_one_user_of_one_database() -> None:
    document = _document(
        lambda: grants.connect_database(
            region="ap-northeast-2", account_id=ACCOUNT, resource_id="cluster-ABC", user="app"
        )
    )
    resources = document["Statement"][0]["Resource"]
    assert resources == [f"arn:aws:rds-db:ap-northeast-2:{ACCOUNT}:dbuser:cluster-ABC/app"]


def test_metrics_are_bound_to_a_namespace() -> None:
    (statement,) = _document(lambda: grants.put_metrics("SafeWork"))["Statement"]
    assert statement["Condition"] == {"StringEquals": {"cloudwatch:namespace": "SafeWork"}}


def test_service_role() -> None:
    result = deploy(
        lambda: ServiceRole(
            "job",
            ServiceRoleArgs(
                service="x.amazonaws.com",
                description="Job",
                statements=[grants.publish("arn:aws:sns:ap-northeast-2:1:t")],
                source_account=ACCOUNT,
                managed_policy_arns=["arn:aws:iam::aws:policy/service-role/AWSThing"],
            ),
        )
    )
    assert result.one("aws:iam/role:Role", "job-role")
    assert result.one("aws:iam/rolePolicy:RolePolicy", "job-policy")["role"]
    assert result.one("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "job-AWSThing")
