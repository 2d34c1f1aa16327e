"""Pods of a cluster on Fargate."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import eks

from components.compute.eks_plan import FargatePods
from components.security.service_role import ServiceRole, ServiceRoleArgs


@dataclass(frozen=True, kw_only=True)
class EksFargateArgs:
    cluster_name: pulumi.Input[str]
    cluster_arn: str
    pods: FargatePods
    subnet_ids: Sequence[pulumi.Input[str]]
    """Private ones: Fargate takes no other."""


class EksFargate(pulumi.ComponentResource):
    """A Fargate profile for the namespaces and for the cluster's DNS, and the role that starts pods.

    That role pulls images and is not the pods' own.
    """

    role: ServiceRole
    profile: eks.FargateProfile
    profile_name: pulumi.Output[str]

    def __init__(self, name: str, args: EksFargateArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:compute:EksFargate", name, None, opts)
        profiles = f"{args.cluster_arn.replace(':cluster/', ':fargateprofile/')}/*"
        self.role = ServiceRole(
            f"{name}-start",
            ServiceRoleArgs(
                service="eks-fargate-pods.amazonaws.com",
                description=f"Starts pods of {name}",
                source_arn=profiles,
                managed_policy_arns=["arn:aws:iam::aws:policy/AmazonEKSFargatePodExecutionRolePolicy"],
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.profile = eks.FargateProfile(
            f"{name}-profile",
            cluster_name=args.cluster_name,
            # Terraform's provider, which Pulumi's wraps, insists on a name. Nothing of a profile can change
            # in place, and the namespaces of two must not overlap: the old one goes first.
            fargate_profile_name=name,
            pod_execution_role_arn=self.role.role_arn,
            subnet_ids=list(args.subnet_ids),
            selectors=[
                eks.FargateProfileSelectorArgs(namespace=namespace)
                for namespace in sorted({"kube-system", *args.pods.namespaces})
            ],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.role], delete_before_replace=True),
        )
        self.profile_name = self.profile.fargate_profile_name
        self.register_outputs({"profileName": self.profile_name, "roleArn": self.role.role_arn})
