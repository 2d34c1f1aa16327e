"""Whatever is wrong with a stack file, each error names its key, and nothing looks like a traceback."""

import copy
import functools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import NoneType
from typing import Any, get_args

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from settings.model import Section
from settings.parsing import SettingsError, parse_config
from settings.stack import SYSTEMS

ROOT = Path(__file__).parents[2]
STACK_KEY, SYSTEMS_KEY = "seoul-platform:stack", "seoul-platform:systems"
FREE_TEXT = {"migrationCommand"}
"""Lists of words that no rule can know."""
KEYS = "|".join(("stack", "systems", *SYSTEMS))
SAYS = r"(got [^\n]+; \S[^\n]*|missing; \S[^\n]*; add it|unknown (key|system); \S[^\n]*)"
"""What it got and what is allowed, which is the fix."""
LINE = re.compile(rf"^({KEYS}|aws:\w+|seoul-platform:|'seoul-platform:)[^\n]*: {SAYS}$")

Path_ = tuple[str | int, ...]


def config(stack: str = "prod") -> dict[str, Any]:
    return yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8"))["config"]


def only(system: str, root: dict[str, Any] | None = None) -> dict[str, Any]:
    """The configuration of a stack that holds one system."""
    plain = root or config()
    plain[SYSTEMS_KEY] = {system: plain[SYSTEMS_KEY][system]}
    return plain


def written_out(system: str) -> dict[str, Any]:
    """The same with every default spelt out."""
    plain = only(system)
    model = parse_config(plain).systems[system]
    plain[SYSTEMS_KEY][system] = json.loads(model.model_dump_json(by_alias=True))
    return plain


@dataclass(frozen=True, kw_only=True)
class Key:
    """What the model says of a key."""

    nullable: bool
    required: bool


def keys_of(model: BaseModel, path: Path_) -> Iterator[tuple[Path_, Key]]:
    """Every key that the models of a value have, with the path that leads to it in a file."""
    for name, field in type(model).model_fields.items():
        at = (*path, field.alias or name)
        yield at, Key(nullable=NoneType in get_args(field.annotation), required=field.is_required())
        filled = field.default.keys if isinstance(field.default, Section) else {}
        for deeper, key in _inside(getattr(model, name), at):
            given = len(deeper) == len(at) + 1 and deeper[-1] in filled
            yield deeper, replace(key, required=False) if given else key


def _inside(value: object, path: Path_) -> Iterator[tuple[Path_, Key]]:
    match value:
        case BaseModel():
            yield from keys_of(value, path)
        case Mapping():
            for key, item in value.items():
                yield from _inside(item, (*path, key))
        case tuple() | list():
            for place, item in enumerate(value):
                yield from _inside(item, (*path, place))
        case _:
            pass


def described(system: str) -> dict[Path_, Key]:
    """The keys of the stack and of one of its systems, as their models have them."""
    stack = parse_config(only(system))
    return {
        **dict(keys_of(stack, (STACK_KEY,))),
        **dict(keys_of(stack.systems[system], (SYSTEMS_KEY, system))),
    }


def errors_of(bad: object) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as raised:
        parse_config(bad)  # pyright: ignore[reportArgumentType]
    return raised.value.errors


def label(path: Path_) -> str:
    head = {STACK_KEY: "stack", SYSTEMS_KEY: ""}[str(path[0])]
    return "".join([head, *(f"[{p}]" if isinstance(p, int) else f".{p}" for p in path[1:])]).lstrip(".")


def nodes(value: Any, path: Path_) -> Iterator[tuple[Path_, Any]]:
    yield path, value
    items: Any = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, item in items:
        yield from nodes(item, (*path, key))


def put(root: dict[str, Any], path: Path_, value: object) -> dict[str, Any]:
    changed = copy.deepcopy(root)
    at: Any = changed
    for part in path[:-1]:
        at = at[part]
    at[path[-1]] = value
    return changed


def drop(root: dict[str, Any], path: Path_) -> dict[str, Any]:
    changed = copy.deepcopy(root)
    at: Any = changed
    for part in path[:-1]:
        at = at[part]
    del at[path[-1]]
    return changed


@dataclass(frozen=True)
class Case:
    key: str
    what: str
    config: dict[str, Any]


