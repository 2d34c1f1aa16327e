"""Computed outputs: Kubernetes, batch, instances and their scaling."""

from collections.abc import Mapping
from typing import Any

from offline.computed import Entry, Facts, next_version


def _oidc(facts: Facts) -> list[dict[str, Any]]:
    return [{"oidcs": [{"issuer": f"https://oidc.eks.{facts.region}.amazonaws.com/id/{facts['HEX32']}"}]}]


def _oidc_provider(facts: Facts) -> str:
    host = facts.text("url").removeprefix("https://")
    return f"arn:aws:iam::{facts.context.account_id}:oidc-provider/{host}"


TABLE: Mapping[str, Entry] = {
    "aws:eks/cluster:Cluster": {
        "id": "{name}",
        "arn": "arn:aws:eks:{region}:{account}:cluster/{name}",
        "endpoint": "https://{HEX32}.gr7.{region}.eks.amazonaws.com",
        "certificateAuthority": {"data": "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg=="},
        "identities": _oidc,
        "status": "ACTIVE",
        "platformVersion": "eks.1",
        "createdAt": "2026-01-01T00:00:00Z",
        "clusterId": "",
        "vpcConfig": lambda facts: {
            **facts.object_of("vpcConfig"),
            "clusterSecurityGroupId": f"sg-{facts.digest()[:17]}",
            "vpcId": f"vpc-{facts.digest()[:17]}",
        },
    },
    "aws:eks/nodeGroup:NodeGroup": {
        "id": "{in_clusterName}:{name}",
        "arn": "arn:aws:eks:{region}:{account}:nodegroup/{in_clusterName}/{name}/{uuid}",
        "status": "ACTIVE",
        "resources": lambda facts: [{"autoscalingGroups": [{"name": f"eks-{facts['name']}"}]}],
    },
    "aws:eks/fargateProfile:FargateProfile": {
        "id": "{in_clusterName}:{name}",
        "arn": "arn:aws:eks:{region}:{account}:fargateprofile/{in_clusterName}/{name}/{uuid}",
        "status": "ACTIVE",
    },
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": {
        "id": _oidc_provider,
        "arn": "{id}",
    },
    "aws:eks/addon:Addon": {
        "id": "{in_clusterName}:{in_addonName}",
        "arn": "arn:aws:eks:{region}:{account}:addon/{in_clusterName}/{in_addonName}/{uuid}",
    },
    "aws:eks/accessEntry:AccessEntry": {
        "id": "{in_clusterName}:{in_principalArn}",
        "accessEntryArn": "arn:aws:eks:{region}:{account}:access-entry/{in_clusterName}/{uuid}",
    },
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": {
        "id": "{in_clusterName}#{in_principalArn}#{in_policyArn}",
        "associatedAt": "2026-01-01T00:00:00Z",
        "modifiedAt": "2026-01-01T00:00:00Z",
    },
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": {
        "id": "a-{hex17}",
        "associationId": "{id}",
        "associationArn": "arn:aws:eks:{region}:{account}:podidentityassociation/{in_clusterName}/{id}",
    },
    "aws:batch/computeEnvironment:ComputeEnvironment": {
        "id": "{name}",
        "arn": "arn:aws:batch:{region}:{account}:compute-environment/{name}",
        "ecsClusterArn": "arn:aws:ecs:{region}:{account}:cluster/AWSBatch-{name}",
        "status": "VALID",
    },
    "aws:batch/jobQueue:JobQueue": {
        "id": "arn:aws:batch:{region}:{account}:job-queue/{name}",
        "arn": "{id}",
    },
    "aws:batch/schedulingPolicy:SchedulingPolicy": {
        "id": "arn:aws:batch:{region}:{account}:scheduling-policy/{name}",
        "arn": "{id}",
    },
    "aws:batch/jobDefinition:JobDefinition": {
        "arnPrefix": "arn:aws:batch:{region}:{account}:job-definition/{name}",
        "id": "arn:aws:batch:{region}:{account}:job-definition/{name}:1",
        "revision": next_version("revision"),
        "arn": "{arnPrefix}:{revision}",
    },
    "aws:ec2/launchTemplate:LaunchTemplate": {
        "id": "lt-{hex17}",
        "arn": "arn:aws:ec2:{region}:{account}:launch-template/{id}",
        "latestVersion": next_version("latestVersion"),
        "defaultVersion": 1,
    },
    "aws:autoscaling/group:Group": {
        "id": "{name}",
        "arn": "arn:aws:autoscaling:{region}:{account}:autoScalingGroup:{uuid}:autoScalingGroupName/{name}",
    },
    "aws:autoscaling/policy:Policy": {
        "id": "{name}",
        "arn": "arn:aws:autoscaling:{region}:{account}:scalingPolicy:{uuid}:policyName/{name}",
    },
    "aws:ec2/instance:Instance": {
        "id": "i-{hex17}",
        "arn": "arn:aws:ec2:{region}:{account}:instance/{id}",
        "instanceState": "running",
        "privateIp": "10.0.0.20",
        "privateDns": "ip-10-0-0-20.{region}.compute.internal",
        "primaryNetworkInterfaceId": "eni-{hex17}",
        "availabilityZone": "{region}a",
    },
    "aws:autoscaling/schedule:Schedule": {
        "id": "{in_scheduledActionName}",
        "arn": "arn:aws:autoscaling:{region}:{account}:scheduledUpdateGroupAction:{uuid}:"
        "autoScalingGroupName/{in_autoscalingGroupName}:scheduledActionName/{in_scheduledActionName}",
    },
    "aws:ec2/keyPair:KeyPair": {
        "id": "{in_keyName}",
        "arn": "arn:aws:ec2:{region}:{account}:key-pair/{in_keyName}",
        "keyPairId": "key-{hex17}",
    },
    "aws:ec2/volumeAttachment:VolumeAttachment": {"id": "vai-{hex10}"},
    "aws:appautoscaling/target:Target": {
        "id": "{in_resourceId}",
        "arn": "arn:aws:application-autoscaling:{region}:{account}:scalable-target/{hex32}",
    },
    "aws:appautoscaling/policy:Policy": {
        "id": "{name}",
        "arn": "arn:aws:autoscaling:{region}:{account}:scalingPolicy:{uuid}:resource/{in_resourceId}",
        "alarmArns": [],
    },
}
