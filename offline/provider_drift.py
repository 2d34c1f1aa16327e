"""What somebody changed in the simulated cloud by hand: told to the engine when it reads a resource again.

``SIMULATED_DRIFT`` names a JSON file: logical name of a resource to the properties that differ now, or to
null for one that is gone. Without it a resource is read back as it was left.
"""

import json
import os
from pathlib import Path
from typing import Any

VARIABLE = "SIMULATED_DRIFT"


def changed(name: str) -> dict[str, Any] | None:
    """The properties of a resource that differ; empty for none, None where the resource is gone."""
    file = os.environ.get(VARIABLE)
    if not file:
        return {}
    return json.loads(Path(file).read_text(encoding="utf-8")).get(name, {})
