"""The document of ``pulumi refresh --preview-only --json``, read for what a person or a program changed."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from offline.provider_diff import changes
from ops.cost.plan import systems_of
from ops.errors import Exit, OpsError
from ops.guard.preview import name_of, type_of

_MAKE = "make it with `pulumi refresh --preview-only --json`"


@dataclass(frozen=True, kw_only=True)
class Drifted:
    """A resource that is not as the last update left it. Without values: an issue is no place for them."""

    urn: str
    type: str
    name: str
    system: str
    kind: Literal["changed", "gone"]
    properties: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Found:
    """Drift of one stack."""

    stack: str
    drifted: Sequence[Drifted]
    looked: int
    """Resources that the cloud was asked about."""
    owned: int
    """Properties that differ and that something else owns at run time (``ignoreChanges``), as far as the
    engine shows them: newer ones leave them out themselves."""

    @property
    def ok(self) -> bool:
        return not self.drifted


def read(text: str, stack: str) -> Found:
    """Only what the program sets is compared: what the cloud fills in by itself changes of itself.

    Raises OpsError for a document that is none, or of a refresh that did not end.
    """
    try:
        document: Any = json.loads(text)
        steps = cast("Sequence[Mapping[str, Any]]", document["steps"])
        errors = [
            " ".join(str(each.get("message", "")).split())
            for each in document.get("diagnostics") or ()
            if each.get("severity") == "error"
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise OpsError(
            f"refresh of {stack}: not its document: {error!r}", fix=_MAKE, exit_code=Exit.INCOMPLETE
        ) from error
    if errors:
        raise OpsError(f"refresh of {stack}: {'; '.join(errors)}", exit_code=Exit.INCOMPLETE)
    states = [cast("Mapping[str, Any]", each.get("oldState") or {}) for each in steps]
    custom = [
        step
        for step, state in zip(steps, states, strict=True)
        if state.get("custom") and not str(state["type"]).startswith("pulumi:")
    ]
    drifted: list[Drifted] = []
    owned = 0
    system_of = systems_of(str(state["urn"]) for state in states if state)
    for step in custom:
        found, left = _compare(step, system_of)
        owned += left
        drifted += found
    drifted.sort(key=lambda each: (each.system, each.kind != "gone", each.type, each.name))
    return Found(stack=stack, drifted=drifted, looked=len(custom), owned=owned)


def _compare(step: Mapping[str, Any], system_of: Callable[[str], str]) -> tuple[list[Drifted], int]:
    """The drift of one resource, and how many properties that differ are somebody else's."""
    old = cast("Mapping[str, Any]", step["oldState"])
    new = cast("Mapping[str, Any] | None", step.get("newState"))
    if new is None or step["op"] == "delete":
        return [_drifted(old, system_of, "gone", ())], 0
    ignored = [str(each) for each in old.get("ignoreChanges") or ()]
    before = cast("dict[str, Any]", old.get("inputs") or {})
    after = cast("dict[str, Any]", new.get("inputs") or {})
    every = list(_paths(before, after, ()))
    paths = list(_paths(before, after, ignored))
    found = [_drifted(old, system_of, "changed", paths)] if paths else []
    return found, len(every) - len(paths)


def _paths(before: Any, after: Any, ignored: Sequence[str]) -> Iterator[str]:
    """Where they differ; an empty value that appears is a default that the provider read back."""
    for change in changes(before, after, ignored=ignored):
        if change.kind == "ADD" and not _at(after, change.path):
            continue
        if not change.path.startswith("__"):
            yield change.path


def _at(inputs: Any, path: str) -> Any:
    """A top-level value; anything deeper counts as there."""
    return cast("Mapping[str, Any]", inputs).get(path, True)


def _drifted(
    state: Mapping[str, Any],
    system_of: Callable[[str], str],
    kind: Literal["changed", "gone"],
    paths: Sequence[str],
) -> Drifted:
    urn = str(state["urn"])
    return Drifted(
        urn=urn,
        type=type_of(urn),
        name=name_of(urn),
        system=system_of(urn),
        kind=kind,
        properties=tuple(paths),
    )
