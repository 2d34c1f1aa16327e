"""Who may use a key: the account's own IAM, and the AWS services that act on its behalf."""

from collections.abc import Sequence
from typing import Literal, TypeAlias

from components.security.iam import AnyPrincipal, AwsPrincipal, Conditions, ServicePrincipal, Statement

KeyService: TypeAlias = Literal[
    "budgets", "cloudfront", "cloudwatch", "codestar-notifications", "events", "fargate", "logs", "sns"
]
"""Services that call KMS as themselves. RDS, ElastiCache, Secrets Manager, Lambda, S3 and SQS use the
permissions of whoever calls them, through the account's IAM, and need no entry."""

_THIS_KEY = "in a key policy '*' means this key"
_USE = ("kms:Decrypt", "kms:GenerateDataKey*")


def key_policy_statements(*, account_id: str, region: str, services: Sequence[KeyService]) -> list[Statement]:
    """The statements of a customer managed key's policy, in a stable order."""
    root = Statement(
        sid="AccountIam",
        actions=["kms:*"],
        resources=["*"],
        principals=[AwsPrincipal(f"arn:aws:iam::{account_id}:root")],
        wildcard_reason=f"{_THIS_KEY}; without the account's own IAM the key could never be managed again",
    )
    return [root, *(_service(each, account_id, region) for each in sorted(set(services)))]


def _service(service: KeyService, account_id: str, region: str) -> Statement:
    principal, actions, conditions = _terms(service, account_id, region)
    return Statement(
        sid="".join(part.capitalize() for part in service.split("-")),
        actions=actions,
        resources=["*"],
        principals=[ServicePrincipal(principal)],
        conditions=conditions,
        wildcard_reason=f"{_THIS_KEY}, and GenerateDataKey comes with and without plaintext",
    )


def _terms(service: KeyService, account_id: str, region: str) -> tuple[str, Sequence[str], Conditions]:
    match service:
        case "logs":
            # CloudWatch Logs names the log group in the encryption context and sends no source account.
            return (
                f"logs.{region}.amazonaws.com",
                ("kms:Decrypt", "kms:Describe*", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"),
                {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:{region}:{account_id}:*"}},
            )
        case "cloudfront":
            # The distribution depends on the bucket and the bucket on the key, so the key cannot name the
            # distribution; the bucket policy does.
            return (
                "cloudfront.amazonaws.com",
                _USE,
                {"ArnLike": {"aws:SourceArn": f"arn:aws:cloudfront::{account_id}:distribution/*"}},
            )
        case "fargate":
            # The cluster names the key, so the key cannot name the cluster. Fargate passes a grant to decrypt
            # on to the host of the task, and nothing else.
            return (
                "fargate.amazonaws.com",
                ("kms:CreateGrant", "kms:GenerateDataKeyWithoutPlaintext"),
                {
                    "StringEquals": {"kms:EncryptionContext:aws:ecs:clusterAccount": account_id},
                    "ForAllValues:StringEquals": {"kms:GrantOperations": ["Decrypt"]},
                },
            )
        case _:
            return (
                f"{service}.amazonaws.com",
                _USE,
                {"StringEquals": {"aws:SourceAccount": account_id}},
            )


def auto_scaling_hosts(account_id: str) -> list[Statement]:
    """For ``extra_statements`` of the key that encrypts the disks of Auto Scaling's hosts.

    Auto Scaling starts them as its service-linked role, whose policy is AWS's own and names no key. The role
    is named by condition: as a principal it would have to exist before the account's first group.
    """
    path = "aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
    role = f"arn:aws:iam::{account_id}:role/{path}"
    own = {"aws:PrincipalArn": role, "kms:CallerAccount": account_id}
    reason = f"{_THIS_KEY}; the condition is the role that may, and the grants go to AWS services alone"
    return [
        Statement(
            sid="AutoScalingUse",
            actions=[
                "kms:Decrypt",
                "kms:DescribeKey",
                "kms:Encrypt",
                "kms:GenerateDataKey*",
                "kms:ReEncrypt*",
            ],
            resources=["*"],
            principals=[AnyPrincipal()],
            conditions={"StringEquals": own},
            wildcard_reason=reason,
        ),
        Statement(
            sid="AutoScalingGrants",
            actions=["kms:CreateGrant"],
            resources=["*"],
            principals=[AnyPrincipal()],
            conditions={"StringEquals": own, "Bool": {"kms:GrantIsForAWSResource": "true"}},
            wildcard_reason=reason,
        ),
    ]
