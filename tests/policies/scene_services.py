"""The compliant stack's builds, file systems, HTTP APIs, state machines, and where services log to."""

from policies import tokens as t
from policies.model import Record
from tests.policies.scene import ACCOUNT, KEY, allow, policy, res


def builds() -> list[Record]:
    return [
        res(
            t.CODEBUILD,
            "build",
            {
                "source": {"type": "GITHUB", "location": "https://github.com/example/shop.git"},
                "environment": {
                    "privilegedMode": False,
                    "environmentVariables": [
                        {"name": "STAGE", "value": "prod"},
                        {"name": "NPM_TOKEN", "value": "shop/npm", "type": "SECRETS_MANAGER"},
                    ],
                },
            },
        ),
        res(t.LOG_GROUP, "build-logs", _group("/aws/codebuild/build")),
    ]


def files() -> list[Record]:
    return [
        res(t.EFS, "files", {"encrypted": True, "kmsKeyId": KEY}, protect=True),
        res(
            t.EFS_ACCESS,
            "files-app",
            {
                "fileSystemId": "files-id",
                "posixUser": {"uid": 1000, "gid": 1000},
                "rootDirectory": {"path": "/app"},
            },
        ),
        res(
            "aws:efs/mountTarget:MountTarget",
            "files-a",
            {"fileSystemId": "files-id", "subnetId": "private-a-id"},
        ),
        res(
            "aws:efs/backupPolicy:BackupPolicy",
            "files-backup",
            {"fileSystemId": "files-id", "backupPolicy": {"status": "ENABLED"}},
        ),
    ]


def http_apis() -> list[Record]:
    return [
        res(
            t.API_V2,
            "http",
            {
                "protocolType": "HTTP",
                "disableExecuteApiEndpoint": True,
                "corsConfiguration": {"allowOrigins": ["https://shop.example.com"]},
            },
        ),
        res(
            t.API_V2_ROUTE,
            "http-orders",
            {"apiId": "http-id", "routeKey": "GET /orders", "authorizationType": "JWT"},
        ),
        res(
            t.API_V2_STAGE,
            "http-live",
            {
                "apiId": "http-id",
                "accessLogSettings": {"destinationArn": "arn:group", "format": "{}"},
                "defaultRouteSettings": {"throttlingBurstLimit": 100, "throttlingRateLimit": 50},
            },
        ),
        res(t.API_V2_DOMAIN, "http-domain", {"domainNameConfiguration": {"securityPolicy": "TLS_1_2"}}),
        res(
            t.STATE_MACHINE,
            "flow",
            {"loggingConfiguration": {"level": "ERROR", "logDestination": "arn:flow-logs:*"}},
        ),
        res(t.LOG_GROUP, "flow-logs", _group("/aws/vendedlogs/states/flow")),
    ]


def shares() -> list[Record]:
    """What could be open to the world, and is not."""
    return [
        res(
            t.SECRET_POLICY,
            "secret-policy",
            {
                "secretArn": "arn:secret",
                "policy": policy(
                    allow(
                        ["secretsmanager:GetSecretValue"],
                        "*",
                        Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/app"},
                    )
                ),
            },
        ),
        res(t.EVENT_PERMISSION, "bus-permission", {"principal": ACCOUNT, "statementId": "ours"}),
        res(
            t.LAYER_PERMISSION, "layer-permission", {"principal": ACCOUNT, "action": "lambda:GetLayerVersion"}
        ),
        res(t.DB_SNAPSHOT, "db-before", {"dbInstanceIdentifier": "db", "sharedAccounts": [ACCOUNT]}),
        res(
            t.KMS_GRANT,
            "grant",
            {"keyId": "key-id", "granteePrincipal": "arn:role", "operations": ["Decrypt"]},
        ),
        res(t.SSM_DOCUMENT, "runbook", {"content": "{}", "documentType": "Command"}),
        res(t.IAM_ROLE_ATTACHMENT, "role-policy-2", {"role": "role-id", "policyArn": "arn:policy-2"}),
        res(t.IAM_POLICY, "policy-2", {"policy": policy(allow(["logs:PutLogEvents"], "arn:b"))}),
        res(
            t.SUBSCRIPTION,
            "on-call",
            {"topic": "arn:topic", "protocol": "https", "endpoint": "https://example.com"},
        ),
        res(
            t.DB_EVENTS,
            "db-events",
            {
                "snsTopic": "arn:topic",
                "sourceType": "db-instance",
                "eventCategories": ["maintenance", "configuration change", "failure"],
            },
        ),
        res(t.CACHE_CLUSTER, "cache-member", {"replicationGroupId": "redis-id"}),
        res(
            t.CLASSIC_LB,
            "old-balancer",
            {"listeners": [{"lbPort": 443, "lbProtocol": "https", "instancePort": 8443}]},
        ),
        res(
            t.INSTANCE,
            "bastion",
            {
                "userData": "#!/bin/sh\nDB_PASSWORD=$(aws secretsmanager get-secret-value --secret-id db)\n",
                "metadataOptions": {"httpTokens": "required"},
                "rootBlockDevice": {"encrypted": True},
            },
        ),
    ]


def log_groups() -> list[Record]:
    """Groups that services would make by themselves."""
    names = {
        "api-execution": "API-Gateway-Execution-Logs_api-id/v1",
        "insights": "/aws/ecs/containerinsights/tasks/performance",
        "cluster-postgresql": "/aws/rds/cluster/cluster/postgresql",
        "db-postgresql": "/aws/rds/instance/db/postgresql",
        "proxy-logs": "/aws/rds/proxy/proxy",
    }
    return [res(t.LOG_GROUP, name, _group(group)) for name, group in names.items()]


def _group(name: str) -> dict[str, object]:
    return {"name": name, "retentionInDays": 30, "kmsKeyId": KEY}
