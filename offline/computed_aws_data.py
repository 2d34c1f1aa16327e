"""Computed outputs: stores, databases, caches, secrets, queues."""

from collections.abc import Mapping
from typing import Any

from offline.computed import Entry, Facts, next_version

_HASHED = "{hex12}"
_HOSTED_ZONE_S3 = "Z3W03O7B5YMIYP"
"""Route 53 zone of S3 website endpoints in ap-northeast-2, from the AWS General Reference."""


def _port(facts: Facts) -> int:
    given = facts.inputs.get("port")
    if given is not None:
        return int(given)
    engine = facts.text("engine")
    return 5432 if "postgres" in engine else 3306


def _master_secret(facts: Facts) -> list[dict[str, Any]]:
    if not facts.inputs.get("manageMasterUserPassword"):
        return []
    kind = "cluster" if "cluster" in facts.token else "db"
    arn = (
        f"arn:aws:secretsmanager:{facts.region}:{facts.context.account_id}:secret:rds!{kind}-{facts['uuid']}"
    )
    key = facts.text(
        "masterUserSecretKmsKeyId", f"arn:aws:kms:{facts.region}:{facts.context.account_id}:key/aws"
    )
    return [{"secretArn": f"{arn}-AbCdEf", "secretStatus": "active", "kmsKeyId": key}]


def _cache_endpoint(suffix: str, port: int) -> Any:
    def endpoint(facts: Facts) -> list[dict[str, Any]]:
        host = f"{facts['name']}{suffix}-{facts.digest()[:6]}.serverless.apn2.cache.amazonaws.com"
        return [{"address": host, "port": port}]

    return endpoint


def _cache_nodes(facts: Facts) -> list[str]:
    name = facts["name"]
    if facts.inputs.get("clusterMode") != "enabled":
        return [f"{name}-{node:03}" for node in range(1, int(facts.inputs.get("numCacheClusters") or 1) + 1)]
    shards = range(1, int(facts.inputs.get("numNodeGroups") or 1) + 1)
    nodes = range(1, int(facts.inputs.get("replicasPerNodeGroup") or 0) + 2)
    return [f"{name}-{shard:04}-{node:03}" for shard in shards for node in nodes]


def _queue_url(facts: Facts) -> str:
    return facts.render("https://sqs.{region}.amazonaws.com/{account}/{name}")


def _queue_name(facts: Facts) -> str:
    name = facts["name"]
    return f"{name}.fifo" if facts.inputs.get("fifoQueue") and not name.endswith(".fifo") else name


def _stream_arn(facts: Facts) -> str:
    if not facts.inputs.get("streamEnabled"):
        return ""
    return facts.render("arn:aws:dynamodb:{region}:{account}:table/{name}/stream/2026-01-01T00:00:00.000")


_RDS = "arn:aws:rds:{region}:{account}:"
_CACHE = "arn:aws:elasticache:{region}:{account}:"

