"""A task that runs once when someone asks: a database migration, a backfill."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.compute.ecs_cluster import EcsCluster
from components.compute.fargate_task_definition import FargateTaskDefinition, TaskArgs
from components.network.security_group import Rule, SecurityGroup, SecurityGroupArgs


@dataclass(frozen=True, kw_only=True)
class FargateTaskArgs:
    """``egress`` opens the way out: the database, and HTTPS to pull the image."""

    cluster: EcsCluster
    task: TaskArgs
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    egress: Sequence[Rule] = ()


class FargateTask(pulumi.ComponentResource):
    """A task definition and the network it runs in; nothing that runs it.

    A run is an event, not a resource: ``run`` holds what the release needs to start one and to judge it by
    its exit code. With a schedule it is a ``ScheduledTask``.
    """

    task: FargateTaskDefinition
    task_definition_arn: pulumi.Output[str]
    security_group: SecurityGroup
    security_group_id: pulumi.Output[str]
    task_role_arn: pulumi.Output[str]
    log_group_name: pulumi.Output[str]
    run: dict[str, pulumi.Output[str] | pulumi.Output[Sequence[str]]]
    """cluster, taskDefinition, container, subnets, securityGroup, platformVersion, logGroup, and the
    logStreamPrefix."""

    def __init__(self, name: str, args: FargateTaskArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:compute:FargateTask", name, None, opts)
        self.task = FargateTaskDefinition(f"{name}-task", args.task, pulumi.ResourceOptions(parent=self))
        self.security_group = SecurityGroup(
            f"{name}-sg",
            SecurityGroupArgs(vpc_id=args.vpc_id, description=f"Task {name}", egress=list(args.egress)),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.task_definition_arn = self.task.task_definition_arn
        self.security_group_id = self.security_group.security_group_id
        self.task_role_arn = self.task.task_role.role_arn
        self.log_group_name = self.task.log_group_name
        self.run = {
            "cluster": args.cluster.cluster_arn,
            "taskDefinition": self.task_definition_arn,
            "container": pulumi.Output.from_input(self.task.container_name),
            "subnets": pulumi.Output.all(*args.subnet_ids),
            "securityGroup": self.security_group_id,
            "platformVersion": pulumi.Output.from_input("LATEST"),
            "logGroup": self.log_group_name,
            "logStreamPrefix": pulumi.Output.from_input(self.task.container_name),
        }
        self.register_outputs({"taskDefinitionArn": self.task_definition_arn, "run": self.run})
