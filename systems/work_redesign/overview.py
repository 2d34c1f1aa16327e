"""Work Redesign's dashboard, and the questions people ask of its logs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from components.edge.load_balancer import LoadBalancer
from components.edge.load_balancer_plan import alternate_key
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
from components.observability.metric import Metric
from components.observability.saved_queries import SavedQueries, SavedQueriesArgs, SavedQuery
from settings.work_redesign import WorkRedesignSettings
from systems.scope import Scope
from systems.work_redesign.ai import Ai
from systems.work_redesign.data import Data
from systems.work_redesign.edge import BACKEND
from systems.work_redesign.services import NAMESPACE, Services
from systems.work_redesign.watching import Watching

if TYPE_CHECKING:
    import pulumi

    from components.observability.alarm_plan import Alarm

PERCENTILES = ("p50", "p95", "p99")


def build_dashboard(
    scope: Scope,
    settings: WorkRedesignSettings,
    *,
    load_balancer: LoadBalancer,
    services: Services,
    data: Data,
    watching: Watching,
) -> Dashboard:
    return Dashboard(
        f"{scope.name}-overview",
        DashboardArgs(
            dashboard_name=scope.physical_name,
            sections=[
                Section(
                    title="Now",
                    widgets=[AlarmStatus(title="Alarms", alarm_arns=list(watching.alarms.arns.values()))],
                ),
                Section(title="Workshop", widgets=_workshop()),
                Section(title="Backend", widgets=[_latency(settings, load_balancer)]),
                Section(title="Data", widgets=_data(settings, data)),
                Section(title="Analyses", widgets=_analyses()),
                Section(title="What the alarms watch", widgets=_alarm_graphs(watching)),
                Section(
                    title="Errors",
                    widgets=[
                        LogTable(
                            title="Backend errors",
                            log_group_names=[services.backend.log_group_name],
                            query="filter @message like /(?i)error/ | sort @timestamp desc | limit 20",
                        )
                    ],
                ),
            ],
            region=scope.stack.region,
        ),
        scope.opts,
    )


def _own(name: str, statistic: str) -> Metric:
    """A metric that the application publishes, without dimensions."""
    return Metric(namespace=NAMESPACE, name=name, dimensions={}, statistic=statistic, period_seconds=60)


def _workshop() -> list[Graph]:
    return [
        Graph(
            title="Active sessions",
            lines=[Line(metric=_own("ActiveSessions", "Maximum"), label="Active sessions")],
        ),
        Graph(
            title="Sessions created",
            lines=[Line(metric=_own("SessionsCreated", "Sum"), label="Sessions created")],
        ),
        Graph(
            title="Active users",
            lines=[Line(metric=_own("ActiveUsers", "Maximum"), label="Active users")],
        ),
    ]


def _latency(settings: WorkRedesignSettings, load_balancer: LoadBalancer) -> Graph:
    """Of whichever of the two target groups has the traffic."""

    def line(percentile: str) -> Expression:
        metrics = {
            key: Metric(
                namespace="AWS/ApplicationELB",
                name="TargetResponseTime",
                dimensions={
                    "LoadBalancer": load_balancer.arn_suffix,
                    "TargetGroup": load_balancer.target_group_arn_suffixes[group],
                },
                statistic=percentile,
                period_seconds=60,
            )
            for key, group in (("one", BACKEND), ("other", alternate_key(BACKEND)))
        }
        return Expression(expression="MAX([one, other])", label=percentile, metrics=metrics)

    return Graph(
        title="Backend latency, seconds",
        lines=[line(each) for each in PERCENTILES],
        thresholds={"p95 limit": settings.alarms.latency_ms / 1000},
        width=24,
    )


def _data(settings: WorkRedesignSettings, data: Data) -> list[Graph]:
    hits = {
        f"n{place}": Metric(
            namespace="AWS/ElastiCache",
            name="CacheHitRate",
            dimensions={"CacheClusterId": node_id},
            statistic="Average",
        )
        for place, node_id in enumerate(data.cache.node_ids)
    }
    connections = Metric(
        namespace="AWS/RDS",
        name="DatabaseConnections",
        dimensions={"DBInstanceIdentifier": data.database.identifier},
        statistic="Maximum",
        period_seconds=60,
    )
    return [
        Graph(
            title="Database connections",
            lines=[Line(metric=connections, label="Connections")],
            thresholds={"alarm": settings.alarms.database_connections},
            width=12,
        ),
        Graph(
            title="Cache hit rate, percent",
            lines=[Expression(expression=f"AVG([{', '.join(hits)}])", label="Hit rate", metrics=hits)],
            left_maximum=100,
            width=12,
        ),
    ]


def _analyses() -> list[Graph]:
    return [
        Graph(
            title="AI calls",
            lines=[Line(metric=_own("AnthropicAPICalls", "Sum"), label="Calls")],
            width=12,
        ),
        Graph(
            title="AI latency, ms",
            lines=[Line(metric=_own("AnthropicAPILatency", each), label=each) for each in ("p50", "p95")],
            width=12,
        ),
    ]


def _alarm_graphs(watching: Watching) -> Sequence[Graph]:
    alarms: dict[str, Alarm] = dict(watching.definitions)
    return [alarm_graph(alarm, title=key, width=6) for key, alarm in alarms.items()]


def build_queries(scope: Scope, *, services: Services, ai: Ai, data: Data) -> SavedQueries:
    """The firewall's log is in us-east-1 and has no query here: a query reads one region."""
    applications: list[pulumi.Input[str]] = [each.log_group_name for each in services.by_name.values()]
    return SavedQueries(
        f"{scope.name}-queries",
        SavedQueriesArgs(
            folder=scope.physical_name,
            queries={
                "errors": SavedQuery(
                    query="fields @timestamp, @log, @message\n"
                    "| filter @message like /(?i)(error|exception|unhandled)/\n"
                    "| sort @timestamp desc\n| limit 100",
                    log_group_names=applications,
                ),
                "errors-by-hour": SavedQuery(
                    query="filter @message like /(?i)(error|exception|unhandled)/\n"
                    "| stats count(*) as errors by bin(1h), @log",
                    log_group_names=applications,
                ),
                "socket-disconnects": SavedQuery(
                    query="fields @timestamp, @message\n"
                    "| filter @message like /(?i)(disconnect|transport close|ping timeout)/\n"
                    "| sort @timestamp desc\n| limit 100",
                    log_group_names=[services.backend.log_group_name],
                ),
                "slow-statements": SavedQuery(
                    query="fields @timestamp, @message\n"
                    "| filter @message like /duration:/\n"
                    "| parse @message /duration: (?<milliseconds>[0-9.]+) ms/\n"
                    "| sort milliseconds desc\n| limit 50",
                    log_group_names=[data.database.log_groups["postgresql"].name],
                ),
                "failed-analyses": SavedQuery(
                    query="fields @timestamp, @message\n"
                    "| filter level = 'ERROR' or @message like /Task timed out/\n"
                    "| sort @timestamp desc\n| limit 100",
                    log_group_names=[ai.consumer.log_group_name],
                ),
                "migrations": SavedQuery(
                    query="fields @timestamp, @message\n| sort @timestamp asc\n| limit 1000",
                    log_group_names=[services.migration.log_group_name],
                ),
            },
        ),
        scope.opts,
    )
