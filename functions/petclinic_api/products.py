"""``/api/products``: what the clinic sells."""

from typing import Any

from store import route

FIELDS = {"name": str, "price": float}


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    return route(event, "products", FIELDS)
