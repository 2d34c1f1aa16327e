"""What objects ask of the cluster they live in."""

from typing import Protocol

import pulumi
import pulumi_kubernetes as kubernetes

from components.compute.eks_pod_role import HasPodIdentity


class Cluster(HasPodIdentity, Protocol):
    """An EKS cluster that takes objects.

    ``dns_address`` is the cluster's DNS as a range of one address. ``auto_mode`` says that the cluster
    registers pods with load balancers itself.
    """

    @property
    def provider(self) -> kubernetes.Provider: ...
    @property
    def dns_address(self) -> str: ...
    @property
    def auto_mode(self) -> bool: ...


def object_options(
    parent: pulumi.Resource, cluster: Cluster, *depends_on: pulumi.Resource, ignore: list[str] | None = None
) -> pulumi.ResourceOptions:
    """Options of an object of ``cluster``."""
    return pulumi.ResourceOptions(
        parent=parent, provider=cluster.provider, depends_on=list(depends_on), ignore_changes=ignore
    )
