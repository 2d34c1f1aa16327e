"""Which resource types hold what cannot be made again, and which do not, each with the reason.

A type that is in neither table is treated as guarded: the guard does not know what is lost with it.
"""

from collections.abc import Mapping
from enum import StrEnum


class Kind(StrEnum):
    """What is lost with a guarded resource."""

    DATA = "data store"
    KEY = "key or secret"
    ADDRESS = "address"
    RECORD = "DNS record"
    AUDIT = "audit log"
    BACKUP = "backup"


GUARDED: Mapping[str, tuple[Kind, str]] = {
    "aws:apigateway/apiKey:ApiKey": (Kind.KEY, "whoever calls with the key is locked out"),
    "aws:apigateway/domainName:DomainName": (Kind.ADDRESS, "clients lose the host that its records point to"),
    "aws:apigateway/restApi:RestApi": (Kind.ADDRESS, "a new API has another id, address and usage history"),
    "aws:backup/plan:Plan": (Kind.BACKUP, "no further backup is taken"),
    "aws:backup/vault:Vault": (Kind.BACKUP, "the recovery points in it are lost"),
    "aws:backup/vaultLockConfiguration:VaultLockConfiguration": (
        Kind.BACKUP,
        "recovery points can be deleted before their time",
    ),
    "aws:cfg/recorder:Recorder": (Kind.AUDIT, "changes to the account are no longer recorded"),
    "aws:cloudfront/distribution:Distribution": (
        Kind.ADDRESS,
        "a new distribution has another domain name, and making one takes minutes without service",
    ),
    "aws:cloudfront/keyValueStore:KeyValueStore": (Kind.DATA, "its pairs are lost"),
    "aws:cloudtrail/trail:Trail": (Kind.AUDIT, "calls to the account are no longer recorded"),
    "aws:cloudwatch/logGroup:LogGroup": (Kind.AUDIT, "every log event in it is lost"),
    "aws:cognito/userPool:UserPool": (Kind.DATA, "accounts and passwords of all users are lost"),
    "aws:dms/replicationConfig:ReplicationConfig": (
        Kind.DATA,
        "a migration under way loses its place and starts again from nothing",
    ),
    "aws:docdb/cluster:Cluster": (Kind.DATA, "the database is lost"),
    "aws:dynamodb/globalTable:GlobalTable": (Kind.DATA, "every item is lost in all regions"),
    "aws:dynamodb/table:Table": (Kind.DATA, "every item and the continuous backup are lost"),
    "aws:ebs/snapshot:Snapshot": (Kind.BACKUP, "the copy of the volume is lost"),
    "aws:ebs/volume:Volume": (Kind.DATA, "the volume's content is lost"),
    "aws:ec2/eip:Eip": (Kind.ADDRESS, "the address goes back to AWS; whoever allows it by number is cut off"),
    "aws:ec2/flowLog:FlowLog": (Kind.AUDIT, "traffic of the network is no longer recorded"),
    "aws:ecr/repository:Repository": (Kind.DATA, "the images that releases and rollbacks name are lost"),
    "aws:efs/fileSystem:FileSystem": (Kind.DATA, "every file is lost"),
    "aws:eks/cluster:Cluster": (Kind.DATA, "every object in the cluster, and its API address, is lost"),
    "aws:elasticache/cluster:Cluster": (Kind.DATA, "sessions and cached values are lost"),
    "aws:elasticache/replicationGroup:ReplicationGroup": (Kind.DATA, "sessions and cached values are lost"),
    "aws:elasticache/serverlessCache:ServerlessCache": (Kind.DATA, "sessions and cached values are lost"),
    "aws:guardduty/detector:Detector": (Kind.AUDIT, "findings and their history are lost"),
    "aws:iam/accessKey:AccessKey": (Kind.KEY, "whoever uses the key is locked out"),
    "aws:kinesis/stream:Stream": (Kind.DATA, "records not yet read are lost"),
    "aws:kms/key:Key": (Kind.KEY, "what it encrypted, backups included, can never be read again"),
    "aws:kms/replicaKey:ReplicaKey": (Kind.KEY, "what it encrypted in its region can never be read again"),
    "aws:lb/loadBalancer:LoadBalancer": (Kind.ADDRESS, "a new load balancer has another DNS name"),
    "aws:msk/cluster:Cluster": (Kind.DATA, "every topic and message is lost"),
    "aws:msk/serverlessCluster:ServerlessCluster": (Kind.DATA, "every topic and message is lost"),
    "aws:msk/topic:Topic": (Kind.DATA, "every message of the topic is lost"),
    "aws:opensearch/domain:Domain": (Kind.DATA, "every index is lost"),
    "aws:rds/cluster:Cluster": (Kind.DATA, "the database and its automated backups are lost"),
    "aws:rds/clusterSnapshot:ClusterSnapshot": (Kind.BACKUP, "the copy of the database is lost"),
    "aws:rds/globalCluster:GlobalCluster": (Kind.DATA, "the second region stops following the first"),
    "aws:rds/instance:Instance": (Kind.DATA, "the database, or the copy that answers reads, is lost"),
    "aws:rds/snapshot:Snapshot": (Kind.BACKUP, "the copy of the database is lost"),
    "aws:route53/record:Record": (Kind.RECORD, "the name stops resolving, for as long as resolvers remember"),
    "aws:route53/zone:Zone": (Kind.RECORD, "every name in it stops resolving; a new zone has other servers"),
    "aws:s3/bucket:Bucket": (Kind.DATA, "every object is lost, and anyone may take the bucket's name"),
    "aws:s3/bucketVersioning:BucketVersioning": (
        Kind.BACKUP,
        "an overwritten or deleted object can no longer be fetched back",
    ),
    "aws:secretsmanager/secret:Secret": (Kind.KEY, "the secret's value is lost"),
    "aws:secretsmanager/secretVersion:SecretVersion": (Kind.KEY, "the secret's value is lost"),
    "aws:sns/topic:Topic": (
        Kind.ADDRESS,
        "its e-mail subscriptions are lost, and alerts reach nobody until people confirm again",
    ),
    "aws:sqs/queue:Queue": (Kind.DATA, "messages waiting in it are lost"),
    "aws:ssm/parameter:Parameter": (Kind.KEY, "the parameter's value is lost"),
    "cloudflare:index/dnsRecord:DnsRecord": (
        Kind.RECORD,
        "the name stops resolving, for as long as resolvers remember",
    ),
    "cloudflare:index/loadBalancer:LoadBalancer": (
        Kind.RECORD,
        "the hostname is its name: without it the hostname stops resolving",
    ),
    "cloudflare:index/zone:Zone": (Kind.RECORD, "every name in it stops resolving"),
    "kubernetes:core/v1:Namespace": (Kind.DATA, "everything in the namespace goes with it"),
    "kubernetes:core/v1:PersistentVolume": (Kind.DATA, "the volume's content is lost"),
    "kubernetes:core/v1:PersistentVolumeClaim": (Kind.DATA, "the volume's content is lost"),
    "kubernetes:core/v1:Secret": (Kind.KEY, "the secret's value is lost"),
    "kubernetes:helm.sh/v3:Release": (Kind.DATA, "a chart may hold volumes, secrets and addresses"),
    "kubernetes:networking.k8s.io/v1:Ingress": (
        Kind.ADDRESS,
        "its load balancer, whose name records point to, goes with it",
    ),
    "random:index/randomPassword:RandomPassword": (Kind.KEY, "the password cannot be made again"),
    "tls:index/privateKey:PrivateKey": (Kind.KEY, "the key cannot be made again"),
}
"""Type to what is lost when a resource of it is deleted or replaced."""


def lost_with(resource_type: str) -> tuple[Kind, str] | None:
    """What is lost with a resource of this type; None for a type whose loss is mended by the next update."""
    return GUARDED.get(resource_type)
