"""Sets of IAM actions that lead to more privilege, and actions that touch data."""

from typing import Final

PATHS: Final[dict[str, tuple[str, ...]]] = {
    "new policy version": ("iam:CreatePolicyVersion",),
    "older policy version": ("iam:SetDefaultPolicyVersion",),
    "another user's key": ("iam:CreateAccessKey",),
    "another user's password": ("iam:CreateLoginProfile",),
    "another user's new password": ("iam:UpdateLoginProfile",),
    "policy attached to a user": ("iam:AttachUserPolicy",),
    "policy attached to a group": ("iam:AttachGroupPolicy",),
    "policy attached to a role": ("iam:AttachRolePolicy",),
    "inline policy of a user": ("iam:PutUserPolicy",),
    "inline policy of a group": ("iam:PutGroupPolicy",),
    "inline policy of a role": ("iam:PutRolePolicy",),
    "group membership": ("iam:AddUserToGroup",),
    "trust of a role": ("iam:UpdateAssumeRolePolicy",),
    "machine with a role": ("iam:PassRole", "ec2:RunInstances"),
    "function with a role": ("iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"),
    "function fed by a stream": ("iam:PassRole", "lambda:CreateFunction", "lambda:CreateEventSourceMapping"),
    "code of a function": ("lambda:UpdateFunctionCode",),
    "layer of a function": ("lambda:UpdateFunctionConfiguration",),
    "stack with a role": ("iam:PassRole", "cloudformation:CreateStack"),
    "pipeline with a role": (
        "iam:PassRole",
        "datapipeline:CreatePipeline",
        "datapipeline:PutPipelineDefinition",
    ),
    "Glue endpoint with a role": ("iam:PassRole", "glue:CreateDevEndpoint"),
    "key of a Glue endpoint": ("glue:UpdateDevEndpoint",),
    "build with a role": ("iam:PassRole", "codebuild:CreateProject", "codebuild:StartBuild"),
    "task with a role": ("iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:RunTask"),
    "notebook with a role": (
        "iam:PassRole",
        "sagemaker:CreateNotebookInstance",
        "sagemaker:CreatePresignedNotebookInstanceUrl",
    ),
    "state machine with a role": ("iam:PassRole", "states:CreateStateMachine", "states:StartExecution"),
    "any role": ("sts:AssumeRole",),
    "command on a machine": ("ssm:SendCommand",),
}
"""Rhino Security Labs' published methods, and those of the same kind for ECS, CodeBuild, Step Functions."""

_DATA_PREFIXES: Final = (
    "dynamodb:BatchGet",
    "dynamodb:BatchWrite",
    "dynamodb:DeleteItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:UpdateItem",
    "elasticache:Connect",
    "kafka-cluster:",
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "lambda:InvokeFunction",
    "rds-data:",
    "rds-db:connect",
    "s3:DeleteObject",
    "s3:GetObject",
    "s3:ListBucket",
    "s3:PutObject",
    "secretsmanager:GetSecretValue",
    "secretsmanager:PutSecretValue",
    "sns:Publish",
    "sqs:DeleteMessage",
    "sqs:ReceiveMessage",
    "sqs:SendMessage",
    "ssm:GetParameter",
)


def is_data_plane(action: str) -> bool:
    """Whether the action reads or writes data. A wildcard counts when it can reach such an action."""
    lowered = action.lower()
    if lowered.endswith("*"):
        stem = lowered.rstrip("*")
        return any(p.lower().startswith(stem) or stem.startswith(p.lower()) for p in _DATA_PREFIXES)
    return any(lowered.startswith(prefix.lower()) for prefix in _DATA_PREFIXES)
