"""RDS for PostgreSQL and for MySQL."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, Strict

from settings.model import Context, Model, Problem
from settings.vocabulary import BackupDays, EngineVersion, Flag, Matching

# In standard support. https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/
SUPPORTED_POSTGRESQL = (14, 15, 16, 17)
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/MySQL.Concepts.VersionMgmt.html
SUPPORTED_MYSQL = ("8.4",)

InstanceClass = Annotated[
    str, Strict(), Matching(r"db\.[tmr]\d[a-z]*\.[a-z0-9]+", "an instance class such as db.t3.large")
]
BackupWindow = Annotated[
    str,
    Strict(),
    Matching(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d", "a window in UTC such as 03:00-04:00"),
]
MaintenanceWindow = Annotated[
    str,
    Strict(),
    Matching(
        r"(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d-(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d",
        "a window in UTC such as mon:04:00-mon:05:00",
    ),
]
StorageGb = Annotated[int, Strict(), Field(ge=20, le=65_536)]


class Instance(Model):
    """One instance, its standby and its read replicas."""

    instance_class: InstanceClass
    allocated_storage_gb: StorageGb
    max_allocated_storage_gb: StorageGb
    """RDS adds storage by itself up to here. It never shrinks."""

    multi_az: Flag
    """A standby in another zone, which takes over by itself."""

    read_replicas: Annotated[int, Strict(), Field(ge=0, le=15)]
    backup_retention_days: BackupDays = 7
    backup_window: BackupWindow = "03:00-04:00"
    maintenance_window: MaintenanceWindow = "mon:04:00-mon:05:00"

    def problems(self, context: Context) -> Iterator[Problem]:
        del context
        if self.max_allocated_storage_gb < self.allocated_storage_gb * 1.1:
            yield Problem(
                key="maxAllocatedStorageGb",
                got=self.max_allocated_storage_gb,
                allowed=f"at least a tenth above allocatedStorageGb ({self.allocated_storage_gb})",
            )


class PostgresInstance(Instance):
    """RDS for PostgreSQL."""

    engine_version: EngineVersion = "17"
    """A major version takes the newest minor and the upgrades that follow."""

    def problems(self, context: Context) -> Iterator[Problem]:
        major = int(self.engine_version.partition(".")[0])
        if major not in SUPPORTED_POSTGRESQL:
            lines = ", ".join(map(str, SUPPORTED_POSTGRESQL))
            yield Problem(
                key="engineVersion",
                got=self.engine_version,
                allowed=f"a version in standard support: {lines}",
            )
        yield from super().problems(context)


class MysqlInstance(Instance):
    """RDS for MySQL."""

    engine_version: Annotated[
        str, Strict(), Matching(r"8\.[0-9](\.[0-9]{1,2})?", "a version such as '8.4' or '8.4.6', in quotes")
    ] = "8.4"
    """A line takes the newest minor and the upgrades that follow."""

    def problems(self, context: Context) -> Iterator[Problem]:
        if ".".join(self.engine_version.split(".")[:2]) not in SUPPORTED_MYSQL:
            yield Problem(
                key="engineVersion",
                got=self.engine_version,
                allowed=f"a version in standard support: {', '.join(SUPPORTED_MYSQL)}",
            )
        yield from super().problems(context)
