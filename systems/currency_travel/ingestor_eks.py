"""The ingestor as a CronJob in a Kubernetes cluster of its own."""

from components.compute.eks_args import ClusterAccess, EksClusterArgs
from components.compute.eks_cluster import EksCluster
from components.compute.eks_plan import ManagedNodes
from components.kubernetes.namespace import Namespace, NamespaceArgs, Peer
from components.kubernetes.pod import PodArgs, Resources
from components.kubernetes.scheduled_job import ScheduledJob, ScheduledJobArgs
from components.network.network_acl import ANYWHERE
from components.network.security_group import connect
from components.observability.alarm_plan import Alarm, merge
from components.observability.eks_alarms import job_alarms, node_alarms
from settings.currency_programs import Ingestion
from systems.currency_travel.functions import INGESTOR, Given
from systems.currency_travel.ingestor_image import (
    RUNBOOK,
    Ingestor,
    ingestor_environment,
    ingestor_statements,
)
from systems.currency_travel.network import HTTPS_PORT, ways_out

JOB = "data-ingestor"
NAMESPACE = "currency-travel"
"""In the cluster."""

TIMEZONE = "Asia/Seoul"
ARM_NODES = "AL2023_ARM_64_STANDARD"
"""The image is built for ARM, as Fargate takes it."""


def build_cron_job(given: Given) -> Ingestor:
    """A cluster whose API answers inside the VPC alone, and a job that never meets its last run."""
    cluster = _build_cluster(given)
    job = _build_job(given, cluster)
    kafka = given.messages.kafka
    connect(
        cluster.security_group,
        kafka.security_group,
        kafka.port,
        client_name="the nodes",
        server_name="the brokers",
    )
    return Ingestor(
        exports={"cluster": cluster.cluster_name, "cronJob": job.cron_job_name},
        alarms=_alarms(cluster),
    )


def _build_cluster(given: Given) -> EksCluster:
    scope, settings = given.scope, given.settings
    wanted = settings.kubernetes
    return EksCluster(
        f"{scope.name}-kubernetes",
        EksClusterArgs(
            region=scope.stack.region,
            account_id=scope.stack.account_id,
            version=wanted.version,
            cluster_name=scope.physical_name,
            vpc_id=given.vpc.vpc_id,
            subnet_ids=given.vpc.private_subnet_ids,
            compute=ManagedNodes(
                instance_types=[wanted.node_type],
                min_nodes=wanted.min_nodes,
                max_nodes=wanted.max_nodes,
                ami_type=ARM_NODES,
            ),
            kms_key_arn=given.key.key_arn,
            log_retention_days=settings.log_retention_days,
            access={
                "deployer": ClusterAccess(
                    principal_arn=f"arn:aws:iam::{scope.stack.account_id}:role/{wanted.deployer_role}",
                    policy="AmazonEKSClusterAdminPolicy",
                )
            },
            egress=ways_out(given.vpc),
            insights=True,
            deletion_protection=wanted.deletion_protection,
            # Nothing is kept in it, and an owner who thinks of the other kind wants to see the plan.
            engine_lock=False,
        ),
        scope.opts,
    )


def _build_job(given: Given, cluster: EksCluster) -> ScheduledJob:
    scope, wanted = given.scope, given.settings.ingestion
    namespace = Namespace(
        f"{scope.name}-{INGESTOR}-space",
        NamespaceArgs(
            cluster=cluster,
            name=NAMESPACE,
            ways_out={
                "kafka": Peer(cidr_blocks=[given.vpc.cidr_block], ports=[given.messages.kafka.port]),
                "https": Peer(cidr_blocks=[ANYWHERE], ports=[HTTPS_PORT]),
            },
        ),
        scope.opts,
    )
    return ScheduledJob(
        f"{scope.name}-{INGESTOR}-job",
        ScheduledJobArgs(
            namespace=namespace,
            job_name=JOB,
            schedule=f"*/{wanted.every_minutes} * * * *",
            timezone=TIMEZONE,
            deadline_seconds=wanted.deadline_seconds,
            pod=PodArgs(
                image=given.images[INGESTOR].image(wanted.image_digest),
                resources=_resources(wanted),
                environment=ingestor_environment(given),
                user=int(wanted.user.partition(":")[0]),
            ),
            statements=ingestor_statements(given),
        ),
        scope.opts,
    )


def _resources(wanted: Ingestion) -> Resources:
    """The same as on Fargate: what is set aside is what it may take."""
    cpu, memory = f"{wanted.cpu_units * 1000 // 1024}m", f"{wanted.memory_mb}Mi"
    return Resources(cpu_request=cpu, cpu_limit=cpu, memory_request=memory, memory_limit=memory)


def _alarms(cluster: EksCluster) -> dict[str, Alarm]:
    return merge(
        nodes=node_alarms(cluster_name=cluster.cluster_name, runbook=RUNBOOK),
        job=job_alarms(cluster_name=cluster.cluster_name, namespace=NAMESPACE, job=JOB, runbook=RUNBOOK),
    )
