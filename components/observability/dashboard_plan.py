"""A dashboard as typed widgets, laid out on CloudWatch's grid of 24 columns."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from components.observability.alarm_plan import Alarm, MathAlarm, MetricAlarm, QueryAlarm
from components.observability.metric import Metric, Name

COLUMNS = 24
MAX_WIDGETS = 500
"""PutDashboard."""


@dataclass(frozen=True, kw_only=True)
class Text:
    """Markdown."""

    markdown: str
    width: int = COLUMNS
    height: int = 2


@dataclass(frozen=True, kw_only=True)
class Line:
    """One metric on a graph."""

    metric: Metric
    label: str
    right_axis: bool = False


@dataclass(frozen=True, kw_only=True)
class Expression:
    """Metric math over metrics that are not drawn themselves."""

    expression: str
    label: str
    metrics: Mapping[str, Metric]


@dataclass(frozen=True, kw_only=True)
class Graph:
    """Metrics over time."""

    title: str
    lines: Sequence[Line | Expression]
    thresholds: Mapping[str, float] | None = None
    """Horizontal lines, by their label."""
    left_minimum: float | None = 0
    left_maximum: float | None = None
    stacked: bool = False
    width: int = 8
    height: int = 6


@dataclass(frozen=True, kw_only=True)
class AlarmStatus:
    """The state of some alarms."""

    title: str
    alarm_arns: Sequence[Name]
    width: int = COLUMNS
    height: int = 3


@dataclass(frozen=True, kw_only=True)
class LogTable:
    """A Logs Insights query over some groups."""

    title: str
    log_group_names: Sequence[Name]
    query: str
    """What follows the sources: ``filter level = 'ERROR' | sort @timestamp desc | limit 20``."""
    width: int = COLUMNS
    height: int = 6


Widget: TypeAlias = Text | Graph | AlarmStatus | LogTable


@dataclass(frozen=True, kw_only=True)
class Section:
    """A heading and the widgets below it. A section starts on a line of its own."""

    title: str
    widgets: Sequence[Widget]


@dataclass(frozen=True, kw_only=True)
class Placed:
    """Where a widget stands, counted from the upper left."""

    widget: Widget
    x: int
    y: int


def alarm_graph(alarm: Alarm, *, title: str, width: int = 8) -> Graph:
    """What an alarm watches, with its threshold drawn in."""
    match alarm:
        case MetricAlarm(metric=metric):
            line: Line | Expression = Line(metric=metric, label=metric.name)
        case MathAlarm():
            line = Expression(expression=alarm.expression, label=alarm.label, metrics=alarm.metrics)
        case QueryAlarm():
            line = Expression(expression=alarm.query, label=alarm.metric_name, metrics={})
    return Graph(title=title, lines=[line], thresholds={"alarm": alarm.threshold}, width=width)


def layout(sections: Sequence[Section]) -> tuple[Placed, ...]:
    """Place the widgets left to right, top to bottom, none over another.

    Raises ValueError for a width the grid does not have, or for more widgets than a dashboard takes.
    """
    placed: list[Placed] = []
    y = 0
    for section in sections:
        heading = Text(markdown=f"## {section.title}", height=1)
        placed.append(Placed(widget=heading, x=0, y=y))
        y = _place_rows(section.widgets, y + heading.height, placed)
    if len(placed) > MAX_WIDGETS:
        raise ValueError(f"sections: got {len(placed)} widgets; a dashboard takes {MAX_WIDGETS}: make two")
    return tuple(placed)


def _place_rows(widgets: Sequence[Widget], top: int, placed: list[Placed]) -> int:
    x, y, row_height = 0, top, 0
    for widget in widgets:
        if not 1 <= widget.width <= COLUMNS:
            raise ValueError(f"width: got {widget.width}; allowed 1 to {COLUMNS}")
        if x + widget.width > COLUMNS:
            x, y, row_height = 0, y + row_height, 0
        placed.append(Placed(widget=widget, x=x, y=y))
        x += widget.width
        row_height = max(row_height, widget.height)
    return y + row_height


Concat: TypeAlias = Callable[..., Any]
"""Joins texts of which some may still be the engine's promises."""


def join_texts(*parts: str) -> str:
    """How texts join when all of them are known."""
    return "".join(parts)


def body(sections: Sequence[Section], *, region: str, concat: Concat = join_texts) -> dict[str, Any]:
    """The content for PutDashboard; names in it may still be promises, if ``concat`` can join them."""
    return {
        "widgets": [
            {
                "type": _KINDS[type(each.widget)],
                "x": each.x,
                "y": each.y,
                "width": each.widget.width,
                "height": each.widget.height,
                "properties": _properties(each.widget, region, concat),
            }
            for each in layout(sections)
        ]
    }


_KINDS: Mapping[type, Literal["text", "metric", "alarm", "log"]] = {
    Text: "text",
    Graph: "metric",
    AlarmStatus: "alarm",
    LogTable: "log",
}


def _properties(widget: Widget, region: str, concat: Concat) -> dict[str, Any]:
    match widget:
        case Text(markdown=markdown):
            return {"markdown": markdown}
        case Graph():
            return _graph(widget, region)
        case AlarmStatus(title=title, alarm_arns=arns):
            return {"title": title, "alarms": list(arns)}
        case LogTable(title=title, log_group_names=names, query=query):
            return {
                "title": title,
                "region": region,
                "view": "table",
                "query": concat(*_sources(names), query),
            }


def _sources(names: Sequence[Name]) -> list[Name]:
    return [part for name in names for part in ("SOURCE '", name, "' | ")]


def _graph(graph: Graph, region: str) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "title": graph.title,
        "region": region,
        "view": "timeSeries",
        "stacked": graph.stacked,
        "metrics": [row for index, line in enumerate(graph.lines) for row in _rows(line, index)],
    }
    limits = {"min": graph.left_minimum, "max": graph.left_maximum}
    known = {key: value for key, value in limits.items() if value is not None}
    if known:
        properties["yAxis"] = {"left": known}
    if graph.thresholds:
        properties["annotations"] = {
            "horizontal": [{"label": label, "value": value} for label, value in graph.thresholds.items()]
        }
    return properties


def _rows(line: Line | Expression, index: int) -> list[list[Any]]:
    if isinstance(line, Line):
        options = {"label": line.label, "yAxis": "right" if line.right_axis else "left"}
        return [_metric_row(line.metric, options)]
    # Ids are shared by the whole graph, so each line's get its own prefix.
    prefix = f"l{index}"
    expression = _rename(line.expression, {name: f"{prefix}_{name}" for name in line.metrics})
    return [
        [{"expression": expression, "label": line.label, "id": prefix}],
        *(
            _metric_row(metric, {"id": f"{prefix}_{name}", "visible": False})
            for name, metric in line.metrics.items()
        ),
    ]


def _metric_row(metric: Metric, options: Mapping[str, Any]) -> list[Any]:
    dimensions = [part for pair in metric.dimensions.items() for part in pair]
    reading = {"stat": metric.statistic, "period": metric.period_seconds}
    return [metric.namespace, metric.name, *dimensions, {**reading, **options}]


def _rename(expression: str, names: Mapping[str, str]) -> str:
    return re.sub(r"\b[a-z]\w*\b", lambda found: names.get(found.group(), found.group()), expression)
