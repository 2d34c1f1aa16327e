"""Hears of orders and records the figures, without who bought."""

from typing import Any

from ledger import consumer


def figures(order: dict[str, Any]) -> dict[str, Any]:
    """One sale: the product and how many."""
    return {"orderId": order["id"], "productId": order["productId"], "quantity": int(order["quantity"])}


handler = consumer("analytics", figures)
