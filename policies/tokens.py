"""Resource type tokens the rules name, and older spellings of the same types."""

from typing import Final

ALB: Final = "aws:lb/loadBalancer:LoadBalancer"
ALARM: Final = "aws:cloudwatch/metricAlarm:MetricAlarm"
ALARM_COMPOSITE: Final = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
API: Final = "aws:apigateway/restApi:RestApi"
API_DOMAIN: Final = "aws:apigateway/domainName:DomainName"
API_METHOD: Final = "aws:apigateway/method:Method"
API_RESOURCE: Final = "aws:apigateway/resource:Resource"
API_SETTINGS: Final = "aws:apigateway/methodSettings:MethodSettings"
API_STAGE: Final = "aws:apigateway/stage:Stage"
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
CACHE_GROUP: Final = "aws:elasticache/replicationGroup:ReplicationGroup"
CACHE_SERVERLESS: Final = "aws:elasticache/serverlessCache:ServerlessCache"
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
CLOUDFRONT: Final = "aws:cloudfront/distribution:Distribution"
CODEDEPLOY_GROUP: Final = "aws:codedeploy/deploymentGroup:DeploymentGroup"
DASHBOARD: Final = "aws:cloudwatch/dashboard:Dashboard"
DB: Final = "aws:rds/instance:Instance"
DB_CLUSTER: Final = "aws:rds/cluster:Cluster"
DB_CLUSTER_INSTANCE: Final = "aws:rds/clusterInstance:ClusterInstance"
DB_CLUSTER_PARAMETERS: Final = "aws:rds/clusterParameterGroup:ClusterParameterGroup"
DB_PARAMETERS: Final = "aws:rds/parameterGroup:ParameterGroup"
DB_PROXY: Final = "aws:rds/proxy:Proxy"
DB_PROXY_TARGET: Final = "aws:rds/proxyTarget:ProxyTarget"
DB_SUBNETS: Final = "aws:rds/subnetGroup:SubnetGroup"
DYNAMODB: Final = "aws:dynamodb/table:Table"
FLOW_LOG: Final = "aws:ec2/flowLog:FlowLog"
FUNCTION: Final = "aws:lambda/function:Function"
FUNCTION_ALIAS: Final = "aws:lambda/alias:Alias"
FUNCTION_EVENT_CONFIG: Final = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"
FUNCTION_PERMISSION: Final = "aws:lambda/permission:Permission"
FUNCTION_URL: Final = "aws:lambda/functionUrl:FunctionUrl"
IAM_GROUP_POLICY: Final = "aws:iam/groupPolicy:GroupPolicy"
IAM_POLICY: Final = "aws:iam/policy:Policy"
IAM_ROLE: Final = "aws:iam/role:Role"
IAM_ROLE_ATTACHMENT: Final = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
IAM_ROLE_POLICY: Final = "aws:iam/rolePolicy:RolePolicy"
IAM_USER_ATTACHMENT: Final = "aws:iam/userPolicyAttachment:UserPolicyAttachment"
IAM_USER_POLICY: Final = "aws:iam/userPolicy:UserPolicy"
INTERNET_GATEWAY: Final = "aws:ec2/internetGateway:InternetGateway"
KMS_KEY: Final = "aws:kms/key:Key"
LOG_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
NACL: Final = "aws:ec2/networkAcl:NetworkAcl"
NACL_DEFAULT: Final = "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl"
NACL_RULE: Final = "aws:ec2/networkAclRule:NetworkAclRule"
NAT: Final = "aws:ec2/natGateway:NatGateway"
QUEUE: Final = "aws:sqs/queue:Queue"
QUEUE_POLICY: Final = "aws:sqs/queuePolicy:QueuePolicy"
QUEUE_REDRIVE: Final = "aws:sqs/redrivePolicy:RedrivePolicy"
ROUTE: Final = "aws:ec2/route:Route"
ROUTE_TABLE: Final = "aws:ec2/routeTable:RouteTable"
R53_QUERY_LOG: Final = "aws:route53/queryLog:QueryLog"
R53_ZONE: Final = "aws:route53/zone:Zone"
SECRET: Final = "aws:secretsmanager/secret:Secret"  # noqa: S105 - a type token
SECRET_ROTATION: Final = "aws:secretsmanager/secretRotation:SecretRotation"  # noqa: S105 - a type token
SG: Final = "aws:ec2/securityGroup:SecurityGroup"
SG_DEFAULT: Final = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
SG_INGRESS: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
SG_RULE: Final = "aws:ec2/securityGroupRule:SecurityGroupRule"
SUBNET: Final = "aws:ec2/subnet:Subnet"
TOPIC: Final = "aws:sns/topic:Topic"
TOPIC_POLICY: Final = "aws:sns/topicPolicy:TopicPolicy"
VPC: Final = "aws:ec2/vpc:Vpc"
VPC_ENDPOINT: Final = "aws:ec2/vpcEndpoint:VpcEndpoint"
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
    "aws:alb/loadBalancer:LoadBalancer": ALB,
    "aws:applicationloadbalancing/loadBalancer:LoadBalancer": ALB,
    "aws:elasticloadbalancingv2/loadBalancer:LoadBalancer": ALB,
    "cloudflare:index/record:Record": CF_RECORD,
}
"""Other tokens under which a provider accepts the same resource; a rule must not be dodged by spelling."""


def canonical(token: str) -> str:
    """The one spelling that rules are written for."""
    return ALIASES.get(token, token)
