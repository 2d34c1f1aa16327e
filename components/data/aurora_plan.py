"""What the two Aurora engines differ in, and the rules of Aurora Serverless v2."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

AuroraEngine: TypeAlias = Literal["aurora-postgresql", "aurora-mysql"]

MAX_ACU = 256
"""The most a Serverless v2 instance takes, in the engine versions that are in standard support."""

AUTO_PAUSE_SECONDS = (300, 86_400)
"""From five minutes to a day (ServerlessV2ScalingConfiguration)."""

LOW_MINIMUM_ACU = 0.5
LOW_MINIMUM_MAX_CONNECTIONS = 2_000
"""Aurora PostgreSQL caps ``max_connections`` here when the minimum is 0 or 0.5 ACU."""

MAX_READERS = 15

_IDENTIFIER = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_MAX_IDENTIFIER = 57
"""63 in RDS, less the suffix of the final snapshot."""

_TIME = r"([01]\d|2[0-3]):([0-5]\d)"
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = f"({'|'.join(_DAYS)})"
_DAY_MINUTES = 24 * 60
_WEEK_MINUTES = 7 * _DAY_MINUTES

_DEFAULT_ADMINS = {"admin", "administrator", "awsuser", "master", "mysql", "postgres", "root"}
"""Names that are guessed first, and those the engines or AWS take as their default (FSBP RDS.24)."""


@dataclass(frozen=True, kw_only=True)
class EngineTraits:
    """What follows from the engine."""

    port: int
    log_exports: tuple[str, ...]
    tls_parameters: Mapping[str, str]
    base_parameters: Mapping[str, str]
    """What must be on for the exported logs to have content."""
    max_connections: tuple[tuple[float, int], ...]
    """Default ``max_connections`` by maximum ACU (Aurora Serverless v2, maximum connections)."""


TRAITS: Mapping[AuroraEngine, EngineTraits] = {
    "aurora-postgresql": EngineTraits(
        port=5432,
        log_exports=("iam-db-auth-error", "postgresql"),
        tls_parameters={"rds.force_ssl": "1"},
        base_parameters={"log_min_duration_statement": "1000"},
        max_connections=((1, 189), (4, 823), (8, 1_669), (16, 3_360), (32, 5_000)),
    ),
    "aurora-mysql": EngineTraits(
        port=3306,
        log_exports=("audit", "error", "iam-db-auth-error", "slowquery"),
        tls_parameters={"require_secure_transport": "ON"},
        base_parameters={
            "long_query_time": "1",
            "server_audit_events": "CONNECT,QUERY_DCL,QUERY_DDL",
            "server_audit_logging": "1",
            "slow_query_log": "1",
        },
        max_connections=((1, 90), (4, 135), (8, 1_000), (16, 2_000), (32, 3_000), (64, 4_000), (128, 5_000)),
    ),
}


@dataclass(frozen=True, kw_only=True)
class Placement:
    """One instance: the key is its identity, the zone is where it stands."""

    key: str
    availability_zone: str
    promotion_tier: int
    """Tiers 0 and 1 keep the writer's capacity, so that the first reader can take over at once."""


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One setting of a cluster parameter group."""

    name: str
    value: str
    apply_method: Literal["immediate", "pending-reboot"]


def placements(availability_zones: Sequence[str], *, readers: int) -> tuple[Placement, ...]:
    """The writer, then the readers, each in the next zone. More readers move no instance."""
    if not 0 <= readers <= MAX_READERS:
        raise ValueError(f"readers: got {readers}; allowed 0 to {MAX_READERS}")
    zones = len(set(availability_zones))
    if zones != len(availability_zones) or zones < 2:
        raise ValueError(
            f"availability_zones: got {list(availability_zones)}; a subnet group needs two or more, each once"
        )
    keys = ["writer", *(f"reader-{number}" for number in range(1, readers + 1))]
    return tuple(
        Placement(
            key=key,
            availability_zone=availability_zones[index % zones],
            promotion_tier=min(index, MAX_READERS),
        )
        for index, key in enumerate(keys)
    )


def parameter_family(engine: AuroraEngine, engine_version: str) -> str:
    """The parameter group family of a version: ``16.8`` gives ``aurora-postgresql16``.

    Aurora MySQL versions read ``8.0.mysql_aurora.3.10.0`` and give ``aurora-mysql8.0``.
    """
    if engine == "aurora-postgresql":
        match = re.fullmatch(r"(\d{2})(\.\d+)?", engine_version)
        form = "a major or full version such as 16 or 16.8"
    else:
        match = re.fullmatch(r"(8\.\d)(\.mysql_aurora(\.\d+){2,3})?", engine_version)
        form = "a major or full version such as 8.0 or 8.0.mysql_aurora.3.10.0"
    if match is None:
        raise ValueError(f"engine_version: got {engine_version!r}; {engine} needs {form}")
    return f"{engine}{match.group(1)}"


def parameters(engine: AuroraEngine, extra: Mapping[str, str]) -> tuple[Parameter, ...]:
    """The parameter group's content by name: ours, and ``extra``, which cannot turn TLS off."""
    traits = TRAITS[engine]
    clash = sorted(set(extra) & set(traits.tls_parameters))
    if clash:
        raise ValueError(f"parameters: got {clash}; TLS is always forced: drop them")
    # Ours are all dynamic. RDS rejects ``immediate`` for a static one, and ``extra`` may hold some.
    found = {
        name: Parameter(name=name, value=value, apply_method="immediate")
        for name, value in {**traits.base_parameters, **traits.tls_parameters}.items()
    }
    for name, value in extra.items():
        method = "immediate" if name in found else "pending-reboot"
        found[name] = Parameter(name=name, value=value, apply_method=method)
    return tuple(found[name] for name in sorted(found))


