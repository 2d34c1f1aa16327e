"""Computed outputs: functions, containers, load balancers, deployments, roles."""

import base64
import hashlib
from collections.abc import Mapping

from offline import provider_wire as wire
from offline.computed import Entry, Facts

_LAMBDA = "arn:aws:lambda:{region}:{account}:"
_INVOKE = "arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/"
_ELB = "arn:aws:elasticloadbalancing:{region}:{account}:"
_IAM = "arn:aws:iam::{account}:"


def _published(facts: Facts) -> str:
    """Numbers count only published versions; without ``publish`` there is ``$LATEST`` alone."""
    if not facts.inputs.get("publish"):
        return "$LATEST"
    before = str(facts.context.previous.get("version") or "0")
    return str(int(before) + 1) if before.isdigit() else "1"


def _code_hash(facts: Facts) -> str:
    """Follows the package, as the real hash does."""
    code = facts.inputs.get("code") or {key: facts.inputs.get(key) for key in ("s3Key", "imageUri")}
    return base64.b64encode(hashlib.sha256(wire.canonical(code).encode()).digest()).decode()


def _function_arn(facts: Facts) -> str:
    """The input takes a name or an ARN."""
    given = facts.text("functionName") or facts.text("function")
    return given if given.startswith("arn:") else facts.render(_LAMBDA + "function:") + given


def _path(facts: Facts) -> str:
    return facts.text("path", "/")


def _load_balancer_kind(facts: Facts) -> str:
    return {"network": "net", "gateway": "gwy"}.get(facts.text("loadBalancerType"), "app")


def _listener_arn(facts: Facts) -> str:
    parent = facts.text("loadBalancerArn").replace(":loadbalancer/", ":listener/")
    return f"{parent}/{facts.digest()[:16]}"


