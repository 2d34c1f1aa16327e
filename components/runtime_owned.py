"""Fields that something other than Pulumi changes at run time.

One registry feeds ``ignore_changes`` and the drift check, so that both agree on what is not drift.
"""

RUNTIME_OWNED: dict[str, tuple[str, ...]] = {
    # Scaling counts the hosts; a blue/green release opens one group of the pair and closes the other.
    "aws:autoscaling/group:Group": ("desiredCapacity", "maxSize", "minSize"),
    # EC2 puts every subnet here until an ACL of its own takes it.
    "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl": ("subnetIds",),
    # Application Auto Scaling counts the tasks of a service that scales.
    "aws:ecs/service:Service": ("desiredCount",),
    # CodeDeploy moves the alias between versions while it shifts traffic.
    "aws:lambda/alias:Alias": ("functionVersion", "routingConfig"),
    # A blue/green release moves the weights of the rules that send to two groups.
    "aws:lb/listenerRule:ListenerRule": ("actions",),
    # MSK adds storage as the disks fill.
    "aws:msk/cluster:Cluster": ("brokerNodeGroupInfo.storageInfo.ebsStorageInfo.volumeSize",),
    # A master that is handed over leaves RDS's management after the instance is made.
    "aws:rds/instance:Instance": ("manageMasterUserPassword", "masterUserSecretKmsKeyId"),
    # The rotation and RDS itself write new versions; the first value is only a start.
    "aws:secretsmanager/secretVersion:SecretVersion": ("secretString",),
    # The horizontal autoscaler counts the pods of a Deployment that scales.
    "kubernetes:apps/v1:Deployment": ("spec.replicas",),
}


def ignore_changes(resource_type: str) -> list[str]:
    """Property names for ``ResourceOptions.ignore_changes`` of a type shared with a run-time owner."""
    return list(RUNTIME_OWNED[resource_type])
