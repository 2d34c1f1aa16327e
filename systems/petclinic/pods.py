"""The application on EKS in the first region."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from components.compute.eks_args import ClusterAccess, EksClusterArgs
from components.compute.eks_cluster import EksCluster
from components.compute.eks_plan import AutoMode
from components.delivery.ecr_repository import EcrRepository, EcrRepositoryArgs
from components.kubernetes.application import Application, ApplicationArgs, Scaling
from components.kubernetes.namespace import Namespace, NamespaceArgs, Peer
from components.kubernetes.pod import PodArgs, Resources
from components.network.network_acl import ANYWHERE
from components.network.security_group import connect
from components.observability.alarm_plan import Alarm, merge
from components.observability.eks_alarms import application_alarms, node_alarms
from systems.petclinic.edge import WEB
from systems.petclinic.hosts import SERVICE, Given, application_statements, environment
from systems.petclinic.network import HTTPS_PORT
from systems.petclinic.watching import RUNBOOK

TRACES_PORT = 4318
AGENT = f"http://cloudwatch-agent.amazon-cloudwatch:{TRACES_PORT}/v1/traces"
"""The add-on's agent takes OpenTelemetry's traces inside the cluster and sends them to X-Ray."""


@dataclass(frozen=True, kw_only=True)
class Pods:
    alarms: Mapping[str, Alarm]
    exports: Mapping[str, Any]


def build_pods(given: Given) -> Pods:
    scope = given.scope
    images = EcrRepository(
        f"{scope.name}-image",
        EcrRepositoryArgs(
            kms_key_arn=given.key.key_arn, deletion_protection=given.settings.deletion_protection
        ),
        scope.opts,
    )
    cluster = _build_cluster(given)
    application = _build_application(given, cluster, images)
    _open_ways(given, cluster)
    runbook = f"{RUNBOOK}#pods"
    return Pods(
        alarms=merge(
            nodes=node_alarms(
                cluster_name=cluster.cluster_name,
                runbook=runbook,
                cpu_percent=given.settings.alarms.cpu_percent,
            ),
            pods=application_alarms(
                cluster_name=cluster.cluster_name, namespace=SERVICE, application=SERVICE, runbook=runbook
            ),
        ),
        exports={
            "cluster": cluster.cluster_name,
            "namespace": SERVICE,
            "deployment": application.deployment_name,
            "repository": images.url,
        },
    )


def _build_cluster(given: Given) -> EksCluster:
    scope, settings = given.scope, given.settings
    account = scope.stack.account_id
    return EksCluster(
        # Two letters: the roles of the add-ons are named after it, and IAM allows 64 characters.
        f"{scope.name}-k8",
        EksClusterArgs(
            region=scope.stack.region,
            account_id=account,
            version=settings.pods.kubernetes_version,
            cluster_name=scope.physical_name,
            vpc_id=given.vpc.vpc_id,
            subnet_ids=given.vpc.private_subnet_ids,
            compute=AutoMode(),
            kms_key_arn=given.key.key_arn,
            log_retention_days=settings.log_retention_days,
            access={
                "deployer": ClusterAccess(
                    principal_arn=f"arn:aws:iam::{account}:role/{settings.pods.deployer_role}",
                    policy="AmazonEKSClusterAdminPolicy",
                )
            },
            metrics_server=True,
            insights=True,
            deletion_protection=settings.deletion_protection,
        ),
        scope.opts,
    )


def _build_application(given: Given, cluster: EksCluster, images: EcrRepository) -> Application:
    scope, settings = given.scope, given.settings
    wanted, port = settings.pods, settings.hosts.port
    inside = [given.vpc.cidr_block]
    namespace = Namespace(
        f"{scope.name}-space",
        NamespaceArgs(
            cluster=cluster,
            name=SERVICE,
            ways_out={
                "aws": Peer(cidr_blocks=[ANYWHERE], ports=[HTTPS_PORT]),
                "stores": Peer(
                    cidr_blocks=inside, ports=[given.database.port, given.sessions.port, TRACES_PORT]
                ),
            },
            ways_in={"balancer": Peer(cidr_blocks=inside, ports=[port])},
        ),
        scope.opts,
    )
    return Application(
        f"{scope.name}-application",
        ApplicationArgs(
            namespace=namespace,
            app_name=SERVICE,
            pod=PodArgs(
                image=images.image(wanted.image_digest or ""),
                resources=Resources(
                    cpu_request=f"{wanted.request_cpu_millis}m",
                    cpu_limit=f"{wanted.limit_cpu_millis}m",
                    memory_request=f"{wanted.request_memory_mib}Mi",
                    memory_limit=f"{wanted.limit_memory_mib}Mi",
                ),
                environment={
                    **environment(given),
                    "AWS_REGION": scope.stack.region,
                    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": AGENT,
                    "OTEL_PROPAGATORS": "xray",
                    "OTEL_SERVICE_NAME": SERVICE,
                },
                ports={"http": port},
            ),
            replicas=wanted.replicas,
            liveness_path=wanted.health_path,
            readiness_path=wanted.health_path,
            target_group_arn=given.load_balancer.target_group_arns[WEB],
            scaling=Scaling(
                min_pods=wanted.min_replicas, max_pods=wanted.max_replicas, cpu_percent=wanted.cpu_percent
            ),
            statements=application_statements(given),
        ),
        scope.opts,
    )


def _open_ways(given: Given, cluster: EksCluster) -> None:
    """The pods' group, which EKS makes, lets its members out; what they reach must let them in."""
    pods = cluster.security_group
    connect(
        given.load_balancer.security_group,
        pods,
        given.settings.hosts.port,
        client_name="the load balancer",
        server_name="the pods",
    )
    for server, port, name in (
        (given.database.security_group, given.database.port, "the database"),
        (given.sessions.security_group, given.sessions.port, "the sessions"),
    ):
        connect(pods, server, port, client_name="the pods", server_name=name)
