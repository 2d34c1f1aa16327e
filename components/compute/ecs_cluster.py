"""Where Fargate tasks run."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import ecs

from components.observability.log_group import log_group


@dataclass(frozen=True, kw_only=True)
class EcsClusterArgs:
    """``kms_key_arn`` encrypts the tasks' disks and the insights log: its policy must admit ``fargate`` and
    ``logs``, or no task starts.
    """

    kms_key_arn: pulumi.Input[str]
    insights_retention_days: int = 30


class EcsCluster(pulumi.ComponentResource):
    """A cluster with Container Insights at its enhanced level: per task and per container.

    Cloud Map and Service Connect are left out: services meet at the load balancer, which also watches them.
    EC2 capacity is left out: nothing here needs a host. Sessions of ECS Exec are not logged, since no service
    allows them; the key stands ready for whoever opens one on purpose.
    """

    cluster: ecs.Cluster
    cluster_name: pulumi.Output[str]
    cluster_arn: pulumi.Output[str]

    def __init__(self, name: str, args: EcsClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:compute:EcsCluster", name, None, opts)
        self._name = name
        self._args = args
        self.cluster = self._build_cluster()
        # Insights would make this group itself with the first task, without an end or our key.
        log_group(
            self,
            f"{name}-insights",
            retention_days=args.insights_retention_days,
            kms_key_arn=args.kms_key_arn,
            physical_name=pulumi.Output.concat(
                "/aws/ecs/containerinsights/", self.cluster.name, "/performance"
            ),
        )
        self.cluster_name = self.cluster.name
        self.cluster_arn = self.cluster.arn
        self.register_outputs({"clusterName": self.cluster_name, "clusterArn": self.cluster_arn})

    def _build_cluster(self) -> ecs.Cluster:
        key = self._args.kms_key_arn
        return ecs.Cluster(
            f"{self._name}-cluster",
            settings=[ecs.ClusterSettingArgs(name="containerInsights", value="enhanced")],
            configuration=ecs.ClusterConfigurationArgs(
                execute_command_configuration=ecs.ClusterConfigurationExecuteCommandConfigurationArgs(
                    kms_key_id=key, logging="NONE"
                ),
                managed_storage_configuration=ecs.ClusterConfigurationManagedStorageConfigurationArgs(
                    fargate_ephemeral_storage_kms_key_id=key, kms_key_id=key
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
