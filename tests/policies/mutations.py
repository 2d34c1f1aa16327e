"""Ways to weaken one property of a recorded stack, and what must notice."""

import copy
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from policies.model import Record
from policies.tokens import canonical

Records = list[Record]


@dataclass(frozen=True)
class Mutation:
    """``apply`` gives the weakened stack and the URN it touched, or None where there is nothing to touch.

    ``names`` is the type of the resource that the rule must name; without it, the touched one. ``also``
    are rules that the same weakness rightly trips, ``also_shipped`` those in the larger stacks alone.
    What refers to resources of one stack by name is not ``portable`` to another.
    """

    apply: Callable[[Records], tuple[Records, str] | None]
    names: str = ""
    also: tuple[str, ...] = ()
    portable: bool = True
    also_shipped: tuple[str, ...] = ()


def edit(
    token: str,
    change: Callable[[dict[str, Any]], object],
    *,
    where: Callable[[Record], bool] = lambda _: True,
    **more: Any,
) -> Mutation:
    """Change the inputs of the first resource of a type that ``where`` accepts."""

    def apply(records: Records) -> tuple[Records, str] | None:
        target = _first(records, token, where)
        if target is None:
            return None
        inputs = copy.deepcopy(dict(target.inputs))
        change(inputs)
        outputs = {**target.outputs, **inputs}
        for gone in set(target.inputs) - set(inputs):
            outputs.pop(gone, None)
        changed = replace(target, inputs=inputs, outputs=outputs)
        return [changed if r is target else r for r in records], target.urn

    return Mutation(apply, **more)


def put(token: str, path: str, value: Any, **more: Any) -> Mutation:
    """Set the property at a dotted path."""
    return edit(token, lambda inputs: _set(inputs, path.split("."), value), **more)


def take(token: str, path: str, **more: Any) -> Mutation:
    """Remove the property at a dotted path."""
    return edit(token, lambda inputs: _remove(inputs, path.split(".")), **more)


def state(token: str, path: str, statement: Mapping[str, Any], **more: Any) -> Mutation:
    """Add a statement to the policy document at a path."""

    def change(inputs: dict[str, Any]) -> None:
        found = inputs.get(path) or '{"Version": "2012-10-17", "Statement": []}'
        document = json.loads(found) if isinstance(found, str) else copy.deepcopy(found)
        listed = document["Statement"]
        document["Statement"] = [*(listed if isinstance(listed, list) else [listed]), dict(statement)]
        inputs[path] = json.dumps(document)

    return edit(token, change, **more)


def drop(token: str, *, every: bool = False, **more: Any) -> Mutation:
    """Leave the first (or every) resource of a type out; the rule names what it was for."""

    def apply(records: Records) -> tuple[Records, str] | None:
        gone = [r for r in records if canonical(r.type) == token]
        if not gone:
            return None
        removed = gone if every else gone[:1]
        return [r for r in records if r not in removed], gone[0].urn

    return Mutation(apply, **more)


def add(record: Record, **more: Any) -> Mutation:
    """Put one more resource into the stack."""
    return Mutation(lambda records: ([*records, record], record.urn), **more)


def together(*parts: Mutation, **more: Any) -> Mutation:
    """Several changes at once; a part that finds nothing to touch is left out."""

    def apply(records: Records) -> tuple[Records, str] | None:
        touched = ""
        for part in parts:
            applied = part.apply(records)
            if applied is not None:
                records, urn = applied
                touched = touched or urn
        return (records, touched) if touched else None

    return Mutation(apply, **more)


def unprotect(token: str) -> Mutation:
    return _options(token, lambda record: replace(record, protect=False), lambda record: record.protect)


def forget_dependencies(token: str) -> Mutation:
    def forget(record: Record) -> Record:
        return replace(record, dependencies=(), property_dependencies={})

    return _options(token, forget, lambda record: bool(record.dependencies))


def _options(token: str, change: Callable[[Record], Record], where: Callable[[Record], bool]) -> Mutation:
    def apply(records: Records) -> tuple[Records, str] | None:
        target = _first(records, token, where)
        if target is None:
            return None
        return [change(r) if r is target else r for r in records], target.urn

    return Mutation(apply)


def _first(records: Sequence[Record], token: str, where: Callable[[Record], bool]) -> Record | None:
    return next((r for r in records if canonical(r.type) == token and where(r)), None)


def _set(container: Any, steps: list[str], value: Any) -> None:
    step = int(steps[0]) if isinstance(container, list) else steps[0]
    if len(steps) == 1:
        container[step] = value
        return
    if isinstance(container, dict) and not isinstance(container.get(step), dict | list):
        container[step] = {}
    _set(container[step], steps[1:], value)


def _remove(container: Any, steps: list[str]) -> None:
    step = int(steps[0]) if isinstance(container, list) else steps[0]
    if len(steps) == 1:
        if isinstance(container, dict):
            container.pop(step, None)
        else:
            del container[step]
    elif isinstance(container, list) or step in container:
        _remove(container[step], steps[1:])
