"""What the owners of Currency Travel decide. The defaults are their plan's numbers, with its corrections."""

from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import Field, Strict

from settings.currency_programs import Api, Consumers, Ingestion, Kubernetes, Services
from settings.kafka import Kafka, KafkaAlarms
from settings.model import Context, Model, Problem, by_environment, section
from settings.mysql import MysqlCluster
from settings.recovery import Recovery
from settings.recovery_plan import AuroraStore, TableStore
from settings.rollout import Rollout
from settings.stack import SystemSettings
from settings.vocabulary import (
    Cidr,
    Count,
    Hostname,
    Matching,
    Percent,
    Positive,
    RetentionDays,
    Usd,
    Zone,
    ZoneName,
)

InterfaceEndpoint = Literal[
    "ecr.api",
    "ecr.dkr",
    "kms",
    "lambda",
    "logs",
    "monitoring",
    "rds-data",
    "secretsmanager",
    "sqs",
    "ssm",
    "sts",
]
HostedZoneId = Annotated[
    str,
    Strict(),
    Matching(r"Z[A-Z0-9]{5,31}", "the id of a Route 53 hosted zone, such as Z0123456789ABCDEFGHIJ"),
]
CacheNodeType = Annotated[
    str, Strict(), Matching(r"cache\.[tmr]\d[a-z]*\.[a-z0-9]+", "a node type such as cache.r6g.large")
]
AttributeName = Annotated[
    str, Strict(), Matching(r"[A-Za-z_][A-Za-z0-9_.-]{2,254}", "a DynamoDB attribute, such as country_code")
]
BROKER_ZONES = 3
WATCHED_NODES = 5
"""A group without cluster mode has one primary and up to five replicas; six nodes fit one alarm."""

DAY_MINUTES = 1_440


class Network(Model):
    """The system's own VPC."""

    zones: Annotated[tuple[Zone, ...], Field(min_length=BROKER_ZONES, max_length=6)] = (
        "ap-northeast-2a",
        "ap-northeast-2c",
        "ap-northeast-2b",
    )
    """Its own list, since a broker stands in each of three zones where other systems need two. Append only:
    the place in this list decides a zone's subnets. The brokers take the first three."""

    vpc_cidr: Cidr = by_environment(dev="10.100.0.0/16", prod="10.0.0.0/16")
    nat_gateways: Literal["single", "perZone"] = by_environment(dev="single", prod="perZone")
    """The ingestor reads the banks' interfaces on the internet, so there is always a way out."""

    interface_endpoints: tuple[InterfaceEndpoint, ...] = by_environment(
        dev=[], prod=["ecr.api", "ecr.dkr", "logs", "rds-data", "secretsmanager", "sqs", "ssm", "sts"]
    )
    """AWS services that are reached without leaving the VPC. Each is billed by the hour and zone; without,
    the way goes through NAT, over TLS all the same. S3 and DynamoDB always have their gateways, which cost
    nothing."""

    def problems(self, context: Context) -> Iterator[Problem]:
        for zone in dict.fromkeys(self.zones):
            if self.zones.count(zone) > 1:
                yield Problem(key="zones", got=zone, allowed="each zone once; remove the repetition")
            if context.region and zone[:-1] != context.region:
                yield Problem(key="zones", got=zone, allowed=f"zones of {context.region} (aws:region)")
        if not 16 <= IPv4Network(self.vpc_cidr).prefixlen <= 22:
            yield Problem(key="vpcCidr", got=self.vpc_cidr, allowed="a block of /16 to /22")
        if len(set(self.interface_endpoints)) != len(self.interface_endpoints):
            yield Problem(
                key="interfaceEndpoints", got=list(self.interface_endpoints), allowed="each service once"
            )


class Domain(Model):
    """A hosted zone of Route 53, and the names in it."""

    zone_id: HostedZoneId
    zone: ZoneName
    hostname: Hostname
    """Static files, at CloudFront; pages there may call the API."""

    api_hostname: Hostname

    def problems(self, context: Context) -> Iterator[Problem]:
        del context
        for key, name in {"hostname": self.hostname, "apiHostname": self.api_hostname}.items():
            if not name.endswith(f".{self.zone}"):
                yield Problem(key=key, got=name, allowed=f"a name in the zone {self.zone}")
        if self.hostname == self.api_hostname:
            yield Problem(
                key="apiHostname", got=self.api_hostname, allowed="a name of its own, unlike hostname"
            )


