"""An office's tools, grown over the years: each thing was opened a little, late in the evening."""

import base64
import gzip
import json
from typing import Any

import pulumi_aws as aws

ANYONE: dict[str, Any] = {"Effect": "Allow", "Principal": {"AWS": ["*"]}}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust(
    principal: dict[str, Any], condition: dict[str, Any] | None = None, action: str = "AssumeRole"
) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": f"sts:{action}"}
    return document({**statement, "Condition": condition} if condition else statement)


# Rights that hide behind a wildcard in the middle, and behind conditions that everyone meets.
aws.iam.Policy(
    "reader", policy=document({"Effect": "Allow", "Action": "s3:*Object", "Resource": "arn:aws:s3:::*"})
)
aws.iam.Policy(
    "helpdesk",
    policy=document(
        {
            "Effect": "Allow",
            "Action": ["iam:AttachRolePolicy"],
            "Resource": "*",
            "Condition": {"Bool": {"aws:SecureTransport": "true"}},
        }
    ),
)
GITHUB = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
aws.iam.Role(
    "deployer",
    assume_role_policy=trust(
        {"Federated": GITHUB},
        {
            "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
            "StringLike": {"token.actions.githubusercontent.com:sub": "*/infrastructure:*"},
        },
        "AssumeRoleWithWebIdentity",
    ),
)
aws.iam.Role(
    "events",
    assume_role_policy=trust(
        {"Service": "events.amazonaws.com"}, {"ArnLike": {"aws:SourceArn": "arn:aws:events:*:*:rule/*"}}
    ),
)

# Doors that look shut.
aws.ec2.SecurityGroup(
    "office",
    ingress=[
        {"protocol": "tcp", "from_port": 0, "to_port": 65535, "cidr_blocks": ["0.0.0.0/1", "128.0.0.0/1"]}
    ],
)
uploads = aws.s3.Bucket("uploads")
aws.s3.BucketPolicy(
    "uploads",
    bucket="uploads",
    policy=document(
        {
            **ANYONE,
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::uploads/*",
            "Condition": {"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}},
        }
    ),
)
aws.sqs.QueuePolicy(
    "inbox",
    queue_url="https://sqs.ap-northeast-2.amazonaws.com/111122223333/inbox",
    policy=document(
        {
            **ANYONE,
            "Action": "sqs:SendMessage",
            "Resource": "*",
            "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"}},
        }
    ),
)
aws.dynamodb.ResourcePolicy(
    "orders",
    resource_arn="arn:aws:dynamodb:ap-northeast-2:111122223333:table/orders",
    policy=document({**ANYONE, "Action": "dynamodb:Scan", "Resource": "*"}),
)
aws.cloudwatch.LogResourcePolicy(
    "delivery",
    policy_name="delivery",
    policy_document=document({**ANYONE, "Action": "logs:PutLogEvents", "Resource": "*"}),
)
aws.lambda_.Permission(
    "report",
    action="lambda:InvokeFunction",
    function="report",
    principal="s3.amazonaws.com",
    source_arn="arn:aws:s3:::*",
)

# Interfaces whose routes stand in a document.
aws.apigateway.RestApi(
    "orders",
    disable_execute_api_endpoint=True,
    body=json.dumps({"openapi": "3.0.1", "paths": {"/orders": {"get": {}, "post": {}}}}),
)
aws.apigatewayv2.Api(
    "reports",
    protocol_type="HTTP",
    target="arn:aws:lambda:ap-northeast-2:111122223333:function:report",
)

# Containers with the host in their hands, and tasks with an address of their own.
aws.ecs.TaskDefinition(
    "agent",
    family="agent",
    network_mode="awsvpc",
    volumes=[{"name": "docker", "host_path": "/var/run/docker.sock"}],
    container_definitions=json.dumps(
        [
            {
                "name": "agent",
                "image": f"agent@sha256:{'0' * 64}",
                "user": "1000",
                "readonlyRootFilesystem": True,
                "linuxParameters": {"capabilities": {"add": ["SYS_ADMIN"]}},
            }
        ]
    ),
)
aws.cloudwatch.EventTarget(
    "nightly",
    rule="nightly",
    arn="arn:aws:ecs:ap-northeast-2:111122223333:cluster/office",
    role_arn="arn:aws:iam::111122223333:role/events",
    ecs_target={
        "task_definition_arn": "arn:aws:ecs:ap-northeast-2:111122223333:task-definition/nightly:1",
        "network_configuration": {"subnets": ["subnet-0a1b2c3d"], "assign_public_ip": True},
    },
)
SCRIPT = "#!/bin/bash\nmysql -h db -u root -pcorrecthorse shop < /tmp/fixtures.sql\n"
aws.ec2.LaunchTemplate(
    "builder",
    metadata_options={"http_tokens": "required"},
    user_data=base64.b64encode(gzip.compress(SCRIPT.encode(), mtime=0)).decode(),
)

# Guards that are asleep.
VISIBLE = {"cloudwatch_metrics_enabled": True, "metric_name": "office", "sampled_requests_enabled": True}
aws.wafv2.WebAcl(
    "office",
    scope="REGIONAL",
    default_action={"allow": {}},
    visibility_config=VISIBLE,
    rules=[
        {
            "name": "common",
            "priority": 1,
            "override_action": {"count": {}},
            "statement": {
                "managed_rule_group_statement": {"name": "AWSManagedRulesCommonRuleSet", "vendor_name": "AWS"}
            },
            "visibility_config": VISIBLE,
        }
    ],
)
aws.cloudtrail.Trail(
    "office",
    s3_bucket_name="uploads",
    is_multi_region_trail=True,
    advanced_event_selectors=[
        {"field_selectors": [{"field": "eventCategory", "equals": ["Data"]}], "name": "objects"}
    ],
)
aws.cloudwatch.MetricAlarm(
    "errors",
    comparison_operator="GreaterThanThreshold",
    evaluation_periods=1,
    metric_name="Errors",
    namespace="AWS/Lambda",
    period=60,
    statistic="Sum",
    threshold=0,
    actions_enabled=False,
    alarm_actions=["arn:aws:sns:ap-northeast-2:111122223333:office"],
)

# Stores that half keep their promise.
aws.elasticache.ReplicationGroup(
    "sessions",
    description="Sessions",
    automatic_failover_enabled=True,
    at_rest_encryption_enabled=True,
    transit_encryption_enabled=True,
    transit_encryption_mode="preferred",
    auth_token_update_strategy="ROTATE",
    subnet_group_name="office",
)
aws.dynamodb.Table(
    "orders",
    billing_mode="PAY_PER_REQUEST",
    hash_key="id",
    attributes=[{"name": "id", "type": "S"}],
    deletion_protection_enabled=True,
    point_in_time_recovery={"enabled": True},
    replicas=[{"region_name": "ap-northeast-1", "point_in_time_recovery": False}],
)
aws.rds.Instance(
    "reports",
    engine="postgres",
    engine_version="17.4",
    instance_class="db.t4g.micro",
    replicate_source_db="arn:aws:rds:ap-northeast-1:111122223333:db:shop",
    publicly_accessible=True,
    storage_encrypted=False,
)
