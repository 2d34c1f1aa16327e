"""An HTTP API before one function, with a role that names what it touches."""

import json

import pulumi
import pulumi_aws as aws

ACCOUNT = "123456789012"

kept = pulumi.ResourceOptions(protect=True)
key = aws.kms.Key("key", enable_key_rotation=True, opts=kept)
logs = aws.cloudwatch.LogGroup("orders", retention_in_days=30, kms_key_id=key.arn)
table = aws.dynamodb.Table(
    "orders",
    billing_mode="PAY_PER_REQUEST",
    hash_key="id",
    attributes=[{"name": "id", "type": "S"}],
    point_in_time_recovery={"enabled": True},
    server_side_encryption={"enabled": True, "kms_key_arn": key.arn},
    deletion_protection_enabled=True,
    opts=kept,
)
role = aws.iam.Role(
    "orders",
    assume_role_policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "lambda.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ],
        }
    ),
)
aws.iam.RolePolicy(
    "orders",
    role=role.id,
    policy=pulumi.Output.json_dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:PutItem"], "Resource": table.arn}
            ],
        }
    ),
)
function = aws.lambda_.Function(
    "orders",
    role=role.arn,
    runtime="python3.13",
    handler="app.handler",
    code=pulumi.AssetArchive({"app.py": pulumi.StringAsset("def handler(event, context): return {}")}),
    environment={"variables": {"TABLE": table.name}},
    kms_key_arn=key.arn,
    tracing_config={"mode": "Active"},
    logging_config={"log_format": "JSON", "log_group": logs.name},
    vpc_config={"subnet_ids": ["subnet-a", "subnet-b"], "security_group_ids": ["sg-a"]},
)
api = aws.apigatewayv2.Api("orders", protocol_type="HTTP")
aws.lambda_.Permission(
    "orders",
    action="lambda:InvokeFunction",
    function=function.name,
    principal="apigateway.amazonaws.com",
    source_arn=api.execution_arn.apply(lambda arn: f"{arn}/*/*"),
)
integration = aws.apigatewayv2.Integration(
    "orders", api_id=api.id, integration_type="AWS_PROXY", integration_uri=function.invoke_arn
)
aws.apigatewayv2.Route(
    "orders",
    api_id=api.id,
    route_key="GET /orders",
    authorization_type="AWS_IAM",
    target=integration.id.apply(lambda given: f"integrations/{given}"),
)
aws.apigatewayv2.Stage(
    "live",
    api_id=api.id,
    name="$default",
    auto_deploy=True,
    access_log_settings={"destination_arn": logs.arn, "format": "$context.requestId"},
    default_route_settings={"throttling_burst_limit": 100, "throttling_rate_limit": 50},
)
