"""What RDS asks of every database, cluster or instance: names, windows, retention, parameters."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

InsightsMode: TypeAlias = Literal["standard", "advanced"]

INSIGHTS_RETENTION_DAYS: Mapping[InsightsMode, int] = {"standard": 7, "advanced": 465}
"""What each mode of Database Insights keeps; RDS rejects advanced with less than 465 days."""

MONITORING_INTERVAL_SECONDS = 60
CA_CERTIFICATE = "rds-ca-rsa2048-g1"
"""The authority AWS takes by default, named so that a change of the default is a change here."""

LIFECYCLE_SUPPORT = "open-source-rds-extended-support-disabled"
"""Past standard support RDS upgrades the engine; extended support would be billed without a word."""

MONITORING_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"

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
class Parameter:
    """One setting of a parameter group."""

    name: str
    value: str
    apply_method: Literal["immediate", "pending-reboot"]


def parameters(
    tls: Mapping[str, str], base: Mapping[str, str], extra: Mapping[str, str]
) -> tuple[Parameter, ...]:
    """A parameter group's content by name: ours, and ``extra``, which cannot turn TLS off."""
    clash = sorted(set(extra) & set(tls))
    if clash:
        raise ValueError(f"parameters: got {clash}; TLS is always forced: drop them")
    # Ours are all dynamic. RDS rejects ``immediate`` for a static one, and ``extra`` may hold some.
    found = {
        name: Parameter(name=name, value=value, apply_method="immediate")
        for name, value in {**base, **tls}.items()
    }
    for name, value in extra.items():
        method = "immediate" if name in found else "pending-reboot"
        found[name] = Parameter(name=name, value=value, apply_method=method)
    return tuple(found[name] for name in sorted(found))


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
