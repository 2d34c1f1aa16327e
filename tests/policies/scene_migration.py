"""A replication by DMS in the compliant stack."""

import json

from policies import tokens as t
from policies.model import Record
from tests.policies.scene import KEY, res
from tests.policies.scene_platforms import TWO_SUBNETS

SETTINGS = {
    "Logging": {
        "EnableLogging": True,
        "LogComponents": [
            {"Id": each, "Severity": "LOGGER_SEVERITY_DEFAULT"}
            for each in ("SOURCE_CAPTURE", "SOURCE_UNLOAD", "TARGET_APPLY", "TARGET_LOAD")
        ],
    },
    "ValidationSettings": {"EnableValidation": True},
}


def migration() -> list[Record]:
    return [
        res(
            t.DMS_ENDPOINT,
            "old-database",
            {
                "endpointType": "source",
                "engineName": "postgres",
                "sslMode": "verify-full",
                "secretsManagerArn": "arn:old-secret",
                "secretsManagerAccessRoleArn": "arn:role",
                "kmsKeyArn": KEY,
            },
        ),
        res(t.DMS_SUBNETS, "replication-subnets", {"subnetIds": TWO_SUBNETS}),
        res(
            t.DMS_CONFIG,
            "replication",
            {
                "replicationType": "full-load-and-cdc",
                "replicationSettings": json.dumps(SETTINGS),
                "computeConfig": {"kmsKeyId": KEY},
            },
        ),
        res(
            t.DMS_INSTANCE,
            "replication-instance",
            {"publiclyAccessible": False, "autoMinorVersionUpgrade": True, "kmsKeyArn": KEY},
        ),
        res(
            t.ALARM,
            "replication-lag",
            {
                "alarmActions": ["arn:topic"],
                "metricQueries": [
                    {
                        "id": "result",
                        "expression": 'SELECT MAX(CDCLatencyTarget) FROM "AWS/DMS"',
                        "period": 300,
                        "returnData": True,
                    }
                ],
            },
        ),
    ]
