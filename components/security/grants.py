"""Statements for grants that many roles need, each as narrow as its API allows."""

from collections.abc import Sequence

import pulumi

from components.security.iam import Conditions, Statement, Text

_READ_OBJECTS = ("s3:GetObject", "s3:GetObjectVersion")
_WRITE_OBJECTS = ("s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject")


def write_logs(log_group_arn: Text) -> Statement:
    """Write to one log group that the program makes; creating groups is not granted, so none lacks retention.

    The ARN is the group's own, without the ``:*`` that some APIs append.
    """
    return Statement(
        actions=["logs:CreateLogStream", "logs:PutLogEvents"],
        resources=[pulumi.Output.concat(log_group_arn, ":*")],
    )


def kms_use(key_arn: Text, *, via_service: str | None = None) -> Statement:
    """Use one key; ``via_service`` (``s3.ap-northeast-2.amazonaws.com``) narrows it to that service."""
    conditions: Conditions | None = (
        None if via_service is None else {"StringEquals": {"kms:ViaService": via_service}}
    )
    return Statement(
        actions=["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"],
        resources=[key_arn],
        conditions=conditions,
    )


def kms_decrypt(key_arn: Text) -> Statement:
    """Decrypt with one key."""
    return Statement(actions=["kms:Decrypt"], resources=[key_arn])


def xray_write() -> Statement:
    """Send trace segments."""
    return Statement(
        actions=[
            "xray:GetSamplingRules",
            "xray:GetSamplingTargets",
            "xray:PutTelemetryRecords",
            "xray:PutTraceSegments",
        ],
        resources=["*"],
        wildcard_reason="X-Ray has no resource-level permission for these actions",
    )


def put_metrics(namespace: str) -> Statement:
    """Publish custom metrics in one namespace."""
    return Statement(
        actions=["cloudwatch:PutMetricData"],
        resources=["*"],
        conditions={"StringEquals": {"cloudwatch:namespace": namespace}},
        wildcard_reason="PutMetricData has no resource; the namespace condition is its limit",
    )


def read_secret(secret_arn: Text) -> Statement:
    """Read the value of one secret."""
    return Statement(
        actions=["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"], resources=[secret_arn]
    )


def rotate_secret(secret_arn: Text) -> Statement:
    """What a rotation function does to one secret. Grant ``random_password`` beside it."""
    return Statement(
        actions=[
            "secretsmanager:DescribeSecret",
            "secretsmanager:GetSecretValue",
            "secretsmanager:PutSecretValue",
            "secretsmanager:UpdateSecretVersionStage",
        ],
        resources=[secret_arn],
    )


def random_password() -> Statement:
    """Have Secrets Manager make random text."""
    return Statement(
        actions=["secretsmanager:GetRandomPassword"],
        resources=["*"],
        wildcard_reason="GetRandomPassword touches no resource, so it has no resource-level permission",
    )


def vpc_network_interfaces() -> Statement:
    """What Lambda needs to attach a function to a VPC."""
    return Statement(
        actions=[
            "ec2:AssignPrivateIpAddresses",
            "ec2:CreateNetworkInterface",
            "ec2:DeleteNetworkInterface",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSubnets",
            "ec2:UnassignPrivateIpAddresses",
        ],
        resources=["*"],
        wildcard_reason="checked before any interface exists; Describe actions take no resource",
    )


def read_objects(bucket_arn: Text, *, prefix: str = "") -> Statement:
    """Read objects of one bucket, under ``prefix`` when given."""
    return Statement(actions=_READ_OBJECTS, resources=[pulumi.Output.concat(bucket_arn, f"/{prefix}*")])


def write_objects(bucket_arn: Text, *, prefix: str = "") -> Statement:
    """Put and delete objects of one bucket, under ``prefix`` when given."""
    return Statement(actions=_WRITE_OBJECTS, resources=[pulumi.Output.concat(bucket_arn, f"/{prefix}*")])


def list_bucket(bucket_arn: Text) -> Statement:
    """List one bucket; without it a missing key answers 403 in place of 404."""
    return Statement(actions=["s3:ListBucket"], resources=[bucket_arn])


def publish(topic_arn: Text) -> Statement:
    """Publish to one topic."""
    return Statement(actions=["sns:Publish"], resources=[topic_arn])


def send_messages(queue_arn: Text) -> Statement:
    """Send to one queue."""
    return Statement(actions=["sqs:GetQueueAttributes", "sqs:SendMessage"], resources=[queue_arn])


def consume_messages(queue_arn: Text) -> Statement:
    """Receive and delete from one queue."""
    return Statement(
        actions=[
            "sqs:ChangeMessageVisibility",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:ReceiveMessage",
        ],
        resources=[queue_arn],
    )


def invoke_functions(function_arns: Sequence[Text]) -> Statement:
    """Invoke the named functions or aliases."""
    return Statement(actions=["lambda:InvokeFunction"], resources=function_arns)


def connect_database(*, region: str, account_id: str, resource_id: pulumi.Input[str], user: str) -> Statement:
    """Log in by IAM token as one database user; ``resource_id`` is a ``cluster-``, ``db-`` or ``prx-`` id."""
    arn = pulumi.Output.concat(f"arn:aws:rds-db:{region}:{account_id}:dbuser:", resource_id, f"/{user}")
    return Statement(actions=["rds-db:connect"], resources=[arn])


def connect_cache(*, cache_arn: Text, user_arn: Text) -> Statement:
    """Log in by IAM token as one ElastiCache user."""
    return Statement(actions=["elasticache:Connect"], resources=[cache_arn, user_arn])


def data_api(*, cluster_arn: Text) -> Statement:
    """Run SQL on one Aurora cluster over the Data API. The caller also needs ``read_secret``."""
    return Statement(
        actions=[
            "rds-data:BatchExecuteStatement",
            "rds-data:BeginTransaction",
            "rds-data:CommitTransaction",
            "rds-data:ExecuteStatement",
            "rds-data:RollbackTransaction",
        ],
        resources=[cluster_arn],
    )


def use_items(table_arn: Text) -> Statement:
    """Read and write items of one table by their key; nothing that reads a whole table."""
    return Statement(
        actions=["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"], resources=[table_arn]
    )
