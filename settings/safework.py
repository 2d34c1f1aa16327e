"""What the owners of SafeWork decide. The defaults are the numbers of their plan, with its corrections."""

from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import Field, Strict

from settings.cutover import CloudflareZone, Cutover, Shifting
from settings.database import Database
from settings.migration import Migration, NoMigration
from settings.model import Context, Model, Problem, by_environment, by_profile, section
from settings.rollout import Rollout
from settings.stack import ProfiledSettings
from settings.vocabulary import (
    CertificateDomain,
    Cidr,
    Count,
    FunctionTimeout,
    Hostname,
    MemoryMb,
    Origin,
    Percent,
    Positive,
    RelativePath,
    RetentionDays,
    RoutePath,
    Usd,
)

InterfaceEndpoint = Literal["kms", "logs", "monitoring", "rds-data", "secretsmanager", "sts", "xray"]


class Network(Model):
    """The system's own VPC."""

    vpc_cidr: Cidr = by_environment(dev="10.110.0.0/16", prod="10.10.0.0/16")
    nat_gateways: Literal["none", "single", "perZone"] = by_profile(
        standard=by_environment(dev="single", prod="perZone"), economy="none"
    )
    interface_endpoints: tuple[InterfaceEndpoint, ...] = by_profile(
        standard=["secretsmanager", "kms", "logs"], economy=["rds-data", "secretsmanager"]
    )
    """AWS services that are reached without leaving the VPC. Each is billed by the hour and zone."""

    interface_endpoints_in: Literal["single", "perZone"] = by_profile(standard="perZone", economy="single")
    """``single`` keeps them in the first zone; functions in the others reach them there while it stands."""

    def problems(self, context: Context) -> Iterator[Problem]:
        if not 16 <= IPv4Network(self.vpc_cidr).prefixlen <= 22:
            yield Problem(
                key="vpcCidr",
                got=self.vpc_cidr,
                allowed="a block of /16 to /22: three tiers in up to eight zones must fit as subnets",
            )
        if len(set(self.interface_endpoints)) != len(self.interface_endpoints):
            yield Problem(
                key="interfaceEndpoints", got=list(self.interface_endpoints), allowed="each service once"
            )
        if self.nat_gateways == "perZone" and len(context.zones) == 1:
            yield Problem(key="natGateways", got="perZone", allowed="single or none with only one zone")


class Domain(Model):
    zone: CloudflareZone
    hostname: Hostname
    """What clients call; proxied by Cloudflare, shifted by the cutover."""

    api_hostname: Hostname
    """The custom domain of the REST API, which Cloudflare sends as Host."""

    certificate_domain: CertificateDomain = "*.jclee.me"
    static_hostname: Hostname | None = None
    """A name for the static site; without it CloudFront's own name serves."""

    def problems(self, context: Context) -> Iterator[Problem]:
        del context
        names = {
            "hostname": self.hostname,
            "apiHostname": self.api_hostname,
            "certificateDomain": self.certificate_domain,
            "staticHostname": self.static_hostname,
        }
        for key, name in names.items():
            if name is not None and not f".{name}".endswith(f".{self.zone.name}"):
                yield Problem(key=key, got=name, allowed=f"a name in the zone {self.zone.name}")
        for key in ("apiHostname", "staticHostname"):
            name = names[key]
            if name is not None and not _covers(self.certificate_domain, name):
                yield Problem(
                    key=key,
                    got=name,
                    allowed=f"a name that certificateDomain ({self.certificate_domain}) covers",
                )
        given = [name for key, name in names.items() if name is not None and key != "certificateDomain"]
        if len(set(given)) != len(given):
            yield Problem(
                key="apiHostname",
                got=self.api_hostname,
                allowed="a name of its own: hostname, apiHostname and staticHostname all differ",
            )


def _covers(certificate_domain: str, hostname: str) -> bool:
    if certificate_domain.startswith("*."):
        return hostname.partition(".")[2] == certificate_domain[2:]
    return hostname == certificate_domain


class App(Model):
    """The owners' Flask application."""

    directory: RelativePath | None = None
    """Where it lives in this repository; without it the placeholder application is packaged."""

    requirements: RelativePath = "functions/safework/requirements.txt"
    """Its packages, every one pinned with hashes; Flask and apig-wsgi among them."""

    runtime: Literal["python3.11", "python3.12", "python3.13", "python3.14"] = "python3.13"


class Function(Model):
    """One Lambda function: a Flask blueprint and the routes it answers."""

    memory_mb: MemoryMb
    timeout_seconds: FunctionTimeout
    provisioned_concurrency: Count
    """Instances kept warm on the live alias."""

    routes: Annotated[tuple[RoutePath, ...], Field(min_length=1)]


class Functions(Model):
    auth: Function = section(
        memory_mb=512,
        timeout_seconds=30,
        provisioned_concurrency=by_profile(standard=by_environment(dev=0, prod=2), economy=0),
        routes=["/auth/*", "/login", "/logout"],
    )
    survey: Function = section(
        memory_mb=1024,
        timeout_seconds=60,
        provisioned_concurrency=by_profile(standard=by_environment(dev=0, prod=5), economy=0),
        routes=["/survey/*", "/api/safework/*"],
    )
    admin: Function = section(
        memory_mb=512, timeout_seconds=30, provisioned_concurrency=0, routes=["/admin/*"]
    )
    static: Function = section(
        memory_mb=256, timeout_seconds=10, provisioned_concurrency=0, routes=["/static/*", "/documents/*"]
    )
    health: Function = section(
        memory_mb=128,
        timeout_seconds=5,
        provisioned_concurrency=by_profile(standard=by_environment(dev=0, prod=1), economy=0),
        routes=["/health", "/"],
    )

    def by_name(self) -> dict[str, Function]:
        """The functions in the order of the plan, keyed by blueprint."""
        return {name: getattr(self, name) for name in type(self).model_fields}

    def problems(self, context: Context) -> Iterator[Problem]:
        del context
        seen: dict[str, str] = {}
        for name, function in self.by_name().items():
            for route in function.routes:
                if route in seen:
                    yield Problem(
                        key=f"{name}.routes",
                        got=route,
                        allowed=f"each route in one function only; {seen[route]} has it already",
                    )
                seen[route] = name


