"""A Batch worker: jobs of one kind, in containers, on a fleet of Spot instances that shrinks to nothing."""

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_aws import batch, cloudwatch, ec2, iam

from components.compute.batch_worker_args import BatchWorkerArgs, FairShare
from components.compute.batch_worker_plan import FleetCapacity
from components.compute.batch_worker_roles import execution_statements, host_statements
from components.network.security_group import SecurityGroup, SecurityGroupArgs
from components.observability.log_group import log_group
from components.security.grants import write_logs
from components.security.iam import Statement, policy_document
from components.security.service_role import ServiceRole, ServiceRoleArgs

ROOT_DEVICE = "/dev/xvda"
"""Of Amazon Linux 2023, and of ECS's image made from it."""

SPOT_RECLAIM = "Host EC2*"
"""The status reason of an attempt whose host was taken away (Batch User Guide, "Automated job retries")."""

NEVER_FITS_SECONDS = 600
"""How long a job that no host can ever hold may block the queue: the least that Batch allows."""


class BatchWorker(pulumi.ComponentResource):
    """A managed Spot compute environment, its job queue, one job definition, and a role for each party.

    The service-linked roles of Batch, EC2 Spot and Auto Scaling are left out: an account has each once. A
    fallback to on-demand instances is left out: a job that waits costs nothing. Docker on hosts shares the
    host's network, so the metadata of the host is in a job's reach; the host's role can do no more than run
    the agent.
    """

    capacity: FleetCapacity
    log_group: cloudwatch.LogGroup
    security_group: SecurityGroup
    job_role: ServiceRole
    execution_role: ServiceRole
    host_role: ServiceRole
    compute_environment: batch.ComputeEnvironment
    job_queue: batch.JobQueue
    job_definition: batch.JobDefinition
    fair: bool
    """Whether each SubmitJob must name a share."""
    job_queue_arn: pulumi.Output[str]
    job_queue_name: pulumi.Output[str]
    job_definition_arn: pulumi.Output[str]
    """With its revision."""
    log_group_name: pulumi.Output[str]

    def __init__(self, name: str, args: BatchWorkerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:compute:BatchWorker", name, None, opts)
        self._name = name
        self._args = args
        self.capacity = args.capacity
        self.fair = isinstance(args.scheduling, FairShare)
        self.log_group = log_group(
            self,
            f"{name}-logs",
            retention_days=args.log_retention_days,
            kms_key_arn=args.kms_key_arn,
        )
        self.security_group = self._build_security_group()
        self.job_role = self._build_task_role(
            "job", "What a job may do", [write_logs(self.log_group.arn), *args.statements]
        )
        self.execution_role = self._build_execution_role()
        self.host_role = self._build_host_role()
        self.compute_environment = self._build_compute_environment(self._build_launch_template())
        self.job_queue = self._build_job_queue(self._build_host_policy())
        self.job_definition = self._build_job_definition()
        self._publish()

    def _publish(self) -> None:
        self.job_queue_arn = self.job_queue.arn
        self.job_queue_name = self.job_queue.name
        self.job_definition_arn = self.job_definition.arn
        self.log_group_name = self.log_group.name
        self.register_outputs(
            {
                "jobQueueArn": self.job_queue_arn,
                "jobDefinitionArn": self.job_definition_arn,
                "logGroupName": self.log_group_name,
                "jobsAtOnce": self.capacity.jobs_at_once,
            }
        )

    def _build_security_group(self) -> SecurityGroup:
        return SecurityGroup(
            f"{self._name}-hosts",
            SecurityGroupArgs(vpc_id=self._args.vpc_id, description="Hosts of Batch jobs"),
            pulumi.ResourceOptions(parent=self),
        )

    def _build_task_role(self, role: str, description: str, statements: list[Statement]) -> ServiceRole:
        args = self._args
        return ServiceRole(
            f"{self._name}-{role}",
            ServiceRoleArgs(
                service="ecs-tasks.amazonaws.com",
                description=description,
                statements=statements,
                source_account=args.account_id,
                source_arn=f"arn:aws:ecs:{args.region}:{args.account_id}:*",
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _build_execution_role(self) -> ServiceRole:
        args = self._args
        statements = execution_statements(
            image=args.image,
            log_group_arn=self.log_group.arn,
            key_arn=args.kms_key_arn,
            secrets=[args.secrets[name] for name in sorted(args.secrets)],
            region=args.region,
        )
        return self._build_task_role("execution", "Starts a job's container", statements)

    def _build_host_role(self) -> ServiceRole:
        return ServiceRole(
            f"{self._name}-host",
            ServiceRoleArgs(service="ec2.amazonaws.com", description="Runs the ECS agent on hosts"),
            pulumi.ResourceOptions(parent=self),
        )

    def _build_host_policy(self) -> iam.RolePolicy:
        """Names the cluster that Batch made; hosts come with the first job, after the queue."""
        return iam.RolePolicy(
            f"{self._name}-host-policy",
            role=self.host_role.role_name,
            policy=policy_document(*host_statements(cluster_arn=self.compute_environment.ecs_cluster_arn)),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_launch_template(self) -> ec2.LaunchTemplate:
        volume = ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
            volume_type="gp3",
            volume_size=self._args.volume_gb,
            encrypted="true",
            kms_key_id=self._args.kms_key_arn,
            delete_on_termination="true",
        )
        return ec2.LaunchTemplate(
            f"{self._name}-template",
            description="Hosts of Batch jobs",
            update_default_version=True,
            block_device_mappings=[
                ec2.LaunchTemplateBlockDeviceMappingArgs(device_name=ROOT_DEVICE, ebs=volume)
            ],
            metadata_options=ec2.LaunchTemplateMetadataOptionsArgs(
                http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1
            ),
            monitoring=ec2.LaunchTemplateMonitoringArgs(enabled=True),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_compute_environment(self, template: ec2.LaunchTemplate) -> batch.ComputeEnvironment:
        args = self._args
        profile = iam.InstanceProfile(
            f"{self._name}-profile",
            role=self.host_role.role_name,
            opts=pulumi.ResourceOptions(parent=self),
        )
        resources = batch.ComputeEnvironmentComputeResourcesArgs(
            type="SPOT",
            allocation_strategy="SPOT_PRICE_CAPACITY_OPTIMIZED",
            bid_percentage=args.bid_percent,
            min_vcpus=0,
            max_vcpus=args.max_vcpus,
            instance_types=list(args.instance_types),
            instance_role=profile.arn,
            subnets=list(args.subnet_ids),
            security_group_ids=[self.security_group.security_group_id],
            ec2_configurations=[
                batch.ComputeEnvironmentComputeResourcesEc2ConfigurationArgs(image_type="ECS_AL2023")
            ],
            launch_template=batch.ComputeEnvironmentComputeResourcesLaunchTemplateArgs(
                launch_template_id=template.id,
                # By number: Batch looks at a template again only when something it was given changes.
                version=template.latest_version.apply(str),
            ),
            tags={"Name": f"{self._name}-host"},
        )
        return batch.ComputeEnvironment(
            f"{self._name}-fleet",
            type="MANAGED",
            state="ENABLED",
            compute_resources=resources,
            update_policy=batch.ComputeEnvironmentUpdatePolicyArgs(
                terminate_jobs_on_update=False,
                # Batch allows 1 to 360 minutes: a job ends by itself before its host is replaced.
                job_execution_timeout_minutes=min(360, -(-args.timeout_seconds // 60)),
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_job_queue(self, host_policy: iam.RolePolicy) -> batch.JobQueue:
        return batch.JobQueue(
            f"{self._name}-queue",
            state="ENABLED",
            priority=1,
            scheduling_policy_arn=self._build_scheduling_policy(),
            compute_environment_orders=[
                batch.JobQueueComputeEnvironmentOrderArgs(
                    compute_environment=self.compute_environment.arn, order=1
                )
            ],
            job_state_time_limit_actions=[
                batch.JobQueueJobStateTimeLimitActionArgs(
                    action="CANCEL",
                    state="RUNNABLE",
                    reason="MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT",
                    max_time_seconds=NEVER_FITS_SECONDS,
                )
            ],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[host_policy]),
        )

    def _build_scheduling_policy(self) -> pulumi.Output[str] | None:
        scheduling = self._args.scheduling
        if not isinstance(scheduling, FairShare):
            return None
        return batch.SchedulingPolicy(
            f"{self._name}-shares",
            fair_share_policy=batch.SchedulingPolicyFairSharePolicyArgs(
                share_decay_seconds=scheduling.share_decay_seconds,
                compute_reservation=scheduling.compute_reservation_percent,
            ),
            opts=pulumi.ResourceOptions(parent=self),
        ).arn

    def _build_job_definition(self) -> batch.JobDefinition:
        evaluate = batch.JobDefinitionRetryStrategyEvaluateOnExitArgs
        return batch.JobDefinition(
            f"{self._name}-job",
            type="container",
            platform_capabilities=["EC2"],
            propagate_tags=True,
            # The pipe and waiting jobs name a revision; it must outlive the next one.
            deregister_on_new_revision=False,
            scheduling_priority=0 if self.fair else None,
            timeout=batch.JobDefinitionTimeoutArgs(attempt_duration_seconds=self._args.timeout_seconds),
            retry_strategy=batch.JobDefinitionRetryStrategyArgs(
                attempts=self._args.attempts,
                # In order; the first that matches decides. Anything that the job did itself ends it.
                evaluate_on_exits=[
                    evaluate(action="retry", on_status_reason=SPOT_RECLAIM),
                    evaluate(action="exit", on_reason="*"),
                ],
            ),
            container_properties=pulumi.Output.json_dumps(self._container(), sort_keys=True),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _container(self) -> dict[str, Any]:
        args = self._args
        return {
            "image": args.image.uri,
            "jobRoleArn": self.job_role.role_arn,
            "executionRoleArn": self.execution_role.role_arn,
            "resourceRequirements": [
                {"type": "VCPU", "value": str(args.vcpus)},
                {"type": "MEMORY", "value": str(args.memory_mb)},
            ],
            "user": args.user,
            "privileged": False,
            "readonlyRootFilesystem": True,
            "linuxParameters": {
                "initProcessEnabled": True,
                "tmpfs": [
                    {
                        "containerPath": "/tmp",  # noqa: S108 - inside the container
                        "size": args.scratch_mb,
                        "mountOptions": ["rw", "nosuid", "nodev"],
                    }
                ],
            },
            "environment": _named(args.environment, "value"),
            "secrets": _named(
                {name: secret.value_from for name, secret in args.secrets.items()}, "valueFrom"
            ),
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": self.log_group.name,
                    "awslogs-region": args.region,
                    "awslogs-stream-prefix": self._name,
                },
            },
        }


def _named(values: Mapping[str, pulumi.Input[str]], field: str) -> list[dict[str, Any]]:
    """By name: Batch answers with them sorted."""
    return [{"name": name, field: value} for name, value in sorted(values.items())]
