"""What looks like a secret, in a list of environment variables and in a script."""

import re
from typing import Any

from policies.values import UNKNOWN

_NAME = re.compile(r"(passw(or)?d|secret|token|api_?key|private_?key|credential)", re.IGNORECASE)
_REFERENCE = re.compile(
    r"[_.-](arn|file|id|name|path|ref|region|url|uri|ttl|seconds|expiry|header)s?$", re.IGNORECASE
)
_CAMEL_REFERENCE = re.compile(
    r"(Arn|File|Id|Name|Path|Ref|Region|Url|Uri|Ttl|Seconds|Expiry|Header|Endpoint)s?$"
)
_VALUE = re.compile(r"^(AKIA|ASIA)[A-Z0-9]{16}$|-----BEGIN [A-Z ]*PRIVATE KEY|://[^/\s:]+:[^@\s/]+@")

_ASSIGNED = re.compile(
    r"""(?ix)(?P<name>[\w.-]*(?:passw(?:or)?d|secret|token|api_?key)[\w.-]*)["']?
    \s*[=:]\s*["']?(?![$<{(]|["']|arn:)[^\s"'&]{6,}"""
)
_LOGIN = re.compile(
    r"://[^/\s:@]+:(?![$<{(])[^@\s/]{4,}@"  # a URL
    r"|\bmysql\b[^\n|;&]*\s-p(?![$\s])\S{4,}|\bsshpass\s+-p\s*(?!\$)\S{4,}"
    r"|\bcurl\b[^\n|;&]*\s(?:-u|--user)[\s=]*[\"']?[^\s:\"'$]+:(?![$\"'\s])\S{4,}"
)


def assigned(text: str) -> bool:
    """Whether a script sets a secret, or logs in with one. Names are believed as in ``exposed``."""
    return _LOGIN.search(text) is not None or any(
        not _REFERENCE.search(found["name"]) and not _CAMEL_REFERENCE.search(found["name"])
        for found in _ASSIGNED.finditer(text)
    )


def exposed(name: str, value: Any) -> str | None:
    """What is wrong with a variable, or None. A name that says it holds a reference is believed."""
    if _NAME.search(name) and not _REFERENCE.search(name) and not str(value).startswith("arn:"):
        return "is named like a secret and holds no ARN"
    return "holds a credential" if value is not UNKNOWN and _VALUE.search(str(value)) else None
