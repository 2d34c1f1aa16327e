"""Alarms and request counts from CloudWatch."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import boto3

from ops.rollout.dynamodb import FAST, call
from ops.rollout.ports import AlarmState, PortError

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.client import CloudWatchClient

_NAMES_PER_CALL = 100
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html"""
_MINUTE = 60


def open_cloudwatch(*, region: str | None = None) -> "CloudWatchClient":
    return boto3.client("cloudwatch", region_name=region, config=FAST)  # pyright: ignore[reportUnknownMemberType]


class CloudWatchAlarms:
    """The state of named alarms. One that does not exist is MISSING, and so not OK."""

    def __init__(self, client: "CloudWatchClient", names: Sequence[str]) -> None:
        self._client = client
        self._names = list(names)

    def read(self) -> Sequence[AlarmState]:
        found: dict[str, AlarmState] = {}
        for start in range(0, len(self._names), _NAMES_PER_CALL):
            names = self._names[start : start + _NAMES_PER_CALL]
            answer = call(
                lambda names=names: self._client.describe_alarms(
                    AlarmNames=names, AlarmTypes=["MetricAlarm", "CompositeAlarm"], MaxRecords=_NAMES_PER_CALL
                )
            )
            alarms = [*answer.get("MetricAlarms", []), *answer.get("CompositeAlarms", [])]
            for alarm in cast("list[dict[str, Any]]", alarms):
                name = str(alarm["AlarmName"])
                state = AlarmState(
                    name=name, state=str(alarm["StateValue"]), reason=str(alarm.get("StateReason", ""))
                )
                found[name] = state
        missing = "no alarm of that name"
        return [
            found.get(each, AlarmState(name=each, state="MISSING", reason=missing)) for each in self._names
        ]


class CloudWatchCount:
    """The sum of a metric since a moment, by whole minutes."""

    def __init__(
        self, client: "CloudWatchClient", *, namespace: str, metric: str, dimensions: Mapping[str, str]
    ) -> None:
        self._client = client
        self._namespace = namespace
        self._metric = metric
        self._dimensions = dict(dimensions)

    def since(self, start: datetime, end: datetime) -> int:
        """Raises PortError if the time lies in the future, as a wrong clock would have it."""
        begin = start.replace(second=0, microsecond=0)
        if end <= begin:
            raise PortError(
                f"requests since {start:%H:%M} cannot be counted at {end:%H:%M}: one clock is wrong"
            )
        answer = call(
            lambda: self._client.get_metric_statistics(
                Namespace=self._namespace,
                MetricName=self._metric,
                Dimensions=[{"Name": name, "Value": value} for name, value in self._dimensions.items()],
                StartTime=begin,
                EndTime=end + timedelta(seconds=_MINUTE),
                Period=_period(end - begin),
                Statistics=["Sum"],
            )
        )
        return int(sum(point.get("Sum", 0.0) for point in answer["Datapoints"]))


def _period(span: timedelta) -> int:
    """Seconds: a minute, or as much longer as keeps the answer under its limit of 1,440 points."""
    minutes = int(span.total_seconds() // _MINUTE) + 2
    return _MINUTE * (1 + minutes // 1_440)
