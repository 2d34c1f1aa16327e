"""How long a failure lasts and how much it loses, as the planned resources have it.

Computed from what will be deployed and from AWS's documentation, not from the program's own plan: where the
two disagree, one of them is wrong.
"""

import re
from collections.abc import Iterator
from typing import Final

from policies.model import Graph, Resource
from policies.replicas import is_replica
from policies.tokens import BACKUP_PLAN, BACKUP_SELECTION, DB, DB_CLUSTER, DB_CLUSTER_INSTANCE, DYNAMODB

NEVER: Final = float("inf")

_STANDBY_MINUTES = 2.0
"""RDS fails over to a standby in 60 to 120 s (RDS user guide, failing over a Multi-AZ instance)."""

_READER_MINUTES = 1.0
"""Aurora to a reader, typically within 60 s; without one it makes a new writer within ten minutes (Aurora
user guide, high availability)."""

_NEW_WRITER_MINUTES = 10.0
_POINT_IN_TIME_MINUTES = 5.0
"""Transaction logs of RDS and the latest restorable time of DynamoDB are five minutes behind."""

_TABLE_RESTORE_MINUTES = 60.0
"""95 of 100 tables are restored within an hour (DynamoDB developer guide, restoring a table)."""

_RESTORE_MINUTES, _GB_A_MINUTE, _PEOPLE_MINUTES = 20.0, 20.0, 10.0
"""Until a restored instance answers, how fast it reads from S3 what is asked for, until someone has decided:
estimates, for AWS promises nothing."""

_SCHEDULE = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+)(?: \S+)?\)")


def objective(resource: Resource, kind: str) -> float | None:
    """Minutes declared by the resource's tag ``rto-minutes`` (or rpo), or for its system in the settings."""
    tags = resource.mapping("tags")
    tagged = tags.get(f"{kind}-minutes")
    if isinstance(tagged, str | int | float):
        try:
            return float(tagged)
        except ValueError:
            return None
    system = tags.get("system")
    if not isinstance(system, str) or system not in resource.config.recovery_objectives:
        return None
    return resource.config.recovery_objectives[system].get(f"{kind}Minutes")


def recovery_minutes(store: Resource, graph: Graph) -> Iterator[tuple[str, float]]:
    """Each failure, and the minutes until the store serves again."""
    if store.type == DYNAMODB:
        kept = loss_minutes(store, graph) < NEVER
        yield "damage", _TABLE_RESTORE_MINUTES + _PEOPLE_MINUTES if kept else NEVER
        return
    restore = _restore(store, graph)
    if store.type == DB_CLUSTER:
        members = graph.referring(store, "clusterIdentifier", DB_CLUSTER_INSTANCE)
        standby = len(members) > 1 or store.has("dbClusterInstanceClass")
        yield "zone", _READER_MINUTES if standby else _NEW_WRITER_MINUTES
    else:
        yield "zone", _STANDBY_MINUTES if store.flag("multiAz") else restore
    yield "damage", restore


def _restore(store: Resource, graph: Graph) -> float:
    if loss_minutes(store, graph) == NEVER:
        return NEVER
    gigabytes = store.number("maxAllocatedStorage") or store.number("allocatedStorage") or 0
    return _RESTORE_MINUTES + gigabytes / _GB_A_MINUTE + _PEOPLE_MINUTES


def loss_minutes(store: Resource, graph: Graph) -> float:
    """Minutes of writes that are gone after damage: up to the last log, or up to the last backup."""
    if store.type in (DB, DB_CLUSTER):
        kept = store.number("backupRetentionPeriod")
        # Aurora keeps one day where nothing is said, an instance none.
        if (1 if store.type == DB_CLUSTER else 0) if kept is None else kept:
            return _POINT_IN_TIME_MINUTES
    elif store.type == DYNAMODB and store.flag("pointInTimeRecovery.enabled"):
        return _POINT_IN_TIME_MINUTES
    return min(_backed_up(store, graph), default=NEVER)


def _backed_up(store: Resource, graph: Graph) -> Iterator[float]:
    """Minutes between backups, for each plan that a selection joins the store to."""
    for selection in graph.referring(store, "resources", BACKUP_SELECTION):
        for plan in graph.refs(selection, "planId", BACKUP_PLAN):
            yield from (interval_minutes(rule.text("schedule")) for rule in plan.blocks("rules"))


def interval_minutes(schedule: str) -> float:
    """The longest time between two runs of a cron expression of AWS Backup, on the long side."""
    parts = _SCHEDULE.fullmatch(schedule.strip())
    if not parts:
        return NEVER
    _, hours, day, _, weekday = parts.groups()
    if day not in {"*", "?"} and not day.startswith("*/1"):
        return 31 * 24 * 60.0
    if weekday not in {"*", "?"}:
        return 7 * 24 * 60.0
    return _between(hours)


def _between(hours: str) -> float:
    """Minutes of the longest gap in a cron field of hours."""
    if hours == "*":
        return 60.0
    step = re.fullmatch(r"(?:\*|\d+)/(\d+)", hours)
    if step:
        return int(step[1]) * 60.0
    listed = sorted(int(hour) for hour in hours.split(",") if hour.isdigit()) or [0]
    gaps = [later - earlier for earlier, later in zip(listed, [*listed[1:], listed[0] + 24], strict=True)]
    return max(gaps) * 60.0


def is_judged(store: Resource) -> bool:
    """A replica is not what a system recovers to a point in time: its source is."""
    return not is_replica(store)
