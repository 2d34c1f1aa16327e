"""Resource type tokens the rules name, and older spellings of the same types."""

from typing import Final

ALARM: Final = "aws:cloudwatch/metricAlarm:MetricAlarm"
ALARM_COMPOSITE: Final = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
ALB: Final = "aws:lb/loadBalancer:LoadBalancer"
AMI_PERMISSION: Final = "aws:ec2/amiLaunchPermission:AmiLaunchPermission"
API: Final = "aws:apigateway/restApi:RestApi"
API_DOMAIN: Final = "aws:apigateway/domainName:DomainName"
API_METHOD: Final = "aws:apigateway/method:Method"
API_RESOURCE: Final = "aws:apigateway/resource:Resource"
API_SETTINGS: Final = "aws:apigateway/methodSettings:MethodSettings"
API_STAGE: Final = "aws:apigateway/stage:Stage"
API_V2: Final = "aws:apigatewayv2/api:Api"
API_V2_DOMAIN: Final = "aws:apigatewayv2/domainName:DomainName"
API_V2_ROUTE: Final = "aws:apigatewayv2/route:Route"
API_V2_STAGE: Final = "aws:apigatewayv2/stage:Stage"
AUTOSCALING_GROUP: Final = "aws:autoscaling/group:Group"
BACKUP_PLAN: Final = "aws:backup/plan:Plan"
BACKUP_SELECTION: Final = "aws:backup/selection:Selection"
BACKUP_VAULT: Final = "aws:backup/vault:Vault"
BACKUP_VAULT_POLICY: Final = "aws:backup/vaultPolicy:VaultPolicy"
BATCH_ENVIRONMENT: Final = "aws:batch/computeEnvironment:ComputeEnvironment"
BATCH_JOB: Final = "aws:batch/jobDefinition:JobDefinition"
BUCKET: Final = "aws:s3/bucket:Bucket"
BUCKET_ACL: Final = "aws:s3/bucketAcl:BucketAcl"
BUCKET_ENCRYPTION: Final = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
)
BUCKET_LIFECYCLE: Final = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
BUCKET_LOGGING: Final = "aws:s3/bucketLogging:BucketLogging"
BUCKET_POLICY: Final = "aws:s3/bucketPolicy:BucketPolicy"
BUCKET_PUBLIC_ACCESS: Final = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
BUCKET_VERSIONING: Final = "aws:s3/bucketVersioning:BucketVersioning"
BUDGET: Final = "aws:budgets/budget:Budget"
CACHE_CLUSTER: Final = "aws:elasticache/cluster:Cluster"
CACHE_GROUP: Final = "aws:elasticache/replicationGroup:ReplicationGroup"
CACHE_SERVERLESS: Final = "aws:elasticache/serverlessCache:ServerlessCache"
CACHE_SUBNETS: Final = "aws:elasticache/subnetGroup:SubnetGroup"
CACHE_USER: Final = "aws:elasticache/user:User"
CACHE_USER_GROUP: Final = "aws:elasticache/userGroup:UserGroup"
CERTIFICATE: Final = "aws:acm/certificate:Certificate"
CERTIFICATE_VALIDATION: Final = "aws:acm/certificateValidation:CertificateValidation"
CF_LOAD_BALANCER: Final = "cloudflare:index/loadBalancer:LoadBalancer"
CF_MONITOR: Final = "cloudflare:index/loadBalancerMonitor:LoadBalancerMonitor"
CF_POOL: Final = "cloudflare:index/loadBalancerPool:LoadBalancerPool"
CF_RECORD: Final = "cloudflare:index/dnsRecord:DnsRecord"
CF_RULESET: Final = "cloudflare:index/ruleset:Ruleset"
CF_ZONE_SETTING: Final = "cloudflare:index/zoneSetting:ZoneSetting"
CLASSIC_LB: Final = "aws:elb/loadBalancer:LoadBalancer"
CLOUDFRONT: Final = "aws:cloudfront/distribution:Distribution"
CLOUDFRONT_VPC_ORIGIN: Final = "aws:cloudfront/vpcOrigin:VpcOrigin"
CODEBUILD: Final = "aws:codebuild/project:Project"
CODEDEPLOY_GROUP: Final = "aws:codedeploy/deploymentGroup:DeploymentGroup"
CONFIG_RECORDER: Final = "aws:cfg/recorder:Recorder"
CONFIG_STATUS: Final = "aws:cfg/recorderStatus:RecorderStatus"
DASHBOARD: Final = "aws:cloudwatch/dashboard:Dashboard"
DB: Final = "aws:rds/instance:Instance"
DB_CLUSTER: Final = "aws:rds/cluster:Cluster"
DB_CLUSTER_INSTANCE: Final = "aws:rds/clusterInstance:ClusterInstance"
DB_CLUSTER_PARAMETERS: Final = "aws:rds/clusterParameterGroup:ClusterParameterGroup"
DB_CLUSTER_SNAPSHOT: Final = "aws:rds/clusterSnapshot:ClusterSnapshot"
DB_EVENTS: Final = "aws:rds/eventSubscription:EventSubscription"
DB_PARAMETERS: Final = "aws:rds/parameterGroup:ParameterGroup"
DB_PROXY: Final = "aws:rds/proxy:Proxy"
DB_PROXY_TARGET: Final = "aws:rds/proxyTarget:ProxyTarget"
DB_SNAPSHOT: Final = "aws:rds/snapshot:Snapshot"
DB_SUBNETS: Final = "aws:rds/subnetGroup:SubnetGroup"
DYNAMODB: Final = "aws:dynamodb/table:Table"
EBS_DEFAULT: Final = "aws:ebs/encryptionByDefault:EncryptionByDefault"
EBS_VOLUME: Final = "aws:ebs/volume:Volume"
ECR_LIFECYCLE: Final = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
ECR_POLICY: Final = "aws:ecr/repositoryPolicy:RepositoryPolicy"
ECR_REPOSITORY: Final = "aws:ecr/repository:Repository"
ECR_SCANNING: Final = "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration"
ECS_CLUSTER: Final = "aws:ecs/cluster:Cluster"
ECS_SERVICE: Final = "aws:ecs/service:Service"
ECS_TASK: Final = "aws:ecs/taskDefinition:TaskDefinition"
ECS_TASK_SET: Final = "aws:ecs/taskSet:TaskSet"
EFS: Final = "aws:efs/fileSystem:FileSystem"
EFS_ACCESS: Final = "aws:efs/accessPoint:AccessPoint"
EFS_POLICY: Final = "aws:efs/fileSystemPolicy:FileSystemPolicy"
EKS_CLUSTER: Final = "aws:eks/cluster:Cluster"
EVENT_BUS: Final = "aws:cloudwatch/eventBus:EventBus"
EVENT_BUS_POLICY: Final = "aws:cloudwatch/eventBusPolicy:EventBusPolicy"
EVENT_PERMISSION: Final = "aws:cloudwatch/eventPermission:EventPermission"
EVENT_SOURCE: Final = "aws:lambda/eventSourceMapping:EventSourceMapping"
EVENT_TARGET: Final = "aws:cloudwatch/eventTarget:EventTarget"
FLOW_LOG: Final = "aws:ec2/flowLog:FlowLog"
FUNCTION: Final = "aws:lambda/function:Function"
FUNCTION_ALIAS: Final = "aws:lambda/alias:Alias"
FUNCTION_EVENT_CONFIG: Final = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"
FUNCTION_PERMISSION: Final = "aws:lambda/permission:Permission"
FUNCTION_URL: Final = "aws:lambda/functionUrl:FunctionUrl"
GUARDDUTY: Final = "aws:guardduty/detector:Detector"
IAM_ACCESS_KEY: Final = "aws:iam/accessKey:AccessKey"
IAM_ATTACHMENT: Final = "aws:iam/policyAttachment:PolicyAttachment"
IAM_GROUP_ATTACHMENT: Final = "aws:iam/groupPolicyAttachment:GroupPolicyAttachment"
IAM_GROUP_EXCLUSIVE: Final = "aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive"
IAM_GROUP_POLICY: Final = "aws:iam/groupPolicy:GroupPolicy"
IAM_LOGIN: Final = "aws:iam/userLoginProfile:UserLoginProfile"
IAM_POLICY: Final = "aws:iam/policy:Policy"
IAM_ROLE: Final = "aws:iam/role:Role"
IAM_ROLE_ATTACHMENT: Final = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
IAM_ROLE_EXCLUSIVE: Final = "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive"
IAM_ROLE_POLICY: Final = "aws:iam/rolePolicy:RolePolicy"
IAM_SERVICE_LOGIN: Final = "aws:iam/serviceSpecificCredential:ServiceSpecificCredential"
IAM_USER_ATTACHMENT: Final = "aws:iam/userPolicyAttachment:UserPolicyAttachment"
IAM_USER_EXCLUSIVE: Final = "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive"
IAM_USER_POLICY: Final = "aws:iam/userPolicy:UserPolicy"
INSTANCE: Final = "aws:ec2/instance:Instance"
INTERNET_GATEWAY: Final = "aws:ec2/internetGateway:InternetGateway"
KMS_GRANT: Final = "aws:kms/grant:Grant"
KMS_KEY: Final = "aws:kms/key:Key"
KMS_KEY_POLICY: Final = "aws:kms/keyPolicy:KeyPolicy"
KMS_REPLICA: Final = "aws:kms/replicaKey:ReplicaKey"
LAUNCH_CONFIGURATION: Final = "aws:ec2/launchConfiguration:LaunchConfiguration"
LAUNCH_TEMPLATE: Final = "aws:ec2/launchTemplate:LaunchTemplate"
LAYER_PERMISSION: Final = "aws:lambda/layerVersionPermission:LayerVersionPermission"
LISTENER: Final = "aws:lb/listener:Listener"
LISTENER_CERTIFICATE: Final = "aws:lb/listenerCertificate:ListenerCertificate"
LISTENER_RULE: Final = "aws:lb/listenerRule:ListenerRule"
LOG_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
MSK: Final = "aws:msk/cluster:Cluster"
MSK_SERVERLESS: Final = "aws:msk/serverlessCluster:ServerlessCluster"
NACL: Final = "aws:ec2/networkAcl:NetworkAcl"
NACL_DEFAULT: Final = "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl"
NACL_RULE: Final = "aws:ec2/networkAclRule:NetworkAclRule"
NAT: Final = "aws:ec2/natGateway:NatGateway"
OBJECT: Final = "aws:s3/bucketObjectv2:BucketObjectv2"
PASSWORD_POLICY: Final = "aws:iam/accountPasswordPolicy:AccountPasswordPolicy"  # noqa: S105 - a type token
PIPE: Final = "aws:pipes/pipe:Pipe"
QUEUE: Final = "aws:sqs/queue:Queue"
QUEUE_POLICY: Final = "aws:sqs/queuePolicy:QueuePolicy"
QUEUE_REDRIVE: Final = "aws:sqs/redrivePolicy:RedrivePolicy"
QUEUE_REDRIVE_ALLOW: Final = "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy"
R53_QUERY_LOG: Final = "aws:route53/queryLog:QueryLog"
R53_ZONE: Final = "aws:route53/zone:Zone"
ROUTE: Final = "aws:ec2/route:Route"
ROUTE_TABLE: Final = "aws:ec2/routeTable:RouteTable"
ROUTE_TABLE_ASSOCIATION: Final = "aws:ec2/routeTableAssociation:RouteTableAssociation"
S3_ACCESS_POINT: Final = "aws:s3/accessPoint:AccessPoint"
S3_ACCOUNT: Final = "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock"
SCALING_TARGET: Final = "aws:appautoscaling/target:Target"
SECRET: Final = "aws:secretsmanager/secret:Secret"  # noqa: S105 - a type token
SECRET_POLICY: Final = "aws:secretsmanager/secretPolicy:SecretPolicy"  # noqa: S105 - a type token
SECRET_ROTATION: Final = "aws:secretsmanager/secretRotation:SecretRotation"  # noqa: S105 - a type token
SG: Final = "aws:ec2/securityGroup:SecurityGroup"
SG_DEFAULT: Final = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
SG_INGRESS: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
SG_RULE: Final = "aws:ec2/securityGroupRule:SecurityGroupRule"
SNAPSHOT_PERMISSION: Final = "aws:ec2/snapshotCreateVolumePermission:SnapshotCreateVolumePermission"
SSM_DOCUMENT: Final = "aws:ssm/document:Document"
STATE_MACHINE: Final = "aws:sfn/stateMachine:StateMachine"
SUBNET: Final = "aws:ec2/subnet:Subnet"
SUBSCRIPTION: Final = "aws:sns/topicSubscription:TopicSubscription"
TARGET_ATTACHMENT: Final = "aws:lb/targetGroupAttachment:TargetGroupAttachment"
TARGET_GROUP: Final = "aws:lb/targetGroup:TargetGroup"
TOPIC: Final = "aws:sns/topic:Topic"
TOPIC_POLICY: Final = "aws:sns/topicPolicy:TopicPolicy"
TRAIL: Final = "aws:cloudtrail/trail:Trail"
VPC: Final = "aws:ec2/vpc:Vpc"
VPC_ENDPOINT: Final = "aws:ec2/vpcEndpoint:VpcEndpoint"
VPC_ENDPOINT_POLICY: Final = "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy"
WAF: Final = "aws:wafv2/webAcl:WebAcl"
WAF_ASSOCIATION: Final = "aws:wafv2/webAclAssociation:WebAclAssociation"
WAF_LOGGING: Final = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"