def max_connections(engine: AuroraEngine, *, min_acu: float, max_acu: float) -> int:
    """The least that ``max_connections`` can be for a capacity range, for alarm thresholds.

    Between two rows of the table the lower one counts, so a threshold is early, never late.
    """
    rows = TRAITS[engine].max_connections
    limit = max((count for acu, count in rows if acu <= max_acu), default=rows[0][1])
    if engine == "aurora-postgresql" and min_acu <= LOW_MINIMUM_ACU:
        return min(limit, LOW_MINIMUM_MAX_CONNECTIONS)
    return limit


def check_capacity(min_acu: float, max_acu: float, seconds_until_auto_pause: int | None) -> None:
    """Raise ValueError for a range that Aurora rejects, or a pause that the range excludes."""
    for what, value, least in (("min_acu", min_acu, 0.0), ("max_acu", max_acu, 1.0)):
        if not least <= value <= MAX_ACU or value * 2 != int(value * 2):
            raise ValueError(f"{what}: got {value:g}; allowed {least:g} to {MAX_ACU} in steps of 0.5")
    if min_acu > max_acu:
        raise ValueError(f"min_acu: got {min_acu:g}, above max_acu {max_acu:g}: swap or raise")
    if seconds_until_auto_pause is None:
        return
    if min_acu > 0:
        raise ValueError(
            f"seconds_until_auto_pause: got {seconds_until_auto_pause} with min_acu {min_acu:g}; "
            "only a cluster with min_acu 0 pauses: set that, or drop the pause"
        )
    low, high = AUTO_PAUSE_SECONDS
    if not low <= seconds_until_auto_pause <= high:
        raise ValueError(f"seconds_until_auto_pause: got {seconds_until_auto_pause}; allowed {low} to {high}")


def check_identifier(what: str, value: str) -> None:
    """Raise ValueError for a name that RDS rejects as an identifier."""
    if not _IDENTIFIER.fullmatch(value) or len(value) > _MAX_IDENTIFIER:
        raise ValueError(
            f"{what}: got {value!r}; lower case letters, digits and single hyphens, a letter first, "
            f"at most {_MAX_IDENTIFIER} characters"
        )


def check_master_username(value: str) -> None:
    """Raise ValueError for a default administrator name, or one the engines reject."""
    if value.lower() in _DEFAULT_ADMINS:
        raise ValueError(f"master_username: got {value!r}, which is guessed first: use the system's own name")
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,15}", value):
        raise ValueError(
            f"master_username: got {value!r}; a letter, then at most 15 letters, digits or underscores"
        )


def check_backup_retention(days: int, *, deletion_protection: bool) -> None:
    """Raise ValueError for a retention RDS rejects, or under a week for data that is protected."""
    least = 7 if deletion_protection else 1
    if not least <= days <= 35:
        raise ValueError(
            f"backup_retention_days: got {days}; allowed {least} to 35"
            + (" while deletion_protection is on" if deletion_protection else "")
        )


def check_windows(backup: str, maintenance: str) -> None:
    """Raise ValueError for windows that RDS rejects: malformed, under 30 minutes, or overlapping."""
    backup_match = re.fullmatch(rf"{_TIME}-{_TIME}", backup)
    if backup_match is None:
        raise ValueError(f"backup_window: got {backup!r}; needs hh:mm-hh:mm in UTC, such as 17:00-18:00")
    maintenance_match = re.fullmatch(rf"{_DAY}:{_TIME}-{_DAY}:{_TIME}", maintenance)
    if maintenance_match is None:
        raise ValueError(
            f"maintenance_window: got {maintenance!r}; needs ddd:hh:mm-ddd:hh:mm in UTC, "
            "such as sun:18:30-sun:19:30"
        )
    backup_start, backup_end = (_minutes(*backup_match.groups()[at : at + 2]) for at in (0, 2))
    backup_length = (backup_end - backup_start) % _DAY_MINUTES
    groups = maintenance_match.groups()
    start, end = (
        _DAYS.index(groups[at]) * _DAY_MINUTES + _minutes(*groups[at + 1 : at + 3]) for at in (0, 3)
    )
    length = (end - start) % _WEEK_MINUTES
    for what, minutes in (("backup_window", backup_length), ("maintenance_window", length)):
        if not 30 <= minutes <= _DAY_MINUTES:
            raise ValueError(f"{what}: got {minutes} minutes; allowed 30 minutes to a day")
    if _overlap(start, length, backup_start, backup_length):
        raise ValueError(f"maintenance_window: {maintenance} overlaps backup_window {backup}: move one")


def _minutes(hours: str, minutes: str) -> int:
    return int(hours) * 60 + int(minutes)


def _overlap(start: int, length: int, daily_start: int, daily_length: int) -> bool:
    """Whether a weekly window meets one that repeats every day."""
    after_daily_start = (start - daily_start) % _DAY_MINUTES
    return after_daily_start < daily_length or after_daily_start + length > _DAY_MINUTES
