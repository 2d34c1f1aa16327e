"""What a DMS replication is told, as the JSON that DMS takes."""

import json
import re
from collections.abc import Sequence
from typing import Any

CAPACITY_UNITS = (1, 2, 4, 8, 16, 32, 64, 128, 192, 256, 384)
"""Sizes of a serverless replication: 2 GB of memory each."""

LOGGED = ("SOURCE_UNLOAD", "SOURCE_CAPTURE", "TARGET_LOAD", "TARGET_APPLY", "TASK_MANAGER", "VALIDATOR_EXT")
"""Components that log at DMS's default level: those of FSBP DMS.7 and DMS.8, and the validation."""

_IDENTIFIER = re.compile(r"[a-z](-?[a-z0-9])*")
_IDENTIFIER_LENGTH = 31


def check_name(name: str) -> None:
    """Raise ValueError for a name that DMS does not take as the end of an ARN."""
    if not _IDENTIFIER.fullmatch(name) or len(name) > _IDENTIFIER_LENGTH:
        raise ValueError(
            f"replication_name: got {name!r}; 1 to {_IDENTIFIER_LENGTH} lower-case letters, digits and "
            "single dashes, a letter first: shorten it"
        )


def check_capacity(least: int, most: int) -> None:
    """Raise ValueError for sizes that DMS does not offer."""
    for field, units in (("min_capacity_units", least), ("max_capacity_units", most)):
        if units not in CAPACITY_UNITS:
            offered = ", ".join(map(str, CAPACITY_UNITS))
            raise ValueError(f"{field}: got {units}; DMS offers {offered}: take one of them")
    if least > most:
        raise ValueError(f"min_capacity_units: got {least}; at most max_capacity_units ({most})")


def table_mappings(schemas: Sequence[str]) -> str:
    """Every table of the schemas, under its own name.

    Raises ValueError without a schema, or for a name with ``%``, which DMS takes for a wildcard.
    """
    if not schemas:
        raise ValueError("schemas: got none; name one at least, such as public")
    wrong = [each for each in schemas if "%" in each or not each]
    if wrong:
        raise ValueError(f"schemas: got {', '.join(map(repr, wrong))}; names of schemas, without a wildcard")
    rules = [
        {
            "rule-type": "selection",
            "rule-id": str(number),
            "rule-name": f"all-of-{number}",
            "object-locator": {"schema-name": schema, "table-name": "%"},
            "rule-action": "include",
        }
        for number, schema in enumerate(schemas, 1)
    ]
    return json.dumps({"rules": rules}, sort_keys=True)


def replication_settings() -> str:
    """Full load, then changes; every row compared; the first thing that cannot be carried over stops it.

    The schema is there before (``ops migrate copy``), since DMS makes tables without their indexes, defaults
    and sequences. Large objects come whole, in pieces of 64 KB.
    """
    settings: dict[str, Any] = {
        "TargetMetadata": {
            "SupportLobs": True,
            "FullLobMode": True,
            "LobChunkSize": 64,
            "LimitedSizeLobMode": False,
            "BatchApplyEnabled": False,
        },
        "FullLoadSettings": {
            "TargetTablePrepMode": "DO_NOTHING",
            "MaxFullLoadSubTasks": 8,
            "StopTaskCachedChangesApplied": False,
            "StopTaskCachedChangesNotApplied": False,
        },
        "Logging": {
            "EnableLogging": True,
            "LogComponents": [{"Id": each, "Severity": "LOGGER_SEVERITY_DEFAULT"} for each in LOGGED],
        },
        "ValidationSettings": {
            "EnableValidation": True,
            "ValidationMode": "ROW_LEVEL",
            "FailureMaxCount": 10_000,
            "TableFailureMaxCount": 1_000,
            "HandleCollationDiff": True,
            "SkipLobColumns": False,
        },
        "ErrorBehavior": {
            "DataErrorPolicy": "SUSPEND_TABLE",
            "DataTruncationErrorPolicy": "SUSPEND_TABLE",
            "TableErrorPolicy": "STOP_TASK",
            "ApplyErrorInsertPolicy": "SUSPEND_TABLE",
            "ApplyErrorUpdatePolicy": "SUSPEND_TABLE",
            "ApplyErrorDeletePolicy": "SUSPEND_TABLE",
            "FailOnNoTablesCaptured": True,
            "FailOnTransactionConsistencyBreached": True,
        },
        "ChangeProcessingDdlHandlingPolicy": {
            "HandleSourceTableDropped": False,
            "HandleSourceTableTruncated": True,
            "HandleSourceTableAltered": False,
        },
    }
    return json.dumps(settings, sort_keys=True)


def log_group_name(replication_name: str) -> str:
    """Where DMS Serverless writes (DMS user guide, "Serverless replication logs")."""
    return f"dms-serverless-replication-{replication_name}"
