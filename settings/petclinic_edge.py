"""The parts of PetClinic's settings that describe names, doors and what is cached."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, Strict

from settings.model import Context, Model, Problem, section
from settings.vocabulary import Hostname, Matching, ZoneName

HostedZoneId = Annotated[
    str,
    Strict(),
    Matching(r"Z[A-Z0-9]{5,31}", "the id of a Route 53 hosted zone, such as Z0123456789ABCDEFGHIJ"),
]
PrefixList = Annotated[str, Strict(), Matching(r"pl-[0-9a-f]{8,17}", "the id of a managed prefix list")]
PathPattern = Annotated[
    str, Strict(), Matching(r"/[A-Za-z0-9/._*?-]*", "a path as CloudFront matches it, such as /owners*")
]
QueryKey = Annotated[str, Strict(), Matching(r"[A-Za-z0-9_.-]{1,64}", "the name of a query string's key")]
CookieName = Annotated[
    str, Strict(), Matching(r"[A-Za-z0-9_-]{1,64}", "the name of one cookie: letters, digits, - and _")
]

YEAR_SECONDS = 31_536_000
Ttl = Annotated[int, Strict(), Field(ge=0, le=YEAR_SECONDS)]


class Domain(Model):
    """A hosted zone of Route 53, and the names in it."""

    zone_id: HostedZoneId
    zone: ZoneName
    hostname: Hostname
    """What people open. It fails over."""

    primary_hostname: Hostname
    """The first region alone, by way of CloudFront: what the health check asks."""

    secondary_hostname: Hostname
    """The second region alone: what a drill asks while people are on the first."""

    api_hostname: Hostname
    """The REST API of the serverless part."""

    def problems(self, context: Context) -> Iterator[Problem]:
        del context
        names = {
            "hostname": self.hostname,
            "primaryHostname": self.primary_hostname,
            "secondaryHostname": self.secondary_hostname,
            "apiHostname": self.api_hostname,
        }
        for key, name in names.items():
            if not name.endswith(f".{self.zone}"):
                yield Problem(key=key, got=name, allowed=f"a name in the zone {self.zone}")
            if list(names.values()).count(name) > 1:
                yield Problem(key=key, got=name, allowed="a name of its own")


class Caching(Model):
    """What CloudFront keeps, and what makes two requests the same."""

    min_seconds: Ttl = 1
    default_seconds: Ttl = 86_400
    max_seconds: Ttl = YEAR_SECONDS
    query_keys: Annotated[tuple[QueryKey, ...], Field(min_length=1, max_length=10)] = ("id", "category")
    cookie: CookieName = "SESSION"
    """The essential cookie: Spring Session's. Every other is dropped at the viewer's edge."""

    uncached_paths: Annotated[tuple[PathPattern, ...], Field(min_length=1, max_length=20)] = (
        "/health",
        "/api/*",
        "/owners*",
        "/vets*",
    )
    """Asked of the application each time, with all that the viewer sent: it depends on more."""

    def problems(self, context: Context) -> Iterator[Problem]:
        del context
        if not self.min_seconds <= self.default_seconds <= self.max_seconds:
            yield Problem(
                key="defaultSeconds",
                got=self.default_seconds,
                allowed=f"from minSeconds ({self.min_seconds}) to maxSeconds ({self.max_seconds})",
            )
        if "/health" not in self.uncached_paths:
            yield Problem(
                key="uncachedPaths",
                got=list(self.uncached_paths),
                allowed="with /health: a cached answer would hide that the region is down",
            )


class Edge(Model):
    """The doors: CloudFront with AWS WAF, and a load balancer that nobody else reaches."""

    rate_limit: Annotated[int, Strict(), Field(ge=100, le=2_000_000)] = 2_000
    """Requests from one address in five minutes before AWS WAF blocks it."""

    cloudfront_prefix_list: PrefixList = "pl-22a6434b"
    """CloudFront's addresses in ap-northeast-2, kept by AWS (com.amazonaws.global.cloudfront.origin-facing,
    2026-08). Another region has another id: ``aws ec2 describe-managed-prefix-lists``."""

    caching: Caching = section()
