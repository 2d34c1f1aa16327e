"""Aurora PostgreSQL Serverless v2."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, Strict

from settings.model import Context, Model, Problem, by_environment, by_profile
from settings.vocabulary import Acu, BackupDays, EngineVersion

# Aurora PostgreSQL in standard support, and the first minor version of each that can pause at 0 ACU.
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2-auto-pause.html
SUPPORTED_POSTGRESQL = {15: 7, 16: 3, 17: 4}


class Database(Model):
    """Aurora PostgreSQL Serverless v2."""

    engine_version: EngineVersion = "17"
    """A major version takes the newest minor and the upgrades that follow; a minor version (17.6) is a floor
    that has to be raised by hand after each upgrade in the maintenance window."""

    min_acu: Acu = by_profile(standard=0.5, economy=0.0)
    """0 lets the cluster pause."""

    max_acu: Acu = by_environment(dev=1.0, prod=4.0)
    auto_pause_seconds: Annotated[int, Strict(), Field(ge=300, le=86_400)] | None = None
    """Idle time before a pause; 300 when not given. Only with minAcu 0."""

    readers: Annotated[int, Strict(), Field(ge=0, le=15)] = by_profile(standard=1, economy=0)
    connections: Literal["proxy", "dataApi"] = by_profile(standard="proxy", economy="dataApi")
    """How the functions reach the database: pooled by RDS Proxy, or over HTTPS by the Data API."""

    backup_retention_days: BackupDays = 7
    insights: Literal["standard", "advanced"] = "standard"
    """Database Insights: standard keeps 7 days; advanced keeps 15 months and is billed."""

    def problems(self, context: Context) -> Iterator[Problem]:
        del context
        major, _, given_minor = self.engine_version.partition(".")
        line, minor = int(major), int(given_minor or 999)
        if minor < SUPPORTED_POSTGRESQL.get(line, 1_000):
            least = ", ".join(f"{each}.{first}" for each, first in SUPPORTED_POSTGRESQL.items())
            yield Problem(
                key="engineVersion",
                got=self.engine_version,
                allowed=f"a version in standard support, at or above {least} within its line",
            )
        if self.max_acu < max(self.min_acu, 1.0):
            yield Problem(
                key="maxAcu", got=self.max_acu, allowed=f"at least 1 and at least minAcu ({self.min_acu})"
            )
        if self.auto_pause_seconds is not None and self.min_acu > 0:
            yield Problem(
                key="autoPauseSeconds",
                got=self.auto_pause_seconds,
                allowed="only with minAcu: 0; remove it or lower minAcu",
            )
        if self.min_acu == 0 and self.connections == "proxy":
            yield Problem(
                key="minAcu",
                got=self.min_acu,
                allowed="at least 0.5 with connections: proxy, whose open connections prevent a pause",
            )
