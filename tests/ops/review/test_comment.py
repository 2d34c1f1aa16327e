"""The comment: readable, merged over stacks, safe to post, and never too long."""

import re
from pathlib import Path

import pytest

from ops.review.command import command
from ops.review.comment import LIMIT, MARKER, Check, render, stopped
from ops.review.model import Change, Cost, Finding, Review, Stop
from ops.review.policy import Report, stops

REST = "[the run](https://example.com/run)"


def review(stack: str = "dev", **given: object) -> Review:
    plain: dict[str, object] = {
        "stack": stack,
        "against": "the deployed state",
        "simulated": False,
        "counts": {"same": 10, "create": 2, "replace": 1},
        "stops": (),
        "approved": (),
        "notes": (),
        "changes": (),
        "cost_before": 100.0,
        "cost_after": 112.5,
        "costs": (),
        "policies": {"failed": 0, "waived": 3},
        "findings": (),
        "approvals": "",
        "seconds": 12.0,
    }
    return Review.model_validate({**plain, **given})


def changes(number: int) -> tuple[Change, ...]:
    return tuple(
        Change(
            operation="update" if index % 5 else "delete",
            type="aws:cloudwatch/metricAlarm:MetricAlarm",
            name=f"sesami-alarms-number-{index:05}",
            system="sesami",
            properties=("tags", "threshold"),
        )
        for index in range(number)
    )


def test_a_review_that_passes_is_short() -> None:
    text = render([review()], [Check("make test", "success")], rest=REST)
    assert text.splitlines()[:2] == [MARKER, "## Nothing stops this"]
    assert "| dev | passed | +2 +-1 | +12.50 (100.00 to 112.50) | 0 failed, 3 waived |" in text
    assert "### Why" not in text
    assert "Checks: `make test` success." in text


def test_the_same_reason_of_two_stacks_is_one_line() -> None:
    stop = Stop(kind="policy", id="open", line="opens 22")
    text = render([review("dev", stops=(stop,)), review("prod", stops=(stop,))], [], rest=REST)
    assert text.count("opens 22") == 1
    assert "- **dev, prod** policy: opens 22" in text


def test_a_failed_check_stops_and_is_the_first_reason() -> None:
    checks = [Check("test", "failure"), Check("check", "success")]
    assert stopped([review()], checks)
    text = render([review(stops=(Stop(kind="cost", id="cost:x", line="dear"),))], checks, rest=REST)
    reasons = text.split("### Why", maxsplit=1)[1].split("### ", maxsplit=1)[0].strip().splitlines()
    assert reasons[0] == "- check: `test` ended with failure"


def test_a_stack_without_a_review_stops(tmp_path: Path) -> None:
    """Its job may have died before it said anything."""
    for stack in ("dev", "prod"):
        (tmp_path / stack).mkdir()
        (tmp_path / stack / "review.json").write_text(review(stack).model_dump_json())
    asked = ["comment", str(tmp_path), "--output", str(tmp_path / "comment.md"), "--expect", "dev"]
    assert command.main(asked, standalone_mode=False) == 0
    assert "| prod | passed |" in (tmp_path / "comment.md").read_text()
    (tmp_path / "prod" / "review.json").unlink()
    assert command.main([*asked, "--expect", "prod"], standalone_mode=False) == 1
    assert "- check: `review of prod` ended with no result" in (tmp_path / "comment.md").read_text()


def test_a_cancelled_check_is_no_success() -> None:
    assert stopped([review()], [Check("test", "cancelled")])
    assert not stopped([review()], [Check("test", "skipped")])


@pytest.mark.parametrize("number", [10, 3_000, 40_000])
def test_it_fits_however_much_changes(number: int) -> None:
    found = [review(stack, changes=changes(number)) for stack in ("dev", "prod")]
    text = render(found, [], rest=REST)
    assert len(text.encode()) <= LIMIT
    shown = len(re.findall(r"^\| (?:update|delete) \|", text, re.MULTILINE))
    told = sum(int(count.replace(",", "")) for count in re.findall(r"\.\.\. and ([\d,]+) more rows", text))
    assert shown + told == 2 * number
    assert (REST in text) == (number > 10)
    assert text.count("<details>") == text.count("</details>") == 2


def test_deletions_are_shown_before_what_is_cut() -> None:
    text = render([review(changes=changes(3_000))], [], rest=REST)
    table = re.findall(r"^\| (update|delete) \|", text, re.MULTILINE)
    assert table == sorted(table)
    assert table.count("delete") > 300


def test_a_long_table_does_not_crowd_out_a_short_one() -> None:
    costs = (Cost(system="sesami", item="database instances", before=36.5, after=197.1),)
    text = render([review(changes=changes(5_000), costs=costs)], [], rest=REST)
    assert "| sesami | database instances | 36.50 | 197.10 | +160.60 |" in text


def test_very_many_reasons_are_counted_and_very_long_ones_cut() -> None:
    stops = tuple(Stop(kind="guard", id=str(index), line=f"{index} " + "x" * 5_000) for index in range(500))
    text = render([review(stops=stops)], [], rest=REST)
    assert len(text.encode()) <= LIMIT
    assert f"- and 460 more: {REST}" in text


@pytest.mark.parametrize(
    "hostile", ["@everyone", "#12", "</details>", "a | b", "`x`", "<!-- x -->", "![i](u)"]
)
def test_what_a_change_names_cannot_write_markdown(hostile: str) -> None:
    stop = Stop(kind="guard", id="x", line=f"deletes {hostile}")
    finding = Finding(rule="r", severity="low", title="t", resource=hostile, message=hostile, fix="")
    change = Change(operation="delete", type="t", name=hostile, system=hostile, properties=())
    found = review(stops=(stop,), findings=(finding,), changes=(change,), notes=(hostile,))
    text = render([found], [], rest=REST)
    for line in text.splitlines():
        bare = re.sub(r"`[^`]*`", "", line)
        assert not re.search(r"(?<![\w&;])@everyone|(?<!&)#12|!\[|<!-- x", bare), line
    assert re.sub(r"`[^`]*`", "", text).count("</details>") == 2
    assert all(line.count("|") - line.count("\\|") == 6 for line in text.splitlines() if "| delete |" in line)


def test_a_reason_ends_with_what_mends_it_however_much_the_rule_says() -> None:
    said = [f"{'a group admits another, ' * 40}{number}" for number in range(3)]
    findings = [
        Finding(
            rule="unreachable",
            severity="critical",
            title="No path from the internet",
            resource=f"database-{number}",
            message=message,
            fix="Private subnets",
        )
        for number, message in enumerate(said)
    ]
    [stop] = stops(Report({"failed": 3}, findings))
    assert stop.line.startswith(
        "No path from the internet: database-0, database-1, database-2: a group admits"
    )
    assert stop.line.endswith("... (and 2 other messages). Private subnets (rule unreachable, critical)")
    assert len(stop.line) < 400
    several = "; ".join(f"group-{number} admits the internet on port 22" for number in range(9))
    [stop] = stops(Report({"failed": 1}, [findings[0].model_copy(update={"message": several})]))
    assert "on port 22; and more. Private subnets (rule" in stop.line
    [stop] = stops(Report({"failed": 2}, findings[:2]))
    assert "(and 1 other message)." in stop.line
