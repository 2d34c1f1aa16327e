"""A service on Fargate: tasks that are kept running, replaced with care, and scaled."""

import pulumi
from pulumi_aws import appautoscaling, ecs

from components import runtime_owned
from components.compute.fargate_service_args import FargateServiceArgs
from components.compute.fargate_service_plan import (
    Autoscaled,
    BlueGreen,
    Deployment,
    Rolling,
    first_count,
    tracking_targets,
)
from components.compute.fargate_shift import shift_role
from components.compute.fargate_task_definition import FargateTaskDefinition
from components.edge.load_balancer_args import ServiceTarget
from components.network.security_group import SecurityGroup, SecurityGroupArgs, connect
from components.security.service_role import ServiceRole


class FargateService(pulumi.ComponentResource):
    """A task definition, the service that keeps it running, its door, and its scaling.

    A deployment that cannot become healthy is taken back by the circuit breaker, one that fires an alarm by
    the alarm. Tasks have no public address, and let in only the load balancer, on one port.

    CodeDeploy is left out: ECS shifts blue/green itself. Fargate Spot is left out: a service that people wait
    for should not lose its tasks with two minutes' notice.
    """

    service: ecs.Service
    service_name: pulumi.Output[str]
    cluster_name: pulumi.Output[str]
    task: FargateTaskDefinition
    task_definition_arn: pulumi.Output[str]
    task_role_arn: pulumi.Output[str]
    task_role_name: pulumi.Output[str]
    log_group_name: pulumi.Output[str]
    log_group_arn: pulumi.Output[str]
    security_group: SecurityGroup
    security_group_id: pulumi.Output[str]
    scalable_resource_id: pulumi.Output[str]
    """``service/<cluster>/<service>``, as Application Auto Scaling names it."""
    scalable_target: appautoscaling.Target | None

    def __init__(
        self, name: str, args: FargateServiceArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("platform:compute:FargateService", name, None, opts)
        self._name = name
        self._args = args
        self.task = FargateTaskDefinition(f"{name}-task", args.task, pulumi.ResourceOptions(parent=self))
        self.security_group = self._build_security_group()
        self.service = self._build_service()
        self.scalable_resource_id = pulumi.Output.concat(
            "service/", args.cluster.cluster_name, "/", self.service.name
        )
        self.scalable_target = self._build_scaling()
        self._publish()

    def _build_security_group(self) -> SecurityGroup:
        args = self._args
        group = SecurityGroup(
            f"{self._name}-sg",
            SecurityGroupArgs(
                vpc_id=args.vpc_id, description=f"Tasks of {self._name}", egress=list(args.egress)
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        if args.target is not None and args.task.port is not None:
            connect(
                args.target.security_group,
                group,
                args.task.port,
                client_name="load balancer",
                server_name=self._name,
            )
        return group

    def _build_service(self) -> ecs.Service:
        args = self._args
        rolling = args.deployment if isinstance(args.deployment, Rolling) else Rolling()
        alarms = list(args.deployment.alarm_names)
        shifts = self._build_shift_role()
        return ecs.Service(
            f"{self._name}-service",
            cluster=args.cluster.cluster_arn,
            task_definition=self.task.task_definition_arn,
            launch_type="FARGATE",
            platform_version="LATEST",
            desired_count=first_count(args.capacity),
            deployment_controller=ecs.ServiceDeploymentControllerArgs(type="ECS"),
            deployment_circuit_breaker=ecs.ServiceDeploymentCircuitBreakerArgs(enable=True, rollback=True),
            deployment_configuration=_strategy(args.deployment),
            deployment_minimum_healthy_percent=rolling.minimum_healthy_percent,
            deployment_maximum_percent=rolling.maximum_percent,
            alarms=ecs.ServiceAlarmsArgs(alarm_names=alarms, enable=True, rollback=True) if alarms else None,
            network_configuration=ecs.ServiceNetworkConfigurationArgs(
                subnets=list(args.subnet_ids),
                security_groups=[self.security_group.security_group_id],
                assign_public_ip=False,
            ),
            load_balancers=[self._load_balancer(args.target, shifts)] if args.target else None,
            health_check_grace_period_seconds=(
                args.health_check_grace_period_seconds if args.target else None
            ),
            enable_execute_command=False,
            enable_ecs_managed_tags=True,
            propagate_tags="SERVICE",
            wait_for_steady_state=args.wait_for_steady_state,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=self._dependencies(shifts),
                ignore_changes=(
                    runtime_owned.ignore_changes("aws:ecs/service:Service")
                    if isinstance(args.capacity, Autoscaled)
                    else None
                ),
            ),
        )

    def _dependencies(self, shift_role: ServiceRole | None) -> list[pulumi.Resource]:
        # ECS takes a target group only once a rule sends to it, and uses the role's grants at once.
        rule = [self._args.target.listener_rule] if self._args.target else []
        return [*rule, *([shift_role] if shift_role else [])]

    def _load_balancer(
        self, target: ServiceTarget, shift_role: ServiceRole | None
    ) -> ecs.ServiceLoadBalancerArgs:
        shifts = None
        if shift_role is not None and target.alternate_target_group_arn is not None:
            shifts = ecs.ServiceLoadBalancerAdvancedConfigurationArgs(
                alternate_target_group_arn=target.alternate_target_group_arn,
                production_listener_rule=target.listener_rule.arn,
                role_arn=shift_role.role_arn,
            )
        return ecs.ServiceLoadBalancerArgs(
            target_group_arn=target.target_group_arn,
            container_name=self.task.container_name,
            container_port=self._args.task.port or 0,
            advanced_configuration=shifts,
        )

    def _build_shift_role(self) -> ServiceRole | None:
        target = self._args.target
        alternate = target.alternate_target_group_arn if target else None
        if not isinstance(self._args.deployment, BlueGreen) or target is None or alternate is None:
            return None
        return ServiceRole(
            f"{self._name}-shift",
            shift_role(
                f"Blue/green shifts of {self._name}",
                self._args.task,
                groups=[target.target_group_arn, alternate],
                rule=target.listener_rule.arn,
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_scaling(self) -> appautoscaling.Target | None:
        scaling = self._args.capacity
        if not isinstance(scaling, Autoscaled):
            return None
        target = appautoscaling.Target(
            f"{self._name}-scaling",
            service_namespace="ecs",
            scalable_dimension="ecs:service:DesiredCount",
            resource_id=self.scalable_resource_id,
            min_capacity=scaling.min_tasks,
            max_capacity=scaling.max_tasks,
            opts=pulumi.ResourceOptions(parent=self),
        )
        for role in tracking_targets(scaling):
            self._build_tracking(role, scaling, target)
        return target

    def _build_tracking(
        self, role: str, scaling: Autoscaled, target: appautoscaling.Target
    ) -> appautoscaling.Policy:
        metric, percent = tracking_targets(scaling)[role]
        configuration = appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
            predefined_metric_specification=appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs(
                predefined_metric_type=metric
            ),
            target_value=percent,
            scale_in_cooldown=scaling.scale_in_cooldown_seconds,
            scale_out_cooldown=scaling.scale_out_cooldown_seconds,
        )
        return appautoscaling.Policy(
            f"{self._name}-{role}",
            policy_type="TargetTrackingScaling",
            service_namespace=target.service_namespace,
            scalable_dimension=target.scalable_dimension,
            resource_id=target.resource_id,
            target_tracking_scaling_policy_configuration=configuration,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _publish(self) -> None:
        self.service_name = self.service.name
        self.cluster_name = self._args.cluster.cluster_name
        self.task_definition_arn = self.task.task_definition_arn
        self.task_role_arn = self.task.task_role.role_arn
        self.task_role_name = self.task.task_role.role_name
        self.log_group_name = self.task.log_group_name
        self.log_group_arn = self.task.log_group_arn
        self.security_group_id = self.security_group.security_group_id
        self.register_outputs(
            {
                "serviceName": self.service_name,
                "clusterName": self.cluster_name,
                "taskDefinitionArn": self.task_definition_arn,
                "taskRoleArn": self.task_role_arn,
                "logGroupName": self.log_group_name,
                "securityGroupId": self.security_group_id,
                "scalableResourceId": self.scalable_resource_id,
            }
        )


def _strategy(deployment: Deployment) -> ecs.ServiceDeploymentConfigurationArgs:
    match deployment:
        case Rolling():
            return ecs.ServiceDeploymentConfigurationArgs(strategy="ROLLING")
        case BlueGreen(bake_time_minutes=minutes):
            return ecs.ServiceDeploymentConfigurationArgs(
                strategy="BLUE_GREEN", bake_time_in_minutes=str(minutes)
            )
