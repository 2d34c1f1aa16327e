"""The bill is watched before it is due."""

from typing import Any

import pytest

from components.delivery.budget import Budget, BudgetArgs
from tests.harness import Deployment, deploy

TOPIC = "arn:aws:sns:ap-northeast-2:111122223333:alerts-warning"


def _budget(**fields: Any) -> Deployment:
    args = BudgetArgs(**{"system": "safework", "monthly_limit_usd": 65, "topic_arns": [TOPIC], **fields})
    return deploy(lambda: Budget("safework", args))


def test_a_monthly_budget_of_one_system() -> None:
    budget = _budget().one("aws:budgets/budget:Budget")
    assert (budget["limitAmount"], budget["limitUnit"], budget["timeUnit"]) == ("65.00", "USD", "MONTHLY")
    assert budget["costFilters"] == [{"name": "TagKeyValue", "values": ["user:system$safework"]}]


def test_thresholds() -> None:
    told = _budget(emails=["owner@example.com"]).one("aws:budgets/budget:Budget")["notifications"]
    assert [(each["notificationType"], each["threshold"]) for each in told] == [
        ("ACTUAL", 80),
        ("ACTUAL", 100),
        ("FORECASTED", 100),
    ]
    assert all(each["subscriberSnsTopicArns"] == [TOPIC] for each in told)
    assert all(each["subscriberEmailAddresses"] == ["owner@example.com"] for each in told)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"monthly_limit_usd": 0}, "monthly_limit_usd: got 0"),
        ({"topic_arns": []}, "nobody would hear"),
        ({"topic_arns": [TOPIC, TOPIC]}, "one topic"),
    ],
)
def test_bad_budgets(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        _budget(**fields)
