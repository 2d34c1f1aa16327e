"""What AWS Backup asks of rules, retention and locks, and the choices an owner has."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

MIN_COLD_DAYS = 90
"""What has moved to cold storage stays, and is paid for, that long (Lifecycle)."""

CONTINUOUS_DAYS = (1, 35)
"""How far back a continuous backup can reach."""

_NAME = re.compile(r"[0-9A-Za-z_.-]{1,50}")
_TESTING_NAME = re.compile(r"[0-9A-Za-z_]{1,50}")
_CRON = re.compile(r"cron\(\S+ \S+ \S+ \S+ \S+ \S+\)")


@dataclass(frozen=True)
class NoLock:
    """Whoever may delete recovery points can."""


@dataclass(frozen=True, kw_only=True)
class GovernanceLock:
    """Nobody deletes before ``min_retention_days``, but a principal with the right may remove the lock."""

    min_retention_days: int
    max_retention_days: int | None = None


@dataclass(frozen=True, kw_only=True)
class ComplianceLock:
    """After ``changeable_for_days`` nobody removes the lock, root and AWS included, and the vault outlives
    every recovery point in it."""

    min_retention_days: int
    max_retention_days: int | None = None
    changeable_for_days: int = 7


VaultLock: TypeAlias = NoLock | GovernanceLock | ComplianceLock


@dataclass(frozen=True, kw_only=True)
class BackupRule:
    """When a backup is taken and how long it stays. ``schedule`` is in UTC.

    ``continuous`` keeps every change for a restore to any second, for services that can. For RDS it hands
    the instance's own retention and window to AWS Backup, so an instance that sets these itself is better
    served by snapshots here beside its own point-in-time recovery.
    """

    name: str
    schedule: str
    delete_after_days: int
    cold_storage_after_days: int | None = None
    """Cheaper and slower, for services that can; others ignore it."""
    continuous: bool = False
    start_window_minutes: int = 60
    completion_window_minutes: int = 180
    copy: bool = True
    """Whether this rule's backups go to the other region, where the plan has one."""


@dataclass(frozen=True, kw_only=True)
class TagSelection:
    """Everything that carries the tag, now and later."""

    key: str = "backup-plan"
    value: str


def check_rules(rules: Sequence[BackupRule], lock: VaultLock) -> None:
    """Raise ValueError for rules AWS Backup rejects, or whose backups a lock would refuse."""
    if not rules:
        raise ValueError("rules: got none; a plan without a rule backs nothing up: give one")
    names = [rule.name for rule in rules]
    if len(set(names)) != len(names):
        raise ValueError(f"rules: got {names}; each name once: it is the rule's identity")
    for rule in rules:
        _check_rule(rule)
        _check_against_lock(rule, lock)


def check_lock(lock: VaultLock) -> None:
    """Raise ValueError for a lock that AWS Backup rejects."""
    if isinstance(lock, NoLock):
        return
    if lock.min_retention_days < 1:
        raise ValueError(f"min_retention_days: got {lock.min_retention_days}; at least 1")
    if lock.max_retention_days is not None and lock.max_retention_days < lock.min_retention_days:
        raise ValueError(
            f"max_retention_days: got {lock.max_retention_days}; at least min_retention_days "
            f"({lock.min_retention_days})"
        )
    if isinstance(lock, ComplianceLock) and not 3 <= lock.changeable_for_days <= 36_500:
        raise ValueError(
            f"changeable_for_days: got {lock.changeable_for_days}; allowed 3 to 36500, and then never again"
        )


def check_testing_name(what: str, value: str) -> None:
    """Raise ValueError for a name that restore testing rejects."""
    if not _TESTING_NAME.fullmatch(value):
        raise ValueError(f"{what}: got {value!r}; 1 to 50 letters, digits and underscores")


def check_schedule(what: str, value: str) -> None:
    """Raise ValueError for anything but a cron expression with six fields."""
    if not _CRON.fullmatch(value):
        raise ValueError(f"{what}: got {value!r}; needs six fields in UTC, such as cron(0 19 * * ? *)")


def _check_rule(rule: BackupRule) -> None:
    if not _NAME.fullmatch(rule.name):
        raise ValueError(f"rules: got the name {rule.name!r}; 1 to 50 letters, digits, and . _ -")
    check_schedule(f"{rule.name}: schedule", rule.schedule)
    if rule.delete_after_days < 1:
        raise ValueError(f"{rule.name}: delete_after_days: got {rule.delete_after_days}; at least 1")
    cold = rule.cold_storage_after_days
    if rule.continuous:
        low, high = CONTINUOUS_DAYS
        if cold is not None or not low <= rule.delete_after_days <= high:
            raise ValueError(
                f"{rule.name}: got a continuous backup for {rule.delete_after_days} days, cold after {cold}; "
                f"continuous backups are kept {low} to {high} days, never cold: add a rule for longer ones"
            )
    elif cold is not None and rule.delete_after_days < cold + MIN_COLD_DAYS:
        raise ValueError(
            f"{rule.name}: delete_after_days: got {rule.delete_after_days}; at least {cold + MIN_COLD_DAYS}, "
            f"{MIN_COLD_DAYS} days after the move to cold storage"
        )
    if rule.start_window_minutes < 60:
        raise ValueError(f"{rule.name}: start_window_minutes: got {rule.start_window_minutes}; at least 60")
    if rule.completion_window_minutes < rule.start_window_minutes + 60:
        raise ValueError(
            f"{rule.name}: completion_window_minutes: got {rule.completion_window_minutes}; at least "
            f"{rule.start_window_minutes + 60}, an hour after the start window"
        )


def _check_against_lock(rule: BackupRule, lock: VaultLock) -> None:
    if isinstance(lock, NoLock):
        return
    if rule.delete_after_days < lock.min_retention_days:
        raise ValueError(
            f"{rule.name}: delete_after_days: got {rule.delete_after_days}; the vault's lock takes no backup "
            f"kept less than {lock.min_retention_days} days: raise it, or lower the lock"
        )
    if lock.max_retention_days is not None and rule.delete_after_days > lock.max_retention_days:
        raise ValueError(
            f"{rule.name}: delete_after_days: got {rule.delete_after_days}; the vault's lock takes no backup "
            f"kept more than {lock.max_retention_days} days: lower it, or raise the lock"
        )
