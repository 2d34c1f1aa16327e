"""Weaknesses that were written down from a reviewer's point of view, not from the rules: each must be found.

``seeded/*.yaml`` names for each what it is, who says that it is a weakness, the resources (added to the
compliant stack, or a change to one of its resources), and the rule that should notice. The same finding must
not be there before.
"""

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from policies.evaluation import Evaluation, evaluate
from policies.model import Record
from policies.rule import all_rules
from policies.settings import PackConfig
from policies.tokens import canonical
from tests.policies.mutations import _remove, _set
from tests.policies.scene import TAGS, res
from tests.policies.scenes import compliant

FOLDER = Path(__file__).with_name("seeded")
AT_LEAST = 200


class _Loader(yaml.SafeLoader):
    """``!json`` writes what follows as a text of JSON, as programs do with json.dumps."""


def _json(loader: yaml.SafeLoader, node: yaml.Node) -> str:
    built = (
        loader.construct_mapping(node, deep=True)
        if isinstance(node, yaml.MappingNode)
        else loader.construct_sequence(node, deep=True)
    )
    return json.dumps(built)


_Loader.add_constructor("!json", _json)


@dataclass(frozen=True)
class Weakness:
    id: str
    says: str
    source: str
    finds: str
    at: str = ""
    add: tuple[dict[str, Any], ...] = ()
    change: dict[str, Any] | None = None


def _read() -> Iterator[Weakness]:
    for path in sorted(FOLDER.glob("*.yaml")):
        loaded = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a safe loader
        for entry in loaded["weaknesses"]:
            yield Weakness(**{**entry, "add": tuple(entry.get("add", ()))})


WEAKNESSES = tuple(_read())


def _token(short: str) -> str:
    return short if short.startswith("cloudflare:") else f"aws:{short}"


def _added(entry: dict[str, Any]) -> Record:
    token, props = _token(entry["type"]), dict(entry.get("props", {}))
    made = res(token, entry["name"], props, protect=entry.get("protect", False))
    return made if "tags" in props else replace(made, inputs={"tags": TAGS, **made.inputs})


def _changed(records: list[Record], change: dict[str, Any]) -> tuple[list[Record], str]:
    """The stack with the first resource of the type (and name) changed, and that resource's name."""
    token, name = canonical(_token(change["type"])), change.get("name")
    target = next(r for r in records if canonical(r.type) == token and name in (None, r.name))
    inputs = copy.deepcopy(dict(target.inputs))
    for path, value in change.get("set", {}).items():
        _set(inputs, path.split("."), value)
    for path in change.get("unset", ()):
        _remove(inputs, path.split("."))
    outputs = {**target.outputs, **inputs}
    for gone in set(target.inputs) - set(inputs):
        outputs.pop(gone, None)
    changed = replace(target, inputs=inputs, outputs=outputs)
    return [changed if r is target else r for r in records], target.name


def _weakened(weakness: Weakness) -> tuple[list[Record], str]:
    records, at = compliant(), ""
    if weakness.change:
        records, at = _changed(records, weakness.change)
    records += [_added(entry) for entry in weakness.add]
    return records, weakness.at or (weakness.add[-1]["name"] if weakness.add else at)


def _named(evaluation: Evaluation, rule: str) -> set[str]:
    return {v.urn.rsplit("::", 1)[-1] for v in evaluation.failed if v.rule == rule}


BEFORE = evaluate(compliant())


def test_there_are_enough_and_each_is_its_own() -> None:
    assert len(WEAKNESSES) >= AT_LEAST
    assert len({w.id for w in WEAKNESSES}) == len(WEAKNESSES)
    assert all(w.says and w.source for w in WEAKNESSES)


def test_they_are_spread_over_the_rules() -> None:
    assert len({w.finds for w in WEAKNESSES}) >= 120
    assert {w.finds for w in WEAKNESSES} <= {rule.id for rule in all_rules()}


@pytest.mark.parametrize("weakness", WEAKNESSES, ids=lambda w: w.id)
def test_a_seeded_weakness_is_found(weakness: Weakness) -> None:
    records, at = _weakened(weakness)
    # One rule is asked: that others stay quiet is what the mutation proof is for.
    rules = [rule for rule in all_rules() if rule.id == weakness.finds]

    found = _named(evaluate(records, PackConfig(), rules=rules), weakness.finds)

    assert at in found - _named(BEFORE, weakness.finds), weakness.says
