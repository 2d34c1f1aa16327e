"""Alarms, log groups and dashboards as AWS gets them."""

import json
from typing import Any

import pulumi
import pytest

from components.observability.alarm_plan import Alarm, MetricAlarm
from components.observability.alarms import Alarms, AlarmsArgs
from components.observability.dashboard import Dashboard, DashboardArgs
from components.observability.dashboard_plan import Graph, Line, LogTable, Section
from components.observability.log_group import ALLOWED_RETENTION_DAYS, log_group
from components.observability.log_metric import any_phrase, count_lines
from components.observability.metric import Metric
from components.observability.serverless_alarms import lambda_alarms
from tests.harness import deploy

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
LATENCY = Metric(namespace="AWS/Lambda", name="Duration", dimensions={"FunctionName": "f"}, statistic="p95")


class Owner(pulumi.ComponentResource):
    """A parent for what helpers make."""

    def __init__(self) -> None:
        super().__init__("platform:test:Owner", "owner")


def build(alarms: dict[str, Alarm]) -> Any:
    return deploy(
        lambda: Alarms(
            "safework-auth",
            AlarmsArgs(
                alarms=alarms,
                alarm_actions=["arn:mail"],
                critical_actions=["arn:pager"],
                runbook_url="https://example.com/runbooks/",
            ),
        )
    )


def auth_alarms() -> dict[str, Alarm]:
    # A physical name is a promise until AWS has made the function.
    return lambda_alarms(
        function_name=pulumi.Output.from_input("safework-auth-1a2b"),
        timeout_seconds=30,
        runbook="safework#functions",
    )


def test_a_rate_is_metric_math_with_one_answer() -> None:
    inputs = build(auth_alarms()).one(ALARM, "safework-auth-errors").inputs
    answers = [each for each in inputs["metricQueries"] if each.get("returnData")]
    metrics = {each["id"]: each["metric"] for each in inputs["metricQueries"] if "metric" in each}

    assert [each["expression"] for each in answers] == [
        "IF(invocations > 0, 100 * FILL(errors, 0) / invocations, 0)"
    ]
    assert metrics["errors"]["dimensions"] == {"FunctionName": "safework-auth-1a2b"}
    assert metrics["errors"]["period"] == 300
    assert inputs["threshold"] == 5
    # An alarm on an expression takes the period from its queries.
    assert "period" not in inputs
    assert "metricName" not in inputs


def test_alarms_tell_when_they_fire_and_when_it_is_over() -> None:
    result = build(auth_alarms())

    for each in result.of_type(ALARM):
        topics = ["arn:mail", "arn:pager"] if each.name == "safework-auth-errors" else ["arn:mail"]
        assert each.inputs["alarmActions"] == topics
        assert each.inputs["okActions"] == topics
        assert each.inputs["treatMissingData"] == "notBreaching"


def test_the_description_leads_to_the_runbook() -> None:
    inputs = build(auth_alarms()).one(ALARM, "safework-auth-duration").inputs

    assert inputs["alarmDescription"] == (
        "[warning] A call took more than 80 percent of the 30 s timeout. "
        "Runbook: https://example.com/runbooks/safework#functions"
    )
    assert inputs["threshold"] == 24_000


def test_percentiles_go_in_a_field_of_their_own() -> None:
    alarm = MetricAlarm(summary="Slow.", runbook="r", threshold=1, metric=LATENCY)
    inputs = build({"latency": alarm}).one(ALARM).inputs

    assert inputs["extendedStatistic"] == "p95"
    assert "statistic" not in inputs


def test_gates_are_published_by_name() -> None:
    found: list[Alarms] = []

    def program() -> None:
        found.append(
            Alarms("a", AlarmsArgs(alarms=auth_alarms(), alarm_actions=["arn:mail"], runbook_url="https://x"))
        )

    deploy(program)
    assert set(found[0].gate_alarm_names) == {"errors", "duration", "throttles"}
    assert set(found[0].gate_alarm_arns) == set(found[0].gate_alarm_names)


def test_an_alarm_that_tells_nobody() -> None:
    with pytest.raises(ValueError, match="nobody is told"):
        deploy(lambda: Alarms("a", AlarmsArgs(alarms={}, alarm_actions=[], runbook_url="https://x")))


def test_a_log_group_expires_and_is_encrypted() -> None:
    result = deploy(
        lambda: log_group(
            Owner(), "owner-logs", retention_days=30, kms_key_arn="arn:key", physical_name="/aws/lambda/f"
        )
    )

    assert result.one("aws:cloudwatch/logGroup:LogGroup").inputs == {
        "name": "/aws/lambda/f",
        "retentionInDays": 30,
        "kmsKeyId": "arn:key",
    }


@pytest.mark.parametrize("days", [0, 2, 31, 3_650])
def test_a_retention_that_logs_does_not_offer(days: int) -> None:
    assert days not in ALLOWED_RETENTION_DAYS
    with pytest.raises(ValueError, match=f"logs: retention_days: got {days}"):
        deploy(lambda: log_group(Owner(), "logs", retention_days=days, kms_key_arn="arn:key"))


def test_lines_are_counted_with_zeros_between() -> None:
    result = deploy(
        lambda: count_lines(
            Owner(),
            "owner-errors",
            log_group_name="/app",
            pattern=any_phrase("ERROR", "FATAL"),
            namespace="App",
            metric_name="errors",
        )
    )
    inputs = result.one("aws:cloudwatch/logMetricFilter:LogMetricFilter").inputs

    assert inputs["pattern"] == '?"ERROR" ?"FATAL"'
    assert inputs["metricTransformation"]["defaultValue"] == "0"


def test_the_namespace_of_aws_is_not_ours() -> None:
    with pytest.raises(ValueError, match="AWS/ is reserved"):
        deploy(
            lambda: count_lines(
                Owner(), "n", log_group_name="/a", pattern="x", namespace="AWS/RDS", metric_name="m"
            )
        )


def test_a_dashboard_takes_names_that_are_still_promises() -> None:
    name = pulumi.Output.from_input
    metric = Metric(namespace="AWS/Lambda", name="Errors", dimensions={"FunctionName": "safework-auth"})

    def program() -> None:
        section = Section(
            title="Functions",
            widgets=[
                Graph(title="Errors", lines=[Line(metric=metric, label="auth")]),
                LogTable(title="Last errors", log_group_names=[name("/aws/lambda/auth")], query="limit 20"),
            ],
        )
        Dashboard(
            "safework", DashboardArgs(dashboard_name="safework", sections=[section], region="ap-northeast-2")
        )

    inputs = deploy(program).one("aws:cloudwatch/dashboard:Dashboard").inputs
    widgets = json.loads(inputs["dashboardBody"])["widgets"]
    assert widgets[1]["properties"]["metrics"] == [
        [
            "AWS/Lambda",
            "Errors",
            "FunctionName",
            "safework-auth",
            {"label": "auth", "period": 300, "stat": "Sum", "yAxis": "left"},
        ]
    ]
    assert widgets[2]["properties"]["query"] == "SOURCE '/aws/lambda/auth' | limit 20"
