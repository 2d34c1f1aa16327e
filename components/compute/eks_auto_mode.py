"""What EKS Auto Mode asks for besides its switch."""

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_aws import eks

from components.compute.eks_plan import AutoMode, node_policies
from components.security.service_role import ServiceRole, ServiceRoleArgs


def auto_compute(parent: pulumi.Resource, name: str, compute: AutoMode) -> eks.ClusterComputeConfigArgs:
    """The nodes' role, as a child of ``parent``, and the node pools that AWS keeps."""
    role = ServiceRole(
        f"{name}-node",
        ServiceRoleArgs(
            service="ec2.amazonaws.com",
            description=f"Nodes of {name}",
            managed_policy_arns=node_policies(compute),
        ),
        pulumi.ResourceOptions(parent=parent),
    )
    return eks.ClusterComputeConfigArgs(
        enabled=True, node_pools=list(compute.node_pools), node_role_arn=role.role_arn
    )


def enable_network_policies(parent: pulumi.Resource, name: str, provider: kubernetes.Provider) -> None:
    """Until this object is there, Auto Mode accepts network policies and they have no effect."""
    kubernetes.core.v1.ConfigMap(
        f"{name}-network-policies",
        metadata=kubernetes.meta.v1.ObjectMetaArgs(name="amazon-vpc-cni", namespace="kube-system"),
        data={"enable-network-policy-controller": "true"},
        opts=pulumi.ResourceOptions(parent=parent, provider=provider),
    )
