"""What a stack may say about the pack, and how it is told what is wrong."""

import json
from typing import Any

import pytest

from policies import tokens as t
from policies.evaluation import applicable, evaluate
from policies.rule import all_rules
from policies.settings import SETTINGS, PackConfig
from policies.stack_config import KEY, ConfigError, configured
from tests.policies.scene import res

RULES = {rule.id: rule for rule in all_rules()}
PACKED = {"packs": ["cost"]}


def read(given: Any, **others: str) -> PackConfig:
    return configured(PackConfig(), {KEY: json.dumps(given), **others}, rules=RULES)


def test_a_stack_that_says_nothing_has_the_defaults() -> None:
    assert configured(PackConfig(), {}, rules=RULES) == PackConfig()


def test_every_setting_can_be_given() -> None:
    config = read({"allowedRegions": ["eu-west-1"], "minimumBackupDays": 30, "requiredTags": ["team"]})
    assert (config.allowed_regions, config.minimum_backup_days, config.required_tags) == (
        ("eu-west-1",),
        30,
        ("team",),
    )
    assert all(hasattr(config, setting.attribute) for setting in SETTINGS.values())


def test_the_environment_of_the_pack_wins_over_the_program_s() -> None:
    program = {"seoul-platform:stack": json.dumps({"environment": "prod"})}
    assert read({"environment": "dev"}, **program).relaxed
    assert not read({}, **program).relaxed


def test_packs_choose_rules() -> None:
    chosen = {rule.id for rule in applicable(RULES.values(), read(PACKED))}
    assert "log-group-retention" in chosen
    assert "rds-not-public" not in chosen
    both = {rule.id for rule in applicable(RULES.values(), read({"packs": ["cost", "cis"]}))}
    assert chosen < both
    assert "rds-not-public" in both


def test_a_level_brings_one_rule_back_or_takes_it_out() -> None:
    config = read({**PACKED, "levels": {"rds-not-public": "advisory", "s3-lifecycle": "disabled"}})
    chosen = {rule.id for rule in applicable(RULES.values(), config)}
    assert "rds-not-public" in chosen
    assert "s3-lifecycle" not in chosen


def test_a_disabled_rule_is_not_asked() -> None:
    config = read({"levels": {"rds-not-public": "disabled"}})
    evaluation = evaluate([res(t.DB, "open", {"publiclyAccessible": True})], config)
    assert "rds-not-public" not in {v.rule for v in evaluation.verdicts}


def test_remediation_is_switched_on_for_all_or_for_some() -> None:
    assert read({"remediate": ["kms-key-rotated"]}).levels == {"kms-key-rotated": "remediate"}
    everything = read({"remediate": True, "levels": {"rds-backups": "mandatory"}}).levels
    assert everything["kms-key-rotated"] == "remediate"
    assert everything["rds-backups"] == "mandatory"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([], f"{KEY}: got []; a mapping"),
        ({"pakcs": ["cis"]}, f"{KEY}.pakcs: not a key; did you mean packs?"),
        ({"packs": ["soc2"]}, f"{KEY}.packs[0]: got 'soc2'; allowed: security, reliability"),
        ({"packs": "cis"}, f"{KEY}.packs: got 'cis'; a list (names of packs)"),
        ({"levels": {"rds-not-pubic": "disabled"}}, "no rule; did you mean rds-not-public?"),
        (
            {"levels": {"rds-not-public": "off"}},
            "got 'off'; allowed: mandatory, advisory, disabled, remediate",
        ),
        ({"levels": {"rds-not-public": "remediate"}}, "it has no remediation"),
        ({"remediate": ["rds-not-public"]}, "'rds-not-public' has no remediation"),
        ({"remediate": "all"}, f"{KEY}.remediate: got 'all'; true for all of them"),
        ({"minimumBackupDays": 0}, f"{KEY}.minimumBackupDays: got 0; at least 1"),
        ({"minimumBackupDays": True}, f"{KEY}.minimumBackupDays: got True; a whole number"),
        ({"eksVersions": {"1.35": "soon"}}, f"{KEY}.eksVersions.1.35: got 'soon'; a day such as"),
        ({"recoveryObjectives": {"shop": {"rto": 5}}}, f"{KEY}.recoveryObjectives.shop.rto: not a key"),
        ({"requiredTags": [1]}, f"{KEY}.requiredTags[0]: got 1; a text"),
    ],
)
def test_a_fault_names_key_value_and_what_is_allowed(given: Any, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(given)
    assert says in str(caught.value)


def test_all_faults_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        read({"a": 1, "packs": ["x"], "levels": {"y": "z"}})
    assert len(str(caught.value).splitlines()) == 4


def test_text_that_is_no_json_is_named() -> None:
    with pytest.raises(ConfigError, match="got 'security'; a mapping"):
        configured(PackConfig(), {KEY: "security"}, rules=RULES)
