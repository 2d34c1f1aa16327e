"""Alarm definitions and the sets built from them."""

import re

import pytest

from components.observability.alarm_plan import Alarm, MathAlarm, MetricAlarm, merge, percentage
from components.observability.database_alarms import (
    aurora_alarms,
    proxy_alarms,
    serverless_cache_alarms,
)
from components.observability.metric import Metric
from components.observability.serverless_alarms import lambda_alarms, rest_api_alarms

FAILURES = Metric(namespace="Platform/Database", name="failures", dimensions={})


def safework() -> dict[str, Alarm]:
    return merge(
        survey=lambda_alarms(
            function_name="safework-survey", timeout_seconds=60, runbook="safework#functions"
        ),
        api=rest_api_alarms(api_name="safework", stage_name="live", runbook="safework#api"),
        database=aurora_alarms(
            cluster_identifier="safework-prod",
            max_connections=823,
            max_acu=4,
            connection_failures=FAILURES,
            runbook="safework#database",
        ),
        proxy=proxy_alarms(proxy_name="safework-prod", borrow_timeout_seconds=10, runbook="safework#proxy"),
        cache=serverless_cache_alarms(
            cache_name="safework-prod",
            max_data_storage_gb=1,
            max_ecpu_per_second=1_000,
            runbook="safework#cache",
        ),
    )


def math(alarm: Alarm) -> MathAlarm:
    assert isinstance(alarm, MathAlarm)
    return alarm


def plain(alarm: Alarm) -> MetricAlarm:
    assert isinstance(alarm, MetricAlarm)
    return alarm


def test_function_errors_are_a_rate_above_five_percent_in_five_minutes() -> None:
    alarm = math(safework()["survey-errors"])

    assert alarm.expression == "IF(invocations > 0, 100 * FILL(errors, 0) / invocations, 0)"
    assert alarm.threshold == 5
    assert alarm.comparison == "GreaterThanThreshold"
    assert (alarm.period_seconds, alarm.evaluation_periods) == (300, 1)
    assert {key: (each.namespace, each.name, each.statistic) for key, each in alarm.metrics.items()} == {
        "errors": ("AWS/Lambda", "Errors", "Sum"),
        "invocations": ("AWS/Lambda", "Invocations", "Sum"),
    }


def test_function_duration_is_held_against_its_timeout_in_milliseconds() -> None:
    alarm = plain(safework()["survey-duration"])

    assert alarm.threshold == 48_000
    assert (alarm.metric.name, alarm.metric.statistic) == ("Duration", "Maximum")


@pytest.mark.parametrize(
    ("key", "metric", "percent"), [("api-4xx", "4XXError", 20), ("api-5xx", "5XXError", 5)]
)
def test_api_errors_are_rates_of_one_stage(key: str, metric: str, percent: float) -> None:
    alarm = math(safework()[key])

    assert alarm.threshold == percent
    assert alarm.metrics["errors"].name == metric
    assert alarm.metrics["requests"].name == "Count"
    assert alarm.metrics["errors"].dimensions == {"ApiName": "safework", "Stage": "live"}


def test_database_connections_capacity_and_failures() -> None:
    alarms = safework()

    assert plain(alarms["database-connections"]).threshold == 658
    assert plain(alarms["database-capacity"]).metric.name == "ACUUtilization"
    assert plain(alarms["database-capacity"]).threshold == 90
    failures = plain(alarms["database-connection-failures"])
    assert (failures.threshold, failures.comparison, failures.period_seconds) == (
        10,
        "GreaterThanThreshold",
        300,
    )
    memory = plain(alarms["database-memory"])
    assert (memory.threshold, memory.comparison) == (int(0.8 * 1024**3), "LessThanThreshold")


def test_a_failure_rate_per_second_becomes_a_count() -> None:
    rate = Metric(
        namespace="AWS/RDS",
        name="LoginFailures",
        dimensions={"DBClusterIdentifier": "c"},
        statistic="Average",
    )
    alarms = aurora_alarms(
        cluster_identifier="c", max_connections=2_000, max_acu=16, connection_failures=rate, runbook="r"
    )

    assert math(alarms["connection-failures"]).expression == "failures * PERIOD(failures)"


def test_without_a_failure_metric_there_is_no_failure_alarm() -> None:
    alarms = aurora_alarms(
        cluster_identifier="c", max_connections=823, max_acu=4, connection_failures=None, runbook="r"
    )

    assert "connection-failures" not in alarms


def test_proxy_failures_count_both_sides_and_a_borrow_fails_at_its_timeout() -> None:
    alarms = safework()

    failures = math(alarms["proxy-connection-failures"])
    assert failures.threshold == 10
    assert {each.name for each in failures.metrics.values()} == {
        "ClientConnectionsSetupFailedAuth",
        "DatabaseConnectionsSetupFailed",
    }
    # DatabaseConnectionsBorrowLatency is in microseconds: 80 percent of 10 s.
    assert plain(alarms["proxy-borrow-failures"]).threshold == 8_000_000


