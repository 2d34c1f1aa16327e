"""A preview as the engine writes it with ``pulumi preview --json --show-sames``, read strictly.

Resources that stay the same are needed too: a lock that only the engine knows (``retainOnDelete``) is lifted
without a change that a provider would see, and the plain document leaves it out.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from ops.errors import OpsError

MAKE_PREVIEW = "make it with `pulumi preview --json --show-sames` or `python -m offline preview --json FILE`"

DESTROYING = frozenset({"delete", "replace", "create-replacement", "delete-replaced"})
CREATING = frozenset({"create", "create-replacement", "import", "import-replacement"})
KNOWN = (
    DESTROYING
    | CREATING
    | {
        "same",
        "update",
        "read",
        "read-replacement",
        "read-discard",
        "refresh",
        "discard",
        "discard-replaced",
        "remove-pending-replace",
    }
)
"""Every operation of the engine; another one is refused, since nobody has judged what it loses."""


@dataclass(frozen=True, kw_only=True)
class State:
    """A resource before or after a step."""

    type: str
    custom: bool
    parent: str
    protect: bool
    retain_on_delete: bool
    inputs: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Step:
    """What the engine would do to one resource."""

    operation: str
    urn: str
    old: State | None
    new: State | None
    replacing: Sequence[str]
    """Names of the properties that make a new resource necessary."""

    @property
    def type(self) -> str:
        state = self.old or self.new
        return state.type if state else type_of(self.urn)

    @property
    def name(self) -> str:
        return name_of(self.urn)


@dataclass(frozen=True, kw_only=True)
class Preview:
    """Everything that an update would do, and what kept the preview from being finished."""

    steps: Sequence[Step]
    errors: Sequence[str]

    @property
    def stack(self) -> str:
        """The stack's name, from the first URN; empty where there is none."""
        return self.steps[0].urn.split("::")[0].removeprefix("urn:pulumi:") if self.steps else ""


def type_of(urn: str) -> str:
    """The type in a URN, without the types of its parents."""
    return urn.split("::")[2].rpartition("$")[2]


def name_of(urn: str) -> str:
    """The name in a URN."""
    return urn.split("::", 3)[3]


def parse(text: str, source: str) -> list[Preview]:
    """The previews in a document: the engine's own, or several as an object keyed by stack.

    Raises OpsError for anything else, and for a document that hides resources.
    """
    try:
        document: Any = json.loads(text)
    except ValueError as error:
        raise OpsError(f"{source}: not JSON: {error}", fix=MAKE_PREVIEW) from error
    if not isinstance(document, dict):
        raise OpsError(f"{source}: got {type(document).__name__}; a preview is an object", fix=MAKE_PREVIEW)
    fields = cast("dict[str, Any]", document)
    if {"steps", "changeSummary", "diagnostics"} & set(fields):
        return [_preview(fields, source)]
    if fields and all(isinstance(each, dict) for each in fields.values()):
        return [_preview(each, f"{source}, stack {stack}") for stack, each in fields.items()]
    keys = ", ".join(sorted(fields)) or "none"
    raise OpsError(f"{source}: keys got {keys}; a preview has steps and changeSummary", fix=MAKE_PREVIEW)


def _preview(document: Mapping[str, Any], source: str) -> Preview:
    try:
        steps = [_step(each) for each in document.get("steps") or ()]
        summary: Mapping[str, int] = document.get("changeSummary") or {}
        errors = [
            " ".join(str(each["message"]).split())
            for each in document.get("diagnostics") or ()
            if each.get("severity") == "error" and str(each["message"]).strip() != "error: preview failed"
        ]
        counted = sum(int(count) for operation, count in summary.items() if operation == "same")
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise OpsError(f"{source}: not a preview that this reads: {error!r}", fix=MAKE_PREVIEW) from error
    unknown = sorted({step.operation for step in steps} - KNOWN)
    if unknown:
        raise OpsError(
            f"{source}: operation {', '.join(unknown)} is new to the guard, which cannot tell what it loses",
            fix="add it to ops/guard/preview.py",
        )
    shown = sum(step.operation == "same" for step in steps)
    if shown < counted:
        raise OpsError(
            f"{source}: {counted} resources stay the same and the document shows {shown} of them, "
            "so a lifted protect or retainOnDelete would not be seen",
            fix=MAKE_PREVIEW,
        )
    if not steps and not errors:
        raise OpsError(f"{source}: no step in it: not even the stack", fix=MAKE_PREVIEW)
    return Preview(steps=steps, errors=errors)


def _step(raw: Mapping[str, Any]) -> Step:
    urn = str(raw["urn"])
    name_of(urn)
    return Step(
        operation=str(raw["op"]),
        urn=urn,
        old=_state(raw.get("oldState")),
        new=_state(raw.get("newState")),
        replacing=tuple(raw.get("replaceReasons") or ()),
    )


def _state(raw: Mapping[str, Any] | None) -> State | None:
    if not raw:
        return None
    return State(
        type=str(raw["type"]),
        custom=bool(raw.get("custom")),
        parent=str(raw.get("parent") or ""),
        protect=bool(raw.get("protect")),
        retain_on_delete=bool(raw.get("retainOnDelete")),
        inputs=raw.get("inputs") or {},
    )
