"""The dashboard CurrencyService-Overview."""

from collections.abc import Mapping

from components.observability.dashboard import Dashboard, DashboardArgs
from components.observability.dashboard_plan import (
    AlarmStatus,
    Expression,
    Graph,
    Line,
    LogTable,
    Section,
    alarm_graph,
)
from components.observability.kafka_alarms import lag_metric
from components.observability.metric import Metric
from settings.currency_travel import CurrencyTravelSettings
from systems.currency_travel.data import Data
from systems.currency_travel.functions import NAMESPACE, Functions, group
from systems.currency_travel.messages import RATES, Messages
from systems.currency_travel.watching import Watching
from systems.scope import Scope

DASHBOARD = "CurrencyService-Overview"

OWN_METRICS: Mapping[str, str] = {
    "RatesIngested": "Sum",
    "IngestionSeconds": "Maximum",
    "RankingsCalculated": "Sum",
}
"""What the programs publish themselves, and how it is read."""


def build_dashboard(
    scope: Scope,
    settings: CurrencyTravelSettings,
    *,
    functions: Functions,
    data: Data,
    messages: Messages,
    watching: Watching,
) -> Dashboard:
    return Dashboard(
        f"{scope.name}-overview",
        DashboardArgs(
            dashboard_name=DASHBOARD,
            sections=[
                Section(
                    title="Now",
                    widgets=[AlarmStatus(title="Alarms", alarm_arns=list(watching.alarms.arns.values()))],
                ),
                Section(title="Functions", widgets=_functions(functions)),
                Section(title="Messages", widgets=_messages(scope, settings, messages)),
                Section(title="Data", widgets=_data(settings, data)),
                Section(title="Programs", widgets=_own()),
                Section(
                    title="What the alarms watch",
                    widgets=[
                        alarm_graph(alarm, title=key, width=6) for key, alarm in watching.definitions.items()
                    ],
                ),
                Section(
                    title="Errors",
                    widgets=[
                        LogTable(
                            title="Function errors",
                            log_group_names=[each.log_group_name for each in functions.by_name.values()],
                            query="filter level = 'ERROR' | sort @timestamp desc | limit 20",
                        )
                    ],
                ),
            ],
            region=scope.stack.region,
        ),
        scope.opts,
    )


def _functions(functions: Functions) -> list[Graph]:
    def graph(title: str, name: str, statistic: str) -> Graph:
        return Graph(
            title=title,
            lines=[
                Line(
                    metric=Metric(
                        namespace="AWS/Lambda",
                        name=name,
                        dimensions={"FunctionName": function.function_name},
                        statistic=statistic,
                        period_seconds=60,
                    ),
                    label=key,
                )
                for key, function in functions.by_name.items()
            ],
        )

    return [
        graph("Duration (p95), ms", "Duration", "p95"),
        graph("Errors", "Errors", "Sum"),
        graph("Invocations", "Invocations", "Sum"),
    ]


def _messages(scope: Scope, settings: CurrencyTravelSettings, messages: Messages) -> list[Graph]:
    lag = [
        Line(
            metric=lag_metric(
                cluster_name=messages.kafka.cluster_name, topic=RATES, group=group(scope, name)
            ),
            label=name,
        )
        for name in ("rates", "archive")
    ]
    age = Metric(
        namespace="AWS/SQS",
        name="ApproximateAgeOfOldestMessage",
        dimensions={"QueueName": messages.queue.queue_name},
        statistic="Maximum",
        period_seconds=60,
    )
    return [
        Graph(
            title="Kafka lag, messages",
            lines=lag,
            thresholds={"alarm": settings.alarms.kafka.lag_messages},
            width=12,
        ),
        Graph(
            title="Queue age, seconds",
            lines=[Line(metric=age, label="Oldest ranking to calculate")],
            thresholds={"alarm": settings.alarms.queue_age_seconds},
            width=12,
        ),
    ]


def _data(settings: CurrencyTravelSettings, data: Data) -> list[Graph]:
    def nodes(name: str) -> dict[str, Metric]:
        return {
            f"n{place}": Metric(
                namespace="AWS/ElastiCache",
                name=name,
                dimensions={"CacheClusterId": node_id},
                statistic="Average",
            )
            for place, node_id in enumerate(data.cache.node_ids)
        }

    hits, memory = nodes("CacheHitRate"), nodes("DatabaseMemoryUsagePercentage")
    capacity = Metric(
        namespace="AWS/RDS",
        name="ServerlessDatabaseCapacity",
        dimensions={"DBClusterIdentifier": data.database.cluster_identifier},
        statistic="Maximum",
        period_seconds=60,
    )
    return [
        Graph(
            title="Cache hit rate, percent",
            lines=[Expression(expression=f"AVG([{', '.join(hits)}])", label="Hit rate", metrics=hits)],
            left_maximum=100,
        ),
        Graph(
            title="Cache memory, percent",
            lines=[
                Expression(expression=f"MAX([{', '.join(memory)}])", label="Fullest node", metrics=memory)
            ],
            thresholds={"alarm": settings.alarms.cache_memory_percent},
            left_maximum=100,
        ),
        Graph(
            title="Database capacity, ACU",
            lines=[Line(metric=capacity, label="ACU")],
            thresholds={"ceiling": settings.database.max_acu},
        ),
    ]


def _own() -> list[Graph]:
    return [
        Graph(
            title=name,
            lines=[
                Line(
                    metric=Metric(
                        namespace=NAMESPACE, name=name, dimensions={}, statistic=statistic, period_seconds=300
                    ),
                    label=name,
                )
            ],
        )
        for name, statistic in OWN_METRICS.items()
    ]