def wrong_values(value: Any, *, nullable: bool, free_text: bool) -> list[object]:
    match value:
        case dict():
            found = ["text", 7, None, ["list"]]
        case list():
            found = ["text", 7, None, {"a": 1}]
        case bool():
            found = ["true", 1, {}, None]
        case int() | float():
            found = ["12", -1, 10**12, float("nan"), True, False, [], None]
        case str():
            found = [*([] if free_text else ["", "no such thing!"]), 7, True, {"a": 1}, None]
        case _:
            found = [{"a": 1}, [1], ""]
    return [each for each in found if not (each is None and nullable)]


def cases(system: str) -> Iterator[Case]:
    root, keys = written_out(system), described(system)
    for section in (STACK_KEY, SYSTEMS_KEY):
        for path, value in nodes(root[section], (section,)):
            if len(path) == 1:
                continue
            key = keys.get(path, Key(nullable=False, required=False))
            for wrong in wrong_values(value, nullable=key.nullable, free_text=bool(FREE_TEXT & set(path))):
                yield Case(label(path), f"is {wrong!r}", put(root, path, wrong))
            if isinstance(value, dict):
                yield Case(label((*path, "zzz")), "unknown", put(root, (*path, "zzz"), 1))
    plain = only(system)
    for section in (STACK_KEY, SYSTEMS_KEY):
        for path, _ in nodes(plain[section], (section,)):
            if path in keys and keys[path].required:
                yield Case(label(path), "missing", drop(plain, path))


def fault_of(case: Case) -> str | None:
    """Why the errors of a case are not such as a person can act on."""
    try:
        parse_config(case.config)
    except SettingsError as error:
        errors = error.errors
    else:
        return "loads"
    near = re.sub(r"(\[\d+\])+$", "", case.key)
    if not any(line.startswith((case.key, near)) for line in errors):
        return f"no error names it: {errors}"
    for line in errors:
        if not LINE.match(line):
            return f"not key: got; allowed: {line}"
        if "Traceback" in line or "pydantic" in line.lower() or "ValidationError" in line:
            return f"words of the machine: {line}"
    return None


@pytest.mark.parametrize("system", SYSTEMS)
def test_each_bad_setting_gives_an_error_that_names_its_key(system: str) -> None:
    found = list(cases(system))
    assert len(found) >= 200
    assert {case.what for case in found} >= {"missing", "unknown"}
    faults = {f"{case.key} {case.what}": fault_of(case) for case in found}
    assert {what: fault for what, fault in faults.items() if fault} == {}


def safework(**changes: object) -> dict[str, Any]:
    root = config()
    root[SYSTEMS_KEY]["safework"].update(changes)
    return root


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"api": {"timeoutSeconds": 60}},
            "safework.api.timeoutSeconds: got 60; at most 29 unless safework.apiTimeoutQuota is raised",
        ),
        ({"profle": "economy"}, "safework.profle: unknown key; did you mean profile?"),
        (
            {"profile": "economical"},
            "safework.profile: got 'economical'; one of standard, economy; did you mean economy?",
        ),
        (
            {"functions": {"survey": {"memoryMb": "1024"}}},
            "safework.functions.survey.memoryMb: got '1024'; a whole number from 128 to 10240; "
            "write it without quotes",
        ),
        (
            {"functions": {"survey": {"memory_mb": 1024}}},
            "safework.functions.survey.memory_mb: unknown key; did you mean memoryMb?",
        ),
        (
            {"rollout": {"kind": "cannary"}},
            "safework.rollout.kind: got 'cannary'; one of allAtOnce, canary, linear; did you mean canary?",
        ),
        (
            {"rollout": {"kind": "allAtOnce", "percent": 10}},
            "safework.rollout.percent: unknown key; allowed: kind; remove it",
        ),
        (
            {"cutover": {"kind": "committed", "percent": 100}},
            "safework.cutover.percent: unknown key; allowed: kind; remove it",
        ),
        (
            {"deletionProtection": False},
            "safework.deletionProtection: got false; true in prod; to remove the data on purpose, say why in "
            "unlockReason",
        ),
        (
            {"database": {"readers": 0}},
            "safework.database.readers: got 0; at least 1 in prod, in another zone; or choose profile: "
            "economy",
        ),
        (
            {"database": {"engineVersion": "15.4"}},
            "safework.database.engineVersion: got '15.4'; a version in standard support, at or above 15.7, "
            "16.3, 17.4 within its line",
        ),
        (
            {"network": {"vpcCidr": "10.0.0.0/28"}},
            "safework.network.vpcCidr: got '10.0.0.0/28'; a block of /16 to /22: three tiers in up to eight "
            "zones must fit as subnets",
        ),
    ],
)
def test_message(changes: dict[str, object], line: str) -> None:
    assert line in errors_of(safework(**changes))


