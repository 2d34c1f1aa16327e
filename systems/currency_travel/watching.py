"""Currency Travel's alarms, and its budget."""

from collections.abc import Mapping
from dataclasses import dataclass

from components.delivery.budget import Budget, BudgetArgs
from components.edge.rest_api import RestApi
from components.messaging.alert_topics import AlertTopics
from components.observability.alarm_plan import Alarm, merge
from components.observability.alarms import Alarms, AlarmsArgs
from components.observability.database_alarms import aurora_alarms
from components.observability.kafka_alarms import kafka_alarms, lag_alarm, silence_alarm
from components.observability.queue_alarms import queue_alarms
from components.observability.redis_alarms import redis_alarms
from components.observability.serverless_alarms import error_count_alarm, lambda_alarms, rest_api_alarms
from components.observability.table_alarms import table_alarms
from settings.currency_travel import CurrencyTravelSettings
from systems.currency_travel.data import Data
from systems.currency_travel.functions import Functions, group
from systems.currency_travel.ingestor import RUNBOOK as INGESTOR_RUNBOOK
from systems.currency_travel.ingestor import Ingestor
from systems.currency_travel.messages import RATES, Messages
from systems.scope import Scope

RUNBOOK = "currency-travel.md"
OPERATIONS = ("GetItem", "PutItem", "Query")


@dataclass(frozen=True, kw_only=True)
class Watching:
    """The alarms, and the definitions that the dashboard draws."""

    alarms: Alarms
    definitions: Mapping[str, Alarm]


def build_alarms(
    scope: Scope,
    settings: CurrencyTravelSettings,
    *,
    topics: AlertTopics,
    functions: Functions,
    api: RestApi,
    data: Data,
    messages: Messages,
    ingestor: Ingestor,
) -> Watching:
    definitions = {
        **_function_alarms(settings, functions),
        **merge(
            api=rest_api_alarms(api_name=api.api_name, stage_name=api.stage_name, runbook=f"{RUNBOOK}#api")
        ),
        **_data_alarms(settings, data),
        **_message_alarms(scope, settings, messages),
        **merge(ingestor=ingestor.alarms),
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


def build_budget(scope: Scope, settings: CurrencyTravelSettings, topics: AlertTopics) -> Budget:
    return Budget(
        f"{scope.name}-budget",
        BudgetArgs(
            system=scope.name,
            monthly_limit_usd=settings.monthly_budget_usd,
            topic_arns=[topics.arns["info"]],
        ),
        scope.opts,
    )


def _function_alarms(settings: CurrencyTravelSettings, functions: Functions) -> dict[str, Alarm]:
    groups: dict[str, Mapping[str, Alarm]] = {}
    for name, function in functions.by_name.items():
        runbook = f"{RUNBOOK}#functions" if name in functions.services else f"{RUNBOOK}#consumers"
        groups[name] = {
            **lambda_alarms(
                function_name=function.function_name,
                timeout_seconds=function.timeout_seconds,
                runbook=runbook,
            ),
            **error_count_alarm(
                function_name=function.function_name, runbook=runbook, errors=settings.alarms.errors
            ),
        }
    return merge(**groups)


def _data_alarms(settings: CurrencyTravelSettings, data: Data) -> dict[str, Alarm]:
    limits = settings.alarms
    return merge(
        database=aurora_alarms(
            cluster_identifier=data.database.cluster_identifier,
            max_connections=data.database.max_connections,
            max_acu=settings.database.max_acu,
            connection_failures=data.database.connection_failures,
            runbook=f"{RUNBOOK}#database",
            acu_percent=limits.acu_percent,
        ),
        cache=redis_alarms(
            node_ids=data.cache.node_ids,
            runbook=f"{RUNBOOK}#cache",
            memory_percent=limits.cache_memory_percent,
        ),
        **{
            key: table_alarms(table_name=table.table_name, operations=OPERATIONS, runbook=f"{RUNBOOK}#tables")
            for key, table in data.tables.items()
        },
    )


def _message_alarms(scope: Scope, settings: CurrencyTravelSettings, messages: Messages) -> dict[str, Alarm]:
    limits, kafka, queue = settings.alarms, messages.kafka, messages.queue
    return merge(
        kafka={
            **kafka_alarms(
                cluster_name=kafka.cluster_name,
                broker_ids=kafka.broker_ids,
                runbook=f"{RUNBOOK}#brokers",
                cpu_percent=limits.kafka.cpu_percent,
                disk_percent=limits.kafka.disk_percent,
            ),
            **silence_alarm(
                cluster_name=kafka.cluster_name,
                broker_ids=kafka.broker_ids,
                topic=RATES,
                runbook=INGESTOR_RUNBOOK,
                minutes=limits.silent_minutes,
            ),
        },
        **{
            f"{name}_reader": lag_alarm(
                cluster_name=kafka.cluster_name,
                topic=RATES,
                group=group(scope, name),
                runbook=f"{RUNBOOK}#lag",
                max_messages=limits.kafka.lag_messages,
            )
            for name in ("rates", "archive")
        },
        queue=queue_alarms(
            queue_name=queue.queue_name,
            dead_letter_queue_name=queue.dead_letter_queue_name,
            runbook=f"{RUNBOOK}#queue",
            max_age_seconds=limits.queue_age_seconds,
        ),
    )
