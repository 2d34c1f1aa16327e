"""What keeps a resource from being lost by mistake. Lifting it is the step before the loss."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""The engine's mark for a value that is not known before the update."""


@dataclass(frozen=True)
class Lock:
    """A property of a service that guards the resource itself.

    ``path`` is the property in the program's inputs, nested by dots. ``weakens`` tells of two values whether
    the second guards less; an absent value is None.
    """

    path: str
    weakens: Callable[[Any, Any], bool]
    why: str


def _switched_off(before: Any, after: Any) -> bool:
    return before is True and after is not True


def _disabled(before: Any, after: Any) -> bool:
    """For a switch that is on where it is absent."""
    return before is not False and after is False


def _switched_on(before: Any, after: Any) -> bool:
    return before is not True and after is True


def _lowered(before: Any, after: Any) -> bool:
    """Absent means the service's default, which this cannot know: only figures are compared."""
    return _is_number(before) and (after is None or (_is_number(after) and after < before))


def _shortened(before: Any, after: Any) -> bool:
    """As lowered, for log retention, where absent and 0 mean for ever."""
    return bool(after) and _is_number(after) and (not before or after < before)


def _left(value: str) -> Callable[[Any, Any], bool]:
    return lambda before, after: before == value and after != value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_DELETION = "the service no longer refuses its deletion"
_EMPTIED = "its deletion no longer stops at what is in it"

_DATABASE = (
    Lock("deletionProtection", _switched_off, _DELETION),
    Lock("skipFinalSnapshot", _switched_on, "its deletion leaves no final snapshot"),
    Lock("deleteAutomatedBackups", _switched_on, "its deletion takes the automated backups along"),
    Lock("backupRetentionPeriod", _lowered, "older automated backups are deleted"),
)
_CACHE = (Lock("snapshotRetentionLimit", _lowered, "older snapshots are deleted"),)

LOCKS: Mapping[str, Sequence[Lock]] = {
    "aws:backup/vault:Vault": (Lock("forceDestroy", _switched_on, _EMPTIED),),
    "aws:cfg/recorderStatus:RecorderStatus": (
        Lock("isEnabled", _switched_off, "changes to the account are no longer recorded"),
    ),
    "aws:cloudtrail/trail:Trail": (
        Lock("enableLogging", _disabled, "calls to the account are no longer recorded"),
    ),
    "aws:cloudwatch/logGroup:LogGroup": (
        Lock("retentionInDays", _shortened, "older log events are deleted"),
        Lock("skipDestroy", _switched_off, "its deletion takes the log events along"),
    ),
    "aws:cognito/userPool:UserPool": (Lock("deletionProtection", _left("ACTIVE"), _DELETION),),
    "aws:dynamodb/table:Table": (
        Lock("deletionProtectionEnabled", _switched_off, _DELETION),
        Lock("pointInTimeRecovery.enabled", _switched_off, "the continuous backup of 35 days is deleted"),
    ),
    "aws:ecr/repository:Repository": (Lock("forceDelete", _switched_on, _EMPTIED),),
    "aws:eks/cluster:Cluster": (Lock("deletionProtection", _switched_off, _DELETION),),
    "aws:elasticache/replicationGroup:ReplicationGroup": _CACHE,
    "aws:elasticache/serverlessCache:ServerlessCache": _CACHE,
    "aws:guardduty/detector:Detector": (
        Lock("enable", _disabled, "threats are no longer detected or recorded"),
    ),
    "aws:kms/key:Key": (
        Lock("deletionWindowInDays", _lowered, "there is less time to take its deletion back"),
        Lock("isEnabled", _disabled, "what it encrypted cannot be read"),
    ),
    "aws:lb/loadBalancer:LoadBalancer": (Lock("enableDeletionProtection", _switched_off, _DELETION),),
    "aws:rds/cluster:Cluster": _DATABASE,
    "aws:rds/instance:Instance": _DATABASE,
    "aws:route53/zone:Zone": (Lock("forceDestroy", _switched_on, _EMPTIED),),
    "aws:s3/bucket:Bucket": (Lock("forceDestroy", _switched_on, _EMPTIED),),
    "aws:s3/bucketVersioning:BucketVersioning": (
        Lock(
            "versioningConfiguration.status",
            _left("Enabled"),
            "an overwritten or deleted object can no longer be fetched back",
        ),
    ),
    "aws:secretsmanager/secret:Secret": (
        Lock("recoveryWindowInDays", _lowered, "there is less time to take its deletion back"),
    ),
}
"""Type to the properties that guard it."""


@dataclass(frozen=True)
class Lifted:
    """A lock that an update would lift."""

    path: str
    before: object
    after: object
    why: str


def lifted(resource_type: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Lifted]:
    """The service's own locks that are weaker in the inputs ``after``. A value that is not known before the
    update counts as weaker: nothing says that it guards."""
    found: list[Lifted] = []
    for lock in LOCKS.get(resource_type, ()):
        old, new = _at(before, lock.path), _at(after, lock.path)
        if old == new:
            continue
        if new == UNKNOWN:
            found.append(Lifted(lock.path, old, "not known before the update", lock.why))
        elif lock.weakens(old, new):
            found.append(Lifted(lock.path, old, new, lock.why))
    return found


def _at(inputs: Mapping[str, Any], path: str) -> Any:
    value: Any = inputs
    for part in path.split("."):
        if not isinstance(value, Mapping):
            return value if value == UNKNOWN else None
        value = cast("Mapping[str, Any]", value).get(part)
    return value
