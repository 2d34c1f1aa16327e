"""Mutations of the rules for AWS Database Migration Service."""

import json
from typing import Any

from policies import tokens as t
from tests.policies.mutations import Mutation, edit, put, take


def _setting(*path: str, value: object) -> Mutation:
    """One replication setting, inside its JSON."""

    def change(inputs: dict[str, Any]) -> None:
        settings = json.loads(inputs["replicationSettings"])
        at = settings
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = value
        inputs["replicationSettings"] = json.dumps(settings)

    return edit(t.DMS_CONFIG, change)


MIGRATION: dict[str, list[Mutation]] = {
    "dms-endpoint-tls": [put(t.DMS_ENDPOINT, "sslMode", "none"), take(t.DMS_ENDPOINT, "sslMode")],
    "dms-endpoint-secret": [
        put(t.DMS_ENDPOINT, "password", "literal"),
        take(t.DMS_ENDPOINT, "secretsManagerArn"),
    ],
    "dms-endpoint-key": [take(t.DMS_ENDPOINT, "kmsKeyArn")],
    "dms-replication-logged": [
        _setting("Logging", "EnableLogging", value=False),
        _setting("Logging", "LogComponents", value=[]),
        _setting(
            "Logging",
            "LogComponents",
            value=[{"Id": "TARGET_LOAD", "Severity": "LOGGER_SEVERITY_ERROR"}],
        ),
        take(t.DMS_CONFIG, "replicationSettings", also=("dms-replication-validated",)),
    ],
    "dms-replication-validated": [_setting("ValidationSettings", "EnableValidation", value=False)],
    "dms-replication-key": [
        take(t.DMS_CONFIG, "computeConfig.kmsKeyId"),
        take(t.DMS_INSTANCE, "kmsKeyArn"),
    ],
    "dms-private-subnets": [put(t.DMS_SUBNETS, "subnetIds", ["public-a-id"], portable=False)],
    "dms-instance-not-public": [
        put(t.DMS_INSTANCE, "publiclyAccessible", True),
        take(t.DMS_INSTANCE, "publiclyAccessible"),
    ],
    "dms-instance-upgraded": [put(t.DMS_INSTANCE, "autoMinorVersionUpgrade", False)],
}
