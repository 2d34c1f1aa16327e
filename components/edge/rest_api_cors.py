"""Who may call from a browser, and the answers that say so."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

_ORIGIN = re.compile(r"https://[a-z0-9.-]+(:\d{1,5})?|http://localhost(:\d{1,5})?")
_HEADER = re.compile(r"[A-Za-z0-9-]+")

METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")


@dataclass(frozen=True, kw_only=True)
class Cors:
    """``allow_credentials`` lets a page send the caller's cookies, so origins are listed and never ``*``."""

    allowed_origins: Sequence[str]
    allowed_methods: Sequence[str] = METHODS
    allowed_headers: Sequence[str] = ("Authorization", "Content-Type", "X-Requested-With")
    allow_credentials: bool = True
    max_age_seconds: int = 600
    """How long a browser keeps the answer. Chromium keeps it for 7200 at most."""

    def __post_init__(self) -> None:
        if not self.allowed_origins:
            raise ValueError("allowed_origins: got none; list origins, or leave CORS out")
        for origin in self.allowed_origins:
            if not _ORIGIN.fullmatch(origin):
                raise ValueError(
                    f"allowed_origins: got {origin!r}; use 'https://host', in lower case, no path"
                )
        for method in self.allowed_methods:
            if method not in METHODS:
                raise ValueError(f"allowed_methods: got {method!r}; allowed are {', '.join(METHODS)}")
        for header in self.allowed_headers:
            if not _HEADER.fullmatch(header):
                raise ValueError(f"allowed_headers: got {header!r}; a header is letters, digits and '-'")


def preflight_headers(cors: Cors) -> dict[str, str]:
    """The headers of the answer to a browser's OPTIONS, for the first origin."""
    headers = {
        "Access-Control-Allow-Headers": ",".join(sorted(cors.allowed_headers)),
        "Access-Control-Allow-Methods": ",".join(sorted(cors.allowed_methods)),
        "Access-Control-Max-Age": str(cors.max_age_seconds),
    }
    return headers | error_headers(cors)


def error_headers(cors: Cors) -> dict[str, str]:
    """What API Gateway's own errors carry, so that a page can read them.

    Such an error cannot look at the caller's origin: pages at the other origins see a network error.
    """
    headers = {"Access-Control-Allow-Origin": cors.allowed_origins[0], "Vary": "Origin"}
    return headers | ({"Access-Control-Allow-Credentials": "true"} if cors.allow_credentials else {})


def preflight_template(cors: Cors) -> str:
    """The mapping template that answers with the caller's origin when it is on the list."""
    others = cors.allowed_origins[1:]
    if not others:
        return ""
    listed = " || ".join(f'$origin == "{origin}"' for origin in others)
    return "\n".join(
        (
            '#set($origin = $input.params().header.get("Origin"))',
            '#if(!$origin || $origin == "")#set($origin = $input.params().header.get("origin"))#end',
            f"#if({listed})",
            "#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)",
            "#end",
        )
    )


PREFLIGHT_REQUEST_TEMPLATE = json.dumps({"statusCode": 204})
"""What makes a MOCK integration pick the 204 answer."""
