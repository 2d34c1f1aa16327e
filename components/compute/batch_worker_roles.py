"""The three roles of a Batch worker: what its hosts, its agent and its job may do."""

from collections.abc import Sequence

import pulumi

from components.compute.container_image import ContainerImage
from components.compute.fargate_task_definition import SecretReference
from components.security.grants import write_logs
from components.security.iam import AwsPrincipal, Statement, Text


def host_statements(*, cluster_arn: pulumi.Output[str]) -> list[Statement]:
    """What the ECS agent does on a host, in the one cluster that Batch made for it.

    AWS's own policy for it (AmazonEC2ContainerServiceforEC2Role) reaches every cluster, repository and log
    group of the account; images and logs are the execution role's here.
    """
    hosts = pulumi.Output.concat(
        cluster_arn.apply(lambda arn: arn.replace(":cluster/", ":container-instance/")), "/*"
    )
    return [
        Statement(
            actions=["ecs:DiscoverPollEndpoint"],
            resources=["*"],
            wildcard_reason="DiscoverPollEndpoint is asked before the host belongs to a cluster",
        ),
        Statement(
            actions=[
                "ecs:DeregisterContainerInstance",
                "ecs:RegisterContainerInstance",
                "ecs:SubmitAttachmentStateChanges",
                "ecs:SubmitContainerStateChange",
                "ecs:SubmitTaskStateChange",
            ],
            resources=[cluster_arn],
        ),
        Statement(
            actions=["ecs:Poll", "ecs:StartTelemetrySession", "ecs:UpdateContainerInstancesState"],
            resources=[hosts],
            conditions={"ArnEquals": {"ecs:cluster": cluster_arn}},
        ),
        Statement(
            actions=["ecs:TagResource"],
            resources=[hosts],
            conditions={"StringEquals": {"ecs:CreateAction": "RegisterContainerInstance"}},
        ),
    ]


def execution_statements(
    *,
    image: ContainerImage,
    log_group_arn: Text,
    key_arn: Text,
    secrets: Sequence[SecretReference],
    region: str,
) -> list[Statement]:
    """What the agent does for a container: pull its image, fetch its secrets, write its log."""
    statements = [write_logs(log_group_arn)]
    if image.repository_arn is not None:
        statements += [
            Statement(
                actions=["ecr:GetAuthorizationToken"],
                resources=["*"],
                wildcard_reason="the token is the registry's, so the action has no resource-level permission",
            ),
            Statement(
                actions=[
                    "ecr:BatchCheckLayerAvailability",
                    "ecr:BatchGetImage",
                    "ecr:GetDownloadUrlForLayer",
                ],
                resources=[image.repository_arn],
            ),
        ]
    if secrets:
        keys = [key_arn, *(each.kms_key_arn for each in secrets if each.kms_key_arn is not None)]
        statements += [
            Statement(actions=["secretsmanager:GetSecretValue"], resources=[each.arn for each in secrets]),
            Statement(
                actions=["kms:Decrypt"],
                resources=keys,
                conditions={"StringEquals": {"kms:ViaService": f"secretsmanager.{region}.amazonaws.com"}},
            ),
        ]
    return statements


def encrypted_volume_statements(account_id: str) -> list[Statement]:
    """For the policy of the key that encrypts the hosts' disks.

    Batch starts its hosts through EC2 Auto Scaling, whose service-linked role must be named in the key's own
    policy, and must exist before (EC2 Auto Scaling User Guide, "Required AWS KMS key policy").
    """
    principal = AwsPrincipal(
        f"arn:aws:iam::{account_id}:role/aws-service-role/autoscaling.amazonaws.com/"
        "AWSServiceRoleForAutoScaling"
    )
    this_key = "in a key policy '*' means this key"
    return [
        Statement(
            sid="HostVolumes",
            actions=[
                "kms:Decrypt",
                "kms:DescribeKey",
                "kms:Encrypt",
                "kms:GenerateDataKey*",
                "kms:ReEncrypt*",
            ],
            resources=["*"],
            principals=[principal],
            wildcard_reason=f"{this_key}; EC2 asks for both kinds of each action",
        ),
        Statement(
            sid="HostVolumeGrants",
            actions=["kms:CreateGrant"],
            resources=["*"],
            principals=[principal],
            conditions={"Bool": {"kms:GrantIsForAWSResource": "true"}},
            wildcard_reason=this_key,
        ),
    ]
