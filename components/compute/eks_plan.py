"""What an EKS cluster consists of: what runs its pods, add-ons, managed policies, kubeconfig."""

import ipaddress
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

CONTROL_PLANE_LOGS = ("api", "audit", "authenticator", "controllerManager", "scheduler")
"""All that EKS offers."""

POD_IDENTITY_ADDRESS = "169.254.170.23/32"
"""Where the Pod Identity agent answers on each node (EKS User Guide, "How EKS Pod Identity works")."""

DNS_HOST = 10
"""The cluster's DNS is the tenth address of its service range (EKS User Guide, "serviceIpv4Cidr")."""

CLUSTER_POLICIES = ("AmazonEKSClusterPolicy",)
AUTO_MODE_POLICIES = (
    "AmazonEKSBlockStoragePolicy",
    "AmazonEKSComputePolicy",
    "AmazonEKSLoadBalancingPolicy",
    "AmazonEKSNetworkingPolicy",
)
"""What Auto Mode needs besides (EKS User Guide, "Auto Mode cluster IAM role")."""


@dataclass(frozen=True, kw_only=True)
class ManagedNodes:
    """A managed node group: instances of ours that EKS starts, drains and replaces.

    Their number changes when an owner changes it; nothing here scales them with the load.
    """

    instance_types: Sequence[str]
    min_nodes: int
    max_nodes: int
    volume_gb: int = 30
    ami_type: str = "AL2023_x86_64_STANDARD"
    capacity_type: Literal["ON_DEMAND", "SPOT"] = "ON_DEMAND"

    def __post_init__(self) -> None:
        if not self.instance_types:
            raise ValueError("instance_types: got none; name one or more, such as m6i.large")
        if not 1 <= self.min_nodes <= self.max_nodes:
            raise ValueError(
                f"min_nodes, max_nodes: got {self.min_nodes} and {self.max_nodes}; at least 1, the most not "
                "below the least"
            )
        # The image of Amazon Linux 2023 for EKS is 20 GB.
        if not 20 <= self.volume_gb <= 16_384:
            raise ValueError(f"volume_gb: got {self.volume_gb}; allowed 20 to 16384")


@dataclass(frozen=True, kw_only=True)
class FargatePods:
    """Pods of ``namespaces`` run on Fargate, one machine each; there is no node to look after.

    Fargate runs no DaemonSet: Kubernetes network policies have no effect, Container Insights is not there,
    and roles come by the cluster's identity provider in place of the Pod Identity agent.
    """

    namespaces: Sequence[str]

    def __post_init__(self) -> None:
        # A Fargate profile takes five selectors, and one is for the cluster's DNS.
        if not 1 <= len(self.namespaces) <= 4:
            raise ValueError(f"namespaces: got {len(self.namespaces)}; a Fargate profile has room for 1 to 4")


@dataclass(frozen=True, kw_only=True)
class AutoMode:
    """EKS Auto Mode: AWS starts nodes for the pods there are, patches them, and registers pods with load
    balancers.
    """

    node_pools: Sequence[Literal["general-purpose", "system"]] = ("general-purpose", "system")


Compute: TypeAlias = ManagedNodes | FargatePods | AutoMode


@dataclass(frozen=True, kw_only=True)
class Addon:
    """``identity`` is the service account that gets a role of its own."""

    configuration: Mapping[str, Any] = field(default_factory=dict[str, Any])
    identity: str | None = None

    @property
    def configuration_values(self) -> str | None:
        return json.dumps(self.configuration, sort_keys=True) if self.configuration else None


def plan_addons(compute: Compute, *, metrics_server: bool, insights: bool) -> dict[str, Addon]:
    """The add-ons of a cluster by name. Auto Mode brings network, DNS, proxy and Pod Identity itself.

    Raises ValueError for insights on Fargate, where their agent cannot run.
    """
    addons: dict[str, Addon] = {}
    match compute:
        case ManagedNodes():
            addons = {
                "coredns": Addon(),
                "eks-pod-identity-agent": Addon(),
                "kube-proxy": Addon(),
                "vpc-cni": Addon(configuration={"enableNetworkPolicy": "true"}, identity="aws-node"),
            }
        case FargatePods():
            if insights:
                raise ValueError(
                    "insights: Container Insights runs on each node as a DaemonSet, and Fargate runs none: "
                    "choose ManagedNodes or AutoMode, or leave it out"
                )
            addons = {"coredns": Addon(configuration={"computeType": "Fargate"})}
        case AutoMode():
            pass
    if metrics_server:
        addons["metrics-server"] = Addon()
    if insights:
        addons["amazon-cloudwatch-observability"] = Addon(identity="cloudwatch-agent")
    return dict(sorted(addons.items()))


def cluster_policies(compute: Compute) -> list[str]:
    """ARNs of the AWS managed policies of the cluster's role."""
    names = [*CLUSTER_POLICIES, *(AUTO_MODE_POLICIES if isinstance(compute, AutoMode) else ())]
    return [f"arn:aws:iam::aws:policy/{name}" for name in names]


def node_policies(compute: Compute) -> list[str]:
    """ARNs of the AWS managed policies of the nodes' role. The network add-on has a role of its own."""
    worker = (
        "AmazonEKSWorkerNodeMinimalPolicy" if isinstance(compute, AutoMode) else "AmazonEKSWorkerNodePolicy"
    )
    return [f"arn:aws:iam::aws:policy/{name}" for name in (worker, "AmazonEC2ContainerRegistryPullOnly")]


def dns_address(service_cidr: str) -> str:
    """The cluster's DNS, as a range of one address."""
    return f"{ipaddress.ip_network(service_cidr)[DNS_HOST]}/32"


def kubeconfig(
    cluster_name: str, endpoint: str, certificate_authority: str, *, region: str, role_arn: str | None
) -> str:
    """A kubeconfig that holds no credential: whoever uses it asks AWS for a token that lasts minutes.

    ``role_arn`` is assumed for that. Needs the AWS CLI beside Pulumi.
    """
    command = ["eks", "get-token", "--cluster-name", cluster_name, "--region", region, "--output", "json"]
    if role_arn is not None:
        command += ["--role-arn", role_arn]
    named = {"cluster": cluster_name, "user": cluster_name}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": cluster_name,
                "cluster": {"server": endpoint, "certificate-authority-data": certificate_authority},
            }
        ],
        "contexts": [{"name": cluster_name, "context": named}],
        "current-context": cluster_name,
        "users": [
            {
                "name": cluster_name,
                "user": {
                    "exec": {
                        "apiVersion": "client.authentication.k8s.io/v1beta1",
                        "command": "aws",
                        "args": command,
                        "interactiveMode": "Never",
                    }
                },
            }
        ],
    }
    return json.dumps(document, sort_keys=True)
