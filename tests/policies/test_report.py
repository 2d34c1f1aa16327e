"""The report files and the text for a terminal."""

import json
from datetime import date
from pathlib import Path

from policies import report
from policies import tokens as t
from policies.evaluation import Evaluation, evaluate
from policies.rule import all_rules
from policies.values import UNKNOWN
from policies.waivers import Waiver
from tests.policies.scene import res

WAIVED = Waiver("rds-multi-az", "*::open", "a demo", "data team", date(9999, 1, 1))


def failing() -> Evaluation:
    return evaluate([res(t.DB, "open", {"publiclyAccessible": True})], waivers=[WAIVED])


def test_json_counts_and_names(tmp_path: Path) -> None:
    path, _ = report.write(failing(), all_rules(), tmp_path / "new")
    written = json.loads(path.read_text(encoding="utf-8"))

    assert written["summary"]["waived"] == 1
    assert written["rules"]["rds-not-public"] == {"failed": 1}
    assert written["rules"]["rds-multi-az"] == {"waived": 1}
    assert written["summary"]["failed"] == len([v for v in written["verdicts"] if v["outcome"] == "failed"])
    (public,) = [v for v in written["verdicts"] if v["rule"] == "rds-not-public"]
    assert public["urn"].endswith("::open")
    assert public["messages"] == ["publiclyAccessible is true"]


def test_sarif_has_rules_results_and_suppressions(tmp_path: Path) -> None:
    _, path = report.write(failing(), all_rules(), tmp_path)
    run = json.loads(path.read_text(encoding="utf-8"))["runs"][0]

    described = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert {result["ruleId"] for result in run["results"]} == described
    (public,) = [r for r in run["results"] if r["ruleId"] == "rds-not-public"]
    assert public["level"] == "error"
    (waived,) = [r for r in run["results"] if r.get("suppressions")]
    assert waived["ruleId"] == "rds-multi-az"


def test_text_is_grouped_by_resource_the_worst_first() -> None:
    shown = report.text(failing(), all_rules()).splitlines()
    assert shown[0] == "open (aws:rds/instance:Instance)"
    assert shown[1].endswith("(critical)")
    assert shown.count("open (aws:rds/instance:Instance)") == 1
    at = shown.index("  rds-not-public: Databases have no public address (critical)")
    assert shown[at + 1 : at + 4] == [
        "    publiclyAccessible is true",
        "    why: A database that can be reached from the internet is one leaked password from being public.",
        "    fix: Leave publiclyAccessible false.",
    ]
    assert shown[-1].startswith("policies: ")


def test_text_explains_what_was_not_evaluated() -> None:
    waiting = [
        res(t.IAM_ROLE_POLICY, name, {"role": "role-id", "policy": UNKNOWN}) for name in ("one", "two")
    ]
    shown = report.text(evaluate(waiting), all_rules())
    assert "policy of aws:iam/rolePolicy:RolePolicy: 14 verdicts on 2 resources (iam-data-on-" in shown
    assert "14 not evaluated" in shown


def test_the_text_lies_beside_the_other_files(tmp_path: Path) -> None:
    report.write(failing(), all_rules(), tmp_path)
    assert "rds-not-public" in (tmp_path / "policies.txt").read_text(encoding="utf-8")
