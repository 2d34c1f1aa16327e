"""SafeWork's alarms, its dashboard and its budget."""

from collections.abc import Mapping
from dataclasses import dataclass

from components.delivery.budget import Budget, BudgetArgs
from components.edge.rest_api import RestApi
from components.messaging.alert_topics import AlertTopics
from components.observability.alarm_plan import Alarm, merge
from components.observability.alarms import Alarms, AlarmsArgs
from components.observability.dashboard import Dashboard, DashboardArgs
from components.observability.dashboard_plan import AlarmStatus, LogTable, Section, alarm_graph
from components.observability.database_alarms import aurora_alarms, proxy_alarms, serverless_cache_alarms
from components.observability.serverless_alarms import lambda_alarms, rest_api_alarms
from settings.safework import SafeWorkSettings
from systems.safework.data import Data
from systems.safework.functions import Functions
from systems.scope import Scope

RUNBOOK = "safework.md"


@dataclass(frozen=True, kw_only=True)
class Watching:
    """The alarms, and the definitions that the dashboard draws."""

    alarms: Alarms
    definitions: Mapping[str, Alarm]


def build_alarms(
    scope: Scope,
    settings: SafeWorkSettings,
    *,
    topics: AlertTopics,
    functions: Functions,
    api: RestApi,
    data: Data,
) -> Watching:
    definitions = {
        **_function_alarms(settings, functions),
        **_api_alarms(settings, api),
        **_data_alarms(settings, data),
    }
    alarms = Alarms(
        f"{scope.name}-alarms",
        AlarmsArgs(
            alarms=definitions,
            alarm_actions=[topics.arns["warning"]],
            critical_actions=[topics.arns["critical"]],
            runbook_url=scope.runbook_url(),
        ),
        scope.opts,
    )
    return Watching(alarms=alarms, definitions=definitions)


def build_dashboard(scope: Scope, functions: Functions, watching: Watching) -> Dashboard:
    groups = {
        "Functions": tuple(functions.by_name),
        "API": ("api",),
        "Database": ("database", "proxy"),
        "Cache": ("cache",),
    }
    return Dashboard(
        f"{scope.name}-overview",
        DashboardArgs(
            dashboard_name=scope.physical_name,
            sections=[
                Section(
                    title="Now",
                    widgets=[AlarmStatus(title="Alarms", alarm_arns=list(watching.alarms.arns.values()))],
                ),
                *(
                    Section(
                        title=title,
                        widgets=[
                            alarm_graph(alarm, title=key)
                            for key, alarm in watching.definitions.items()
                            if key.partition("-")[0] in members
                        ],
                    )
                    for title, members in groups.items()
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


def build_budget(scope: Scope, settings: SafeWorkSettings, topics: AlertTopics) -> Budget:
    return Budget(
        f"{scope.name}-budget",
        BudgetArgs(
            system=scope.name,
            monthly_limit_usd=settings.monthly_budget_usd,
            topic_arns=[topics.arns["warning"]],
        ),
        scope.opts,
    )


def _function_alarms(settings: SafeWorkSettings, functions: Functions) -> dict[str, Alarm]:
    return merge(
        **{
            name: lambda_alarms(
                function_name=function.function_name,
                timeout_seconds=functions.settings[name].timeout_seconds,
                runbook=f"{RUNBOOK}#functions",
                error_rate_percent=settings.alarms.function_error_percent,
                timeout_percent=settings.alarms.duration_percent,
            )
            for name, function in functions.by_name.items()
        }
    )


def _api_alarms(settings: SafeWorkSettings, api: RestApi) -> dict[str, Alarm]:
    return merge(
        api=rest_api_alarms(
            api_name=api.api_name,
            stage_name=api.stage_name,
            runbook=f"{RUNBOOK}#api",
            client_error_percent=settings.alarms.api_4xx_percent,
            server_error_percent=settings.alarms.api_5xx_percent,
        )
    )


def _data_alarms(settings: SafeWorkSettings, data: Data) -> dict[str, Alarm]:
    wanted = settings.database
    groups = {
        "database": aurora_alarms(
            cluster_identifier=data.database.cluster_identifier,
            max_connections=data.database.max_connections,
            max_acu=wanted.max_acu,
            connection_failures=data.database.connection_failures,
            runbook=f"{RUNBOOK}#database",
            connections_percent=settings.alarms.connections_percent,
            connection_failures_threshold=settings.alarms.connection_failures,
            acu_percent=settings.alarms.acu_percent,
        ),
        "cache": serverless_cache_alarms(
            cache_name=data.cache.cache_name,
            max_data_storage_gb=settings.cache.max_storage_gb,
            max_ecpu_per_second=settings.cache.max_ecpu_per_second,
            runbook=f"{RUNBOOK}#cache",
        ),
    }
    if data.proxy:
        groups["proxy"] = proxy_alarms(
            proxy_name=data.proxy.proxy_name,
            borrow_timeout_seconds=data.proxy.connection_borrow_timeout_seconds,
            runbook=f"{RUNBOOK}#proxy",
            connection_failures_threshold=settings.alarms.connection_failures,
        )
    return merge(**groups)
