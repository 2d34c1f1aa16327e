"""What every workload has: a service account of its own, and a role for it."""

import pulumi
from pulumi_kubernetes.core import v1 as core
from pulumi_kubernetes.meta import v1 as meta

from components.compute.eks_pod_role import EksPodRole
from components.kubernetes.cluster import object_options
from components.kubernetes.namespace import Namespace


def service_account(
    parent: pulumi.Resource, name: str, account: str, namespace: Namespace, role: EksPodRole
) -> core.ServiceAccount:
    """An account without a token for the cluster's API; it waits for the role, which pods get at start."""
    waits = [role.association] if role.association is not None else []
    return core.ServiceAccount(
        name,
        metadata=meta.ObjectMetaArgs(
            name=account, namespace=namespace.namespace_name, annotations=role.annotations or None
        ),
        automount_service_account_token=False,
        opts=object_options(parent, namespace.cluster, *waits),
    )
