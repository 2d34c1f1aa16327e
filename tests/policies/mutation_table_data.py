"""Mutations of the rules for databases, caches and tables, and of those for every resource."""

from typing import Any

from policies import tokens as t
from policies.rules.stack import DATA_STORES
from tests.policies.mutations import Mutation, drop, edit, forget_dependencies, put, take, unprotect


def _allow_plaintext(inputs: dict[str, Any]) -> None:
    for parameter in inputs["parameters"]:
        if parameter["name"] in {"rds.force_ssl", "require_secure_transport"}:
            parameter["value"] = "0"


DATABASES: dict[str, list[Mutation]] = {
    "rds-not-public": [put(token, "publiclyAccessible", True) for token in (t.DB, t.DB_CLUSTER_INSTANCE)],
    "rds-instance-encrypted": [put(t.DB, "storageEncrypted", False)],
    "rds-cluster-encrypted": [
        put(t.DB_CLUSTER, "storageEncrypted", False),
        take(t.DB_CLUSTER, "storageEncrypted"),
    ],
    "rds-multi-az": [put(t.DB, "multiAz", False)],
    "rds-enhanced-monitoring": [put(t.DB_CLUSTER_INSTANCE, "monitoringInterval", 0)],
    "rds-cluster-deletion-protection": [put(t.DB_CLUSTER, "deletionProtection", False)],
    "rds-instance-deletion-protection": [put(t.DB, "deletionProtection", False)],
    "rds-logs-exported": [put(token, "enabledCloudwatchLogsExports", []) for token in (t.DB, t.DB_CLUSTER)],
    "rds-instance-iam-authentication": [put(t.DB, "iamDatabaseAuthenticationEnabled", False)],
    "rds-cluster-iam-authentication": [put(t.DB_CLUSTER, "iamDatabaseAuthenticationEnabled", False)],
    "rds-backups": [put(token, "backupRetentionPeriod", 6) for token in (t.DB, t.DB_CLUSTER)],
    "rds-minor-upgrades": [put(t.DB_CLUSTER_INSTANCE, "autoMinorVersionUpgrade", False)],
    "rds-tags-to-snapshots": [put(t.DB_CLUSTER, "copyTagsToSnapshot", False)],
    "rds-own-port": [put(t.DB_CLUSTER, "port", 5432, portable=False), take(t.DB, "port", portable=False)],
    "rds-own-admin-name": [put(t.DB_CLUSTER, "masterUsername", "postgres"), put(t.DB, "username", "admin")],
    "rds-master-password-managed": [
        put(t.DB_CLUSTER, "masterPassword", "x"),
        take(t.DB_CLUSTER, "manageMasterUserPassword"),
        put(t.DB, "password", "x"),
    ],
    "rds-final-snapshot": [
        put(t.DB_CLUSTER, "skipFinalSnapshot", True),
        take(t.DB, "finalSnapshotIdentifier"),
    ],
    "rds-version-supported": [put(t.DB_CLUSTER, "engineVersion", "12.9"), take(t.DB, "engineVersion")],
    "rds-two-instances": [
        drop(t.DB_CLUSTER_INSTANCE, names=t.DB_CLUSTER, also=("rds-proxy-waits-for-writer",)),
        put(t.DB_CLUSTER_INSTANCE, "availabilityZone", "b", names=t.DB_CLUSTER, portable=False),
    ],
    "rds-tls-forced": [
        edit(t.DB_CLUSTER_PARAMETERS, _allow_plaintext, names=t.DB_CLUSTER),
        put(t.DB_CLUSTER_PARAMETERS, "parameters", [], names=t.DB_CLUSTER),
        take(t.DB_CLUSTER, "dbClusterParameterGroupName"),
        put(t.DB_PARAMETERS, "parameters", [], names=t.DB),
    ],
    "rds-proxy-waits-for-writer": [forget_dependencies(t.DB_PROXY_TARGET)],
    "rds-proxy-tls": [put(t.DB_PROXY, "requireTls", False)],
}

DATA: dict[str, list[Mutation]] = {
    "elasticache-snapshots": [
        put(token, "snapshotRetentionLimit", 0) for token in (t.CACHE_GROUP, t.CACHE_SERVERLESS)
    ],
    "elasticache-minor-upgrades": [put(t.CACHE_GROUP, "autoMinorVersionUpgrade", False)],
    "elasticache-failover": [put(t.CACHE_GROUP, "automaticFailoverEnabled", False)],
    "elasticache-encrypted": [put(t.CACHE_GROUP, "atRestEncryptionEnabled", False)],
    "elasticache-tls": [take(t.CACHE_GROUP, "transitEncryptionEnabled")],
    "elasticache-authenticated": [take(t.CACHE_GROUP, "userGroupIds")],
    "elasticache-own-subnets": [take(t.CACHE_GROUP, "subnetGroupName")],
    "elasticache-serverless-user-group": [take(t.CACHE_SERVERLESS, "userGroupId")],
    "elasticache-serverless-key": [take(t.CACHE_SERVERLESS, "kmsKeyId")],
    "elasticache-own-key": [take(t.CACHE_GROUP, "kmsKeyId")],
    "elasticache-user-authenticated": [
        edit(
            t.CACHE_USER,
            lambda i: i.update(authenticationMode={"type": "no-password-required"}),
            where=lambda r: r.inputs.get("userName") != "default",
        ),
        put(t.CACHE_USER, "noPasswordRequired", True, where=lambda r: r.inputs.get("userName") != "default"),
    ],
    "elasticache-user-group-closed": [
        edit(
            t.CACHE_USER,
            lambda i: i.update(
                accessString="on ~* +@all", noPasswordRequired=False, authenticationMode={"type": "iam"}
            ),
            where=lambda r: r.inputs.get("userName") == "default",
            names=t.CACHE_USER_GROUP,
        ),
        put(t.CACHE_USER_GROUP, "userIds", ["default"]),
    ],
    "dynamodb-scales": [put(t.DYNAMODB, "billingMode", "PROVISIONED")],
    "dynamodb-point-in-time": [put(t.DYNAMODB, "pointInTimeRecovery.enabled", False)],
    "dynamodb-in-backup-plan": [
        drop("aws:backup/selection:Selection", names=t.DYNAMODB, portable=False),
        edit(
            "aws:backup/selection:Selection",
            lambda i: (
                i.pop("resources"),
                i.update(selectionTags=[{"type": "STRINGEQUALS", "key": "backup", "value": "yes"}]),
            ),
            names=t.DYNAMODB,
            portable=False,
        ),
    ],
    "dynamodb-deletion-protection": [put(t.DYNAMODB, "deletionProtectionEnabled", False)],
    "dynamodb-own-key": [take(t.DYNAMODB, "serverSideEncryption")],
    "data-store-protected": [unprotect(token) for token in DATA_STORES],
    "tags-required": [
        take(t.BUCKET, "tags"),
        take(t.DB_CLUSTER, "tags.owner"),
        put(t.FUNCTION, "tags.system", ""),
    ],
    "region-allowed": [put(t.DB_CLUSTER, "region", "us-east-1"), put(t.KMS_KEY, "region", "eu-west-1")],
}
