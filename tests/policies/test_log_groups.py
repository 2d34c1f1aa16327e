"""Whose log group a name means, with what the engine shows: no ids, and whose id a name waits for."""

from dataclasses import replace

import pytest

from policies import tokens as t
from policies.evaluation import evaluate
from policies.model import Record
from policies.rule import all_rules
from policies.values import UNKNOWN
from tests.policies.scene import res

RULES = [rule for rule in all_rules() if rule.id == "apigateway-log-group-made"]


def stack(name: object, *, of: str) -> list[Record]:
    api = replace(res("aws:apigateway/restApi:RestApi", "api"), outputs={"name": "api-1a2b3c"})
    group = res(t.LOG_GROUP, "logs", {"name": name})
    stage = res(t.API_STAGE, "stage", {"restApi": UNKNOWN, "stageName": "live"})
    settings = res(t.API_SETTINGS, "settings", {"restApi": UNKNOWN, "settings": {"loggingLevel": "INFO"}})
    waits = {"restApi": (api.urn,)}
    return [
        api,
        replace(group, property_dependencies={"name": (of,)}),
        replace(stage, property_dependencies=waits),
        replace(settings, property_dependencies=waits),
    ]


def failed(name: object, *, of: str | None = None) -> bool:
    api = res("aws:apigateway/restApi:RestApi", "api").urn
    return bool(evaluate(stack(name, of=of or api), rules=RULES).failed)


@pytest.mark.parametrize("name", [UNKNOWN, "API-Gateway-Execution-Logs_657df552d8/live"])
def test_a_name_with_the_id_of_the_api_is_its_group_before_and_after_the_update(name: object) -> None:
    assert not failed(name)


@pytest.mark.parametrize(
    "name", ["API-Gateway-Execution-Logs_657df552d8/test", "/aws/lambda/657df552d8/live", "other"]
)
def test_another_name_is_not(name: str) -> None:
    assert failed(name)


def test_the_group_of_another_api_is_not() -> None:
    assert failed("API-Gateway-Execution-Logs_0000000000/live", of="urn:pulumi:prod::shop::x::another")
