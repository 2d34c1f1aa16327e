"""Hears of orders and records what the customer is to be told."""

from typing import Any

from ledger import consumer


def notice(order: dict[str, Any]) -> dict[str, Any]:
    """A message in the outbox. Whoever sends mail takes it there; the address stays with the customer."""
    return {"orderId": order["id"], "customerId": order["customerId"], "template": "order-created"}


handler = consumer("notification", notice)