class Api(Model):
    """The REST API in front of the functions."""

    timeout_seconds: Annotated[int, Strict(), Field(ge=1, le=300)] = 29
    """When an integration is given up. A function's own timeout may be longer, but nobody hears it."""

    throttling_burst: Positive = 2000
    """Requests at once."""

    throttling_rate: Positive = 1000
    """Requests a second."""

    cors_origins: tuple[Origin, ...] = ()
    """Besides the system's own host name."""


class Cache(Model):
    """ElastiCache Serverless for Valkey: the most it may grow to."""

    max_storage_gb: Annotated[int, Strict(), Field(ge=1, le=5_000)] = by_environment(dev=1, prod=5)
    max_ecpu_per_second: Annotated[int, Strict(), Field(ge=1_000, le=15_000_000)] = by_environment(
        dev=1_000, prod=5_000
    )
    snapshot_retention_days: Annotated[int, Strict(), Field(ge=1, le=35)] = by_environment(dev=1, prod=7)


class Edge(Model):
    """The doors: AWS WAF at the API and the static site, Cloudflare in front."""

    rate_limit: Annotated[int, Strict(), Field(ge=100, le=2_000_000)] = 2_000
    """Requests from one address in five minutes before AWS WAF blocks it."""


class Alarms(Model):
    """When somebody is told."""

    function_error_percent: Percent = 5
    """Of invocations in five minutes."""

    duration_percent: Percent = 80
    """Of a function's timeout."""

    api_4xx_percent: Annotated[Percent, Field(alias="api4xxPercent")] = 20
    api_5xx_percent: Annotated[Percent, Field(alias="api5xxPercent")] = 1
    connections_percent: Percent = 80
    """Of the connections that the database takes at its largest capacity."""

    connection_failures: Positive = 10
    acu_percent: Percent = 90
    """Of the database's largest capacity."""


class SafeWorkSettings(ProfiledSettings):
    monthly_budget_usd: Usd = 65.0
    network: Network = section()
    domain: Domain
    app: App = section()
    functions: Functions = section()
    api: Api = section()
    api_timeout_quota: Annotated[int, Strict(), Field(ge=29, le=300)] = 29
    """The account's API Gateway integration timeout, in seconds. Raise the quota in AWS first, then here."""

    rollout: Rollout = by_environment(
        dev={"kind": "allAtOnce"}, prod={"kind": "canary", "percent": 10, "intervalMinutes": 5}
    )
    """How a new version of a function takes over."""

    database: Database = section()
    cache: Cache = section()
    edge: Edge = section()
    cutover: Cutover
    migration: Migration = by_environment(dev={"kind": "none"}, prod={"kind": "none"})
    """How the old database comes here. Back to none when it has."""

    log_retention_days: RetentionDays = by_environment(dev=7, prod=30)
    alarms: Alarms = section()

    def problems(self, context: Context) -> Iterator[Problem]:
        yield from super().problems(context)
        if self.api.timeout_seconds > self.api_timeout_quota:
            yield Problem(
                key="api.timeoutSeconds",
                got=self.api.timeout_seconds,
                allowed=f"at most {self.api_timeout_quota} unless safework.apiTimeoutQuota is raised",
            )
        if self.profile == "standard" and context.environment == "prod" and self.database.readers < 1:
            yield Problem(
                key="database.readers",
                got=self.database.readers,
                allowed="at least 1 in prod, in another zone; or choose profile: economy",
            )
        if self.database.connections == "dataApi" and self.network.nat_gateways == "none":
            yield from self._needs("rds-data", "the Data API is reached through it")
        if not isinstance(self.migration, NoMigration) and self.network.nat_gateways == "none":
            yield Problem(
                key="network.natGateways",
                got="none",
                allowed=f"single or perZone with migration.kind: {self.migration.kind}: the old database is "
                "reached through it",
            )
        if isinstance(self.cutover, Shifting):
            yield from self._break_glass(self.cutover.legacy.break_glass_hostname)

    def _needs(self, service: InterfaceEndpoint, why: str) -> Iterator[Problem]:
        if service not in self.network.interface_endpoints:
            yield Problem(
                key="network.interfaceEndpoints",
                got=list(self.network.interface_endpoints),
                allowed=f"a list with {service} while natGateways is none: {why}",
            )

    def _break_glass(self, hostname: str) -> Iterator[Problem]:
        key = "cutover.legacy.breakGlassHostname"
        if not hostname.endswith(f".{self.domain.zone.name}"):
            yield Problem(key=key, got=hostname, allowed=f"a name in the zone {self.domain.zone.name}")
        if hostname in {self.domain.hostname, self.domain.api_hostname, self.domain.static_hostname}:
            yield Problem(
                key=key,
                got=hostname,
                allowed="a name of its own: on the load balancer's name Cloudflare ignores a record",
            )
