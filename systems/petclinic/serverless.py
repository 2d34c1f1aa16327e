"""The serverless part: three functions behind a REST API, and an event bus with three consumers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pulumi

from components.compute.lambda_function import LambdaFunction
from components.data.dynamodb_table import DynamoDbTable, DynamoDbTableArgs, KeyAttribute
from components.dns.certificate import Certificate, CertificateArgs
from components.dns.route53_alias import AliasRecords, AliasRecordsArgs, AliasTarget
from components.dns.route53_dns import Route53Dns
from components.edge.rest_api import RestApi
from components.edge.rest_api_args import CustomDomain, RestApiArgs, Route, Signed
from components.edge.web_acl import OpenToAll, WebAcl, WebAclArgs
from components.messaging.event_bus import (
    Consumer,
    DeadLetters,
    DeadLettersArgs,
    EventBus,
    EventBusArgs,
    put_events,
)
from components.network.vpc import Vpc
from components.security.grants import kms_use
from components.security.iam import Statement
from components.security.kms_key import KmsKey
from settings.petclinic import PetClinicSettings
from systems.petclinic.functions import Wanted, build_function
from systems.petclinic.watching import Watched, api_alarms
from systems.scope import Scope

if TYPE_CHECKING:
    from components.observability.alarm_plan import Alarm

API_SOURCES = Path("functions/petclinic_api")
EVENT_SOURCES = Path("functions/petclinic_events")

KINDS = ("products", "orders", "customers")
CONSUMERS = ("inventory", "notification", "analytics")
SOURCE = "petclinic.orders"
ORDER_CREATED = "OrderCreated"
LEDGER = "event-ledger"


@dataclass(frozen=True, kw_only=True)
class Serverless:
    watched: Watched
    exports: Mapping[str, Any] = field(default_factory=dict[str, Any])
    table_arns: Sequence[pulumi.Input[str]] = ()
    """To be backed up."""


@dataclass(frozen=True, kw_only=True)
class _Events:
    bus: EventBus
    ledger: DynamoDbTable
    consumers: Mapping[str, LambdaFunction]
    letters: Mapping[str, DeadLetters]


@dataclass(frozen=True, kw_only=True)
class _Api:
    api: RestApi
    shop: DynamoDbTable
    functions: Mapping[str, LambdaFunction]


def build_serverless(scope: Scope, settings: PetClinicSettings, *, vpc: Vpc, key: KmsKey) -> Serverless:
    """Either switch can be on without the other: then nobody of ours tells the bus, or orders tell nobody."""
    events = _build_events(scope, settings, vpc, key) if settings.events else None
    bus = events.bus if events else None
    api = _build_api(scope, settings, vpc, key, bus) if settings.serverless else None
    functions: dict[str, LambdaFunction] = {}
    exports: dict[str, Any] = {}
    tables: list[DynamoDbTable] = []
    alarms: Mapping[str, Alarm] = {}
    if events:
        functions |= events.consumers
        tables.append(events.ledger)
        exports["events"] = {
            "bus": events.bus.bus_name,
            "deadLetters": {each: queue.queue_url for each, queue in events.letters.items()},
        }
    if api:
        functions |= {f"api-{each}": function for each, function in api.functions.items()}
        tables.append(api.shop)
        exports["api"] = {"url": f"https://{settings.domain.api_hostname}", "id": api.api.api_id}
        alarms = api_alarms(api_name=api.api.api_name, stage_name=api.api.stage_name)
    return Serverless(
        watched=Watched(functions=functions, dead_letters=events.letters if events else {}, api=alarms),
        exports=exports,
        table_arns=[each.table_arn for each in tables],
    )


def _build_table(scope: Scope, settings: PetClinicSettings, key: KmsKey, role: str) -> DynamoDbTable:
    return DynamoDbTable(
        f"{scope.name}-{role}",
        DynamoDbTableArgs(
            partition_key=KeyAttribute(name="kind"),
            sort_key=KeyAttribute(name="id"),
            expires_attribute="expires" if role == LEDGER else None,
            kms_key_arn=key.key_arn,
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    )


def _build_events(scope: Scope, settings: PetClinicSettings, vpc: Vpc, key: KmsKey) -> _Events:
    ledger = _build_table(scope, settings, key, LEDGER)
    letters = {
        each: DeadLetters(
            f"{scope.name}-{each}-failures", DeadLettersArgs(kms_key_arn=key.key_arn), scope.opts
        )
        for each in CONSUMERS
    }
    consumers = {
        each: build_function(
            scope,
            settings,
            each,
            Wanted(
                sources=EVENT_SOURCES,
                handler=f"{each}.handler",
                description=f"PetClinic: {each}, for each order that was created",
                timeout_seconds=settings.functions.timeout_seconds,
                memory_mb=settings.functions.memory_mb,
                environment={"TABLE_NAME": ledger.table_name},
                statements=[
                    Statement(actions=["dynamodb:PutItem"], resources=[ledger.table_arn]),
                    kms_use(key.key_arn),
                ],
                failure_queue_arn=letters[each].queue_arn,
            ),
            vpc=vpc,
            key=key,
        )
        for each in CONSUMERS
    }
    bus = EventBus(
        f"{scope.name}-events",
        EventBusArgs(
            bus_name=scope.physical_name,
            account_id=scope.stack.account_id,
            source=SOURCE,
            kms_key_arn=key.key_arn,
            consumers={
                each: Consumer(
                    function=consumers[each], dead_letters=letters[each], detail_type=ORDER_CREATED
                )
                for each in CONSUMERS
            },
        ),
        scope.opts,
    )
    return _Events(bus=bus, ledger=ledger, consumers=consumers, letters=letters)


def _build_api(
    scope: Scope, settings: PetClinicSettings, vpc: Vpc, key: KmsKey, bus: EventBus | None
) -> _Api:
    shop = _build_table(scope, settings, key, "shop")
    functions = {
        each: build_function(
            scope, settings, f"api-{each}", _answering(settings, each, shop, key, bus), vpc=vpc, key=key
        )
        for each in KINDS
    }
    domain = settings.domain
    certificate = Certificate(
        f"{scope.name}-api-certificate",
        CertificateArgs(
            domain_name=domain.api_hostname, dns=Route53Dns(domain.zone_id), region=scope.stack.region
        ),
        scope.opts,
    )
    api = RestApi(
        f"{scope.name}-api",
        RestApiArgs(
            description="PetClinic: products, orders and customers",
            routes={
                f"/api/{each}/*": Route(function=functions[each], authorization=Signed()) for each in KINDS
            },
            domain=CustomDomain(hostname=domain.api_hostname, certificate_arn=certificate.arn),
            source_cidrs=["0.0.0.0/0", "::/0"],
            kms_key_arn=key.key_arn,
            log_retention_days=settings.log_retention_days,
            throttle_rate=settings.functions.throttle_rate,
            throttle_burst=settings.functions.throttle_burst,
            logging_account=scope.account.api_gateway_logging,
        ),
        scope.opts,
    )
    _guard_and_name(scope, settings, api, key)
    return _Api(api=api, shop=shop, functions=functions)


def _answering(
    settings: PetClinicSettings, kind: str, shop: DynamoDbTable, key: KmsKey, bus: EventBus | None
) -> Wanted:
    """Orders tell the bus; a function sees the items of its own kind alone."""
    told = bus if kind == "orders" else None
    statements = [
        Statement(
            actions=["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
            resources=[shop.table_arn],
            conditions={"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [kind]}},
        ),
        kms_use(key.key_arn),
    ]
    if told:
        statements += [put_events(told.bus_arn)]
    return Wanted(
        sources=API_SOURCES,
        handler=f"{kind}.handler",
        description=f"PetClinic: /api/{kind}",
        timeout_seconds=settings.functions.timeout_seconds,
        memory_mb=settings.functions.memory_mb,
        environment={"TABLE_NAME": shop.table_name, **({"EVENT_BUS": told.bus_name} if told else {})},
        statements=statements,
    )


def _guard_and_name(scope: Scope, settings: PetClinicSettings, api: RestApi, key: KmsKey) -> None:
    WebAcl(
        f"{scope.name}-api-firewall",
        WebAclArgs(
            scope="REGIONAL",
            account_id=scope.stack.account_id,
            region=scope.stack.region,
            source=OpenToAll(),
            rate_limit_per_5_minutes=settings.edge.rate_limit,
            log_retention_days=settings.log_retention_days,
            kms_key_arn=key.key_arn,
            resource_arns={"api": api.stage_arn},
        ),
        scope.opts,
    )
    AliasRecords(
        f"{scope.name}-api-name",
        AliasRecordsArgs(
            zone_id=settings.domain.zone_id,
            record_name=settings.domain.api_hostname,
            target=AliasTarget(dns_name=api.target_domain_name, hosted_zone_id=api.target_zone_id),
            ipv6=False,
        ),
        scope.opts,
    )
