"""A Fargate task that EventBridge Scheduler starts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import scheduler

from components.compute.ecs_cluster import EcsCluster
from components.compute.fargate_task import FargateTask, FargateTaskArgs
from components.compute.fargate_task_definition import TaskArgs
from components.network.security_group import Rule, SecurityGroup
from components.security import grants
from components.security.iam import Statement
from components.security.service_role import ServiceRole, ServiceRoleArgs

_EXPRESSION = re.compile(r"(rate|cron)\([^()]+\)")
PLATFORM_VERSION = "LATEST"


@dataclass(frozen=True, kw_only=True)
class ScheduledTaskArgs:
    """``schedule``: ``rate(5 minutes)`` or six fields of ``cron(...)``, by the clock of ``timezone``."""

    cluster: EcsCluster
    task: TaskArgs
    schedule: str
    timezone: str = "Asia/Seoul"
    description: str
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    egress: Sequence[Rule] = ()
    failure_queue_arn: pulumi.Input[str]
    """Where a start goes that ECS refused to the end."""
    failure_queue_key_arn: pulumi.Input[str]
    kms_key_arn: pulumi.Input[str]
    """Of the schedule."""
    max_age_seconds: int = 120
    """How long a start is tried; later the next one is due anyway. Scheduler allows 60 to 86,400."""

    def __post_init__(self) -> None:
        if not _EXPRESSION.fullmatch(self.schedule):
            raise ValueError(
                f"schedule: got {self.schedule!r}; rate(5 minutes), or cron with six fields such as "
                "cron(*/5 * * * ? *)"
            )
        if not 60 <= self.max_age_seconds <= 86_400:
            raise ValueError(f"max_age_seconds: got {self.max_age_seconds}; Scheduler allows 60 to 86400")


class ScheduledTask(pulumi.ComponentResource):
    """A task, the schedule that starts it, and a role that may start exactly this revision in this cluster.

    Scheduler counts a start as delivered once ECS has taken it; how a run ends is in its exit code, which ECS
    tells as an event. It does not look whether the last run has ended, so a task needs a deadline of its own
    that is shorter than the interval. A start may, rarely, come twice.
    """

    runner: FargateTask
    group: scheduler.ScheduleGroup
    schedule: scheduler.Schedule
    group_name: pulumi.Output[str]
    schedule_arn: pulumi.Output[str]
    task_definition_arn: pulumi.Output[str]
    task_role_arn: pulumi.Output[str]
    log_group_name: pulumi.Output[str]
    security_group: SecurityGroup
    security_group_id: pulumi.Output[str]

    def __init__(
        self, name: str, args: ScheduledTaskArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("platform:delivery:ScheduledTask", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self.runner = FargateTask(
            f"{name}-run",
            FargateTaskArgs(
                cluster=args.cluster,
                task=args.task,
                vpc_id=args.vpc_id,
                subnet_ids=args.subnet_ids,
                egress=args.egress,
            ),
            opts=self._child,
        )
        self.group = scheduler.ScheduleGroup(f"{name}-group", opts=self._child)
        self.schedule = self._build_schedule(self._build_role())
        self.group_name = self.group.name
        self.schedule_arn = self.schedule.arn
        self.task_definition_arn = self.runner.task_definition_arn
        self.task_role_arn = self.runner.task_role_arn
        self.log_group_name = self.runner.log_group_name
        self.security_group = self.runner.security_group
        self.security_group_id = self.runner.security_group_id
        self.register_outputs(
            {"scheduleArn": self.schedule_arn, "taskDefinitionArn": self.task_definition_arn}
        )

    def _build_role(self) -> ServiceRole:
        args, task = self._args, self.runner.task
        cluster_tasks = args.cluster.cluster_arn.apply(lambda arn: arn.replace(":cluster/", ":task/") + "/*")
        return ServiceRole(
            f"{self._name}-role",
            ServiceRoleArgs(
                service="scheduler.amazonaws.com",
                description=f"Starts {self._name}",
                source_account=args.task.account_id,
                source_arn=self.group.arn,
                statements=[
                    Statement(
                        actions=["ecs:RunTask"],
                        resources=[self.runner.task_definition_arn],
                        conditions={"ArnEquals": {"ecs:cluster": args.cluster.cluster_arn}},
                    ),
                    Statement(
                        actions=["ecs:TagResource"],
                        resources=[cluster_tasks],
                        conditions={"StringEquals": {"ecs:CreateAction": "RunTask"}},
                    ),
                    Statement(
                        actions=["iam:PassRole"],
                        resources=[task.execution_role.role_arn, task.task_role.role_arn],
                        conditions={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
                    ),
                    grants.send_messages(args.failure_queue_arn),
                    grants.kms_use(
                        args.failure_queue_key_arn, via_service=f"sqs.{args.task.region}.amazonaws.com"
                    ),
                    grants.kms_decrypt(args.kms_key_arn),
                ],
            ),
            opts=self._child,
        )

    def _build_schedule(self, role: ServiceRole) -> scheduler.Schedule:
        args = self._args
        return scheduler.Schedule(
            f"{self._name}-schedule",
            description=args.description,
            group_name=self.group.name,
            schedule_expression=args.schedule,
            schedule_expression_timezone=args.timezone,
            flexible_time_window=scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
            kms_key_arn=args.kms_key_arn,
            target=scheduler.ScheduleTargetArgs(
                arn=args.cluster.cluster_arn,
                role_arn=role.role_arn,
                ecs_parameters=scheduler.ScheduleTargetEcsParametersArgs(
                    task_definition_arn=self.runner.task_definition_arn,
                    launch_type="FARGATE",
                    platform_version=PLATFORM_VERSION,
                    task_count=1,
                    enable_ecs_managed_tags=True,
                    propagate_tags="TASK_DEFINITION",
                    network_configuration=scheduler.ScheduleTargetEcsParametersNetworkConfigurationArgs(
                        subnets=list(args.subnet_ids),
                        security_groups=[self.runner.security_group_id],
                        assign_public_ip=False,
                    ),
                ),
                dead_letter_config=scheduler.ScheduleTargetDeadLetterConfigArgs(arn=args.failure_queue_arn),
                retry_policy=scheduler.ScheduleTargetRetryPolicyArgs(
                    maximum_event_age_in_seconds=args.max_age_seconds, maximum_retry_attempts=3
                ),
            ),
            # A start before the role may run the task would only fill the queue of failures.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[role]),
        )
