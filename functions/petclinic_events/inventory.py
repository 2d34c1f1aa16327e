"""Hears of orders and records what leaves the shelf."""

from typing import Any

from ledger import consumer


def reserved(order: dict[str, Any]) -> dict[str, Any]:
    """A reservation; the stock of a product is the sum of these."""
    return {"orderId": order["id"], "productId": order["productId"], "change": -int(order["quantity"])}


handler = consumer("inventory", reserved)
