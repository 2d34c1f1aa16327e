"""What every rule says about itself."""

import re
from datetime import date

import pytest

from offline import schema
from policies import tokens
from policies.rule import ANY, Rule, all_rules, rule
from policies.settings import SETTINGS, PackConfig
from policies.support import EKS_VERSIONS, ENGINE_VERSIONS, LAMBDA_RUNTIMES
from policies.taggable import TAGGABLE

RULES = all_rules()


@pytest.mark.parametrize("declared", RULES, ids=lambda r: r.id)
def test_rule_explains_itself(declared: Rule) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", declared.id)
    assert len(declared.title) > 10
    assert not declared.title.endswith(".")
    assert declared.why.endswith(".")
    assert declared.fix.endswith(".")
    assert declared.types
    assert set(declared.settings) <= set(SETTINGS)
    for control in declared.fsbp:
        assert re.fullmatch(r"[A-Z][A-Za-z0-9]+\.\d+", control)


def test_types_are_real_and_canonical() -> None:
    for declared in RULES:
        for token in declared.types:
            assert tokens.canonical(token) == token
            if token != ANY and not token.startswith("pulumi:"):
                assert schema.schema(token).inputs or token == tokens.R53_QUERY_LOG


def test_taggable_types_have_tags() -> None:
    for token in TAGGABLE:
        assert "tags" in schema.schema(token).inputs, token


def test_ids_are_unique() -> None:
    with pytest.raises(ValueError, match="two rules have this id"):
        rule(id=RULES[0].id, title="t", types=("x",), severity="low", enforcement="A", why="w", fix="f")(
            lambda _: None
        )


def test_levels_follow_the_environment() -> None:
    by_id = {declared.id: declared for declared in RULES}
    assert by_id["rds-cluster-encrypted"].level(relaxed=False) == "mandatory"
    assert by_id["rds-cluster-encrypted"].level(relaxed=True) == "advisory"
    assert by_id["rds-own-port"].level(relaxed=False) == "advisory"


@pytest.mark.parametrize(
    ("environment", "relaxed"), [("dev", True), ("prod", False), ("staging", False), ("", False)]
)
def test_only_named_environments_are_relaxed(environment: str, *, relaxed: bool) -> None:
    assert PackConfig(environment=environment).relaxed is relaxed


def test_dates_in_settings_are_dates() -> None:
    tables = [LAMBDA_RUNTIMES, EKS_VERSIONS, *ENGINE_VERSIONS.values()]
    assert all(date.fromisoformat(day) for table in tables for day in table.values())
