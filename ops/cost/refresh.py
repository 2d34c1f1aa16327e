"""Reads the prices again from the AWS Price List API, and writes the snapshot only when all of them came."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Protocol, cast

import botocore.session
import yaml

from ops.cost.prices import Price, PriceList
from ops.errors import Exit, OpsError


class ProductPages(Protocol):
    """The paginator of GetProducts."""

    def paginate(self, *, ServiceCode: str, Filters: list[dict[str, str]]) -> Iterable[Mapping[str, Any]]: ...  # noqa: N803


class PricingClient(Protocol):
    """The part of boto3's pricing client that is used."""

    def get_paginator(self, operation_name: str, /) -> ProductPages: ...


PRICING_REGION = "us-east-1"
"""The Price List API has endpoints in three regions; this one is the oldest."""


def pricing_client() -> PricingClient:
    """The Price List API with the caller's own credentials."""
    return cast("PricingClient", botocore.session.get_session().create_client("pricing", PRICING_REGION))


def refreshed(prices: PriceList, client: PricingClient) -> PriceList:
    """The same names with the prices of today. Errors: names that the API does not know, all at once."""
    found: dict[str, Price] = {}
    missing: list[str] = []
    for name, price in prices.prices.items():
        if price.offer is None or price.usage_type is None:
            found[name] = price
            continue
        answer = _on_demand(client, price, prices.region)
        if answer is None:
            missing.append(f"{name} ({price.where})")
        else:
            usd, published = answer
            found[name] = price.model_copy(update={"usd": usd, "as_of": published})
    if missing:
        raise OpsError(
            "the Price List API has no single on-demand price for:\n  " + "\n  ".join(missing),
            fix="correct offer and usageType in prices.yaml; nothing was written",
            exit_code=Exit.FAILED,
        )
    return PriceList(region=prices.region, prices=found)


def _on_demand(client: PricingClient, price: Price, region: str) -> tuple[float, date] | None:
    """USD for the first tier that is not free, and its publication; None unless there is exactly one."""
    wanted = {"usagetype": str(price.usage_type), **price.match}
    if price.offer != "AmazonCloudFront":  # a global offer, whose products name no region
        wanted["regionCode"] = region
    pages = client.get_paginator("get_products").paginate(
        ServiceCode=str(price.offer),
        Filters=[{"Type": "TERM_MATCH", "Field": key, "Value": value} for key, value in wanted.items()],
    )
    tiers = sorted(
        tier for page in pages for product in page["PriceList"] for tier in _tiers(json.loads(product))
    )
    paid = [tier for tier in tiers if tier[1] > 0]
    if not paid or len({usd for begins, usd, _ in paid if begins == paid[0][0]}) > 1:
        return None
    return paid[0][1], paid[0][2]


def _tiers(product: Mapping[str, Any]) -> Iterator[tuple[float, float, date]]:
    """Beginning of the tier, USD, publication."""
    published = date.fromisoformat(product["publicationDate"][:10])
    for term in product.get("terms", {}).get("OnDemand", {}).values():
        for dimension in term["priceDimensions"].values():
            yield float(dimension.get("beginRange") or 0), float(dimension["pricePerUnit"]["USD"]), published


def write(prices: PriceList, path: Path) -> None:
    """Replace the snapshot in one step; the comment at its head stays."""
    comment = "".join(
        line for line in path.read_text(encoding="utf-8").splitlines(keepends=True) if line.startswith("#")
    )
    body = yaml.safe_dump(
        prices.model_dump(mode="json", by_alias=True, exclude_none=True), sort_keys=False, width=200
    )
    new = path.with_suffix(".new")
    new.write_text(comment + body, encoding="utf-8")
    new.replace(path)