def test_cache_limits() -> None:
    alarms = safework()

    assert plain(alarms["cache-storage"]).threshold == int(0.8 * 1024**3)
    assert math(alarms["cache-processing"]).threshold == 800
    assert math(alarms["cache-processing"]).metrics["units"].dimensions == {"clusterId": "safework-prod"}


def test_the_gates_are_what_the_cutover_waits_for() -> None:
    assert {key for key, alarm in safework().items() if alarm.gate} == {
        "survey-errors",
        "survey-duration",
        "survey-throttles",
        "api-4xx",
        "api-5xx",
        "database-connections",
        "database-connection-failures",
        "database-capacity",
        "proxy-connection-failures",
        "proxy-borrow-failures",
    }


@pytest.mark.parametrize(("key", "alarm"), safework().items())
def test_an_idle_system_is_ok_and_each_alarm_says_what_to_do(key: str, alarm: Alarm) -> None:
    assert alarm.treat_missing_data == "notBreaching", key
    assert alarm.summary.endswith(".")
    assert alarm.runbook.startswith("safework#")


EMITTED = {
    "AWS/ApiGateway": (r"4XXError|5XXError|Count", {"ApiName", "Stage"}),
    "AWS/Lambda": (r"Errors|Invocations|Duration|Throttles", {"FunctionName"}),
    "AWS/ElastiCache": (
        r"ThrottledCmds|Evictions|AuthenticationFailures|BytesUsedForCache|ElastiCacheProcessingUnits",
        {"clusterId"},
    ),
    "Platform/Database": (r"failures", set[str]()),
}
RDS_DIMENSIONS = {
    "ACUUtilization": {"DBClusterIdentifier"},
    "DatabaseConnections": {"DBClusterIdentifier", "Role"},
    "FreeableMemory": {"DBClusterIdentifier", "Role"},
    "ClientConnectionsSetupFailedAuth": {"ProxyName"},
    "DatabaseConnectionsSetupFailed": {"ProxyName"},
    "DatabaseConnectionsBorrowLatency": {"ProxyName"},
    "DatabaseConnectionsCurrentlyBorrowed": {"ProxyName"},
    "MaxDatabaseConnectionsAllowed": {"ProxyName"},
}


@pytest.mark.parametrize(("key", "alarm"), safework().items())
def test_every_metric_is_one_that_aws_emits_under_those_dimensions(key: str, alarm: Alarm) -> None:
    metrics = [alarm.metric] if isinstance(alarm, MetricAlarm) else list(alarm.metrics.values())
    for metric in metrics:
        if metric.namespace == "AWS/RDS":
            assert set(metric.dimensions) == RDS_DIMENSIONS[metric.name], key
        else:
            names, dimensions = EMITTED[metric.namespace]
            assert re.fullmatch(names, metric.name), key
            assert set(metric.dimensions) == dimensions, key


def metric(**changes: object) -> Metric:
    return Metric(**{"namespace": "N", "name": "m", "dimensions": {}, **changes})  # type: ignore[arg-type]


def test_an_expression_must_use_its_metrics() -> None:
    with pytest.raises(ValueError, match="does not use the metric 'b'"):
        MathAlarm(
            summary="s",
            runbook="r",
            threshold=1,
            expression="a",
            label="l",
            metrics={"a": metric(), "b": metric()},
        )


def test_an_expression_needs_one_period() -> None:
    with pytest.raises(ValueError, match="one period for all"):
        MathAlarm(
            summary="s",
            runbook="r",
            threshold=1,
            expression="a + b",
            label="l",
            metrics={"a": metric(), "b": metric(period_seconds=60)},
        )


def test_metric_ids_begin_in_lower_case() -> None:
    with pytest.raises(ValueError, match="metric id: got 'A'"):
        MathAlarm(summary="s", runbook="r", threshold=1, expression="A", label="l", metrics={"A": metric()})


@pytest.mark.parametrize("period", [0, 45, -60])
def test_periods_that_cloudwatch_rejects(period: int) -> None:
    with pytest.raises(ValueError, match="period_seconds"):
        metric(period_seconds=period)


@pytest.mark.parametrize(
    ("periods", "datapoints", "message"),
    [(0, None, "evaluation_periods"), (2, 3, "datapoints_to_alarm"), (289, None, "one day at most")],
)
def test_evaluations_that_cloudwatch_rejects(periods: int, datapoints: int | None, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        MetricAlarm(
            summary="s",
            runbook="r",
            threshold=1,
            metric=metric(),
            evaluation_periods=periods,
            datapoints_to_alarm=datapoints,
        )


def test_percentage_of_nothing_is_zero() -> None:
    assert percentage("part", "whole") == "IF(whole > 0, 100 * FILL(part, 0) / whole, 0)"
