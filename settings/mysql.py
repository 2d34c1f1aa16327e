"""Aurora MySQL Serverless v2."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, Strict

from settings.model import Context, Model, Problem, by_environment
from settings.vocabulary import Acu, BackupDays, Matching, Positive

# 3.10 is the line with long-term support; what is older leaves standard support first, and the Data API needs
# 3.07. https://docs.aws.amazon.com/AmazonRDS/latest/AuroraMySQLReleaseNotes/AuroraMySQL.release-calendars.html
FIRST_SUPPORTED_MINOR = 10

MysqlVersion = Annotated[
    str,
    Strict(),
    Matching(
        r"8\.0(\.mysql_aurora\.3\.\d{1,2}\.\d{1,2})?",
        "'8.0', or a full version such as 8.0.mysql_aurora.3.10.0",
    ),
]


class MysqlCluster(Model):
    """Aurora MySQL Serverless v2."""

    engine_version: MysqlVersion = "8.0"
    """``8.0`` takes the newest minor version and the upgrades that follow; a full one is a floor that has to
    be raised by hand after each upgrade in the maintenance window."""

    min_acu: Acu = 0.5
    """0 lets the cluster pause, where nothing asks every five minutes."""

    max_acu: Acu = by_environment(dev=2.0, prod=16.0)
    readers: Annotated[int, Strict(), Field(ge=0, le=15)] = by_environment(dev=0, prod=1)
    backup_retention_days: BackupDays = 7
    insights: Literal["standard", "advanced"] = "standard"
    """Database Insights: standard keeps 7 days; advanced keeps 15 months and is billed."""

    expected_gb: Positive = by_environment(dev=20, prod=200)
    """What it may grow to: a restore takes longer the more there is."""

    def problems(self, context: Context) -> Iterator[Problem]:
        del context
        _, _, pinned = self.engine_version.partition("mysql_aurora.3.")
        if pinned and int(pinned.split(".")[0]) < FIRST_SUPPORTED_MINOR:
            yield Problem(
                key="engineVersion",
                got=self.engine_version,
                allowed=f"a version in standard support: 3.{FIRST_SUPPORTED_MINOR} or later",
            )
        if self.max_acu < max(self.min_acu, 1.0):
            yield Problem(
                key="maxAcu", got=self.max_acu, allowed=f"at least 1 and at least minAcu ({self.min_acu})"
            )
