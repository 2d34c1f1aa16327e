"""Clusters: what the examples of several groups share."""

import pulumi

from components.compute.eks_addons import EksAddons, EksAddonsArgs
from components.compute.eks_args import ClusterAccess, EksClusterArgs
from components.compute.eks_cluster import EksCluster
from components.compute.eks_fargate import EksFargate, EksFargateArgs
from components.compute.eks_nodes import EksNodes, EksNodesArgs
from components.compute.eks_plan import AutoMode, Compute, FargatePods, ManagedNodes
from components.compute.eks_pod_role import EksPodRole, EksPodRoleArgs
from components.network.security_group import SecurityGroup, SecurityGroupArgs
from components.security.grants import put_metrics
from tests.contracts import given

Options = pulumi.ResourceOptions | None

NODES = ManagedNodes(instance_types=["m6i.large"], min_nodes=2, max_nodes=4)
CLUSTER_ARN = f"arn:aws:eks:{given.REGION}:{given.ACCOUNT}:cluster/example"


def cluster_args(compute: Compute = NODES, **more: object) -> EksClusterArgs:
    fields: dict[str, object] = {
        "region": given.REGION,
        "account_id": given.ACCOUNT,
        "version": "1.35",
        "vpc_id": given.VPC_ID,
        "subnet_ids": given.SUBNET_IDS,
        "compute": compute,
        "kms_key_arn": given.KEY_ARN,
        "log_retention_days": 30,
        "access": {
            "deployer": ClusterAccess(
                principal_arn=f"arn:aws:iam::{given.ACCOUNT}:role/deployer",
                policy="AmazonEKSClusterAdminPolicy",
            )
        },
    }
    return EksClusterArgs(**{**fields, **more})


def cluster(name: str, opts: Options) -> EksCluster:
    return EksCluster(name, cluster_args(), opts)


def auto_cluster(name: str, opts: Options) -> EksCluster:
    return EksCluster(name, cluster_args(AutoMode(), metrics_server=True), opts)


def addons(name: str, opts: Options) -> EksAddons:
    args = EksAddonsArgs(
        cluster_name="example",
        cluster_arn=CLUSTER_ARN,
        physical_name="example",
        account_id=given.ACCOUNT,
        compute=NODES,
        kms_key_arn=given.KEY_ARN,
        log_retention_days=30,
        insights=True,
    )
    made = EksAddons(name, args, opts)
    made.build_others(after=[])
    return made


def nodes(name: str, opts: Options) -> EksNodes:
    group = SecurityGroup("nodes", SecurityGroupArgs(vpc_id=given.VPC_ID, description="Nodes"))
    args = EksNodesArgs(
        cluster_name="example",
        version="1.35",
        nodes=NODES,
        subnet_ids=given.SUBNET_IDS,
        security_group=group,
        kms_key_arn=given.KEY_ARN,
    )
    return EksNodes(name, args, opts)


def fargate(name: str, opts: Options) -> EksFargate:
    args = EksFargateArgs(
        cluster_name="example",
        cluster_arn=CLUSTER_ARN,
        pods=FargatePods(namespaces=["app"]),
        subnet_ids=given.SUBNET_IDS,
    )
    return EksFargate(name, args, opts)


def pod_role(name: str, opts: Options) -> EksPodRole:
    args = EksPodRoleArgs(
        cluster=cluster("cluster", None),
        namespace="app",
        service_account="app",
        description="Example",
        statements=[put_metrics("Example")],
    )
    return EksPodRole(name, args, opts)
