"""Moving a PostgreSQL database into a system's own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, Strict

from settings.containers import ImageDigest
from settings.model import Context, Model, Problem, by_environment
from settings.vocabulary import Cidr, Flag, Matching, Port, Positive, RelativePath

DatabaseName = Annotated[
    str, Strict(), Matching(r"[A-Za-z_][A-Za-z0-9_$-]{0,62}", "the name of a database, such as safework")
]
SchemaName = Annotated[
    str, Strict(), Matching(r"[A-Za-z_][A-Za-z0-9_$]{0,62}", "the name of a schema, such as public")
]
CAPACITY_UNITS = (1, 2, 4, 8, 16, 32, 64, 128, 192, 256, 384)
"""That DMS Serverless offers."""


class RequireTls(Model):
    """Encrypted; whose certificate the server has goes unchecked."""

    kind: Literal["require"]


class VerifyFullTls(Model):
    """Encrypted, and the server has a certificate of this authority for the host name in the secret."""

    kind: Literal["verifyFull"]
    authority_file: RelativePath
    """The authority's certificate as PEM, in this repository. RDS's own is at
    https://truststore.pki.rds.amazonaws.com/ap-northeast-2/ap-northeast-2-bundle.pem"""

    def problems(self, context: Context) -> Iterator[Problem]:
        del context
        path = Path(self.authority_file)
        if not path.is_file() or "-----BEGIN CERTIFICATE-----" not in path.read_text(
            encoding="utf-8", errors="replace"
        ):
            yield Problem(
                key="authorityFile",
                got=self.authority_file,
                allowed="a file of this repository with a certificate as PEM",
            )


Tls = Annotated[RequireTls | VerifyFullTls, Field(discriminator="kind")]


class Source(Model):
    """The old database. Its user and password are in a secret that its owner fills."""

    cidr: Cidr
    """Where it answers, as narrow as can be, such as 221.153.20.249/32."""

    port: Port = 5_432
    database: DatabaseName


class NoMigration(Model):
    """There is nothing to move, or it has been moved."""

    kind: Literal["none"]


class TaskMigration(Model):
    """``ops migrate`` as a task in the VPC, for a move while nobody writes."""

    kind: Literal["task"]
    source: Source
    image_digest: ImageDigest
    """Of the image that ``ops/migrate/Dockerfile`` builds, in the system's repository for it."""


class DmsMigration(Model):
    """AWS DMS Serverless, for a move while people write; and the task, for the schema and the comparison."""

    kind: Literal["dms"]
    source: Source
    image_digest: ImageDigest
    """As with ``kind: task``."""

    schemas: Annotated[tuple[SchemaName, ...], Field(min_length=1, max_length=100)] = ("public",)
    source_tls: Tls
    target_tls: Tls = by_environment(dev={"kind": "require"}, prod={"kind": "require"})
    min_capacity: Annotated[int, Strict(), Field(ge=1, le=384)] = 1
    """In DMS capacity units of 2 GB: 1, 2, 4, 8, 16, 32, 64, 128, 192, 256 or 384."""

    max_capacity: Annotated[int, Strict(), Field(ge=1, le=384)] = by_environment(dev=2, prod=8)
    multi_az: Flag = by_environment(dev=False, prod=True)
    """A standby that goes on with the changes when a zone is lost."""

    lag_seconds: Positive = 300
    """How far behind the replication may be before somebody is told."""

    def problems(self, context: Context) -> Iterator[Problem]:
        del context
        for key, units in (("minCapacity", self.min_capacity), ("maxCapacity", self.max_capacity)):
            if units not in CAPACITY_UNITS:
                yield Problem(key=key, got=units, allowed=f"one of {', '.join(map(str, CAPACITY_UNITS))}")
        if self.min_capacity > self.max_capacity:
            yield Problem(
                key="minCapacity", got=self.min_capacity, allowed=f"at most maxCapacity ({self.max_capacity})"
            )


Migration = Annotated[NoMigration | TaskMigration | DmsMigration, Field(discriminator="kind")]