IAM_DOCUMENTS: Final = (IAM_POLICY, IAM_ROLE_POLICY, IAM_USER_POLICY, IAM_GROUP_POLICY)

_S3_V2 = (
    "Bucket",
    "BucketAccelerateConfiguration",
    "BucketAcl",
    "BucketCorsConfiguration",
    "BucketLifecycleConfiguration",
    "BucketLogging",
    "BucketObjectLockConfiguration",
    "BucketServerSideEncryptionConfiguration",
    "BucketVersioning",
    "BucketWebsiteConfiguration",
)


def _s3(kind: str) -> str:
    return f"aws:s3/{kind[0].lower()}{kind[1:]}:{kind}"


ALIASES: Final[dict[str, str]] = {
    **{_s3(f"{kind}V2"): _s3(kind) for kind in _S3_V2},
    **{
        token.replace("aws:lb/", f"aws:{module}/"): token
        for token in (ALB, LISTENER, LISTENER_CERTIFICATE, LISTENER_RULE, TARGET_ATTACHMENT, TARGET_GROUP)
        for module in ("alb", "applicationloadbalancing", "elasticloadbalancingv2")
    },
    "aws:s3/bucketObject:BucketObject": OBJECT,
    "aws:autoscaling/launchConfiguration:LaunchConfiguration": LAUNCH_CONFIGURATION,
    "cloudflare:index/record:Record": CF_RECORD,
}
"""Other tokens under which a provider accepts the same resource; a rule must not be dodged by spelling."""


def canonical(token: str) -> str:
    """The one spelling that rules are written for."""
    return ALIASES.get(token, token)
