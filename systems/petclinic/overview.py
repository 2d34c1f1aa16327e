"""PetClinic's dashboard."""

from components.edge.load_balancer import LoadBalancer
from components.observability.dashboard import Dashboard, DashboardArgs
from components.observability.dashboard_plan import AlarmStatus, Graph, Line, Section, alarm_graph
from components.observability.metric import Metric
from settings.petclinic import PetClinicSettings
from systems.petclinic.data import Data
from systems.petclinic.watching import TARGETS, Watching
from systems.scope import Scope


def build_dashboard(
    scope: Scope,
    settings: PetClinicSettings,
    *,
    load_balancer: LoadBalancer,
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
                Section(title="Traffic", widgets=_traffic(settings, load_balancer)),
                Section(title="Data", widgets=[_reads(data)]),
                Section(
                    title="What the alarms watch",
                    widgets=[
                        alarm_graph(alarm, title=key, width=6) for key, alarm in watching.definitions.items()
                    ],
                ),
            ],
            region=scope.stack.region,
        ),
        scope.opts,
    )


def _traffic(settings: PetClinicSettings, load_balancer: LoadBalancer) -> list[Graph]:
    """Requests of each colour, so that a shift can be seen."""

    def metric(group: str, name: str, statistic: str) -> Metric:
        return Metric(
            namespace="AWS/ApplicationELB",
            name=name,
            dimensions={
                "LoadBalancer": load_balancer.arn_suffix,
                "TargetGroup": load_balancer.target_group_arn_suffixes[group],
            },
            statistic=statistic,
            period_seconds=60,
        )

    groups = {
        colour: group for colour, group in TARGETS.items() if group in load_balancer.target_group_arn_suffixes
    }
    return [
        Graph(
            title=title,
            lines=[
                Line(metric=metric(group, name, statistic), label=colour) for colour, group in groups.items()
            ],
            thresholds=limits,
            width=12,
        )
        for title, name, statistic, limits in (
            ("Requests a minute", "RequestCount", "Sum", None),
            (
                "p95, seconds",
                "TargetResponseTime",
                "p95",
                {"limit": settings.alarms.latency_ms / 1000},
            ),
        )
    ]


def _reads(data: Data) -> Graph:
    """Where reads go: the primary and each replica."""
    identifiers = {
        "primary": data.database.identifier,
        **{key: each.identifier for key, each in data.database.replicas.items()},
    }
    return Graph(
        title="Database connections",
        lines=[
            Line(
                metric=Metric(
                    namespace="AWS/RDS",
                    name="DatabaseConnections",
                    dimensions={"DBInstanceIdentifier": identifier},
                    statistic="Maximum",
                    period_seconds=60,
                ),
                label=key,
            )
            for key, identifier in identifiers.items()
        ],
        width=24,
    )