class TableKeys(Model):
    """How the services find items: nothing scans."""

    partition_key: AttributeName
    sort_key: AttributeName
    expires_key: AttributeName = "expires_at"
    """DynamoDB deletes an item after the time in it, in seconds since 1970."""


class Tables(Model):
    selections: TableKeys = section(partition_key="country_code", sort_key="selected_at")
    """``travel_destination_selections``."""

    rankings: TableKeys = section(partition_key="ranking_type", sort_key="calculated_at")
    """``RankingResults``."""


class Cache(Model):
    """Redis: a primary and its replicas, each in another zone."""

    engine_version: Annotated[str, Strict(), Matching(r"7\.[01]", "'7.1' or '7.0', in quotes")] = "7.1"
    node_type: CacheNodeType = by_environment(dev="cache.t4g.micro", prod="cache.r6g.large")
    nodes: Annotated[int, Strict(), Field(ge=2, le=WATCHED_NODES + 1)] = by_environment(dev=2, prod=3)
    snapshot_retention_days: Annotated[int, Strict(), Field(ge=1, le=35)] = by_environment(dev=1, prod=7)


class Storage(Model):
    """How long what the buckets hold is kept."""

    archive_backups_after_days: Annotated[int, Strict(), Field(ge=1, le=3_650)] = 30
    """Raw rates move to Glacier."""

    delete_backups_after_days: Annotated[int, Strict(), Field(ge=1, le=3_650)] = by_environment(
        dev=60, prod=365
    )

    def problems(self, context: Context) -> Iterator[Problem]:
        del context
        if self.delete_backups_after_days <= self.archive_backups_after_days:
            yield Problem(
                key="deleteBackupsAfterDays",
                got=self.delete_backups_after_days,
                allowed=f"more than archiveBackupsAfterDays ({self.archive_backups_after_days})",
            )


class Alarms(Model):
    """When somebody is told."""

    errors: Count = 10
    """Failed calls of a function in 300 s, twice in a row."""

    acu_percent: Percent = 90
    cache_memory_percent: Percent = 80
    queue_age_seconds: Positive = 600
    silent_minutes: Annotated[int, Strict(), Field(ge=5, le=DAY_MINUTES)] = 15
    """Without a new rate in Kafka: the ingestor fails, whatever runs it."""

    kafka: KafkaAlarms = section()


class CurrencyTravelSettings(SystemSettings):
    monthly_budget_usd: Usd = by_environment(dev=360.0, prod=2_330.0)
    network: Network = section()
    domain: Domain
    services: Services
    api: Api = section()
    rollout: Rollout = by_environment(
        dev={"kind": "allAtOnce"}, prod={"kind": "linear", "percent": 10, "intervalMinutes": 1}
    )
    ingestor: Literal["eks", "scheduled_task"] = by_environment(dev="scheduled_task", prod="eks")
    """What runs the ingestor: a CronJob in a Kubernetes cluster, or a Fargate task by EventBridge Scheduler.
    The same image and the same grants; the cluster alone costs more a month than the job."""

    ingestion: Ingestion
    kubernetes: Kubernetes = section()
    kafka: Kafka = section()
    consumers: Consumers = section()
    database: MysqlCluster = section()
    tables: Tables = section()
    cache: Cache = section()
    storage: Storage = section()
    recovery: Recovery = section(
        # DynamoDB takes up to an hour for a table, and somebody has to point the services at the copy.
        rto_minutes=by_environment(dev=120, prod=90)
    )
    log_retention_days: RetentionDays = by_environment(dev=7, prod=30)
    alarms: Alarms = section()

    def problems(self, context: Context) -> Iterator[Problem]:
        yield from super().problems(context)
        if context.environment == "prod" and not self.database.readers:
            yield Problem(key="database.readers", got=0, allowed="at least 1 in prod: it takes over at once")
        if self.alarms.silent_minutes <= self.ingestion.every_minutes:
            yield Problem(
                key="alarms.silentMinutes",
                got=self.alarms.silent_minutes,
                allowed=f"more than ingestion.everyMinutes ({self.ingestion.every_minutes})",
            )
        yield from self.recovery.misses(self._stores())

    def _stores(self) -> list[AuroraStore | TableStore]:
        return [
            AuroraStore(key="database", storage_gb=self.database.expected_gb, readers=self.database.readers),
            TableStore(key="tables.selections", point_in_time=True),
            TableStore(key="tables.rankings", point_in_time=True),
        ]
