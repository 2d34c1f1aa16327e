"""What ECS may do to shift traffic between the two groups of a blue/green service."""

from collections.abc import Sequence

from components.compute.fargate_task_definition import TaskArgs
from components.security.iam import Statement, Text
from components.security.service_role import ServiceRoleArgs


def shift_role(description: str, task: TaskArgs, *, groups: Sequence[Text], rule: Text) -> ServiceRoleArgs:
    """A role for two target groups and one rule. AWS's managed policy for it reaches every load balancer."""
    return ServiceRoleArgs(
        service="ecs.amazonaws.com",
        description=description,
        source_account=task.account_id,
        source_arn=f"arn:aws:ecs:{task.region}:{task.account_id}:*",
        statements=[
            Statement(
                actions=["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"],
                resources=groups,
            ),
            Statement(actions=["elasticloadbalancing:ModifyRule"], resources=[rule]),
            Statement(
                actions=[
                    "elasticloadbalancing:DescribeListeners",
                    "elasticloadbalancing:DescribeRules",
                    "elasticloadbalancing:DescribeTargetGroups",
                    "elasticloadbalancing:DescribeTargetHealth",
                ],
                resources=["*"],
                wildcard_reason="Describe actions of load balancers have no resource-level permission",
            ),
        ],
    )
