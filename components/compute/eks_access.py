"""Who may enter a cluster, and as what."""

from collections.abc import Mapping

import pulumi
from pulumi_aws import eks

from components.compute.eks_args import ClusterAccess

POLICIES = "arn:aws:eks::aws:cluster-access-policy"


def grant_access(
    parent: pulumi.Resource, name: str, cluster_name: pulumi.Output[str], access: Mapping[str, ClusterAccess]
) -> list[pulumi.Resource]:
    """An entry and a policy for each, as children of ``parent``; returns what an object must wait for."""
    return [_grant(parent, f"{name}-access-{key}", cluster_name, access[key]) for key in sorted(access)]


def _grant(
    parent: pulumi.Resource, name: str, cluster_name: pulumi.Output[str], access: ClusterAccess
) -> eks.AccessPolicyAssociation:
    entry = eks.AccessEntry(
        name,
        cluster_name=cluster_name,
        principal_arn=access.principal_arn,
        type="STANDARD",
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return eks.AccessPolicyAssociation(
        f"{name}-policy",
        cluster_name=cluster_name,
        principal_arn=entry.principal_arn,
        policy_arn=f"{POLICIES}/{access.policy}",
        access_scope=eks.AccessPolicyAssociationAccessScopeArgs(
            type="namespace" if access.namespaces else "cluster",
            namespaces=sorted(access.namespaces) or None,
        ),
        opts=pulumi.ResourceOptions(parent=parent),
    )
