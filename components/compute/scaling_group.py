"""Hosts in an Auto Scaling group behind a load balancer."""

import base64

import pulumi
from pulumi_aws import autoscaling, ec2
from pulumi_aws import iam as aws_iam

from components import runtime_owned
from components.compute import scaling_group_plan as plan
from components.compute.scaling_group_args import ScalingGroupArgs
from components.compute.scaling_group_plan import StoppedPool
from components.compute.scaling_group_policies import predictive_scaling, target_tracking
from components.network.security_group import SecurityGroup, SecurityGroupArgs
from components.security.grants import put_metrics, xray_write
from components.security.service_role import ServiceRole, ServiceRoleArgs

__all__ = ["ScalingGroup", "ScalingGroupArgs"]

SESSION_MANAGER_POLICY = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
ROOT_DEVICE = "/dev/xvda"
"""Of Amazon Linux."""

GROUP_TYPE = "aws:autoscaling/group:Group"

_METRIC = autoscaling.Metric
GROUP_METRICS = (
    _METRIC.GROUP_DESIRED_CAPACITY,
    _METRIC.GROUP_IN_SERVICE_INSTANCES,
    _METRIC.GROUP_MAX_SIZE,
    _METRIC.GROUP_MIN_SIZE,
    _METRIC.GROUP_PENDING_INSTANCES,
    _METRIC.GROUP_TERMINATING_INSTANCES,
    _METRIC.GROUP_TOTAL_INSTANCES,
)


