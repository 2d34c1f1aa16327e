"""Whatever is wrong with a stack file, each error names its key, and nothing looks like a traceback."""

import copy
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from settings.parsing import SettingsError, parse_config
from settings.stack import SYSTEMS

ROOT = Path(__file__).parents[2]
STACK_KEY, SYSTEMS_KEY = "seoul-platform:stack", "seoul-platform:systems"
OPTIONAL = {"info", "accountBaseline"}
"""Keys that the shipped files write and could leave out."""
NULLABLE = {
    "accountBaseline",
    "unlockReason",
    "staticHostname",
    "directory",
    "autoPauseSeconds",
    "affinitySeconds",
}
KEYS = "|".join(("stack", "systems", *SYSTEMS))
LINE = re.compile(rf"^({KEYS}|aws:\w+|seoul-platform:|'seoul-platform:)[^\n]*: \S[^\n]*$")

Path_ = tuple[str | int, ...]


def config(stack: str = "prod") -> dict[str, Any]:
    return yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8"))["config"]


def written_out(stack: str = "prod") -> dict[str, Any]:
    """The stack's configuration with every default spelt out."""
    plain = config(stack)
    model = parse_config(plain).systems["safework"]
    plain[SYSTEMS_KEY]["safework"] = json.loads(model.model_dump_json(by_alias=True))
    return plain


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


def wrong_values(key: str | int, value: Any) -> list[object]:
    match value:
        case dict():
            return ["text", 7, None, ["list"]]
        case list():
            return ["text", 7, None, {"a": 1}]
        case bool():
            return ["true", 1, {}, None]
        case int() | float():
            return ["12", -1, 10**12, float("nan"), True, False, [], None]
        case str():
            return ["", "no such thing!", 7, True, {"a": 1}, None]
        case _:
            return [{"a": 1}, [1], ""] if key in NULLABLE else []


def cases() -> list[Case]:
    root = written_out()
    found: list[Case] = []
    for section in (STACK_KEY, SYSTEMS_KEY):
        for path, value in nodes(root[section], (section,)):
            if len(path) == 1:
                continue
            allowed_null = path[-1] in NULLABLE
            found.extend(
                Case(label(path), f"is {wrong!r}", put(root, path, wrong))
                for wrong in wrong_values(path[-1], value)
                if not (wrong is None and allowed_null)
            )
            if isinstance(value, dict):
                found.append(Case(label((*path, "zzz")), "unknown", put(root, (*path, "zzz"), 1)))
    plain = config()
    for section in (STACK_KEY, SYSTEMS_KEY):
        for path, _ in nodes(plain[section], (section,)):
            if path[-1] in OPTIONAL:
                continue
            if (len(path) > 2 and isinstance(path[-1], str)) or (path[0] == STACK_KEY and len(path) == 2):
                found.append(Case(label(path), "missing", drop(plain, path)))
    return found


CASES = cases()


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 200


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.key} {case.what}"[:80])
def test_a_bad_setting_gives_an_error_that_names_its_key(case: Case) -> None:
    errors = errors_of(case.config)
    near = re.sub(r"(\[\d+\])+$", "", case.key)
    named = [line for line in errors if line.startswith((case.key, near))]
    assert named, errors
    for line in errors:
        assert LINE.match(line), line
        assert "Traceback" not in line
        assert "pydantic" not in line.lower()
        assert "ValidationError" not in line


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
PLACES = [
    (section, *path[1:])
    for section in (STACK_KEY, SYSTEMS_KEY)
    for path, _ in nodes(written_out()[section], (section,))
]


@settings(max_examples=300, deadline=None)
@given(place=st.sampled_from(PLACES), value=JSON)
def test_anything_anywhere_loads_or_names_keys(place: Path_, value: object) -> None:
    bad = put(written_out(), place, value)
    found: tuple[str, ...] | None = None
    try:
        parse_config(bad)
    except SettingsError as error:
        found = error.errors
    assert found is None or found
    for line in found or ():
        assert LINE.match(line), line


def test_rules_are_told_together_with_keys_that_are_wrong_by_themselves() -> None:
    bad = written_out()
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
