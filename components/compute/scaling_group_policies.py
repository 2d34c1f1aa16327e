"""The two policies that scale a group: after the load, and before it."""

from collections.abc import Sequence
from typing import Any, cast

import pulumi
from pulumi_aws import autoscaling

from components.compute import scaling_group_plan as plan
from components.compute.scaling_group_plan import Query, ScalingTarget


def target_tracking(
    parent: pulumi.Resource,
    name: str,
    *,
    group: autoscaling.Group,
    group_name: str,
    target: ScalingTarget,
) -> autoscaling.Policy:
    """Follows the processor at ten seconds, so that scaling out is decided within half a minute."""
    return autoscaling.Policy(
        f"{name}-target-tracking",
        autoscaling_group_name=group.name,
        policy_type="TargetTrackingScaling",
        target_tracking_configuration={
            "target_value": target.cpu_percent,
            "customized_metric_specification": {
                "namespace": target.metric_namespace,
                "metric_name": plan.HOST_METRIC,
                "statistic": "Average",
                "unit": "Percent",
                "period": plan.HOST_METRIC_SECONDS,
                "metric_dimensions": [{"name": "AutoScalingGroupName", "value": group_name}],
            },
        },
        opts=pulumi.ResourceOptions(parent=parent),
    )


def predictive_scaling(
    parent: pulumi.Resource, name: str, *, group: autoscaling.Group, target: ScalingTarget
) -> autoscaling.Policy:
    """Forecasts two days from up to two weeks of history, and starts hosts ``forecast_buffer_seconds`` early.

    It only ever adds hosts; target tracking removes them.
    """
    return autoscaling.Policy(
        f"{name}-predictive",
        autoscaling_group_name=group.name,
        policy_type="PredictiveScaling",
        predictive_scaling_configuration={
            "mode": "ForecastAndScale",
            "scheduling_buffer_time": str(target.forecast_buffer_seconds),
            "max_capacity_breach_behavior": "HonorMaxCapacity",
            "metric_specification": cast("Any", _forecast(target)),
        },
        opts=pulumi.ResourceOptions(parent=parent),
    )


def _forecast(target: ScalingTarget) -> dict[str, Any]:
    if not target.twin_group_names:
        return {
            "target_value": target.cpu_percent,
            "predefined_metric_pair_specification": {"predefined_metric_type": "ASGCPUUtilization"},
        }
    queries = plan.forecast_queries(target.twin_group_names)
    return {
        "target_value": target.cpu_percent,
        **{
            f"customized_{role}_metric_specification": {"metric_data_queries": _queries(queries[role])}
            for role in ("load", "capacity", "scaling")
        },
    }


def _queries(queries: Sequence[Query]) -> list[dict[str, Any]]:
    return [_query(each) for each in queries]


def _query(query: Query) -> dict[str, Any]:
    if query.expression is not None:
        return {"id": query.id, "expression": query.expression, "return_data": query.returned}
    return {
        "id": query.id,
        "return_data": query.returned,
        "metric_stat": {
            "stat": query.statistic,
            "metric": {
                "namespace": query.namespace,
                "metric_name": query.metric,
                "dimensions": [{"name": "AutoScalingGroupName", "value": query.group_name}],
            },
        },
    }