def test_raising_the_quota_makes_room_for_the_longer_timeout() -> None:
    parse_config(safework(api={"timeoutSeconds": 60}, apiTimeoutQuota=60))


def test_unlocking_prod_needs_a_reason_and_then_loads() -> None:
    parse_config(safework(deletionProtection=False, unlockReason="SafeWork moves to another account"))


def test_every_error_comes_at_once() -> None:
    root = safework(api={"timeoutSeconds": 0}, cache={"x": 1}, profile="cheap")
    root[STACK_KEY]["zones"] = []
    root["seoul-platform:stak"] = {}
    keys = [line.partition(":")[0] for line in errors_of(root)]
    assert keys == [
        "seoul-platform",
        "stack.zones",
        "safework.profile",
        "safework.api.timeoutSeconds",
        "safework.cache.x",
    ]


def test_a_misspelt_system_is_suggested() -> None:
    root = config()
    root[SYSTEMS_KEY]["safewrok"] = root[SYSTEMS_KEY].pop("safework")
    assert errors_of(root) == ("systems.safewrok: unknown system; did you mean safework?",)


def test_region_and_account_are_set_in_one_place() -> None:
    root = config()
    root["aws:region"] = "us-east-1"
    assert any(line.startswith("stack.zones: got 'ap-northeast-2a'") for line in errors_of(root))
    root = config()
    root["aws:allowedAccountIds"] = ["111122223333"]
    assert errors_of(root) == (
        "aws:allowedAccountIds: got ['111122223333']; a list with stack.accountId ('444455556666'); "
        "make them agree",
    )
    root = config()
    del root["aws:region"]
    assert errors_of(root) == ("aws:region: missing; an AWS region, such as ap-northeast-2; add it",)


@pytest.mark.parametrize("key", ["password", "dbPassword", "apiKey", "secretValue", "authToken"])
def test_what_may_be_a_secret_is_never_shown(key: str) -> None:
    for bad in (safework(**{key: "hunter2"}), safework(database={key: ["hunter2"]})):
        assert "hunter2" not in "\n".join(errors_of(bad))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@functools.cache
def places(system: str) -> tuple[dict[str, Any], list[Path_]]:
    root = written_out(system)
    return root, [
        path for section in (STACK_KEY, SYSTEMS_KEY) for path, _ in nodes(root[section], (section,))
    ]


@pytest.mark.parametrize("system", SYSTEMS)
@settings(max_examples=200, deadline=None)
@given(data=st.data(), value=JSON)
def test_anything_anywhere_loads_or_names_keys(system: str, data: st.DataObject, value: object) -> None:
    root, paths = places(system)
    bad = put(root, data.draw(st.sampled_from(paths)), value)
    found: tuple[str, ...] | None = None
    try:
        parse_config(bad)
    except SettingsError as error:
        found = error.errors
    assert found is None or found
    for line in found or ():
        assert LINE.match(line), line


def test_rules_are_told_together_with_keys_that_are_wrong_by_themselves() -> None:
    bad = written_out("safework")
    safework = bad["seoul-platform:systems"]["safework"]
    safework["api"]["timeoutSeconds"] = 60
    safework["netwrok"] = {}
    safework["functions"]["auth"]["memoryMb"] = 64
    lines = "\n".join(errors_of(bad))
    assert "safework.netwrok: unknown key; did you mean network?" in lines
    assert "safework.functions.auth.memoryMb: got 64" in lines
    assert (
        "safework.api.timeoutSeconds: got 60; at most 29 unless safework.apiTimeoutQuota is raised" in lines
    )
