"""ElastiCache Serverless for Valkey."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_aws import elasticache

from components import protection
from components.data import cache_access
from components.data.cache_access import CacheEngine
from components.network.security_group import SecurityGroup, SecurityGroupArgs
from components.protocols import HasSecurityGroup

ENGINE: CacheEngine = "valkey"
MAJOR_ENGINE_VERSION = "8"

PORTS = (6379, 6380)
"""Reads and writes, then the endpoint that prefers a replica in the caller's zone. Both are fixed by AWS."""


@dataclass(frozen=True, kw_only=True)
class CacheServerlessArgs:
    """One cache and the one user that may log in."""

    cache_name: str
    """The physical name, unique in the account and region. A client signs it into its login token."""
    user_id: str
    """The application's user, its id and its name, unique in the account and region."""
    key_pattern: str = "*"
    """The keys that the user may touch (``session:*``)."""
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    """Two or three, each in another zone."""
    clients: Mapping[str, HasSecurityGroup] = field(default_factory=dict[str, HasSecurityGroup])
    """Who may connect, by a stable key. ``allow_from`` adds later ones."""
    kms_key_arn: pulumi.Input[str]
    max_data_storage_gb: int
    """The bill's limit: past it keys with a lifetime are evicted."""
    max_ecpu_per_second: int
    """The bill's limit: past it commands are throttled."""
    snapshot_retention_days: int = 7
    daily_snapshot_time: str = "17:00"
    """UTC; 02:00 in Seoul."""
    deletion_protection: bool = True
    """The engine's protection. The service has no flag of its own for serverless caches."""

    def __post_init__(self) -> None:
        cache_access.check_name("cache_name", self.cache_name)
        cache_access.check_user_id(self.user_id)
        _check_range("max_data_storage_gb", self.max_data_storage_gb, 1, 5_000)
        _check_range("max_ecpu_per_second", self.max_ecpu_per_second, 1_000, 15_000_000)
        _check_range("snapshot_retention_days", self.snapshot_retention_days, 1, 35)
        if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", self.daily_snapshot_time):
            raise ValueError(
                f"daily_snapshot_time: got {self.daily_snapshot_time!r}; needs hh:mm in UTC, such as 17:00"
            )
        if not 2 <= len(self.subnet_ids) <= 3:
            raise ValueError(f"subnet_ids: got {len(self.subnet_ids)}; a serverless cache takes two or three")


class CacheServerless(pulumi.ComponentResource):
    """A Valkey cache with TLS (always on), our key at rest, and one user that logs in by IAM token.

    Its group holds that user alone. A Valkey group, unlike a Redis one, needs no user named ``default``, and
    refuses users without authentication, so no login means no command. The user may run everything but the
    administrative and dangerous categories (``FLUSHALL``, ``KEYS``, ``CONFIG``); ``CLUSTER SLOTS`` and the
    like stay, because clients of a serverless cache need them.

    Left out: passwords (IAM tokens need none and expire in 15 minutes) and pub/sub channels (no system uses
    them, and they are closed unless granted).
    """

    cache: elasticache.ServerlessCache
    endpoint: pulumi.Output[str]
    reader_endpoint: pulumi.Output[str]
    port: pulumi.Output[int]
    arn: pulumi.Output[str]
    cache_name: pulumi.Output[str]
    user_id: pulumi.Output[str]
    user_arn: pulumi.Output[str]
    """With ``arn``, what ``elasticache:Connect`` names."""
    security_group: SecurityGroup
    security_group_id: pulumi.Output[str]

    def __init__(
        self, name: str, args: CacheServerlessArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("platform:data:CacheServerless", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)

        self.security_group = self._build_security_group()
        self.security_group_id = self.security_group.security_group_id
        for key, peer in args.clients.items():
            self.allow_from(key, peer)
        user = self._build_user()
        self.cache = self._build_cache(self._build_user_group(user))

        self.endpoint = self.cache.endpoints[0].address
        self.reader_endpoint = self.cache.reader_endpoints[0].address
        self.port = self.cache.endpoints[0].port
        self.arn = self.cache.arn
        self.cache_name = self.cache.name
        self.user_id = user.user_id
        self.user_arn = user.arn
        self.register_outputs(
            {
                "endpoint": self.endpoint,
                "readerEndpoint": self.reader_endpoint,
                "port": self.port,
                "arn": self.arn,
                "cacheName": self.cache_name,
                "userId": self.user_id,
                "userArn": self.user_arn,
                "securityGroupId": self.security_group_id,
            }
        )

    def allow_from(self, key: str, peer: HasSecurityGroup) -> None:
        """Let one more client connect. ``key`` is the rule's identity among the clients."""
        self.security_group.allow_from(peer, PORTS, f"from {key}")

    def _build_security_group(self) -> SecurityGroup:
        return SecurityGroup(
            f"{self._name}-access",
            SecurityGroupArgs(
                vpc_id=self._args.vpc_id, description=f"Serverless cache {self._args.cache_name}"
            ),
            opts=self._child,
        )

    def _build_user(self) -> elasticache.User:
        return cache_access.iam_user(
            self,
            self._name,
            engine=ENGINE,
            user_id=self._args.user_id,
            key_pattern=self._args.key_pattern,
        )

    def _build_user_group(self, user: elasticache.User) -> elasticache.UserGroup:
        return cache_access.user_group(
            self, self._name, engine=ENGINE, group_id=self._args.cache_name, user=user
        )

    def _build_cache(self, user_group: elasticache.UserGroup) -> elasticache.ServerlessCache:
        args = self._args
        return elasticache.ServerlessCache(
            f"{self._name}-cache",
            name=args.cache_name,
            description=f"Serverless cache of {self._name}",
            engine=ENGINE,
            major_engine_version=MAJOR_ENGINE_VERSION,
            kms_key_id=args.kms_key_arn,
            subnet_ids=args.subnet_ids,
            security_group_ids=[self.security_group_id],
            user_group_id=user_group.user_group_id,
            snapshot_retention_limit=args.snapshot_retention_days,
            daily_snapshot_time=args.daily_snapshot_time,
            cache_usage_limits=elasticache.ServerlessCacheCacheUsageLimitsArgs(
                data_storage=elasticache.ServerlessCacheCacheUsageLimitsDataStorageArgs(
                    maximum=args.max_data_storage_gb, unit="GB"
                ),
                ecpu_per_seconds=[
                    elasticache.ServerlessCacheCacheUsageLimitsEcpuPerSecondArgs(
                        maximum=args.max_ecpu_per_second
                    )
                ],
            ),
            opts=protection.stateful(self, protected=args.deletion_protection, delete_before_replace=True),
        )


def _check_range(what: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise ValueError(f"{what}: got {value}; allowed {low} to {high}")
