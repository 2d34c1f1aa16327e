"""Mutations of the rules for containers, load balancers, jobs and queues."""

import json
from collections.abc import Callable
from typing import Any

from policies import tokens as t
from policies.model import Record
from tests.policies.mutation_table import EVERYONE
from tests.policies.mutations import Mutation, add, drop, edit, put, state, take, together
from tests.policies.scene import TAGS, res


def _container(key: str, value: Any, **more: Any) -> Mutation:
    """Set (or with None remove) a key of the first container of a task."""
    return edit(t.ECS_TASK, lambda inputs: _change(inputs, "containerDefinitions", key, value), **more)


def _job(key: str, value: Any, **more: Any) -> Mutation:
    return edit(t.BATCH_JOB, lambda inputs: _change(inputs, "containerProperties", key, value), **more)


def _change(inputs: dict[str, Any], path: str, key: str, value: Any) -> None:
    document = json.loads(inputs[path])
    container = document[0] if isinstance(document, list) else document
    container.pop(key, None)
    if value is not None:
        container[key] = value
    inputs[path] = json.dumps(document)


def _listener(protocol: str) -> Callable[[Record], bool]:
    return lambda record: record.inputs.get("protocol") == protocol


def _internal(record: Record) -> bool:
    return bool(record.inputs.get("internal"))


SECRET = [{"name": "DB_PASSWORD", "value": "hunter2"}]

ECS: dict[str, list[Mutation]] = {
    "ecs-awsvpc": [put(t.ECS_TASK, "networkMode", "host"), take(t.ECS_TASK, "networkMode")],
    "ecs-not-root": [
        _container("user", None),
        _container("user", "0:1000"),
        _container("user", "root"),
    ],
    "ecs-no-public-address": [
        put(t.ECS_SERVICE, "networkConfiguration.assignPublicIp", True),
        put(
            t.EVENT_TARGET,
            "ecsTarget.networkConfiguration.assignPublicIp",
            True,
            where=lambda r: "ecsTarget" in r.inputs,
        ),
        add(res(t.ECS_TASK_SET, "set", {"networkConfiguration": {"assignPublicIp": True}})),
    ],
    "ecs-own-processes": [put(t.ECS_TASK, "pidMode", "host"), put(t.ECS_TASK, "ipcMode", "host")],
    "ecs-not-privileged": [_container("privileged", True), _container("Privileged", True)],
    "ecs-read-only-root": [
        _container("readonlyRootFilesystem", False),
        _container("readonlyRootFilesystem", None),
    ],
    "ecs-no-secret-in-environment": [
        _container("environment", SECRET),
        _container("environment", [{"name": "URL", "value": "postgresql://u:p@host/db"}]),
    ],
    "ecs-logged": [_container("logConfiguration", None)],
    "ecs-log-group-made": [
        _container("logConfiguration", {"logDriver": "awslogs", "options": {"awslogs-group": "/elsewhere"}}),
    ],
    "ecs-platform-current": [put(t.ECS_SERVICE, "platformVersion", "1.4.0")],
    "ecs-insights": [
        put(t.ECS_CLUSTER, "settings", []),
        put(t.ECS_CLUSTER, "settings", [{"name": "containerInsights", "value": "disabled"}]),
    ],
    "ecs-circuit-breaker": [
        take(t.ECS_SERVICE, "deploymentCircuitBreaker"),
        put(t.ECS_SERVICE, "deploymentCircuitBreaker.rollback", False),
    ],
    "container-image-by-digest": [
        _container("image", "public.ecr.aws/nginx/nginx:1.29", also=("ecs-reaches-its-services",)),
        _job("image", "public.ecr.aws/nginx/nginx"),
    ],
    "ecr-scanned": [put(t.ECR_REPOSITORY, "imageScanningConfiguration.scanOnPush", False)],
    "ecr-immutable": [put(t.ECR_REPOSITORY, "imageTagMutability", "MUTABLE")],
    "ecr-lifecycle": [drop(t.ECR_LIFECYCLE, names=t.ECR_REPOSITORY)],
    "ecr-own-key": [
        put(t.ECR_REPOSITORY, "encryptionConfigurations", [{"encryptionType": "AES256"}]),
        take(t.ECR_REPOSITORY, "encryptionConfigurations"),
    ],
    "ecr-not-public": [state(t.ECR_POLICY, "policy", EVERYONE)],
}

