"""The least that each component of the group needs."""

from typing import Any

import pulumi

from components.observability.alarm_plan import MetricAlarm
from components.observability.alarms import Alarms, AlarmsArgs
from components.observability.dashboard import Dashboard, DashboardArgs
from components.observability.dashboard_plan import Section, Text
from components.observability.metric import Metric
from components.observability.saved_queries import SavedQueries, SavedQueriesArgs, SavedQuery
from tests.contracts import given

Options = pulumi.ResourceOptions | None


def _alarms(name: str, opts: Options) -> Alarms:
    metric = Metric(namespace="AWS/Lambda", name="Errors", dimensions={"FunctionName": "example"})
    alarm = MetricAlarm(summary="Errors", runbook="example#errors", threshold=1, metric=metric)
    args = AlarmsArgs(
        alarms={"errors": alarm}, alarm_actions=[given.TOPIC_ARN], runbook_url="https://example.com/runbooks"
    )
    return Alarms(name, args, opts)


def _dashboard(name: str, opts: Options) -> Dashboard:
    section = Section(title="Example", widgets=[Text(markdown="Example")])
    args = DashboardArgs(dashboard_name="example", sections=[section], region=given.REGION)
    return Dashboard(name, args, opts)


def _saved_queries(name: str, opts: Options) -> SavedQueries:
    query = SavedQuery(query="fields @message | limit 20", log_group_names=["example"])
    return SavedQueries(name, SavedQueriesArgs(folder="example", queries={"errors": query}), opts)


EXAMPLES: dict[str, Any] = {"Alarms": _alarms, "Dashboard": _dashboard, "SavedQueries": _saved_queries}
