"""Automatic physical names, as the AWS provider makes them: the logical name, a dash, seven hex digits."""

import functools
from dataclasses import dataclass

from offline import schema

SUFFIX = 8
"""Characters that automatic naming adds."""


@dataclass(frozen=True)
class NameRule:
    """``generated``: the provider fills ``property`` where the program leaves it out.

    Lengths are in characters.
    """

    property: str
    max_length: int = 255
    lower: bool = False
    generated: bool = True


_RULES: dict[str, NameRule] = {
    "aws:s3/bucket:Bucket": NameRule("bucket", 63, lower=True),
    "aws:lambda/function:Function": NameRule("name", 64),
    "aws:lambda/layerVersion:LayerVersion": NameRule("layerName", 64, generated=False),
    "aws:iam/role:Role": NameRule("name", 64),
    "aws:iam/policy:Policy": NameRule("name", 128),
    "aws:iam/rolePolicy:RolePolicy": NameRule("name", 128),
    "aws:iam/instanceProfile:InstanceProfile": NameRule("name", 128),
    "aws:lb/loadBalancer:LoadBalancer": NameRule("name", 32),
    "aws:lb/targetGroup:TargetGroup": NameRule("name", 32),
    "aws:sqs/queue:Queue": NameRule("name", 80),
    "aws:sns/topic:Topic": NameRule("name", 256),
    "aws:cloudwatch/logGroup:LogGroup": NameRule("name", 512),
    "aws:cloudwatch/eventRule:EventRule": NameRule("name", 64),
    "aws:cloudwatch/dashboard:Dashboard": NameRule("dashboardName", generated=False),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": NameRule("alarmName", generated=False),
    "aws:rds/cluster:Cluster": NameRule("clusterIdentifier", 63, lower=True),
    "aws:rds/clusterInstance:ClusterInstance": NameRule("identifier", 63, lower=True),
    "aws:rds/instance:Instance": NameRule("identifier", 63, lower=True),
    "aws:rds/subnetGroup:SubnetGroup": NameRule("name", 255, lower=True),
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": NameRule("name", 255, lower=True),
    "aws:rds/parameterGroup:ParameterGroup": NameRule("name", 255, lower=True),
    "aws:rds/proxy:Proxy": NameRule("name", 60),
    "aws:elasticache/serverlessCache:ServerlessCache": NameRule("name", 40, lower=True),
    "aws:elasticache/replicationGroup:ReplicationGroup": NameRule("replicationGroupId", 40, lower=True),
    "aws:elasticache/user:User": NameRule("userId", generated=False),
    "aws:elasticache/userGroup:UserGroup": NameRule("userGroupId", generated=False),
    "aws:elasticache/subnetGroup:SubnetGroup": NameRule("name", 255, lower=True),
    "aws:secretsmanager/secret:Secret": NameRule("name", 512),
    "aws:kms/alias:Alias": NameRule("name", 250),
    "aws:wafv2/webAcl:WebAcl": NameRule("name", 128),
    "aws:wafv2/ipSet:IpSet": NameRule("name", 128),
    "aws:codedeploy/application:Application": NameRule("name", 100),
    "aws:codedeploy/deploymentGroup:DeploymentGroup": NameRule("deploymentGroupName", generated=False),
    "aws:cloudfront/originAccessControl:OriginAccessControl": NameRule("name", 64),
    "aws:cloudfront/function:Function": NameRule("name", 64),
    "aws:msk/cluster:Cluster": NameRule("clusterName", 64),
    "aws:eks/cluster:Cluster": NameRule("name", 100),
    "aws:eks/nodeGroup:NodeGroup": NameRule("nodeGroupName", 63),
    "aws:eks/fargateProfile:FargateProfile": NameRule("fargateProfileName", 63),
    "aws:batch/computeEnvironment:ComputeEnvironment": NameRule("name", 128),
    "aws:batch/jobQueue:JobQueue": NameRule("name", 128),
    "aws:batch/jobDefinition:JobDefinition": NameRule("name", 128),
    "aws:ec2/launchTemplate:LaunchTemplate": NameRule("name", 128),
    "aws:scheduler/schedule:Schedule": NameRule("name", 64),
    "aws:backup/vault:Vault": NameRule("name", 50),
    "aws:backup/plan:Plan": NameRule("name", 50),
    "aws:backup/selection:Selection": NameRule("name", 50),
    "aws:ecs/taskDefinition:TaskDefinition": NameRule("family", generated=False),
    "aws:xray/group:Group": NameRule("groupName", 32, generated=False),
}


def tokens() -> list[str]:
    """The types with a rule of their own."""
    return sorted(_RULES)


@functools.cache
def rule(token: str) -> NameRule | None:
    """The rule of a type: from the table, or for any type whose optional ``name`` always has a value."""
    if token in _RULES:
        return _RULES[token]
    declared = schema.schema(token)
    field = declared.inputs.get("name")
    if token.startswith("aws:") and field and not field.required and "name" in declared.computed:
        return NameRule("name")
    return NameRule("name", generated=False) if field else None


def automatic(token: str, logical_name: str, digest: str) -> str:
    name = f"{logical_name}-{digest[: SUFFIX - 1]}"
    found = rule(token)
    return name.lower() if found and found.lower else name


def too_long(token: str, logical_name: str) -> str | None:
    """Why automatic naming cannot serve this logical name, or None where it can."""
    found = rule(token)
    if found is None or not found.generated:
        return None
    length = len(logical_name) + SUFFIX
    if length <= found.max_length:
        return None
    return (
        f"got the logical name {logical_name!r}: with automatic naming that is {length} characters; at most "
        f"{found.max_length} are allowed: shorten the logical name or set {found.property}"
    )