ELB: dict[str, list[Mutation]] = {
    "elb-http-redirects": [
        put(t.LISTENER, "defaultActions", [{"type": "forward"}], where=_listener("HTTP")),
        put(t.LISTENER, "defaultActions.0.redirect.protocol", "HTTP", where=_listener("HTTP")),
        put(t.LISTENER_RULE, "actions.0.type", "forward", names=t.LISTENER, portable=False),
        add(
            res(
                "aws:alb/listener:Listener",
                "old-spelling",
                {"protocol": "HTTP", "defaultActions": [{"type": "forward"}], "tags": TAGS},
            )
        ),
    ],
    "elb-drops-invalid-headers": [put(t.ALB, "dropInvalidHeaderFields", False)],
    "elb-access-logs": [put(t.ALB, "accessLogs.enabled", False), take(t.ALB, "accessLogs.bucket")],
    "elb-deletion-protection": [put(t.ALB, "enableDeletionProtection", False)],
    "elb-desync-mitigated": [put(t.ALB, "desyncMitigationMode", "monitor")],
    "elb-two-zones": [
        edit(t.ALB, lambda i: i.update(subnets=i["subnets"][:1])),
        put(t.ALB, "subnets", ["private-a-id", "public-a-id"], portable=False),
    ],
    "elb-waf": [
        drop(t.WAF_ASSOCIATION, names=t.ALB, portable=False, every=True, also=("apigateway-waf",)),
        put(t.ALB, "internal", False, where=_internal),
        drop(t.CLOUDFRONT_VPC_ORIGIN, names=t.ALB, every=True),
    ],
    "elb-tls-policy": [
        put(t.LISTENER, "sslPolicy", "ELBSecurityPolicy-2016-08", where=_listener("HTTPS")),
        put(t.LISTENER, "sslPolicy", "ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06", where=_listener("HTTPS")),
        take(t.LISTENER, "sslPolicy", where=_listener("HTTPS")),
    ],
    "elb-listener-protocol": [
        put(t.LISTENER, "protocol", "TCP", where=_listener("HTTPS")),
        take(t.LISTENER, "certificateArn", where=_listener("HTTPS")),
    ],
    "elb-targets-checked": [put(t.TARGET_GROUP, "healthCheck.enabled", False)],
}

JOBS: dict[str, list[Mutation]] = {
    "batch-not-privileged": [
        _job("privileged", True),
        add(
            res(
                t.BATCH_JOB,
                "pod",
                {
                    "retryStrategy": {"attempts": 3},
                    "eksProperties": {
                        "podProperties": {
                            "containers": [
                                {"image": f"x@sha256:{'0' * 64}", "securityContext": {"privileged": True}}
                            ]
                        }
                    },
                },
            )
        ),
    ],
    "batch-job-role": [
        _job("jobRoleArn", None),
        add(
            res(
                t.BATCH_JOB,
                "tasks",
                {
                    "retryStrategy": {"attempts": 3},
                    "ecsProperties": json.dumps(
                        {
                            "taskProperties": [
                                {
                                    "containers": [
                                        {
                                            "image": f"x@sha256:{'0' * 64}",
                                            "logConfiguration": {"logDriver": "awslogs"},
                                        }
                                    ]
                                }
                            ]
                        }
                    ),
                },
            )
        ),
    ],
    "batch-logged": [_job("logConfiguration", None)],
    "batch-no-secret-in-environment": [_job("environment", SECRET)],
    "batch-private-subnets": [
        put(t.BATCH_ENVIRONMENT, "computeResources.subnets", ["public-a-id"], portable=False)
    ],
    "batch-spot-retried": [
        put(t.BATCH_JOB, "retryStrategy.attempts", 1),
        take(t.BATCH_JOB, "retryStrategy"),
    ],
    "pipe-logged": [
        put(t.PIPE, "logConfiguration.level", "OFF"),
        take(t.PIPE, "logConfiguration"),
        take(t.PIPE, "logConfiguration.cloudwatchLogsLogDestination"),
    ],
    "pipe-dead-letter": [
        edit(
            t.QUEUE,
            lambda i: i.pop("redrivePolicy"),
            where=lambda r: "redrivePolicy" in r.inputs,
            names=t.PIPE,
            also=("sqs-redrive", "sqs-consumed-with-dead-letters"),
        ),
        put(t.PIPE, "sourceParameters", {"kinesisStreamParameters": {"startingPosition": "LATEST"}}),
    ],
    "sqs-consumed-with-dead-letters": [
        together(
            edit(t.PIPE, lambda i: i.pop("source")),
            take(t.QUEUE, "redrivePolicy", where=lambda r: "redrivePolicy" in r.inputs),
            names=t.QUEUE,
            portable=False,
            also=("sqs-redrive",),
        ),
    ],
    "sqs-visibility": [
        put(t.FUNCTION, "timeout", 60, names=t.QUEUE, portable=False),
        put(
            t.QUEUE,
            "visibilityTimeoutSeconds",
            5,
            where=lambda r: "redrivePolicy" in r.inputs,
            portable=False,
        ),
    ],
}
