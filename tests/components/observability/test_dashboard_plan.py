"""Where widgets go, and what CloudWatch is told of them."""

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.observability.alarm_plan import MathAlarm, percentage
from components.observability.dashboard_plan import (
    COLUMNS,
    AlarmStatus,
    Expression,
    Graph,
    Line,
    LogTable,
    Placed,
    Section,
    Text,
    alarm_graph,
    body,
    layout,
)
from components.observability.metric import Metric

ERRORS = Metric(namespace="AWS/Lambda", name="Errors", dimensions={"FunctionName": "f"})
CALLS = Metric(namespace="AWS/Lambda", name="Invocations", dimensions={"FunctionName": "f"})

widgets = st.builds(Text, markdown=st.just("x"), width=st.integers(1, COLUMNS), height=st.integers(1, 12))
sections = st.lists(
    st.builds(Section, title=st.just("s"), widgets=st.lists(widgets, max_size=12)), max_size=4
)


def overlap(one: Placed, other: Placed) -> bool:
    return (
        one.x < other.x + other.widget.width
        and other.x < one.x + one.widget.width
        and one.y < other.y + other.widget.height
        and other.y < one.y + one.widget.height
    )


@given(sections)
def test_widgets_stay_on_the_grid_and_apart(found: list[Section]) -> None:
    placed = layout(found)

    assert all(each.x >= 0 and each.x + each.widget.width <= COLUMNS for each in placed)
    assert not any(overlap(one, other) for one, other in itertools.combinations(placed, 2))


@given(sections)
def test_the_same_sections_give_the_same_text(found: list[Section]) -> None:
    assert json.dumps(body(found, region="r")) == json.dumps(body(found, region="r"))


def test_three_graphs_fill_a_line_below_the_heading() -> None:
    graph = Graph(title="t", lines=[Line(metric=ERRORS, label="Errors")])
    placed = layout([Section(title="Functions", widgets=[graph] * 4)])

    assert [(each.x, each.y) for each in placed] == [(0, 0), (0, 1), (8, 1), (16, 1), (0, 7)]


def test_a_width_the_grid_does_not_have() -> None:
    with pytest.raises(ValueError, match="width: got 25; allowed 1 to 24"):
        layout([Section(title="s", widgets=[Text(markdown="x", width=25)])])


def test_more_widgets_than_a_dashboard_takes() -> None:
    with pytest.raises(ValueError, match="a dashboard takes 500"):
        layout([Section(title="s", widgets=[Text(markdown="x")] * 500)])


def test_an_expression_hides_its_metrics_and_keeps_ids_apart() -> None:
    rate = Expression(
        expression=percentage("errors", "calls"), label="Rate", metrics={"errors": ERRORS, "calls": CALLS}
    )
    graph = Graph(title="t", lines=[rate, rate])
    [_, widget] = body([Section(title="s", widgets=[graph])], region="ap-northeast-2")["widgets"]

    first, *_ = rows = widget["properties"]["metrics"]
    assert first[0]["expression"] == "IF(l0_calls > 0, 100 * FILL(l0_errors, 0) / l0_calls, 0)"
    ids = [row[-1]["id"] for row in rows]
    assert len(ids) == len(set(ids)) == 6
    assert rows[1] == [
        "AWS/Lambda",
        "Errors",
        "FunctionName",
        "f",
        {"stat": "Sum", "period": 300, "id": "l0_errors", "visible": False},
    ]


def test_an_alarm_is_drawn_with_its_threshold() -> None:
    alarm = MathAlarm(
        summary="s",
        runbook="r",
        threshold=5,
        expression=percentage("errors", "calls"),
        label="Error rate, percent",
        metrics={"errors": ERRORS, "calls": CALLS},
    )
    [_, widget] = body([Section(title="s", widgets=[alarm_graph(alarm, title="Errors")])], region="r")[
        "widgets"
    ]

    assert widget["properties"]["annotations"] == {"horizontal": [{"label": "alarm", "value": 5}]}


def test_a_log_table_names_its_sources_first() -> None:
    table = LogTable(title="t", log_group_names=["/a", "/b"], query="sort @timestamp desc | limit 20")
    [_, widget] = body([Section(title="s", widgets=[table])], region="r")["widgets"]

    assert widget["type"] == "log"
    assert widget["properties"]["query"] == "SOURCE '/a' | SOURCE '/b' | sort @timestamp desc | limit 20"


def test_alarm_states() -> None:
    status = AlarmStatus(title="Gates", alarm_arns=["arn:1", "arn:2"])
    [_, widget] = body([Section(title="s", widgets=[status])], region="r")["widgets"]

    assert (widget["type"], widget["properties"]["alarms"]) == ("alarm", ["arn:1", "arn:2"])
