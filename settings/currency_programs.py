"""Currency Travel's programs: three services behind an API, the job that feeds them, and the consumers."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, Strict

from settings.containers import FARGATE_SIZES, ContainerUser, CpuUnits, ImageDigest
from settings.model import Context, Model, Problem, by_environment, section
from settings.vocabulary import Count, Flag, Matching, MemoryMb, Origin, Positive, RoutePath, no_flag

ClientName = Annotated[
    str, Strict(), Matching(r"[a-z]([a-z0-9-]{0,29}[a-z0-9])?", "a client's name, such as web or partner-one")
]

NodeType = Annotated[
    str, Strict(), Matching(r"(t4g|m6g|m7g|c7g)\.[a-z0-9]+", "a Graviton type, such as t4g.medium")
]
RoleName = Annotated[
    str,
    Strict(),
    Matching(r"[A-Za-z0-9+=,.@_/-]{1,128}", "the name of an IAM role, with its path if it has one"),
]
Word = Annotated[
    str, Strict(), Matching(r"\S{1,256}", "one word of a command, such as consumers.rates.handler")
]
Command = Annotated[tuple[Word, ...], Field(min_length=1)]


class Service(Model):
    """One function behind the API: FastAPI in a container image."""

    image_digest: ImageDigest
    """The release, as ``aws ecr describe-images`` names it. A tag can change under a running service."""

    route: RoutePath
    """What it answers: a path and all below it, such as /currency/*."""

    memory_mb: MemoryMb = 1_024
    timeout_seconds: Annotated[int, Strict(), Field(ge=1, le=29)] = 15
    """The API gives up after 29 s."""

    provisioned_concurrency: Count = 0
    """Environments kept warm. A cold start of an image takes seconds."""

    def problems(self, context: Context) -> Iterator[Problem]:
        del context
        if not self.route.endswith("/*") or self.route == "/*":
            yield Problem(key="route", got=self.route, allowed="a tree of its own, such as /currency/*")


class Services(Model):
    currency: Service = section(route="/currency/*")
    ranking: Service = section(route="/ranking/*")
    history: Service = section(route="/history/*")

    def by_name(self) -> dict[str, Service]:
        return {"currency": self.currency, "ranking": self.ranking, "history": self.history}

    def problems(self, context: Context) -> Iterator[Problem]:
        del context
        taken: dict[str, str] = {}
        for name, service in self.by_name().items():
            if service.route in taken:
                yield Problem(
                    key=f"{name}.route",
                    got=service.route,
                    allowed=f"a route of its own, unlike {taken[service.route]}.route",
                )
            taken[service.route] = name


class Api(Model):
    """The REST API: clients show a key, and their plan says how much each may ask."""

    clients: Annotated[tuple[ClientName, ...], Field(min_length=1, max_length=50)] = ("web",)
    """Each gets a key of its own. Taking a name away takes its key away."""

    client_rate: Positive = 50
    """Requests a second of one client."""

    client_burst: Positive = 100
    """Requests at once of one client."""

    client_monthly_requests: Annotated[int, Strict(), Field(ge=1, le=1_000_000_000)] = 10_000_000
    throttling_rate: Positive = 500
    """Requests a second, all clients together."""

    throttling_burst: Positive = 1_000
    cors_origins: tuple[Origin, ...] = ()
    """Besides the host name of the static files."""

    rate_limit: Annotated[int, Strict(), Field(ge=100, le=2_000_000)] = 1_000
    """Requests from one address in five minutes before AWS WAF blocks it."""

    def problems(self, context: Context) -> Iterator[Problem]:
        del context
        if len(set(self.clients)) != len(self.clients):
            yield Problem(key="clients", got=list(self.clients), allowed="each client once")
        for key, one, every in (
            ("clientRate", self.client_rate, self.throttling_rate),
            ("clientBurst", self.client_burst, self.throttling_burst),
        ):
            if one > every:
                limit = key.replace("client", "throttling")
                yield Problem(
                    key=key, got=one, allowed=f"at most {limit} ({every}), which holds for everyone"
                )


class Ingestion(Model):
    """The job that reads exchange rates and sends them to Kafka."""

    image_digest: ImageDigest
    every_minutes: Annotated[Literal[1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30], BeforeValidator(no_flag)] = 5
    deadline_seconds: Annotated[int, Strict(), Field(ge=10, le=1_800)] = 240
    """When a run is given up: before the next one starts."""

    cpu_units: CpuUnits = 256
    """1024 are one vCPU."""

    memory_mb: Annotated[int, Strict(), Field(ge=512, le=30_720)] = 512
    user: ContainerUser = "1000:1000"

    def problems(self, context: Context) -> Iterator[Problem]:
        del context
        if self.deadline_seconds >= self.every_minutes * 60:
            yield Problem(
                key="deadlineSeconds",
                got=self.deadline_seconds,
                allowed=f"less than everyMinutes ({self.every_minutes * 60} s): two runs never overlap",
            )
        if self.memory_mb not in FARGATE_SIZES[self.cpu_units]:
            sizes = FARGATE_SIZES[self.cpu_units]
            yield Problem(
                key="memoryMb",
                got=self.memory_mb,
                allowed=f"{sizes[0]} to {sizes[-1]} in Fargate's steps with {self.cpu_units} CPU units",
            )


class Kubernetes(Model):
    """The cluster of the ingestor, where ``ingestor`` is ``eks``."""

    version: Literal["1.35"] = "1.35"
    """In standard support until 2027-03-27 (EKS release calendar, 2026-05). A cluster moves up one at a
    time."""

    node_type: NodeType = "t4g.medium"
    min_nodes: Annotated[int, Strict(), Field(ge=1, le=10)] = 2
    """Each in another zone, so that a zone can go."""

    max_nodes: Annotated[int, Strict(), Field(ge=1, le=10)] = 3
    deletion_protection: Flag = by_environment(dev=False, prod=True)
    """EKS refuses to delete the cluster. Turn it off in a deployment before ``ingestor`` changes."""

    deployer_role: RoleName = "platform-deployer"
    """The IAM role that runs ``pulumi up``, from inside the VPC: the cluster's API has no public address."""

    def problems(self, context: Context) -> Iterator[Problem]:
        del context
        if self.min_nodes > self.max_nodes:
            yield Problem(key="minNodes", got=self.min_nodes, allowed=f"at most maxNodes ({self.max_nodes})")


class Consumers(Model):
    """What reads Kafka and the queue: functions of the services' own images, with another command."""

    rates_command: Command = ("consumers.rates.handler",)
    """In the currency service's image: keeps the newest rates in the cache."""

    archive_command: Command = ("consumers.archive.handler",)
    """In the history service's image: stores every rate."""

    calculator_command: Command = ("consumers.rankings.handler",)
    """In the ranking service's image: calculates a ranking."""

    batch_size: Annotated[int, Strict(), Field(ge=1, le=10_000)] = 100
    """Messages of Kafka in one call."""

    calculations: Annotated[int, Strict(), Field(ge=2, le=1_000)] = by_environment(dev=2, prod=5)
    """Rankings calculated at once."""

    timeout_seconds: Annotated[int, Strict(), Field(ge=1, le=900)] = 60
    memory_mb: MemoryMb = 1_024
    max_receives: Annotated[int, Strict(), Field(ge=1, le=100)] = 3
    """Tries before a message waits in the dead-letter queue."""
