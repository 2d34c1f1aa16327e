"""Topics, consumers, schedules, clients of an API and parameters in the compliant stack."""

from policies import tokens as t
from policies.model import Record
from tests.policies.scene import KEY, res

PROPERTIES = "auto.create.topics.enable=false\nmin.insync.replicas=2\nunclean.leader.election.enable=false\n"


def streams() -> list[Record]:
    return [
        res(t.MSK_CONFIGURATION, "brokers", {"serverProperties": PROPERTIES}),
        res(t.MSK_TOPIC, "topic-of-rates", {"replicationFactor": 3, "partitionCount": 6}, protect=True),
        res(
            t.EVENT_SOURCE,
            "rates-consumer",
            {
                "eventSourceArn": "arn:kafka",
                "functionName": "arn:consumer",
                "topics": ["rates"],
                "startingPosition": "TRIM_HORIZON",
                "destinationConfig": {"onFailure": {"destinationArn": "arn:failed"}},
            },
        ),
        res(
            t.SCHEDULE,
            "every-five-minutes",
            {
                "kmsKeyArn": KEY,
                "target": {
                    "arn": "arn:tasks",
                    "deadLetterConfig": {"arn": "arn:failed"},
                    "ecsParameters": {"networkConfiguration": {"assignPublicIp": False}},
                },
            },
        ),
    ]


def clients() -> list[Record]:
    return [
        res(
            t.API_USAGE_PLAN,
            "plan",
            {
                "throttleSettings": {"rateLimit": 50, "burstLimit": 100},
                "quotaSettings": {"limit": 1_000_000, "period": "MONTH"},
            },
        ),
        res(t.API_KEY, "client", {"description": "web"}),
        res(
            t.PARAMETER,
            "bank-key",
            {
                "name": "/shop/bank-key",
                "type": "SecureString",
                "keyId": KEY,
                "valueWo": "unset",
                "valueWoVersion": 1,
            },
        ),
        res(
            t.PARAMETER,
            "host",
            {"name": "/shop/host", "type": "String", "insecureValue": "database.example.com"},
        ),
    ]
