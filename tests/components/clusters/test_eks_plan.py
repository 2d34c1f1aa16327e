"""What a cluster consists of, and what its arguments refuse."""

import ipaddress
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.compute.eks_args import ClusterAccess, EksClusterArgs
from components.compute.eks_plan import (
    AutoMode,
    FargatePods,
    ManagedNodes,
    cluster_policies,
    dns_address,
    kubeconfig,
    node_policies,
    plan_addons,
)
from tests.contracts.examples_clusters import cluster_args

NODES = ManagedNodes(instance_types=["m6i.large"], min_nodes=2, max_nodes=4)


def names(*, insights: bool = False, metrics_server: bool = False, compute: object = NODES) -> list[str]:
    return list(plan_addons(compute, metrics_server=metrics_server, insights=insights))


def test_nodes_of_ours_get_the_core_add_ons() -> None:
    assert names() == ["coredns", "eks-pod-identity-agent", "kube-proxy", "vpc-cni"]
    assert names(insights=True, metrics_server=True)[:2] == ["amazon-cloudwatch-observability", "coredns"]


def test_the_network_add_on_enforces_policies_with_a_role_of_its_own() -> None:
    network = plan_addons(NODES, metrics_server=False, insights=False)["vpc-cni"]
    assert json.loads(network.configuration_values or "") == {"enableNetworkPolicy": "true"}
    assert network.identity == "aws-node"
    assert not any("CNI" in arn for arn in node_policies(NODES))


def test_auto_mode_brings_them_itself() -> None:
    assert names(compute=AutoMode()) == []
    assert names(compute=AutoMode(), metrics_server=True) == ["metrics-server"]


def test_dns_runs_on_fargate_where_pods_do() -> None:
    addons = plan_addons(FargatePods(namespaces=["a"]), metrics_server=False, insights=False)
    assert addons["coredns"].configuration == {"computeType": "Fargate"}
    with pytest.raises(ValueError, match="Fargate runs none"):
        names(compute=FargatePods(namespaces=["a"]), insights=True)


def test_auto_modes_role_may_more_and_its_nodes_less() -> None:
    assert [arn.rsplit("/", 1)[1] for arn in cluster_policies(NODES)] == ["AmazonEKSClusterPolicy"]
    assert len(cluster_policies(AutoMode())) == 5
    assert node_policies(AutoMode())[0].endswith("AmazonEKSWorkerNodeMinimalPolicy")
    assert node_policies(NODES)[0].endswith("AmazonEKSWorkerNodePolicy")


@given(st.integers(0, 255), st.integers(12, 24))
def test_the_dns_address_is_the_tenth_of_the_range(second: int, prefix: int) -> None:
    network = ipaddress.ip_network(f"10.{second}.0.0/{prefix}", strict=False)
    address = ipaddress.ip_network(dns_address(str(network)))
    assert address.prefixlen == 32
    assert int(address.network_address) - int(network.network_address) == 10


@pytest.mark.parametrize("role", [None, "arn:aws:iam::123456789012:role/deployer"])
def test_a_kubeconfig_asks_for_a_token_and_holds_none(role: str | None) -> None:
    config = json.loads(kubeconfig("name", "https://x", "Q0E=", region="ap-northeast-2", role_arn=role))
    (user,) = config["users"]
    assert set(user["user"]) == {"exec"}
    arguments = user["user"]["exec"]["args"]
    assert arguments[:6] == ["eks", "get-token", "--cluster-name", "name", "--region", "ap-northeast-2"]
    assert (arguments[-2:] == ["--role-arn", role]) is (role is not None)
    (cluster,) = config["clusters"]
    assert cluster["cluster"] == {"server": "https://x", "certificate-authority-data": "Q0E="}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"version": "v1.35"}, "version: got 'v1.35'"),
        ({"subnet_ids": ["a"]}, "two zones or more"),
        ({"access": {}}, "access: got nobody"),
        ({"log_retention_days": 31}, "log_retention_days: got 31"),
        ({"service_cidr": "8.8.0.0/16"}, "service_cidr: got 8.8.0.0/16"),
        ({"service_cidr": "172.20.0.0/28"}, "service_cidr: got 172.20.0.0/28"),
        ({"cluster_name": "-a"}, "cluster_name: got '-a'"),
    ],
)
def test_arguments_that_eks_would_refuse(changes: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said.replace("(", r"\(")):
        cluster_args(**changes)


@pytest.mark.parametrize(
    "make",
    [
        lambda: ManagedNodes(instance_types=[], min_nodes=1, max_nodes=1),
        lambda: ManagedNodes(instance_types=["a"], min_nodes=0, max_nodes=1),
        lambda: ManagedNodes(instance_types=["a"], min_nodes=3, max_nodes=2),
        lambda: ManagedNodes(instance_types=["a"], min_nodes=1, max_nodes=1, volume_gb=8),
        lambda: FargatePods(namespaces=[]),
        lambda: FargatePods(namespaces=list("abcde")),
    ],
)
def test_compute_that_cannot_be(make: object) -> None:
    with pytest.raises(ValueError, match="got"):
        make()


def test_a_creator_alone_is_enough_when_said() -> None:
    assert isinstance(cluster_args(access={}, creator_is_admin=True), EksClusterArgs)
    assert ClusterAccess(principal_arn="arn", policy="AmazonEKSViewPolicy").namespaces == ()
