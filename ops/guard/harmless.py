"""Resource types that the next update makes again as they were, each group with the reason."""

from collections.abc import Mapping

HARMLESS: Mapping[str, tuple[str, ...]] = {
    "a rule or a permission: it holds nothing but what the program says": (
        "aws:accessanalyzer/analyzer:Analyzer",
        "aws:backup/selection:Selection",
        "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
        "aws:dynamodb/resourcePolicy:ResourcePolicy",
        "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl",
        "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        "aws:ec2/networkAcl:NetworkAcl",
        "aws:ec2/securityGroup:SecurityGroup",
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        "aws:ecr/repositoryPolicy:RepositoryPolicy",
        "aws:eks/accessEntry:AccessEntry",
        "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
        "aws:eks/podIdentityAssociation:PodIdentityAssociation",
        "aws:iam/*",
        "aws:kms/grant:Grant",
        "aws:lambda/permission:Permission",
        "aws:secretsmanager/secretPolicy:SecretPolicy",
        "aws:sns/topicPolicy:TopicPolicy",
        "aws:sqs/queuePolicy:QueuePolicy",
        "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
        "aws:vpc/*",
        "aws:wafv2/*",
        "cloudflare:index/ruleset:Ruleset",
        "cloudflare:index/zoneSetting:ZoneSetting",
    ),
    "the network's shape: addresses that anyone outside knows are resources of their own": (
        "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway",
        "aws:ec2/internetGateway:InternetGateway",
        "aws:ec2/natGateway:NatGateway",
        "aws:ec2/route:Route",
        "aws:ec2/routeTable:RouteTable",
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        "aws:ec2/subnet:Subnet",
        "aws:ec2/vpc:Vpc",
        "aws:ec2/vpcEndpoint:VpcEndpoint",
    ),
    "compute without state: it starts again from its image, package or template": (
        "aws:autoscaling/*",
        "aws:appautoscaling/*",
        "aws:batch/*",
        "aws:ec2/instance:Instance",
        "aws:ec2/launchTemplate:LaunchTemplate",
        "aws:ec2/placementGroup:PlacementGroup",
        "aws:ecs/*",
        "aws:eks/addon:Addon",
        "aws:eks/fargateProfile:FargateProfile",
        "aws:eks/nodeGroup:NodeGroup",
        "aws:lambda/*",
        "aws:pipes/*",
        "aws:scheduler/*",
        "aws:sfn/*",
    ),
    "how a service is set up, or a part of something that is guarded itself": (
        "aws:apigateway/*",
        "aws:apigatewayv2/*",
        "aws:cloudfront/*",
        "aws:codedeploy/*",
        "aws:dms/endpoint:Endpoint",
        "aws:dms/replicationSubnetGroup:ReplicationSubnetGroup",
        "aws:dynamodb/contributorInsights:ContributorInsights",
        "aws:ec2/eipAssociation:EipAssociation",
        "aws:efs/accessPoint:AccessPoint",
        "aws:efs/mountTarget:MountTarget",
        "aws:elasticache/parameterGroup:ParameterGroup",
        "aws:elasticache/subnetGroup:SubnetGroup",
        "aws:elasticache/user:User",
        "aws:elasticache/userGroup:UserGroup",
        "aws:elasticache/userGroupAssociation:UserGroupAssociation",
        "aws:lb/*",
        "aws:msk/clusterPolicy:ClusterPolicy",
        "aws:msk/configuration:Configuration",
        "aws:msk/scramSecretAssociation:ScramSecretAssociation",
        "aws:msk/singleScramSecretAssociation:SingleScramSecretAssociation",
        "aws:rds/clusterParameterGroup:ClusterParameterGroup",
        "aws:rds/eventSubscription:EventSubscription",
        "aws:rds/optionGroup:OptionGroup",
        "aws:rds/parameterGroup:ParameterGroup",
        "aws:rds/proxy:Proxy",
        "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup",
        "aws:rds/proxyEndpoint:ProxyEndpoint",
        "aws:rds/proxyTarget:ProxyTarget",
        "aws:rds/subnetGroup:SubnetGroup",
        "aws:route53/healthCheck:HealthCheck",
        "aws:route53/zoneAssociation:ZoneAssociation",
        "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
        "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration",
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "aws:s3/bucketLogging:BucketLogging",
        "aws:s3/bucketMetric:BucketMetric",
        "aws:s3/bucketNotification:BucketNotification",
        "aws:s3/bucketObjectv2:BucketObjectv2",
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        "aws:s3/bucketPolicy:BucketPolicy",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "aws:secretsmanager/secretRotation:SecretRotation",
        "aws:servicediscovery/*",
        "aws:sns/platformApplication:PlatformApplication",
        "aws:ssm/association:Association",
        "aws:ssm/document:Document",
        "cloudflare:index/loadBalancerMonitor:LoadBalancerMonitor",
        "cloudflare:index/loadBalancerPool:LoadBalancerPool",
    ),
    "an Aurora instance computes: the cluster's volume holds the data": (
        "aws:rds/clusterInstance:ClusterInstance",
    ),
    "another name for a key: the key and what it encrypted stay": ("aws:kms/alias:Alias",),
    "issued again by the same validation records": (
        "aws:acm/certificate:Certificate",
        "aws:acm/certificateValidation:CertificateValidation",
    ),
    "who is told: the topic is guarded, and a new subscriber confirms once": (
        "aws:sns/topicSubscription:TopicSubscription",
    ),
    "watching and counting: the figures belong to what is watched": (
        "aws:budgets/*",
        "aws:cfg/*",
        "aws:chatbot/*",
        "aws:cloudwatch/*",
        "aws:xray/*",
    ),
    "a standard or a switch of the account: what holds findings is guarded": (
        "aws:ebs/encryptionByDefault:EncryptionByDefault",
        "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess",
        "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults",
        "aws:guardduty/*",
        "aws:inspector2/*",
        "aws:securityhub/*",
    ),
    "a test of backups: the vault and what is in it are guarded": (
        "aws:backup/restoreTestingPlan:RestoreTestingPlan",
        "aws:backup/restoreTestingSelection:RestoreTestingSelection",
    ),
    "an object that the program describes in full: volumes, secrets and addresses are guarded": (
        "kubernetes:*",
    ),
}
"""Reason to types. ``aws:service/*`` stands for the service's types that are not guarded."""

_BY_TYPE: Mapping[str, str] = {entry: reason for reason, types in HARMLESS.items() for entry in types}


def why_harmless(resource_type: str) -> str | None:
    """Why the loss of a resource of this type loses nothing; None for a type that nobody has judged.

    Ask the guarded types first: a service listed as a whole may have guarded ones.
    """
    service = resource_type.partition("/")[0]
    package = resource_type.partition(":")[0]
    for entry in (resource_type, f"{service}/*", f"{package}:*"):
        if entry in _BY_TYPE:
            return _BY_TYPE[entry]
    return None
