"""`python -m ops cost` as people and pipelines call it."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops.__main__ import main
from ops.cost.prices import SNAPSHOT, load_prices
from ops.cost.refresh import refreshed, write
from ops.errors import OpsError
from tests.ops.cost.test_cost_estimate import NAT, resource


@pytest.fixture
def plans(tmp_path: Path) -> tuple[Path, Path]:
    """One NAT gateway, and two."""
    usage = {"shop": {"prod": {"natGb": 5}}}
    (tmp_path / "usage.yaml").write_text(yaml.safe_dump(usage))
    system = {
        "op": "create",
        "newState": {
            "urn": "urn:pulumi:prod::p::platform:system:Shop::shop",
            "type": "platform:system:Shop",
            "inputs": {},
        },
    }
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    one.write_text(json.dumps({"steps": [system, resource(NAT, "a", {})]}))
    two.write_text(json.dumps({"steps": [system, resource(NAT, "a", {}), resource(NAT, "b", {})]}))
    return one, two


def run(*arguments: object, usage: Path) -> int:
    return main(["cost", *map(str, arguments), "--usage", str(usage)])


def test_show_adds_up_and_says_what_the_sum_rests_on(
    plans: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("show", plans[0], "--items", usage=plans[0].with_name("usage.yaml")) == 0
    out = capsys.readouterr().out
    assert "43.07" in out
    assert "without tax, discounts and free tiers" in out


def test_show_fails_where_something_has_no_price(
    plans: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    empty = plans[0].with_name("empty.yaml")
    empty.write_text("{}\n")
    assert run("show", plans[0], usage=empty) == 1
    assert "UNPRICED, not in the total (1)" in capsys.readouterr().out


def test_json_is_a_document_alone(plans: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show", plans[0], "--json", usage=plans[0].with_name("usage.yaml")) == 0
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert document["usdPerMonth"] == pytest.approx(43.07 + 0.295, abs=0.01)
    assert document["unpriced"] == []


def test_diff_stops_a_change_that_costs_too_much(
    plans: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    usage = plans[0].with_name("usage.yaml")
    assert run("diff", *plans, "--fail-above", "200", usage=usage) == 0
    assert run("diff", *plans, "--fail-above", "20", usage=usage) == 1
    captured = capsys.readouterr()
    assert "| shop | NAT gateways | 43.07 | 86.14 | +43.07 |" in captured.out
    assert "allowed without approval: 20 percent more" in captured.err


@pytest.mark.parametrize(
    ("content", "complaint"),
    [("", "is not JSON"), ("{}", "holds no steps"), ('{"steps": []}', "plans no resource")],
)
def test_a_file_that_is_no_plan_is_refused(
    tmp_path: Path, content: str, complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "plan.json"
    path.write_text(content)
    assert main(["cost", "show", str(path)]) == 2
    assert complaint in capsys.readouterr().err


class PriceListApi:
    """GetProducts as the API answers it: JSON texts, a term for each tier."""

    def __init__(self, usd: float, *, unknown: str = "", doubled: str = "") -> None:
        self.usd, self.unknown, self.doubled = usd, unknown, doubled
        self.asked: list[dict[str, str]] = []

    def get_paginator(self, operation_name: str, /) -> "PriceListApi":
        assert operation_name == "get_products"
        return self

    def paginate(self, *, ServiceCode: str, Filters: list[dict[str, str]]) -> list[dict[str, Any]]:  # noqa: N803
        wanted = {each["Field"]: each["Value"] for each in Filters}
        self.asked.append({"offer": ServiceCode, **wanted})
        if wanted["usagetype"] == self.unknown:
            return [{"PriceList": []}]
        found = [product(self.usd)]
        if wanted["usagetype"] == self.doubled:
            found.append(product(self.usd * 2))
        return [{"PriceList": []}, {"PriceList": found}]


def product(usd: float) -> str:
    tiers = {"free": ("0", "0"), "paid": ("100", str(usd))}
    dimensions = {
        key: {"beginRange": begins, "pricePerUnit": {"USD": price}} for key, (begins, price) in tiers.items()
    }
    return json.dumps(
        {
            "publicationDate": "2026-11-20T00:00:00Z",
            "terms": {"OnDemand": {"term": {"priceDimensions": dimensions}}},
        }
    )


def test_refresh_renews_what_the_price_list_has_and_keeps_the_rest(tmp_path: Path) -> None:
    old = load_prices()
    api = PriceListApi(0.5)
    new = refreshed(old, api)
    for name, price in old.prices.items():
        assert new[name].usd == (0.5 if price.confirmed else price.usd), name
    path = tmp_path / "prices.yaml"
    path.write_text(SNAPSHOT.read_text())
    write(new, path)
    assert load_prices(path) == new
    assert path.read_text().startswith("# On-demand prices in USD")
    nat = next(each for each in api.asked if each["usagetype"] == "APN2-NatGateway-Hours")
    assert nat == {"offer": "AmazonEC2", "usagetype": "APN2-NatGateway-Hours", "regionCode": "ap-northeast-2"}


@pytest.mark.parametrize("trouble", ["unknown", "doubled"])
def test_refresh_names_what_it_cannot_find_and_writes_nothing(trouble: str) -> None:
    api = PriceListApi(0.5, **{trouble: "APN2-NatGateway-Hours"})
    with pytest.raises(OpsError, match=r"nat\.hour \(AWS Price List AmazonEC2 APN2-NatGateway-Hours\)"):
        refreshed(load_prices(), api)


def test_the_list_of_verbs_costs_no_sdk(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    assert "cost" in capsys.readouterr().out
    assert main(["nothing"]) == 2
