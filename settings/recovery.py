"""What may be lost, and what is kept against it."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import Field, Strict

from settings import recovery_plan
from settings.model import Context, Model, Problem, by_environment, section
from settings.recovery_plan import Objectives, Pace, Store
from settings.vocabulary import Flag, Region

TargetMinutes = Annotated[int, Strict(), Field(ge=0, le=10_080)]
KeepDays = Annotated[int, Strict(), Field(ge=1, le=3_650)]


class RegionTargets(Model):
    """What the loss of the whole region may cost."""

    rto_minutes: TargetMinutes
    rpo_minutes: TargetMinutes


class RestorePace(Model):
    """How fast a restore is reckoned to go. Replace these estimates by what the monthly drill reports."""

    start_minutes: TargetMinutes = 20
    """Until a restored database answers."""

    gb_per_minute: Annotated[int, Strict(), Field(ge=1, le=10_000)] = 20
    people_minutes: TargetMinutes = 10
    """Until somebody has decided, and pointed the application at the copy."""

    rebuild_minutes: TargetMinutes = 60
    """Until the stack stands in another region."""

    def pace(self) -> Pace:
        return Pace(
            start_minutes=self.start_minutes,
            gb_per_minute=self.gb_per_minute,
            people_minutes=self.people_minutes,
            rebuild_minutes=self.rebuild_minutes,
        )


class NoCopies(Model):
    """Backups stay in the region."""

    kind: Literal["none"]


class RegionCopies(Model):
    """Backups are copied to a vault in another region."""

    kind: Literal["copies"]
    region: Region
    keep_days: KeepDays = 14

    def problems(self, context: Context) -> Iterator[Problem]:
        if self.region == context.region:
            yield Problem(key="region", got=self.region, allowed="another region than the stack's")


class NoLock(Model):
    """Whoever may delete backups can."""

    kind: Literal["none"]


class GovernanceLock(Model):
    """Nobody deletes early, unless they may first remove the lock."""

    kind: Literal["governance"]
    min_keep_days: KeepDays = 7


class ComplianceLock(Model):
    """Nobody deletes early, and after the days of grace nobody removes the lock, ever."""

    kind: Literal["compliance"]
    min_keep_days: KeepDays = 7
    grace_days: Annotated[int, Strict(), Field(ge=3, le=36_500)] = 7


Copies = Annotated[NoCopies | RegionCopies, Field(discriminator="kind")]
Lock = Annotated[NoLock | GovernanceLock | ComplianceLock, Field(discriminator="kind")]


class Recovery(Model):
    """Declared targets, checked against what the other settings give, and the backups in a vault."""

    rto_minutes: TargetMinutes = 60
    """Until the system serves again after a zone is lost or data is damaged."""

    rpo_minutes: TargetMinutes = 15
    """Of writes that may be gone."""

    region: RegionTargets | None = None
    """Where even the loss of the region must be survived."""

    pace: RestorePace = section()
    keep_days: KeepDays = by_environment(dev=7, prod=35)
    copies: Copies = by_environment(dev={"kind": "none"}, prod={"kind": "none"})
    lock: Lock = by_environment(dev={"kind": "none"}, prod={"kind": "none"})
    restore_test: Flag = by_environment(dev=False, prod=True)
    """Whether the newest backup is restored every month to prove that it can be."""

    def problems(self, context: Context) -> Iterator[Problem]:
        del context
        if not isinstance(self.lock, NoLock):
            kept = {"keepDays": self.keep_days}
            if isinstance(self.copies, RegionCopies):
                kept["copies.keepDays"] = self.copies.keep_days
            for key, days in kept.items():
                if days < self.lock.min_keep_days:
                    yield Problem(
                        key=key,
                        got=days,
                        allowed=f"at least lock.minKeepDays ({self.lock.min_keep_days}): the vault takes no "
                        "backup that is kept for less",
                    )

    def objectives(self) -> Objectives:
        return Objectives(
            rto_minutes=self.rto_minutes,
            rpo_minutes=self.rpo_minutes,
            region_rto_minutes=self.region.rto_minutes if self.region else None,
            region_rpo_minutes=self.region.rpo_minutes if self.region else None,
        )

    def misses(self, stores: Sequence[Store], *, key: str = "recovery") -> Iterator[Problem]:
        """For the system's own ``problems``: each setting that misses a target declared here."""
        yield from recovery_plan.check(stores, self.objectives(), self.pace.pace(), key=key)
