"""The least that each component of the group needs."""

from typing import Any

import pulumi

from components.kubernetes.application import Application, ApplicationArgs, Scaling
from components.kubernetes.namespace import Namespace, NamespaceArgs, Peer
from components.kubernetes.pod import PodArgs, Resources
from components.kubernetes.scheduled_job import ScheduledJob, ScheduledJobArgs
from tests.contracts import examples_clusters as clusters
from tests.contracts.examples_compute import image

Options = pulumi.ResourceOptions | None

RESOURCES = Resources(cpu_request="500m", cpu_limit="1", memory_request="512Mi", memory_limit="1Gi")


def namespace(name: str, opts: Options) -> Namespace:
    args = NamespaceArgs(
        cluster=clusters.cluster("cluster", None),
        name="app",
        ways_out={"database": Peer(cidr_blocks=["10.0.64.0/20"], ports=[3306])},
    )
    return Namespace(name, args, opts)


def scheduled_job(name: str, opts: Options) -> ScheduledJob:
    args = ScheduledJobArgs(
        namespace=namespace("space", None),
        job_name="job",
        schedule="*/5 * * * *",
        pod=PodArgs(image=image(), resources=RESOURCES, environment={"EXECUTION_MODE": "cronjob"}),
        deadline_seconds=240,
    )
    return ScheduledJob(name, args, opts)


def application(name: str, opts: Options) -> Application:
    cluster = clusters.auto_cluster("cluster", None)
    args = ApplicationArgs(
        namespace=Namespace("space", NamespaceArgs(cluster=cluster, name="app")),
        app_name="app",
        pod=PodArgs(image=image(), resources=RESOURCES, ports={"http": 8080}),
        replicas=3,
        liveness_path="/actuator/health/liveness",
        readiness_path="/actuator/health/readiness",
        target_group_arn="arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup/app/1",
        scaling=Scaling(min_pods=2, max_pods=10, cpu_percent=50),
    )
    return Application(name, args, opts)


EXAMPLES: dict[str, Any] = {
    "Application": application,
    "Namespace": namespace,
    "ScheduledJob": scheduled_job,
}
