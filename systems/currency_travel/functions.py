"""Currency Travel's functions: three services behind the API, and three consumers from the same images."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.compute.lambda_args import ImageCode, LambdaFunctionArgs, VpcPlacement
from components.compute.lambda_function import LambdaFunction
from components.delivery.codedeploy_rollout import AllAtOnce, Canary, Linear, Rollout
from components.delivery.ecr_repository import EcrRepository, EcrRepositoryArgs, FunctionsOf
from components.messaging.kafka_consumer import KafkaConsumer, KafkaConsumerArgs
from components.messaging.queue import QueueConsumer, QueueConsumerArgs
from components.network.security_group import connect
from components.network.vpc import Vpc
from components.security.grants import (
    connect_cache,
    data_api,
    kms_use,
    put_metrics,
    read_secret,
    send_messages,
    use_items,
)
from components.security.iam import Statement
from components.security.kms_key import KmsKey
from components.security.parameters import read_parameters
from settings import rollout as choices
from settings.currency_travel import CurrencyTravelSettings
from systems.currency_travel.data import PARAMETERS, Data
from systems.currency_travel.messages import RATES, Messages
from systems.currency_travel.network import open_ways_out
from systems.scope import Scope

NAMESPACE = "CurrencyService"
"""Of the metrics that the services, the consumers and the ingestor publish."""

SERVICES = ("currency", "ranking", "history")
INGESTOR = "ingestor"
USES_CACHE = frozenset({"currency", "ranking", "history", "rates"})
USES_DATABASE = frozenset({"currency", "history", "archive"})
USES_TABLES = frozenset({"ranking", "calculator"})

DESCRIPTIONS: Mapping[str, str] = {
    "currency": "Exchange rates as they are now",
    "ranking": "What travellers choose, and the rankings",
    "history": "Exchange rates as they were",
    "rates": "Keeps the newest rates in the cache",
    "archive": "Stores every rate in the database",
    "calculator": "Calculates rankings",
}


@dataclass(frozen=True, kw_only=True)
class Given:
    """What every function is built from."""

    scope: Scope
    settings: CurrencyTravelSettings
    vpc: Vpc
    key: KmsKey
    images: Mapping[str, EcrRepository]
    data: Data
    messages: Messages


@dataclass(frozen=True, kw_only=True)
class Functions:
    services: Mapping[str, LambdaFunction]
    consumers: Mapping[str, LambdaFunction]

    @property
    def by_name(self) -> dict[str, LambdaFunction]:
        return {**self.services, **self.consumers}


def build_images(scope: Scope, settings: CurrencyTravelSettings, key: KmsKey) -> dict[str, EcrRepository]:
    lambda_pulls = FunctionsOf(account_id=scope.stack.account_id, region=scope.stack.region)
    return {
        name: EcrRepository(
            f"{scope.name}-{name}",
            EcrRepositoryArgs(
                kms_key_arn=key.key_arn,
                pulled_by_functions_of=lambda_pulls if name in SERVICES else None,
                deletion_protection=settings.deletion_protection,
            ),
            scope.opts,
        )
        for name in (*SERVICES, INGESTOR)
    }


def build_functions(given: Given) -> Functions:
    settings = given.settings
    services = {
        name: _build_function(
            given,
            name,
            image=name,
            memory_mb=wanted.memory_mb,
            timeout_seconds=wanted.timeout_seconds,
            provisioned_concurrency=wanted.provisioned_concurrency,
            rollout=_rollout(settings.rollout),
        )
        for name, wanted in settings.services.by_name().items()
    }
    consumers = settings.consumers
    commands = {
        "rates": ("currency", consumers.rates_command),
        "archive": ("history", consumers.archive_command),
        "calculator": ("ranking", consumers.calculator_command),
    }
    functions = Functions(
        services=services,
        consumers={
            name: _build_function(
                given,
                name,
                image=image,
                command=command,
                memory_mb=consumers.memory_mb,
                timeout_seconds=consumers.timeout_seconds,
            )
            for name, (image, command) in commands.items()
        },
    )
    _build_sources(given, functions)
    return functions


def group(scope: Scope, name: str) -> str:
    """The consumer group of a function."""
    return f"{scope.name}-{name}"


def _build_function(
    given: Given,
    name: str,
    *,
    image: str,
    memory_mb: int,
    timeout_seconds: int,
    command: Sequence[str] = (),
    provisioned_concurrency: int = 0,
    rollout: Rollout | None = None,
) -> LambdaFunction:
    scope, vpc = given.scope, given.vpc
    digest = given.settings.services.by_name()[image].image_digest
    function = LambdaFunction(
        f"{scope.name}-{name}",
        LambdaFunctionArgs(
            code=ImageCode(given.images[image].image(digest).uri, command=command),
            description=f"Currency Travel: {DESCRIPTIONS[name]}",
            memory_mb=memory_mb,
            timeout_seconds=timeout_seconds,
            provisioned_concurrency=provisioned_concurrency,
            kms_key_arn=given.key.key_arn,
            log_retention_days=given.settings.log_retention_days,
            environment=_environment(given, name),
            statements=_statements(given, name),
            vpc=VpcPlacement(vpc_id=vpc.vpc_id, subnet_ids=vpc.private_subnet_ids),
            rollout=rollout or AllAtOnce(),
        ),
        scope.opts,
    )
    open_ways_out(function.security_group, vpc)
    if name in USES_CACHE:
        cache = given.data.cache
        connect(
            function.security_group,
            cache.security_group,
            cache.port,
            client_name=name,
            server_name="the cache",
        )
    return function


def _environment(given: Given, name: str) -> dict[str, pulumi.Input[str]]:
    data = given.data
    environment: dict[str, pulumi.Input[str]] = {"METRICS_NAMESPACE": NAMESPACE}
    if name in USES_DATABASE:
        environment["PARAMETERS"] = PARAMETERS
    if name in USES_CACHE:
        environment |= {
            "REDIS_HOST": data.cache.endpoint,
            "REDIS_PORT": str(data.cache.port),
            "REDIS_USER": data.cache.user_id,
            "REDIS_GROUP": data.cache.replication_group_id,
        }
    if name in USES_TABLES:
        environment |= {
            "SELECTIONS_TABLE": data.selections.table_name,
            "RANKINGS_TABLE": data.rankings.table_name,
        }
    if name == "ranking":
        environment["RANKING_QUEUE_URL"] = given.messages.queue.queue_url
    return environment


def _statements(given: Given, name: str) -> list[Statement]:
    """Each function's own stores, and nobody else's."""
    data, key, region = given.data, given.key, given.scope.stack.region
    statements = [put_metrics(NAMESPACE)]
    if name in USES_DATABASE:
        parameters = [arn for key_, arn in data.parameters.arns.items() if key_.startswith("db/")]
        statements += [
            data_api(cluster_arn=data.database.arn),
            read_secret(data.database.master_secret_arn),
            read_parameters(*parameters),
        ]
    if name in USES_CACHE:
        statements.append(connect_cache(cache_arn=data.cache.arn, user_arn=data.cache.user_arn))
    if name in USES_TABLES:
        statements += [use_items(table.table_arn) for table in data.tables.values()]
        statements.append(kms_use(key.key_arn, via_service=f"dynamodb.{region}.amazonaws.com"))
    if name == "ranking":
        statements += [
            send_messages(given.messages.queue.queue_arn),
            kms_use(key.key_arn, via_service=f"sqs.{region}.amazonaws.com"),
        ]
    return statements


def _build_sources(given: Given, functions: Functions) -> None:
    """What calls the consumers."""
    scope, settings, messages = given.scope, given.settings, given.messages
    for name in ("rates", "archive"):
        KafkaConsumer(
            f"{scope.name}-{name}-source",
            KafkaConsumerArgs(
                cluster=messages.kafka,
                topic=RATES,
                group=group(scope, name),
                function=functions.consumers[name],
                failure_queue_arn=messages.queue.dead_letter_queue_arn,
                failure_queue_key_arn=given.key.key_arn,
                batch_size=settings.consumers.batch_size,
            ),
            scope.opts,
        )
    QueueConsumer(
        f"{scope.name}-calculator-source",
        QueueConsumerArgs(
            queue=messages.queue,
            function=functions.consumers["calculator"],
            batch_size=1,
            max_concurrency=settings.consumers.calculations,
        ),
        scope.opts,
    )


def _rollout(wanted: choices.Rollout) -> Rollout:
    match wanted:
        case choices.Canary(percent=percent, interval_minutes=minutes):
            return Canary(percent=percent, interval_minutes=minutes)
        case choices.Linear(percent=percent, interval_minutes=minutes):
            return Linear(percent=percent, interval_minutes=minutes)
        case choices.AllAtOnce():
            return AllAtOnce()
