"""Databases, caches, tables and buckets of the compliant stack."""

from policies import tokens as t
from policies.model import Record
from tests.policies.scene import KEY, TLS_ONLY, policy, res


def data() -> list[Record]:
    engine = {
        "engine": "aurora-postgresql",
        "engineVersion": "16.6",
        "storageEncrypted": True,
        "deletionProtection": True,
        "enabledCloudwatchLogsExports": ["postgresql"],
        "iamDatabaseAuthenticationEnabled": True,
        "backupRetentionPeriod": 7,
        "copyTagsToSnapshot": True,
        "port": 5433,
        "manageMasterUserPassword": True,
        "finalSnapshotIdentifier": "last",
        "vpcSecurityGroupIds": ["db-id"],
        "dbSubnetGroupName": "db-subnets",
    }
    member = {"clusterIdentifier": "cluster-id", "monitoringInterval": 60}
    writer = res(t.DB_CLUSTER_INSTANCE, "writer", {**member, "availabilityZone": "a"})
    return [
        res(
            t.DB_CLUSTER,
            "cluster",
            {**engine, "masterUsername": "owner", "dbClusterParameterGroupName": "params"},
            protect=True,
        ),
        res(
            t.DB_CLUSTER_PARAMETERS,
            "params",
            {"family": "aurora-postgresql16", "parameters": [{"name": "rds.force_ssl", "value": "1"}]},
        ),
        res(t.DB_SUBNETS, "db-subnets", {"subnetIds": ["private-a-id", "private-b-id"]}),
        writer,
        res(t.DB_CLUSTER_INSTANCE, "reader", {**member, "availabilityZone": "b"}),
        res(t.DB_PROXY, "proxy", {"requireTls": True, "vpcSecurityGroupIds": ["db-id"]}),
        res(
            t.DB_PROXY_TARGET,
            "proxy-target",
            {"dbProxyName": "proxy", "dbClusterIdentifier": "cluster-id"},
            dependencies=[writer.urn],
        ),
        res(
            t.DB,
            "db",
            {
                **engine,
                "engine": "postgres",
                "username": "owner",
                "multiAz": True,
                "monitoringInterval": 60,
                "parameterGroupName": "db-params",
            },
            protect=True,
        ),
        res(t.DB_PARAMETERS, "db-params", {"parameters": [{"name": "rds.force_ssl", "value": "1"}]}),
        res(
            t.CACHE_SERVERLESS,
            "cache",
            {
                "engine": "valkey",
                "userGroupId": "users-id",
                "kmsKeyId": KEY,
                "snapshotRetentionLimit": 1,
                "securityGroupIds": ["db-id"],
                "subnetIds": ["private-a-id", "private-b-id"],
            },
            protect=True,
        ),
        res(
            t.CACHE_USER,
            "cache-default",
            {"userName": "default", "accessString": "off ~* -@all", "noPasswordRequired": True},
        ),
        res(
            t.CACHE_USER,
            "cache-user",
            {"userName": "shopper", "accessString": "on ~* +@all", "authenticationMode": {"type": "iam"}},
        ),
        res(t.CACHE_USER_GROUP, "users", {"userIds": ["cache-default-id", "cache-user-id"]}),
        res(
            t.CACHE_GROUP,
            "redis",
            {
                "snapshotRetentionLimit": 1,
                "automaticFailoverEnabled": True,
                "atRestEncryptionEnabled": True,
                "transitEncryptionEnabled": True,
                "userGroupIds": ["users-id"],
                "kmsKeyId": KEY,
                "subnetGroupName": "redis-subnets",
                "securityGroupIds": ["db-id"],
            },
            protect=True,
        ),
        res(
            t.DYNAMODB,
            "table",
            {
                "billingMode": "PAY_PER_REQUEST",
                "pointInTimeRecovery": {"enabled": True},
                "deletionProtectionEnabled": True,
                "serverSideEncryption": {"enabled": True, "kmsKeyArn": KEY},
            },
            protect=True,
        ),
        res("aws:backup/selection:Selection", "backup", {"resources": ["arn:table"]}),
    ]


def storage() -> list[Record]:
    found: list[Record] = []
    for name in ("bucket", "logs"):
        found += [
            res(t.BUCKET, name, protect=True),
            res(
                t.BUCKET_PUBLIC_ACCESS,
                f"{name}-private",
                {
                    "bucket": f"{name}-id",
                    "blockPublicAcls": True,
                    "blockPublicPolicy": True,
                    "ignorePublicAcls": True,
                    "restrictPublicBuckets": True,
                },
            ),
            res(t.BUCKET_POLICY, f"{name}-policy", {"bucket": f"{name}-id", "policy": policy(TLS_ONLY)}),
            res(
                t.BUCKET_VERSIONING,
                f"{name}-versions",
                {"bucket": f"{name}-id", "versioningConfiguration": {"status": "Enabled"}},
            ),
            res(
                t.BUCKET_ENCRYPTION,
                f"{name}-key",
                {
                    "bucket": f"{name}-id",
                    "rules": [
                        {
                            "applyServerSideEncryptionByDefault": {
                                "sseAlgorithm": "aws:kms",
                                "kmsMasterKeyId": KEY,
                            }
                        }
                    ],
                },
            ),
            res(
                t.BUCKET_LIFECYCLE,
                f"{name}-lifecycle",
                {"bucket": f"{name}-id", "rules": [{"id": "old", "status": "Enabled"}]},
            ),
        ]
    logging = {"bucket": "bucket-id", "targetBucket": "logs-id", "targetPrefix": "s3/"}
    return [*found, res(t.BUCKET_LOGGING, "bucket-logging", logging)]
