"""What a Fargate service is made from."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pulumi

from components.compute.ecs_cluster import EcsCluster
from components.compute.fargate_service_plan import BlueGreen, Capacity, Deployment, Rolling
from components.compute.fargate_task_definition import TaskArgs
from components.edge.load_balancer_args import ServiceTarget
from components.network.security_group import Rule


@dataclass(frozen=True, kw_only=True)
class FargateServiceArgs:
    """``subnet_ids`` are private, in two zones or more. Sticky sessions and draining are the target's.

    ``egress`` opens the way out: HTTPS to endpoints or the internet at least, or no image can be pulled.
    """

    cluster: EcsCluster
    task: TaskArgs
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    capacity: Capacity
    target: ServiceTarget | None = None
    """Where the load balancer sends; None for a service that only takes work from a queue."""
    deployment: Deployment = field(default_factory=Rolling)
    egress: Sequence[Rule] = ()
    health_check_grace_period_seconds: int = 60
    """How long a new task may fail the load balancer's checks before it is replaced."""
    wait_for_steady_state: bool = False
    """Whether an update waits until the deployment is done. It fails for a deployment that ECS took back,
    and waits up to 20 minutes for one that hangs; without, check after the update."""

    def __post_init__(self) -> None:
        if self.target is not None and self.task.port is None:
            raise ValueError("port: got none, with a target; give the task the port that it listens on")
        if isinstance(self.deployment, BlueGreen) and (
            self.target is None or self.target.alternate_target_group_arn is None
        ):
            raise ValueError(
                "deployment: got BlueGreen without an alternate target group; give the load balancer's "
                "target blue_green=True"
            )
