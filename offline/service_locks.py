"""Deletion protection as a service keeps it, beside the engine's own."""

import json
from pathlib import Path
from typing import Any

LOCKS = ("deletionProtection", "deletionProtectionEnabled", "enableDeletionProtection")
"""Property names under which AWS's services refuse a deletion."""


def lift(state: Path) -> None:
    """Turn them off in a simulated cloud, which is the state of a stack and nothing else."""
    document: dict[str, Any] = json.loads(state.read_text(encoding="utf-8"))
    latest: dict[str, Any] = document["checkpoint"]["latest"]
    resources: list[dict[str, Any]] = latest.get("resources") or []
    for resource in resources:
        for side in ("inputs", "outputs"):
            values: dict[str, Any] = resource.get(side) or {}
            for lock in LOCKS:
                if values.get(lock) is True:
                    values[lock] = False
    state.write_text(json.dumps(document), encoding="utf-8")
