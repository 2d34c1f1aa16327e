"""What an EKS cluster is told."""

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import pulumi

from components.compute.eks_plan import Compute
from components.network.security_group import Rule
from components.observability.log_group import check_retention

AccessPolicy: TypeAlias = Literal[
    "AmazonEKSAdminPolicy",
    "AmazonEKSAdminViewPolicy",
    "AmazonEKSClusterAdminPolicy",
    "AmazonEKSEditPolicy",
    "AmazonEKSViewPolicy",
]
"""What EKS itself defines; ``Admin``, ``Edit`` and ``View`` go by namespace."""

_VERSION = re.compile(r"1\.[0-9]{2}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


@dataclass(frozen=True, kw_only=True)
class ClusterAccess:
    """Who may do what: ``principal_arn`` is a role, ``namespaces`` limits the policy; none is the cluster."""

    principal_arn: pulumi.Input[str]
    policy: AccessPolicy
    namespaces: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class EksClusterArgs:
    """``subnet_ids`` are private, in two zones or more. ``version`` is Kubernetes's, such as ``1.35``.

    ``kms_key_arn``: its policy must admit ``logs``; with managed nodes also Auto Scaling
    (``batch_worker_roles.encrypted_volume_statements``).
    """

    region: str
    account_id: str
    version: str
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    compute: Compute
    kms_key_arn: pulumi.Input[str]
    log_retention_days: int
    access: Mapping[str, ClusterAccess] = field(default_factory=dict[str, ClusterAccess])
    """By a stable key. Whoever deploys must be among them, or no object can be made in the cluster."""
    creator_is_admin: bool = False
    """Whoever creates the cluster rules it for good. Weaker than an entry, which can be taken away."""
    public_access_cidrs: Sequence[str] = ()
    """Opens the API's public address to these ranges: weaker, for an office without a way into the VPC."""
    kubeconfig_role_arn: str | None = None
    """Assumed by ``aws eks get-token``, where the deployer itself is not in ``access``."""
    egress: Sequence[Rule] = ()
    """Where managed nodes and their pods may connect: endpoints, the NAT, databases."""
    metrics_server: bool = False
    """For horizontal autoscaling, which reads CPU from it."""
    insights: bool = False
    """Container Insights, with the role and the log groups it needs."""
    addon_versions: Mapping[str, str] = field(default_factory=dict[str, str])
    """By add-on; others get EKS's default for the cluster's version when they are made."""
    cluster_name: str | None = None
    """The logical name, when not given. The control plane's log group carries it, and must be there first."""
    service_cidr: str = "172.20.0.0/16"
    """Addresses of Services; outside of the VPC. Cannot change."""
    zonal_shift: bool = True
    deletion_protection: bool = True
    """EKS refuses to delete the cluster, and so does the engine."""
    engine_lock: bool = True
    """False for a cluster in which nothing is kept: EKS's own lock stays, and a plan without the cluster can
    be shown."""

    def __post_init__(self) -> None:
        if not _VERSION.fullmatch(self.version):
            raise ValueError(f"version: got {self.version!r}; write it as 1.35")
        if self.cluster_name is not None and not _NAME.fullmatch(self.cluster_name):
            raise ValueError(f"cluster_name: got {self.cluster_name!r}; 1 to 100 letters, digits, - and _")
        if len(self.subnet_ids) < 2:
            raise ValueError(
                f"subnet_ids: got {len(self.subnet_ids)}; a control plane stands in two zones or more"
            )
        if not self.access and not self.creator_is_admin:
            raise ValueError(
                "access: got nobody; name the deploying role with AmazonEKSClusterAdminPolicy, or nobody can "
                "enter the cluster"
            )
        check_retention(self.log_retention_days, "log_retention_days")
        network = ipaddress.ip_network(self.service_cidr)
        # EKS: a private range between /24 and /12.
        if not network.is_private or not 12 <= network.prefixlen <= 24:
            raise ValueError(f"service_cidr: got {self.service_cidr}; a private range of /12 to /24")