class ScalingGroup(pulumi.ComponentResource):
    """Hosts without a public address or a key pair, with IMDSv2, encrypted disks, and a role of their own.

    People come in by Session Manager. The load is followed by target tracking on a metric of ten seconds, and
    met before it comes by predictive scaling; whichever asks for more wins. A change of the launch template
    replaces the hosts, new before old, and stops at an alarm.

    Left out: Spot (the tier holds requests under way), lifecycle hooks (sessions live in the cache and the
    load balancer drains), placement groups.
    """

    group: autoscaling.Group
    launch_template: ec2.LaunchTemplate
    group_name: str
    arn: pulumi.Output[str]
    launch_template_id: pulumi.Output[str]
    launch_template_version: pulumi.Output[int]
    security_group: SecurityGroup
    security_group_id: pulumi.Output[str]
    role: ServiceRole

    def __init__(self, name: str, args: ScalingGroupArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:compute:ScalingGroup", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self.group_name = args.group_name
        self.security_group = self._build_security_group()
        self.role = self._build_role()
        self.launch_template = self._build_launch_template(self._build_profile())
        self.group = self._build_group()
        target_tracking(self, name, group=self.group, group_name=args.group_name, target=args.scaling)
        predictive_scaling(self, name, group=self.group, target=args.scaling)
        self.arn = self.group.arn
        self.launch_template_id = self.launch_template.id
        self.launch_template_version = self.launch_template.latest_version
        self.security_group_id = self.security_group.security_group_id
        self.register_outputs(
            {
                "groupName": self.group_name,
                "arn": self.arn,
                "launchTemplateId": self.launch_template_id,
                "launchTemplateVersion": self.launch_template_version,
                "securityGroupId": self.security_group_id,
            }
        )

    def _build_security_group(self) -> SecurityGroup:
        return SecurityGroup(
            f"{self._name}-sg",
            SecurityGroupArgs(vpc_id=self._args.vpc_id, description=f"Hosts {self._name}"),
            opts=self._child,
        )

    def _build_role(self) -> ServiceRole:
        return ServiceRole(
            f"{self._name}-role",
            ServiceRoleArgs(
                service="ec2.amazonaws.com",
                description=f"Hosts {self._name}",
                statements=[
                    put_metrics(self._args.scaling.metric_namespace),
                    xray_write(),
                    *self._args.statements,
                ],
                managed_policy_arns=[SESSION_MANAGER_POLICY],
            ),
            opts=self._child,
        )

    def _build_profile(self) -> aws_iam.InstanceProfile:
        return aws_iam.InstanceProfile(f"{self._name}-profile", role=self.role.role_name, opts=self._child)

    def _build_launch_template(self, profile: aws_iam.InstanceProfile) -> ec2.LaunchTemplate:
        args = self._args
        return ec2.LaunchTemplate(
            f"{self._name}-template",
            description=args.description,
            image_id=plan.image_id(args.ami),
            instance_type=args.instance_types[0],
            update_default_version=True,
            user_data=pulumi.Output.from_input(args.user_data).apply(_encode),
            iam_instance_profile=ec2.LaunchTemplateIamInstanceProfileArgs(arn=profile.arn),
            ebs_optimized="true",
            monitoring=ec2.LaunchTemplateMonitoringArgs(enabled=True),
            metadata_options=ec2.LaunchTemplateMetadataOptionsArgs(
                http_endpoint="enabled",
                http_tokens="required",
                # The host's own processes alone; a container on it is one hop further.
                http_put_response_hop_limit=1,
                instance_metadata_tags="disabled",
            ),
            network_interfaces=[
                ec2.LaunchTemplateNetworkInterfaceArgs(
                    device_index=0,
                    associate_public_ip_address="false",
                    delete_on_termination="true",
                    security_groups=[self.security_group.security_group_id],
                )
            ],
            block_device_mappings=[
                ec2.LaunchTemplateBlockDeviceMappingArgs(
                    device_name=ROOT_DEVICE,
                    ebs=ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
                        encrypted="true",
                        kms_key_id=args.kms_key_arn,
                        volume_size=args.volume_gb,
                        volume_type="gp3",
                        delete_on_termination="true",
                    ),
                )
            ],
            # A host without the role's rights would start, and fail.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.role]),
        )

    def _build_group(self) -> autoscaling.Group:
        args = self._args
        version = self.launch_template.latest_version.apply(str)
        mixed = len(args.instance_types) > 1
        owned = runtime_owned.ignore_changes(GROUP_TYPE)
        return autoscaling.Group(
            f"{self._name}-group",
            name=args.group_name,
            min_size=args.capacity.least,
            max_size=args.capacity.most,
            desired_capacity=args.capacity.desired,
            vpc_zone_identifiers=list(args.subnet_ids),
            target_group_arns=list(args.target_group_arns),
            health_check_type="ELB",
            health_check_grace_period=args.health_grace_seconds,
            default_instance_warmup=args.instance_warmup_seconds,
            capacity_rebalance=False,
            max_instance_lifetime=args.max_lifetime_days * 86_400,
            enabled_metrics=list(GROUP_METRICS),
            termination_policies=["OldestLaunchTemplate", "Default"],
            instance_maintenance_policy=autoscaling.GroupInstanceMaintenancePolicyArgs(
                min_healthy_percentage=100, max_healthy_percentage=200
            ),
            instance_refresh=self._refresh(),
            launch_template=None
            if mixed
            else autoscaling.GroupLaunchTemplateArgs(id=self.launch_template.id, version=version),
            mixed_instances_policy=self._mixed(version) if mixed else None,
            warm_pool=_warm_pool(args),
            # Whether hosts come up is what ``ops verify`` asks: a stack is made before its first artifact.
            wait_for_capacity_timeout="0",
            opts=pulumi.ResourceOptions(
                parent=self,
                ignore_changes=owned if args.capacity_owned_at_run_time else ["desiredCapacity"],
            ),
        )

    def _refresh(self) -> autoscaling.GroupInstanceRefreshArgs:
        args = self._args
        alarms = list(args.refresh_alarm_names)
        return autoscaling.GroupInstanceRefreshArgs(
            strategy="Rolling",
            preferences=autoscaling.GroupInstanceRefreshPreferencesArgs(
                min_healthy_percentage=100,
                max_healthy_percentage=200,
                instance_warmup=str(args.instance_warmup_seconds),
                skip_matching=True,
                auto_rollback=plan.rolls_back(args.ami),
                alarm_specification=autoscaling.GroupInstanceRefreshPreferencesAlarmSpecificationArgs(
                    alarms=alarms
                )
                if alarms
                else None,
            ),
        )

    def _mixed(self, version: pulumi.Output[str]) -> autoscaling.GroupMixedInstancesPolicyArgs:
        override = autoscaling.GroupMixedInstancesPolicyLaunchTemplateOverrideArgs
        return autoscaling.GroupMixedInstancesPolicyArgs(
            instances_distribution=autoscaling.GroupMixedInstancesPolicyInstancesDistributionArgs(
                on_demand_allocation_strategy="prioritized", on_demand_percentage_above_base_capacity=100
            ),
            launch_template=autoscaling.GroupMixedInstancesPolicyLaunchTemplateArgs(
                launch_template_specification=(
                    autoscaling.GroupMixedInstancesPolicyLaunchTemplateLaunchTemplateSpecificationArgs(
                        launch_template_id=self.launch_template.id, version=version
                    )
                ),
                overrides=[override(instance_type=each) for each in self._args.instance_types],
            ),
        )


def _warm_pool(args: ScalingGroupArgs) -> autoscaling.GroupWarmPoolArgs | None:
    if not isinstance(args.warm_pool, StoppedPool):
        return None
    return autoscaling.GroupWarmPoolArgs(
        pool_state="Stopped",
        min_size=args.warm_pool.hosts,
        instance_reuse_policy=autoscaling.GroupWarmPoolInstanceReusePolicyArgs(reuse_on_scale_in=True),
    )


def _encode(script: str) -> str:
    return base64.b64encode(script.encode()).decode()