TABLE: Mapping[str, Entry] = {
    "aws:lambda/function:Function": {
        "id": "{name}",
        "arn": _LAMBDA + "function:{name}",
        "invokeArn": _INVOKE + "{arn}/invocations",
        "version": _published,
        "qualifiedArn": "{arn}:{version}",
        "qualifiedInvokeArn": _INVOKE + "{qualifiedArn}/invocations",
        "responseStreamingInvokeArn": _INVOKE + "{arn}/response-streaming-invocations",
        "lastModified": "2026-01-01T00:00:00.000+0000",
        "sourceCodeSize": 1024,
        "codeSha256": _code_hash,
        "architectures": ["x86_64"],
    },
    "aws:lambda/alias:Alias": {
        "arn": lambda facts: f"{_function_arn(facts)}:{facts['name']}",
        "id": lambda facts: f"{_function_arn(facts)}:{facts['name']}",
        "invokeArn": lambda facts: (
            facts.render(_INVOKE) + f"{_function_arn(facts)}:{facts['name']}/invocations"
        ),
    },
    "aws:lambda/layerVersion:LayerVersion": {
        "id": _LAMBDA + "layer:{in_layerName}:1",
        "layerArn": _LAMBDA + "layer:{in_layerName}",
        "arn": _LAMBDA + "layer:{in_layerName}:{hex4}",
        "version": "1",
        "createdDate": "2026-01-01T00:00:00.000+0000",
        "sourceCodeSize": 1024,
        "codeSha256": _code_hash,
    },
    "aws:lambda/permission:Permission": {
        "id": lambda facts: facts.text("statementId", f"{facts.logical_name}-{facts.digest()[:7]}"),
        "statementId": "{id}",
    },
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": {
        "id": "{in_functionName},{in_qualifier}"
    },
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": {
        "id": "{in_functionName}:{in_qualifier}"
    },
    "aws:lambda/invocation:Invocation": {
        "id": "{in_functionName}_{in_qualifier}_{hex32}",
        "result": lambda _: '{"status": "done"}',
    },
    "aws:lambda/eventSourceMapping:EventSourceMapping": {
        "id": "{uuid}",
        "uuid": "{id}",
        "arn": _LAMBDA + "event-source-mapping:{id}",
        "functionArn": _function_arn,
        "state": "Enabled",
    },
    "aws:codedeploy/application:Application": {
        "id": "{uuid}:{name}",
        "applicationId": "{uuid}",
        "arn": "arn:aws:codedeploy:{region}:{account}:application:{name}",
        "linkedToGithub": False,
    },
    "aws:codedeploy/deploymentGroup:DeploymentGroup": {
        "id": "{uuid}",
        "deploymentGroupId": "{id}",
        "arn": "arn:aws:codedeploy:{region}:{account}:deploymentgroup:{in_appName}/{in_deploymentGroupName}",
        "computePlatform": "Lambda",
    },
    "aws:codedeploy/deploymentConfig:DeploymentConfig": {
        "id": lambda facts: facts.text("deploymentConfigName", facts.logical_name),
        "arn": "arn:aws:codedeploy:{region}:{account}:deploymentconfig:{id}",
        "deploymentConfigId": "{uuid}",
    },
    "aws:iam/role:Role": {
        "id": "{name}",
        "arn": lambda facts: facts.render(_IAM + "role") + _path(facts) + facts["name"],
        "uniqueId": "AROA{HEX17}",
        "createDate": "2026-01-01T00:00:00Z",
    },
    "aws:iam/policy:Policy": {
        "id": lambda facts: facts.render(_IAM + "policy") + _path(facts) + facts["name"],
        "arn": "{id}",
        "policyId": "ANPA{HEX17}",
        "attachmentCount": 0,
    },
    "aws:iam/rolePolicy:RolePolicy": {"id": "{in_role}:{name}"},
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {"id": "{in_role}/{in_policyArn}"},
    "aws:iam/instanceProfile:InstanceProfile": {
        "id": "{name}",
        "arn": lambda facts: facts.render(_IAM + "instance-profile") + _path(facts) + facts["name"],
        "uniqueId": "AIPA{HEX17}",
        "createDate": "2026-01-01T00:00:00Z",
    },
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": {
        "id": lambda facts: (
            facts.render(_IAM + "oidc-provider/") + facts.text("url").removeprefix("https://")
        ),
        "arn": "{id}",
    },
    "aws:iam/serviceLinkedRole:ServiceLinkedRole": {
        "id": _IAM + "role/aws-service-role/{in_awsServiceName}/{logical}",
        "arn": "{id}",
        "uniqueId": "AROA{HEX17}",
    },
    "aws:ecs/cluster:Cluster": {
        "id": "arn:aws:ecs:{region}:{account}:cluster/{name}",
        "arn": "{id}",
    },
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": {"id": "{in_clusterName}"},
    "aws:ecs/capacityProvider:CapacityProvider": {
        "id": "arn:aws:ecs:{region}:{account}:capacity-provider/{name}",
        "arn": "{id}",
    },
    "aws:ecs/taskDefinition:TaskDefinition": {
        "id": "{in_family}",
        "revision": lambda facts: int(facts.digest()[:4], 16) % 1000 + 1,
        "arnWithoutRevision": "arn:aws:ecs:{region}:{account}:task-definition/{in_family}",
        "arn": "{arnWithoutRevision}:{revision}",
    },
    "aws:ecs/service:Service": {
        "id": lambda facts: (
            f"arn:aws:ecs:{facts.region}:{facts.context.account_id}:service/"
            f"{facts.text('cluster', 'default').rsplit('/', 1)[-1]}/{facts['name']}"
        ),
        "arn": "{id}",
    },
    "aws:ecr/repository:Repository": {
        "id": "{name}",
        "arn": "arn:aws:ecr:{region}:{account}:repository/{name}",
        "registryId": "{account}",
        "repositoryUrl": "{account}.dkr.ecr.{region}.amazonaws.com/{name}",
    },
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": {"id": "{in_repository}", "registryId": "{account}"},
    "aws:lb/loadBalancer:LoadBalancer": {
        "arnSuffix": lambda facts: f"{_load_balancer_kind(facts)}/{facts['name']}/{facts.digest()[:16]}",
        "id": lambda facts: (
            facts.render(_ELB + "loadbalancer/")
            + f"{_load_balancer_kind(facts)}/{facts['name']}/{facts.digest()[:16]}"
        ),
        "arn": "{id}",
        "dnsName": "{name}-{hex10}.{region}.elb.amazonaws.com",
        "zoneId": lambda facts: "ZIBE1TIR4HY56" if _load_balancer_kind(facts) == "net" else "ZWKZPGTI48KDX",
        "vpcId": "vpc-{hex17}",
    },
    "aws:lb/targetGroup:TargetGroup": {
        "id": _ELB + "targetgroup/{name}/{hex16}",
        "arn": "{id}",
        "arnSuffix": "targetgroup/{name}/{hex16}",
        "loadBalancerArns": [],
    },
    "aws:lb/listener:Listener": {"id": _listener_arn, "arn": "{id}"},
    "aws:lb/listenerRule:ListenerRule": {
        "id": lambda facts: (
            facts.text("listenerArn").replace(":listener/", ":listener-rule/") + f"/{facts.digest()[:16]}"
        ),
        "arn": "{id}",
    },
}
