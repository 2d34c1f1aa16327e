"""The waiver file is read strictly; every fault names its key."""

from datetime import date
from pathlib import Path

import pytest

from policies.rule import all_rules
from policies.waivers import FILE, WaiverError, load

RULES = {"rds-not-public"}
GOOD = """
waivers:
  - rule: rds-not-public
    urn: "*::demo"
    reason: a demo
    owner: data team
    expires: 2027-01-31
"""


def read(tmp_path: Path, text: str) -> object:
    path = tmp_path / "waivers.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path, rules=RULES)


def test_the_shipped_file_loads() -> None:
    load(FILE, rules={rule.id for rule in all_rules()})


def test_a_good_file(tmp_path: Path) -> None:
    (waiver,) = read(tmp_path, GOOD)  # type: ignore[misc]
    assert waiver.expires == date(2027, 1, 31)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("owner: data team", "owner: ''", "waivers[0].owner"),
        ("    owner: data team\n", "", "waivers[0].owner: missing"),
        ("owner:", "onwer:", "waivers[0].onwer: not a key"),
        ("rds-not-public", "rds-not-pubic", "waivers[0].rule: 'rds-not-pubic' is no rule"),
        ("2027-01-31", "soon", "waivers[0].expires"),
        ('"*::demo"', '"*"', "waivers[0].urn: '*' matches everything"),
        ("waivers:", "waiver:", "top-level key"),
        ("  - rule", "  - [rule", "not YAML"),
    ],
)
def test_a_fault_names_its_key(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(WaiverError) as caught:
        read(tmp_path, GOOD.replace(old, new, 1))
    assert says in str(caught.value)


def test_all_faults_at_once(tmp_path: Path) -> None:
    with pytest.raises(WaiverError) as caught:
        read(tmp_path, "waivers:\n  - rule: x\n  - nothing\n")
    assert str(caught.value).count("waivers[0]") == 5
    assert "waivers[1]" in str(caught.value)
