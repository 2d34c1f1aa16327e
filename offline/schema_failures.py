"""Reasons to refuse an input, in words. A value that is secret is never quoted."""

import difflib
import json
from dataclasses import dataclass

from offline import provider_wire as wire
from offline.provider_wire import Wire


@dataclass(frozen=True)
class Failure:
    """One reason to refuse an input. ``property_path`` is written as Pulumi does: ``a.b[0].c``."""

    property_path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.property_path}: {self.reason}"


STRINGIFIED = "Calling __str__ on an Output"
"""What the SDK puts in place of an output's value in an f-string or ``str()``."""

SCALAR_NAMES = {
    "str": "a string",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "asset": "an asset",
    "archive": "an archive",
}


def is_scalar(name: str, value: Wire) -> bool:
    if name == "str":
        return isinstance(value, str)
    if name == "bool":
        return isinstance(value, bool)
    if name == "asset":
        return wire.signature(value) == wire.ASSET
    if name == "archive":
        return wire.signature(value) == wire.ARCHIVE
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return name == "float" or float(value).is_integer()


def mismatch(path: str, value: Wire, wanted: str, *, quiet: bool) -> Failure:
    return Failure(path, f"got {shown(value, quiet=quiet)}; must be {wanted}")


def not_allowed(path: str, value: Wire, allowed: list[str], *, quiet: bool) -> Failure:
    near = difflib.get_close_matches(str(value), allowed, n=1, cutoff=0.6) if not quiet else []
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return Failure(path, f"got {shown(value, quiet=quiet)}; allowed: {', '.join(allowed)}{hint}")


def shown(value: Wire, *, quiet: bool) -> str:
    if quiet:
        return "a secret value"
    mark = wire.signature(value)
    if mark == wire.ASSET:
        return "an asset"
    if mark == wire.ARCHIVE:
        return "an archive"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else f"{text[:77]}..."
