"""What looks like a secret in a list of environment variables."""

import re
from typing import Any

from policies.values import UNKNOWN

_NAME = re.compile(r"(passw(or)?d|secret|token|api_?key|private_?key|credential)", re.IGNORECASE)
_REFERENCE = re.compile(r"_(arn|id|name|path|ref|url|uri|ttl|seconds|expiry|header)s?$", re.IGNORECASE)
_VALUE = re.compile(r"^(AKIA|ASIA)[A-Z0-9]{16}$|-----BEGIN [A-Z ]*PRIVATE KEY|://[^/\s:]+:[^@\s/]+@")


def exposed(name: str, value: Any) -> str | None:
    """What is wrong with a variable, or None. A name that says it holds a reference is believed."""
    if _NAME.search(name) and not _REFERENCE.search(name) and not str(value).startswith("arn:"):
        return "is named like a secret and holds no ARN"
    return "holds a credential" if value is not UNKNOWN and _VALUE.search(str(value)) else None
