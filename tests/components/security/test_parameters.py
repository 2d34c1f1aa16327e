"""Addresses in plain text; secrets whose value the program never has."""

from typing import Any

import pytest

from components.security.parameters import Parameters, ParametersArgs
from tests.contracts import given
from tests.harness import Deployment, deploy

PARAMETER = "aws:ssm/parameter:Parameter"


def args(**changes: Any) -> ParametersArgs:
    return ParametersArgs(**{"prefix": "/service", "kms_key_arn": given.KEY_ARN, **changes})


def build(**changes: Any) -> Deployment:
    return deploy(lambda: Parameters("parameters", args(**changes)))


def test_an_address() -> None:
    record = build(values={"db/host": "db.example.com"}).one(PARAMETER, "parameters-db-host")
    assert (record["name"], record["type"]) == ("/service/db/host", "String")
    assert record["insecureValue"] == "db.example.com"


def test_a_secret_holds_a_placeholder_that_no_refresh_reads() -> None:
    record = build(secrets={"api/key": "The bank's"}).one(PARAMETER, "parameters-api-key")
    assert (record["name"], record["type"]) == ("/service/api/key", "SecureString")
    assert record["keyId"] == given.KEY_ARN
    assert (record["valueWo"], record["valueWoVersion"]) == ("unset", 1)
    assert record.get("value") is None
    assert record.get("insecureValue") is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"values": {"a b": "x"}}, "name: got '/service/a b'"),
        ({"prefix": "/aws", "values": {"x": "y"}}, "name: got '/aws/x'"),
        ({"values": {"x": "y"}, "secrets": {"x": "z"}}, "secrets: got"),
    ],
)
def test_what_ssm_would_refuse(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        args(**changes)