TABLE: Mapping[str, Entry] = {
    "aws:s3/bucket:Bucket": {
        "id": "{name}",
        "bucket": "{name}",
        "arn": "arn:aws:s3:::{name}",
        "bucketDomainName": "{name}.s3.amazonaws.com",
        "bucketRegionalDomainName": "{name}.s3.{region}.amazonaws.com",
        "bucketRegion": "{region}",
        "hostedZoneId": _HOSTED_ZONE_S3,
    },
    **{
        f"aws:s3/{kind[0].lower()}{kind[1:]}:{kind}": {"id": "{in_bucket}"}
        for kind in (
            "BucketPolicy",
            "BucketVersioning",
            "BucketServerSideEncryptionConfiguration",
            "BucketPublicAccessBlock",
            "BucketLifecycleConfiguration",
            "BucketOwnershipControls",
            "BucketLogging",
            "BucketCorsConfiguration",
            "BucketNotification",
            "BucketReplicationConfig",
            "BucketWebsiteConfiguration",
        )
    },
    "aws:s3/bucketObjectv2:BucketObjectv2": {
        "id": "{in_bucket}/{in_key}",
        "arn": "arn:aws:s3:::{in_bucket}/{in_key}",
        "etag": "{hex32}",
        "versionId": "{hex32}",
    },
    "aws:rds/subnetGroup:SubnetGroup": {
        "id": "{name}",
        "arn": _RDS + "subgrp:{name}",
        "vpcId": "vpc-{hex17}",
    },
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": {
        "id": "{name}",
        "arn": _RDS + "cluster-pg:{name}",
    },
    "aws:rds/parameterGroup:ParameterGroup": {"id": "{name}", "arn": _RDS + "pg:{name}"},
    "aws:rds/cluster:Cluster": {
        "id": "{name}",
        "clusterIdentifier": "{name}",
        "arn": _RDS + "cluster:{name}",
        "clusterResourceId": "cluster-{HEX26}",
        "endpoint": "{name}.cluster-" + _HASHED + ".{region}.rds.amazonaws.com",
        "readerEndpoint": "{name}.cluster-ro-" + _HASHED + ".{region}.rds.amazonaws.com",
        "engineVersionActual": "{in_engineVersion}",
        "hostedZoneId": "ZLA2NUCOLGUUR",
        "masterUserSecrets": _master_secret,
        "port": _port,
        "clusterMembers": [],
        "iamRoles": [],
    },
    "aws:rds/clusterInstance:ClusterInstance": {
        "id": "{name}",
        "identifier": "{name}",
        "arn": _RDS + "db:{name}",
        "dbiResourceId": "db-{HEX26}",
        "endpoint": "{name}." + _HASHED + ".{region}.rds.amazonaws.com",
        "engineVersionActual": "{in_engineVersion}",
        "availabilityZone": "{region}a",
        "port": _port,
        "storageEncrypted": True,
        "writer": lambda facts: "writer" in facts.logical_name,
        "networkType": "IPV4",
    },
    "aws:rds/instance:Instance": {
        "id": "db-{HEX26}",
        "identifier": "{name}",
        "resourceId": "{id}",
        "arn": _RDS + "db:{name}",
        "port": _port,
        "address": "{name}." + _HASHED + ".{region}.rds.amazonaws.com",
        "endpoint": "{address}:{port}",
        "engineVersionActual": "{in_engineVersion}",
        "hostedZoneId": "ZLA2NUCOLGUUR",
        "masterUserSecrets": _master_secret,
        "status": "available",
    },
    "aws:rds/proxy:Proxy": {
        "id": "{name}",
        "arn": _RDS + "db-proxy:prx-{hex17}",
        "endpoint": "{name}.proxy-" + _HASHED + ".{region}.rds.amazonaws.com",
    },
    "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": {
        "id": "{in_dbProxyName}",
        "name": "default",
        "arn": _RDS + "target-group:prx-tg-{hex17}",
    },
    "aws:rds/proxyTarget:ProxyTarget": {
        "id": "{in_dbProxyName}/{in_targetGroupName}/TRACKED_CLUSTER/{in_dbClusterIdentifier}",
        "rdsResourceId": lambda facts: facts.text("dbClusterIdentifier", facts.text("dbInstanceIdentifier")),
        "type": lambda facts: (
            "TRACKED_CLUSTER" if facts.inputs.get("dbClusterIdentifier") else "RDS_INSTANCE"
        ),
        "trackedClusterId": "{in_dbClusterIdentifier}",
        "targetArn": _RDS + "cluster:{in_dbClusterIdentifier}",
        "port": 5432,
    },
    "aws:rds/proxyEndpoint:ProxyEndpoint": {
        "id": "{in_dbProxyName}/{in_dbProxyEndpointName}",
        "arn": _RDS + "db-proxy-endpoint:prx-endpoint-{hex17}",
        "endpoint": "{in_dbProxyEndpointName}.endpoint.proxy-" + _HASHED + ".{region}.rds.amazonaws.com",
        "isDefault": False,
        "vpcId": "vpc-{hex17}",
    },
    "aws:rds/clusterEndpoint:ClusterEndpoint": {
        "id": "{in_clusterEndpointIdentifier}",
        "arn": _RDS + "cluster-endpoint:{id}",
        "endpoint": "{id}.cluster-custom-" + _HASHED + ".{region}.rds.amazonaws.com",
    },
    "aws:rds/eventSubscription:EventSubscription": {
        "id": "{name}",
        "arn": _RDS + "es:{name}",
        "customerAwsId": "{account}",
    },
    "aws:elasticache/parameterGroup:ParameterGroup": {
        "id": "{name}",
        "arn": _CACHE + "parametergroup:{name}",
    },
    "aws:elasticache/serverlessCache:ServerlessCache": {
        "id": "{name}",
        "arn": _CACHE + "serverlesscache:{name}",
        "createTime": "2026-01-01T00:00:00Z",
        "endpoints": _cache_endpoint("", 6379),
        "readerEndpoints": _cache_endpoint("", 6380),
        "fullEngineVersion": "8.0",
        "status": "available",
    },
    "aws:elasticache/user:User": {"id": "{in_userId}", "arn": _CACHE + "user:{in_userId}"},
    "aws:elasticache/userGroup:UserGroup": {
        "id": "{in_userGroupId}",
        "arn": _CACHE + "usergroup:{in_userGroupId}",
    },
    "aws:elasticache/subnetGroup:SubnetGroup": {
        "id": "{name}",
        "arn": _CACHE + "subnetgroup:{name}",
        "vpcId": "vpc-{hex17}",
    },
    "aws:elasticache/replicationGroup:ReplicationGroup": {
        "id": "{name}",
        "replicationGroupId": "{name}",
        "arn": _CACHE + "replicationgroup:{name}",
        "primaryEndpointAddress": "master.{name}.{hex6}.apn2.cache.amazonaws.com",
        "readerEndpointAddress": "replica.{name}.{hex6}.apn2.cache.amazonaws.com",
        "configurationEndpointAddress": "clustercfg.{name}.{hex6}.apn2.cache.amazonaws.com",
        "clusterEnabled": lambda facts: facts.inputs.get("clusterMode") == "enabled",
        "memberClusters": _cache_nodes,
    },
    "aws:secretsmanager/secret:Secret": {
        "arn": "arn:aws:secretsmanager:{region}:{account}:secret:{name}-{hex6}",
        "id": "arn:aws:secretsmanager:{region}:{account}:secret:{name}-{hex6}",
    },
    "aws:secretsmanager/secretVersion:SecretVersion": {
        "id": "{in_secretId}|{uuid}",
        "versionId": "{uuid}",
        "arn": "{in_secretId}",
        "secretArn": "{in_secretId}",
        "versionStages": ["AWSCURRENT"],
    },
    "aws:secretsmanager/secretRotation:SecretRotation": {"id": "{in_secretId}", "rotationEnabled": True},
    "aws:secretsmanager/secretPolicy:SecretPolicy": {"id": "{in_secretArn}"},
    "aws:dynamodb/table:Table": {
        "id": "{name}",
        "arn": "arn:aws:dynamodb:{region}:{account}:table/{name}",
        "streamArn": _stream_arn,
        "streamLabel": lambda facts: "2026-01-01T00:00:00.000" if facts.inputs.get("streamEnabled") else "",
    },
    "aws:sqs/queue:Queue": {
        "id": _queue_url,
        "url": _queue_url,
        "name": _queue_name,
        "arn": "arn:aws:sqs:{region}:{account}:{name}",
    },
    "aws:sqs/queuePolicy:QueuePolicy": {"id": "{in_queueUrl}"},
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": {"id": "{in_queueUrl}"},
    "aws:sns/topic:Topic": {
        "id": "arn:aws:sns:{region}:{account}:{name}",
        "arn": "{id}",
        "owner": "{account}",
    },
    "aws:sns/topicPolicy:TopicPolicy": {"id": "{in_arn}", "owner": "{account}"},
    "aws:sns/topicSubscription:TopicSubscription": {
        "id": "{in_topic}:{uuid}",
        "arn": "{id}",
        "ownerId": "{account}",
        "pendingConfirmation": lambda facts: facts.inputs.get("protocol") in ("email", "http", "https"),
        "confirmationWasAuthenticated": lambda facts: facts.inputs.get("protocol") not in ("email", "http"),
    },
    "aws:msk/configuration:Configuration": {
        "id": "arn:aws:kafka:{region}:{account}:configuration/{name}/{uuid}",
        "arn": "{id}",
        "latestRevision": next_version("latestRevision"),
    },
    "aws:msk/cluster:Cluster": {
        "id": "arn:aws:kafka:{region}:{account}:cluster/{name}/{uuid}",
        "arn": "{id}",
        "clusterUuid": "{uuid}",
        "currentVersion": "K3P5ROKL5A1OLE",
        "bootstrapBrokersSaslIam": lambda facts: _brokers(facts, 9098),
        "bootstrapBrokersSaslScram": lambda facts: _brokers(facts, 9096),
        "bootstrapBrokersTls": lambda facts: _brokers(facts, 9094),
        "zookeeperConnectString": "",
    },
    "aws:msk/scramSecretAssociation:ScramSecretAssociation": {"id": "{in_clusterArn}"},
    "aws:efs/fileSystem:FileSystem": {
        "id": "fs-{hex17}",
        "arn": "arn:aws:elasticfilesystem:{region}:{account}:file-system/{id}",
        "dnsName": "{id}.efs.{region}.amazonaws.com",
    },
}


def _brokers(facts: Facts, port: int) -> str:
    count = int(facts.inputs.get("numberOfBrokerNodes") or 3)
    host = f"{facts['name'].replace('-', '')[:20]}.{facts.digest()[:6]}.c2.kafka.{facts.region}.amazonaws.com"
    return ",".join(f"b-{number}.{host}:{port}" for number in range(1, count + 1))
