"""Weaknesses in builds, file systems, HTTP APIs, and in the groups that services log to."""

from typing import Any

from policies import tokens as t
from tests.policies.mutations import Mutation, drop, edit, put, take


def renamed(prefix: str, **more: Any) -> Mutation:
    """The group that a service expects gets another name."""
    return edit(
        t.LOG_GROUP,
        lambda inputs: inputs.update(name="elsewhere"),
        where=lambda record: str(record.inputs.get("name", "")).startswith(prefix),
        **more,
    )


LOGS: dict[str, list[Mutation]] = {
    "apigateway-log-group-made": [renamed("API-Gateway-Execution-Logs", names=t.API_STAGE)],
    "rds-log-group-made": [
        renamed("/aws/rds/cluster/", names=t.DB_CLUSTER),
        renamed("/aws/rds/instance/", names=t.DB),
    ],
    "rds-proxy-log-group-made": [renamed("/aws/rds/proxy/", names=t.DB_PROXY)],
    "ecs-insights-log-group-made": [renamed("/aws/ecs/containerinsights/", names=t.ECS_CLUSTER)],
    "codebuild-log-group-made": [
        renamed("/aws/codebuild/", names=t.CODEBUILD),
        put(t.CODEBUILD, "logsConfig.cloudwatchLogs.groupName", "made-by-hand"),
    ],
    "step-functions-logged": [
        take(t.STATE_MACHINE, "loggingConfiguration"),
        put(t.STATE_MACHINE, "loggingConfiguration.level", "OFF"),
        put(t.STATE_MACHINE, "loggingConfiguration.logDestination", "arn:aws:logs:x:1:log-group:other:*"),
    ],
}

BUILDS: dict[str, list[Mutation]] = {
    "codebuild-not-privileged": [put(t.CODEBUILD, "environment.privilegedMode", True)],
    "codebuild-not-public": [put(t.CODEBUILD, "projectVisibility", "PUBLIC_READ")],
    "codebuild-logged": [
        put(t.CODEBUILD, "logsConfig.cloudwatchLogs.status", "DISABLED"),
        put(t.CODEBUILD, "logsConfig.s3Logs", {"status": "ENABLED", "encryptionDisabled": True}),
    ],
    "codebuild-source-clean": [
        put(t.CODEBUILD, "source.location", "https://user:word@github.com/example/shop.git"),
        put(t.CODEBUILD, "secondarySources", [{"location": "https://x@bitbucket.org/a/b.git"}]),
    ],
    "codebuild-no-secret-in-environment": [
        put(t.CODEBUILD, "environment.environmentVariables.1.type", "PLAINTEXT"),
        put(t.CODEBUILD, "environment.environmentVariables.0.name", "AWS_SECRET_ACCESS_KEY"),
    ],
}

FILES: dict[str, list[Mutation]] = {
    "efs-encrypted": [put(t.EFS, "encrypted", False), take(t.EFS, "kmsKeyId")],
    "efs-backed-up": [
        drop("aws:efs/backupPolicy:BackupPolicy", names=t.EFS),
        put("aws:efs/backupPolicy:BackupPolicy", "backupPolicy.status", "DISABLED", names=t.EFS),
    ],
    "efs-access-point-confined": [
        take(t.EFS_ACCESS, "posixUser"),
        put(t.EFS_ACCESS, "rootDirectory.path", "/"),
    ],
    "efs-private-subnets": [put("aws:efs/mountTarget:MountTarget", "subnetId", "public-a-id")],
}

HTTP_APIS: dict[str, list[Mutation]] = {
    "apigatewayv2-authorised": [
        take(t.API_V2_ROUTE, "authorizationType"),
        put(t.API_V2_ROUTE, "authorizationType", "NONE"),
    ],
    "apigatewayv2-access-logs": [take(t.API_V2_STAGE, "accessLogSettings")],
    "apigatewayv2-throttled": [
        take(t.API_V2_STAGE, "defaultRouteSettings"),
        put(t.API_V2_STAGE, "defaultRouteSettings.throttlingRateLimit", 0),
    ],
    "apigatewayv2-tls": [put(t.API_V2_DOMAIN, "domainNameConfiguration.securityPolicy", "TLS_1_0")],
    "apigatewayv2-cors-named": [put(t.API_V2, "corsConfiguration.allowOrigins", ["*"])],
    "apigatewayv2-one-door": [put(t.API_V2, "disableExecuteApiEndpoint", False)],
}

BALANCERS: dict[str, list[Mutation]] = {
    # Shipped target groups are waived: what is wrong with them already cannot be made worse.
    "elb-health-checked-by-tls": [
        put(t.TARGET_GROUP, "healthCheck.protocol", "HTTP", portable=False),
        take(t.TARGET_GROUP, "healthCheck.protocol", portable=False),
    ],
    "elb-targets-by-tls": [
        put(t.TARGET_GROUP, "protocol", "HTTP", portable=False),
        take(t.TARGET_GROUP, "protocol", portable=False),
    ],
    "elb-classic-tls": [put(t.CLASSIC_LB, "listeners.0.lbProtocol", "http")],
    "elasticache-in-a-group": [take(t.CACHE_CLUSTER, "replicationGroupId")],
    "sns-delivered-by-tls": [put(t.SUBSCRIPTION, "protocol", "http")],
    "rds-events-complete": [
        put(t.DB_EVENTS, "enabled", False),
        put(t.DB_EVENTS, "eventCategories", ["maintenance"]),
    ],
}
