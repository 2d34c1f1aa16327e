"""CloudWatch alarms from a set of definitions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch

from components.observability.alarm_plan import Alarm, MathAlarm, MetricAlarm, QueryAlarm, Severity
from components.observability.metric import Metric

RESULT_ID = "result"
"""Names the expression among an alarm's queries."""


@dataclass(frozen=True, kw_only=True)
class AlarmsArgs:
    """The definitions by key, and who is told."""

    alarms: Mapping[str, Alarm]
    """The key becomes part of the alarm's name; keep it when the definition changes."""
    alarm_actions: Sequence[pulumi.Input[str]]
    """Topics told of every alarm and its recovery."""
    critical_actions: Sequence[pulumi.Input[str]] = ()
    """Topics told of critical ones besides: a pager, where ``alarm_actions`` is a mailbox."""
    runbook_url: str
    """Where the runbooks are; each definition names a page and heading below it."""


class Alarms(pulumi.ComponentResource):
    """One alarm for each definition. Each tells its topics when it fires and when it is over.

    INSUFFICIENT_DATA sends nothing: it is the state of every alarm in its first minutes. Composite alarms are
    left out: the cutover reads each gate alarm by name and reports the one that stopped it.
    """

    alarms: dict[str, cloudwatch.MetricAlarm]
    arns: dict[str, pulumi.Output[str]]
    names: dict[str, pulumi.Output[str]]
    gate_alarm_names: dict[str, pulumi.Output[str]]
    gate_alarm_arns: dict[str, pulumi.Output[str]]

    def __init__(self, name: str, args: AlarmsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:observability:Alarms", name, None, opts)
        if not args.alarm_actions:
            raise ValueError(f"{name}: alarm_actions: got none; give a topic, or nobody is told")
        self._name = name
        self._args = args
        self.alarms = {key: self._build_alarm(key, alarm) for key, alarm in args.alarms.items()}
        gates = [key for key, alarm in args.alarms.items() if alarm.gate]
        self.arns = {key: alarm.arn for key, alarm in self.alarms.items()}
        self.names = {key: alarm.name for key, alarm in self.alarms.items()}
        self.gate_alarm_names = {key: self.names[key] for key in gates}
        self.gate_alarm_arns = {key: self.arns[key] for key in gates}
        self.register_outputs({"names": self.names, "gateAlarmNames": self.gate_alarm_names})

    def _build_alarm(self, key: str, alarm: Alarm) -> cloudwatch.MetricAlarm:
        actions = self._actions(alarm.severity)
        args = cloudwatch.MetricAlarmArgs(
            alarm_description=f"[{alarm.severity}] {alarm.summary} Runbook: {self._runbook(alarm)}",
            comparison_operator=alarm.comparison,
            threshold=float(alarm.threshold),
            evaluation_periods=alarm.evaluation_periods,
            datapoints_to_alarm=alarm.datapoints_to_alarm or alarm.evaluation_periods,
            treat_missing_data=alarm.treat_missing_data,
            actions_enabled=True,
            alarm_actions=actions,
            ok_actions=actions,
        )
        match alarm:
            case MetricAlarm(metric=metric):
                _watch_metric(args, metric)
            case MathAlarm():
                args.metric_queries = _queries(alarm)
            case QueryAlarm():
                args.metric_queries = [
                    cloudwatch.MetricAlarmMetricQueryArgs(
                        id=RESULT_ID,
                        expression=alarm.query,
                        label=alarm.metric_name,
                        period=alarm.query_seconds,
                        return_data=True,
                    )
                ]
        return cloudwatch.MetricAlarm(f"{self._name}-{key}", args, opts=pulumi.ResourceOptions(parent=self))

    def _actions(self, severity: Severity) -> list[pulumi.Input[str]]:
        extra = self._args.critical_actions if severity == "critical" else ()
        return [*self._args.alarm_actions, *extra]

    def _runbook(self, alarm: Alarm) -> str:
        return f"{self._args.runbook_url.rstrip('/')}/{alarm.runbook}"


def _watch_metric(args: cloudwatch.MetricAlarmArgs, metric: Metric) -> None:
    args.namespace = metric.namespace
    args.metric_name = metric.name
    args.dimensions = dict(metric.dimensions)
    args.period = metric.period_seconds
    if metric.is_plain_statistic:
        args.statistic = metric.statistic
    else:
        args.extended_statistic = metric.statistic


def _queries(alarm: MathAlarm) -> list[cloudwatch.MetricAlarmMetricQueryArgs]:
    inputs = [
        cloudwatch.MetricAlarmMetricQueryArgs(
            id=metric_id,
            return_data=False,
            metric=cloudwatch.MetricAlarmMetricQueryMetricArgs(
                namespace=metric.namespace,
                metric_name=metric.name,
                dimensions=dict(metric.dimensions),
                period=metric.period_seconds,
                stat=metric.statistic,
            ),
        )
        for metric_id, metric in alarm.metrics.items()
    ]
    result = cloudwatch.MetricAlarmMetricQueryArgs(
        id=RESULT_ID, expression=alarm.expression, label=alarm.label, return_data=True
    )
    return [result, *inputs]
