"""Routes that ask for a key, and what a key may ask."""

from typing import Any

import pytest

from components.edge.api_usage import ApiUsagePlan, ApiUsagePlanArgs
from components.edge.rest_api import RestApi
from components.edge.rest_api_args import ApiKey, CustomDomain, Open, RestApiArgs, Route
from tests.contracts import given
from tests.contracts.examples_compute import function
from tests.harness import Deployment, deploy

METHOD = "aws:apigateway/method:Method"


def build(**changes: Any) -> Deployment:
    def program() -> None:
        target = function("function", None)
        api = RestApi(
            "api",
            RestApiArgs(
                description="Example",
                routes={
                    "/rates/*": Route(function=target, authorization=ApiKey()),
                    "/health": Route(function=target, authorization=Open("says only that it is there")),
                },
                domain=CustomDomain(hostname="api.example.com", certificate_arn=given.CERTIFICATE_ARN),
                source_cidrs=["0.0.0.0/0"],
                kms_key_arn=given.KEY_ARN,
                log_retention_days=30,
            ),
        )
        assert api.open_routes == {"/health": "says only that it is there"}
        args: dict[str, Any] = {
            "clients": ["web", "partner"],
            "rate": 50,
            "burst": 100,
            "monthly_requests": 1_000_000,
            **changes,
        }
        ApiUsagePlan("plan", ApiUsagePlanArgs(api=api, **args))

    return deploy(program)


def test_routes_ask_for_a_key() -> None:
    methods = {each.name: each.get("apiKeyRequired") for each in build().of_type(METHOD)}
    assert methods == {"api-any-/health": None, "api-any-/rates": True, "api-any-/rates/*": True}


def test_each_client_has_a_key_in_the_plan() -> None:
    result = build()
    plan = result.one("aws:apigateway/usagePlan:UsagePlan", "plan-plan")
    keys = {each.id: each for each in result.of_type("aws:apigateway/apiKey:ApiKey")}
    joined = result.of_type("aws:apigateway/usagePlanKey:UsagePlanKey")

    assert plan["throttleSettings"] == {"rateLimit": 50, "burstLimit": 100}
    assert plan["quotaSettings"] == {"limit": 1_000_000, "period": "MONTH"}
    assert [each["stage"] for each in plan["apiStages"]] == ["live"]
    assert {each.name for each in keys.values()} == {"plan-web", "plan-partner"}
    assert {each["keyId"] for each in joined} == set(keys)
    assert {each["usagePlanId"] for each in joined} == {plan.id}


def test_nobody_writes_a_key() -> None:
    for key in build().of_type("aws:apigateway/apiKey:ApiKey"):
        assert key.get("value") is None
        assert "value" in key.options.additional_secret_outputs


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"clients": []}, "clients: got none"),
        ({"clients": ["web", "web"]}, "clients: got 'web'"),
        ({"clients": ["Web"]}, "clients: got 'Web'"),
        ({"rate": 0}, "rate: got 0"),
    ],
)
def test_what_makes_no_plan(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build(**changes)
