"""How long a failure lasts and how much it loses, computed from what is deployed.

Three failures count: a zone goes, data is damaged (a bad migration, a deletion), a region goes. For each the
planner says how many minutes until the store serves again, how many minutes of writes are gone, and which
setting decided that.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from settings.model import Problem

Failure: TypeAlias = Literal["zone", "damage", "region"]

RDS_FAILOVER_MINUTES = 2.0
"""To the standby, typically 60 to 120 s (RDS user guide, failing over a Multi-AZ DB instance)."""

AURORA_FAILOVER_MINUTES = 1.0
"""To a reader, typically under 60 s (Aurora user guide, high availability)."""

AURORA_NEW_WRITER_MINUTES = 10.0
"""Without a reader Aurora makes a new writer, typically within ten minutes (the same page)."""

LOG_INTERVAL_MINUTES = 5.0
"""RDS uploads transaction logs every five minutes; what came later cannot be restored (restoring to a
specified time). DynamoDB's latest restorable time is five minutes ago as well."""

TABLE_RESTORE_MINUTES = 60.0
"""DynamoDB restores 95 in 100 tables within an hour, whatever their size (restoring a table)."""

PROMOTION_MINUTES = 10.0
"""A read replica is promoted in several minutes, reboot included (working with read replicas); an estimate
on the long side, since AWS gives no figure."""

_DECLARE_MORE = "more minutes declared"


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How fast a restore goes. AWS promises nothing; the drill's reports replace these estimates."""

    start_minutes: float = 20
    """Until a restored instance answers."""
    gb_per_minute: float = 20
    """How fast it reads what the application asks for, at first from S3."""
    people_minutes: float = 10
    """Until somebody has decided and pointed the application at the copy."""
    rebuild_minutes: float = 60
    """Until the stack stands in another region."""

    def restore(self, storage_gb: float) -> float:
        """Minutes to bring a database of that size back."""
        return self.start_minutes + storage_gb / self.gb_per_minute + self.people_minutes


@dataclass(frozen=True)
class NoCover:
    """Nothing leaves the region."""


@dataclass(frozen=True, kw_only=True)
class BackupCover:
    """Backups are copied to another region ``every_hours`` and take up to ``copy_hours`` to arrive."""

    every_hours: float
    copy_hours: float = 3


@dataclass(frozen=True, kw_only=True)
class ReplicaCover:
    """A replica in another region, whose alarm fires at ``lag_seconds``."""

    lag_seconds: float


Cover: TypeAlias = NoCover | BackupCover | ReplicaCover


@dataclass(frozen=True, kw_only=True)
class RdsStore:
    """``key`` is where the settings have it, such as ``database``."""

    key: str
    storage_gb: float
    """What it may have grown to."""
    multi_az: bool
    read_replicas: int = 0
    replica_lag_seconds: float = 60
    """At which the alarm fires: what a promoted replica may lack."""
    cover: Cover = NoCover()


@dataclass(frozen=True, kw_only=True)
class AuroraStore:
    """Storage spans three zones whatever the number of readers."""

    key: str
    storage_gb: float
    readers: int
    cover: Cover = NoCover()


@dataclass(frozen=True, kw_only=True)
class TableStore:
    """A DynamoDB table. ``backup_hours`` is how often it is backed up besides."""

    key: str
    point_in_time: bool
    backup_hours: float = 24
    cover: Cover = NoCover()


Store: TypeAlias = RdsStore | AuroraStore | TableStore


@dataclass(frozen=True, kw_only=True)
class Objectives:
    """What was declared, in minutes; ``region_*`` where the loss of a region is to be survived too."""

    rto_minutes: float
    rpo_minutes: float
    region_rto_minutes: float | None = None
    region_rpo_minutes: float | None = None


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Minutes, None where nothing makes the loss good, and the setting that decides them."""

    minutes: float | None
    why: str
    setting: str
    got: object
    mend: str
    """The value that would cost less."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What one failure costs one store: until it serves again, and in writes that are gone."""

    store: str
    failure: Failure
    rto: Cost
    rpo: Cost


def estimates(store: Store, pace: Pace) -> tuple[Estimate, ...]:
    """What each failure costs. A table loses nothing with a zone."""
    match store:
        case RdsStore():
            restore = pace.restore(store.storage_gb)
            return (_rds_zone(store, pace), _damage(store, pace), _region(store, restore, pace))
        case AuroraStore():
            restore = pace.restore(store.storage_gb)
            return (_aurora_zone(store), _damage(store, pace), _region(store, restore, pace))
        case TableStore():
            restore = TABLE_RESTORE_MINUTES + pace.people_minutes
            return (_table_damage(store, restore), _region(store, restore, pace))


def check(stores: Sequence[Store], objectives: Objectives, pace: Pace, *, key: str) -> Iterator[Problem]:
    """Each setting that misses a target. ``key`` is where the objectives stand, such as ``recovery``."""
    for store in stores:
        for each in estimates(store, pace):
            rto, rpo = _targets(objectives, each.failure)
            place = f"{key}.region" if each.failure == "region" else key
            yield from _miss(each.rto, rto, each.failure, f"{place}.rtoMinutes")
            yield from _miss(each.rpo, rpo, each.failure, f"{place}.rpoMinutes")


def worst(stores: Sequence[Store], pace: Pace, failure: Failure) -> tuple[float | None, float | None]:
    """The longest RTO and RPO over the stores, None where one of them does not survive."""
    found = [each for store in stores for each in estimates(store, pace) if each.failure == failure]
    return _longest([each.rto for each in found]), _longest([each.rpo for each in found])


