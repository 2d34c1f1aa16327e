"""Containers, load balancers, jobs and queues of the compliant stack."""

import json
from typing import Any

from policies import tokens as t
from policies.model import Record
from tests.policies.scene import ACCOUNT, KEY, allow, policy, res

IMAGE = f"{ACCOUNT}.dkr.ecr.ap-northeast-2.amazonaws.com/shop@sha256:{'0' * 64}"
LOGS = {"logDriver": "awslogs", "options": {"awslogs-group": "group", "awslogs-region": "ap-northeast-2"}}
CONTAINER: dict[str, Any] = {
    "name": "app",
    "image": IMAGE,
    "user": "1000:1000",
    "privileged": False,
    "readonlyRootFilesystem": True,
    "environment": [{"name": "DB_SECRET_ARN", "value": "arn:x"}, {"name": "TOKEN_TTL", "value": "60"}],
    "secrets": [{"name": "DB_PASSWORD", "valueFrom": "arn:secret"}],
    "logConfiguration": LOGS,
}
TWO_SUBNETS = ["private-a-id", "private-b-id"]


def containers() -> list[Record]:
    network = {"subnets": TWO_SUBNETS, "securityGroups": ["app-id"], "assignPublicIp": False}
    return [
        res(t.ECS_CLUSTER, "tasks", {"settings": [{"name": "containerInsights", "value": "enhanced"}]}),
        res(
            t.ECS_TASK,
            "task",
            {"family": "shop", "networkMode": "awsvpc", "containerDefinitions": json.dumps([CONTAINER])},
        ),
        res(
            t.ECS_SERVICE,
            "service",
            {
                "cluster": "arn:tasks",
                "taskDefinition": "arn:task",
                "launchType": "FARGATE",
                "networkConfiguration": network,
                "deploymentCircuitBreaker": {"enable": True, "rollback": True},
            },
        ),
        res(
            t.EVENT_TARGET,
            "nightly-task",
            {
                "arn": "arn:tasks",
                "rule": "nightly",
                "ecsTarget": {"taskDefinitionArn": "arn:task", "networkConfiguration": network},
            },
        ),
        res(
            t.ECR_REPOSITORY,
            "images",
            {
                "imageTagMutability": "IMMUTABLE",
                "imageScanningConfiguration": {"scanOnPush": True},
                "encryptionConfigurations": [{"encryptionType": "KMS", "kmsKey": KEY}],
            },
            protect=True,
        ),
        res(t.ECR_LIFECYCLE, "images-lifecycle", {"repository": "images", "policy": "{}"}),
        res(
            t.ECR_POLICY,
            "images-policy",
            {
                "repository": "images",
                "policy": policy(allow(["ecr:BatchGetImage"], "*", Principal={"AWS": ACCOUNT})),
            },
        ),
    ]


def balancers() -> list[Record]:
    shape = {
        "loadBalancerType": "application",
        "subnets": TWO_SUBNETS,
        "dropInvalidHeaderFields": True,
        "desyncMitigationMode": "defensive",
        "enableDeletionProtection": True,
        "accessLogs": {"enabled": True, "bucket": "logs-id"},
    }
    endpoint = {
        "arn": "arn:inner",
        "originProtocolPolicy": "https-only",
        "originSslProtocols": {"items": ["TLSv1.2"], "quantity": 1},
    }
    https = {"type": "redirect", "redirect": {"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"}}
    return [
        res(t.ALB, "outer", shape),
        res(t.WAF_ASSOCIATION, "outer-acl", {"resourceArn": "arn:outer", "webAclArn": "arn:acl"}),
        res(t.ALB, "inner", {**shape, "internal": True}),
        res(t.CLOUDFRONT_VPC_ORIGIN, "origin", {"vpcOriginEndpointConfig": endpoint}),
        res(
            t.LISTENER,
            "listener",
            {
                "loadBalancerArn": "arn:outer",
                "port": 443,
                "protocol": "HTTPS",
                "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
                "certificateArn": "arn:cert",
                "defaultActions": [{"type": "forward", "targetGroupArn": "arn:targets"}],
            },
        ),
        res(
            t.LISTENER,
            "plain-http",
            {
                "loadBalancerArn": "arn:outer",
                "port": 80,
                "protocol": "HTTP",
                "defaultActions": [https],
            },
        ),
        res(t.LISTENER_RULE, "http-rule", {"listenerArn": "arn:plain-http", "actions": [https]}),
        res(
            t.TARGET_GROUP,
            "targets",
            {"port": 8443, "protocol": "HTTPS", "healthCheck": {"path": "/", "protocol": "HTTPS"}},
        ),
    ]


def jobs() -> list[Record]:
    spot = {"type": "SPOT", "subnets": TWO_SUBNETS, "maxVcpus": 16}
    job = {**CONTAINER, "jobRoleArn": "arn:job-role", "environment": []}
    return [
        res(t.BATCH_ENVIRONMENT, "fleet", {"type": "MANAGED", "computeResources": spot}),
        res(
            t.BATCH_JOB,
            "job",
            {
                "type": "container",
                "platformCapabilities": ["EC2"],
                "retryStrategy": {"attempts": 3},
                "containerProperties": json.dumps(job),
            },
        ),
        res(
            t.PIPE,
            "pipe",
            {
                "source": "arn:queue",
                "target": "arn:job-queue",
                "logConfiguration": {
                    "level": "ERROR",
                    "cloudwatchLogsLogDestination": {"logGroupArn": "arn:group"},
                },
            },
        ),
        res(t.FUNCTION_ALIAS, "live", {"functionName": "arn:fn", "functionVersion": "1"}),
        res(t.EVENT_SOURCE, "consumer", {"eventSourceArn": "arn:queue", "functionName": "arn:live"}),
    ]
