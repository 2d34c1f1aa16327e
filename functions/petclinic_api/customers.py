"""``/api/customers``: who buys."""

from typing import Any

from store import route

FIELDS = {"name": str, "email": str}


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    return route(event, "customers", FIELDS)
