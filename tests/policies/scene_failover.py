"""A second region, names that fail over, an edge function and a bus of events in the compliant stack."""

from policies import tokens as t
from policies.model import Record
from tests.policies.scene import KEY, res


def _name(role: str, **more: object) -> Record:
    return res(
        t.RECORD,
        f"www-{role}",
        {
            "zoneId": "Z0",
            "name": "www.example.com",
            "type": "A",
            "setIdentifier": role,
            "failoverRoutingPolicies": [{"type": role.upper()}],
            **more,
        },
    )


def _target(key: str) -> Record:
    return res(
        t.EVENT_TARGET,
        f"{key}-target",
        {
            "rule": "orders",
            "eventBusName": "orders",
            "arn": f"arn:{key}",
            "deadLetterConfig": {"arn": f"arn:{key}-failures"},
        },
    )


def failover() -> list[Record]:
    return [
        res(
            t.BUCKET_REPLICATION,
            "bucket-copies",
            {
                "bucket": "bucket-id",
                "role": "arn:copies-role",
                "rules": [
                    {
                        "id": "everything",
                        "status": "Enabled",
                        "sourceSelectionCriteria": {"sseKmsEncryptedObjects": {"status": "Enabled"}},
                        "destination": {
                            "bucket": "arn:elsewhere",
                            "encryptionConfiguration": {"replicaKmsKeyId": KEY},
                            "metrics": {"status": "Enabled"},
                            "replicationTime": {"status": "Enabled"},
                        },
                    }
                ],
            },
        ),
        res(
            t.HEALTH_CHECK,
            "www-health",
            {"type": "HTTPS", "resourcePath": "/health", "failureThreshold": 3, "enableSni": True},
        ),
        _name("primary", healthCheckId="www-health-id"),
        _name("secondary"),
        res(t.EDGE_FUNCTION, "cookies", {"runtime": "cloudfront-js-2.0", "publish": True, "code": "x"}),
        _target("mail"),
        _target("stock"),
        res(
            t.SCALING_POLICY,
            "forecast",
            {
                "autoscalingGroupName": "hosts",
                "policyType": "PredictiveScaling",
                "predictiveScalingConfiguration": {"mode": "ForecastAndScale"},
            },
        ),
    ]