def _longest(costs: Sequence[Cost]) -> float | None:
    minutes = [cost.minutes for cost in costs if cost.minutes is not None]
    return max(minutes, default=0.0) if len(minutes) == len(costs) else None


def _targets(objectives: Objectives, failure: Failure) -> tuple[float | None, float | None]:
    if failure == "region":
        return objectives.region_rto_minutes, objectives.region_rpo_minutes
    return objectives.rto_minutes, objectives.rpo_minutes


_FAILURES: Mapping[Failure, str] = {
    "zone": "losing a zone",
    "damage": "damaged data",
    "region": "losing the region",
}


def _miss(cost: Cost, limit: float | None, failure: Failure, target: str) -> Iterator[Problem]:
    if limit is None or (cost.minutes is not None and cost.minutes <= limit):
        return
    lost = "is never made good" if cost.minutes is None else f"costs {cost.minutes:g} minutes"
    yield Problem(
        key=cost.setting,
        got=cost.got,
        allowed=f"{cost.mend}: {_FAILURES[failure]} {lost} ({cost.why}), and {target} is {limit:g}",
    )


def _rds_zone(store: RdsStore, pace: Pace) -> Estimate:
    lag = store.replica_lag_seconds / 60
    if store.multi_az:
        rto, rpo, why = RDS_FAILOVER_MINUTES, 0.0, "RDS fails over to the standby in 60 to 120 s"
    elif store.read_replicas:
        rto, rpo = PROMOTION_MINUTES + pace.people_minutes, lag
        why = f"somebody promotes a replica that may be {lag:g} minutes behind"
    else:
        rto, rpo = pace.restore(store.storage_gb), LOG_INTERVAL_MINUTES
        why = f"a restore of {store.storage_gb:g} GB, up to the last log"
    mend = _DECLARE_MORE if store.multi_az else "true"

    def cost(minutes: float) -> Cost:
        return Cost(minutes=minutes, why=why, setting=f"{store.key}.multiAz", got=store.multi_az, mend=mend)

    return Estimate(store=store.key, failure="zone", rto=cost(rto), rpo=cost(rpo))


def _aurora_zone(store: AuroraStore) -> Estimate:
    minutes = AURORA_FAILOVER_MINUTES if store.readers else AURORA_NEW_WRITER_MINUTES
    why = "a reader takes over within a minute" if store.readers else "Aurora makes a new writer"
    mend = _DECLARE_MORE if store.readers else "1 or more"

    def cost(found: float) -> Cost:
        return Cost(minutes=found, why=why, setting=f"{store.key}.readers", got=store.readers, mend=mend)

    return Estimate(store=store.key, failure="zone", rto=cost(minutes), rpo=cost(0))


def _damage(store: RdsStore | AuroraStore, pace: Pace) -> Estimate:
    size, rds = store.storage_gb, isinstance(store, RdsStore)
    rto = Cost(
        minutes=pace.restore(size),
        why=f"{pace.start_minutes:g} to start, {size / pace.gb_per_minute:g} for {size:g} GB, "
        f"{pace.people_minutes:g} for people",
        setting=f"{store.key}.maxAllocatedStorageGb" if rds else store.key,
        got=size,
        mend=f"a smaller database, a pace that a drill has shown, or {_DECLARE_MORE}",
    )
    rpo = Cost(
        minutes=LOG_INTERVAL_MINUTES,
        why="logs are kept every five minutes",
        setting=store.key,
        got=f"point-in-time recovery, {LOG_INTERVAL_MINUTES:g} minutes behind",
        mend=_DECLARE_MORE,
    )
    return Estimate(store=store.key, failure="damage", rto=rto, rpo=rpo)


def _table_damage(store: TableStore, restore: float) -> Estimate:
    exact = store.point_in_time
    rto = Cost(
        minutes=restore,
        why="DynamoDB restores most tables within an hour",
        setting=store.key,
        got="a restore to a new table",
        mend=_DECLARE_MORE,
    )
    rpo = Cost(
        minutes=LOG_INTERVAL_MINUTES if exact else store.backup_hours * 60,
        why="to five minutes ago" if exact else f"to a backup, made every {store.backup_hours:g} hours",
        setting=f"{store.key}.pointInTime",
        got=exact,
        mend=_DECLARE_MORE if exact else "true",
    )
    return Estimate(store=store.key, failure="damage", rto=rto, rpo=rpo)


def _region(store: Store, restore: float, pace: Pace) -> Estimate:
    rto: float | None
    rpo: float | None
    match store.cover:
        case NoCover():
            rto, rpo, why, got = None, None, "nothing leaves the region", "none"
        case BackupCover(every_hours=every, copy_hours=copy):
            rto, rpo = pace.rebuild_minutes + restore, (every + copy) * 60
            why, got = f"a backup every {every:g} hours, {copy:g} hours under way", "backups"
        case ReplicaCover(lag_seconds=lag):
            rto, rpo = PROMOTION_MINUTES + pace.people_minutes, lag / 60
            why, got = f"a replica there, {lag:g} s behind before its alarm", "replica"
    mend = {"none": "backups or replica", "backups": "replica"}.get(got, _DECLARE_MORE)

    def cost(minutes: float | None) -> Cost:
        return Cost(minutes=minutes, why=why, setting=f"{store.key}.cover", got=got, mend=mend)

    return Estimate(store=store.key, failure="region", rto=cost(rto), rpo=cost(rpo))
