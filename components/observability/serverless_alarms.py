"""Alarm sets for functions and REST APIs. Metric names: the services' own CloudWatch references."""

from components.observability.alarm_plan import Alarm, MathAlarm, MetricAlarm, percentage
from components.observability.metric import Metric, Name


def lambda_alarms(
    *,
    function_name: Name,
    timeout_seconds: int,
    runbook: str,
    error_rate_percent: float = 5,
    timeout_percent: float = 80,
) -> dict[str, Alarm]:
    """Errors, duration against the timeout, and throttles of one function.

    The error rate is a share of invocations over five minutes, not a count, so that it means the same on a
    busy day and on a quiet one. Duration is the slowest call: one call at the timeout is one caller without
    an answer, which a percentile hides. All three are gates.
    """
    if not 0 < timeout_percent <= 100:
        raise ValueError(f"timeout_percent: got {timeout_percent}; allowed above 0 to 100")
    dimensions = {"FunctionName": function_name}

    def metric(name: str, statistic: str = "Sum") -> Metric:
        return Metric(namespace="AWS/Lambda", name=name, dimensions=dimensions, statistic=statistic)

    limit_ms = timeout_seconds * 1000 * timeout_percent / 100
    return {
        "errors": MathAlarm(
            summary=f"More than {error_rate_percent:g} percent of invocations failed in 5 minutes.",
            runbook=runbook,
            expression=percentage("errors", "invocations"),
            label="Error rate, percent",
            metrics={"errors": metric("Errors"), "invocations": metric("Invocations")},
            threshold=error_rate_percent,
            severity="critical",
            gate=True,
        ),
        "duration": MetricAlarm(
            summary=f"A call took more than {timeout_percent:g} percent of the {timeout_seconds} s timeout.",
            runbook=runbook,
            metric=metric("Duration", "Maximum"),
            threshold=limit_ms,
            gate=True,
        ),
        "throttles": MetricAlarm(
            summary="Invocations were refused for want of concurrency.",
            runbook=runbook,
            metric=metric("Throttles"),
            threshold=0,
            gate=True,
        ),
    }


def error_count_alarm(
    *, function_name: Name, runbook: str, errors: int, periods: int = 2, period_seconds: int = 300
) -> dict[str, Alarm]:
    """More failed calls than ``errors`` in each of ``periods`` periods, whatever their share."""
    return {
        "error-count": MetricAlarm(
            summary=f"More than {errors} calls failed in {period_seconds} s, {periods} times in a row.",
            runbook=runbook,
            metric=Metric(
                namespace="AWS/Lambda",
                name="Errors",
                dimensions={"FunctionName": function_name},
                period_seconds=period_seconds,
            ),
            threshold=errors,
            evaluation_periods=periods,
            severity="critical",
        )
    }


def rest_api_alarms(
    *,
    api_name: Name,
    stage_name: Name,
    runbook: str,
    client_error_percent: float = 20,
    server_error_percent: float = 5,
) -> dict[str, Alarm]:
    """4XX and 5XX of one stage, each as a share of its requests over five minutes. Both are gates.

    4XX counts failed logins, scanners and what the web ACL blocks, so its limit is wide and needs two bad
    periods of three; 5XX is ours at once.
    """
    dimensions = {"ApiName": api_name, "Stage": stage_name}

    def rate(name: str) -> dict[str, Metric]:
        return {
            "errors": Metric(namespace="AWS/ApiGateway", name=name, dimensions=dimensions),
            "requests": Metric(namespace="AWS/ApiGateway", name="Count", dimensions=dimensions),
        }

    return {
        "4xx": MathAlarm(
            summary=f"More than {client_error_percent:g} percent of requests were refused (4XX).",
            runbook=runbook,
            expression=percentage("errors", "requests"),
            label="4XX rate, percent",
            metrics=rate("4XXError"),
            threshold=client_error_percent,
            evaluation_periods=3,
            datapoints_to_alarm=2,
            gate=True,
        ),
        "5xx": MathAlarm(
            summary=f"More than {server_error_percent:g} percent of requests failed (5XX) in 5 minutes.",
            runbook=runbook,
            expression=percentage("errors", "requests"),
            label="5XX rate, percent",
            metrics=rate("5XXError"),
            threshold=server_error_percent,
            severity="critical",
            gate=True,
        ),
    }
