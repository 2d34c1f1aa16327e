"""A cluster, what runs its pods, and who may enter."""

import json
from typing import Any

import pytest

from components.compute.eks_args import ClusterAccess
from components.compute.eks_cluster import EksCluster
from components.compute.eks_plan import AutoMode, Compute, FargatePods, ManagedNodes
from components.compute.eks_pod_role import EksPodRole, EksPodRoleArgs, web_identity_policy
from components.network.security_group import CidrPeer, Rule
from components.security.grants import put_metrics
from tests.contracts.examples_clusters import cluster_args
from tests.harness import Deployment, HarnessError, deploy

CLUSTER = "aws:eks/cluster:Cluster"
ADDON = "aws:eks/addon:Addon"
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
ROLE = "aws:iam/role:Role"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
NODES = ManagedNodes(instance_types=["m6i.large"], min_nodes=2, max_nodes=4)
PODS = FargatePods(namespaces=["jobs"])


def made(compute: Compute = NODES, **changes: Any) -> Deployment:
    return deploy(lambda: EksCluster("shop", cluster_args(compute, **changes)))


def trust(deployment: Deployment, name: str) -> dict[str, Any]:
    (statement,) = json.loads(deployment.one(ROLE, name)["assumeRolePolicy"])["Statement"]
    return statement


def test_the_api_answers_inside_the_network_alone() -> None:
    config = made().one(CLUSTER)["vpcConfig"]
    assert (config["endpointPrivateAccess"], config["endpointPublicAccess"]) == (True, False)
    assert "publicAccessCidrs" not in config


def test_an_office_is_let_in_only_when_named() -> None:
    config = made(public_access_cidrs=["203.0.113.0/24"]).one(CLUSTER)["vpcConfig"]
    assert (config["endpointPublicAccess"], config["publicAccessCidrs"]) == (True, ["203.0.113.0/24"])


def test_access_is_by_entries_and_the_creator_has_none() -> None:
    deployment = made(
        access={
            "deployer": ClusterAccess(principal_arn="arn:d", policy="AmazonEKSClusterAdminPolicy"),
            "reader": ClusterAccess(
                principal_arn="arn:r", policy="AmazonEKSViewPolicy", namespaces=["b", "a"]
            ),
        }
    )
    assert deployment.one(CLUSTER)["accessConfig"] == {
        "authenticationMode": "API",
        "bootstrapClusterCreatorAdminPermissions": False,
    }
    policies = deployment.of_type("aws:eks/accessPolicyAssociation:AccessPolicyAssociation")
    assert {each["principalArn"]: each["accessScope"] for each in policies} == {
        "arn:d": {"type": "cluster"},
        "arn:r": {"type": "namespace", "namespaces": ["a", "b"]},
    }


def test_secrets_logs_support_and_deletion() -> None:
    cluster = made().one(CLUSTER)
    assert cluster["encryptionConfig"]["resources"] == ["secrets"]
    assert cluster["enabledClusterLogTypes"] == [
        "api",
        "audit",
        "authenticator",
        "controllerManager",
        "scheduler",
    ]
    assert cluster["upgradePolicy"] == {"supportType": "STANDARD"}
    assert cluster["zonalShiftConfig"] == {"enabled": True}
    assert cluster["deletionProtection"] is True
    assert cluster["bootstrapSelfManagedAddons"] is False
    assert (cluster.options.protect, cluster.options.retain_on_delete) == (True, True)


def test_an_unlocked_cluster_is_unlocked_everywhere() -> None:
    cluster = made(deletion_protection=False).one(CLUSTER)
    assert cluster["deletionProtection"] is False
    assert (cluster.options.protect, cluster.options.retain_on_delete) == (False, False)


def test_the_log_group_is_there_before_the_cluster() -> None:
    deployment = made()
    group = deployment.one("aws:cloudwatch/logGroup:LogGroup", "shop-control-plane")
    assert (group["name"], group["retentionInDays"]) == ("/aws/eks/shop/cluster", 30)
    assert group.urn in deployment.one(CLUSTER).dependencies


def test_nodes_have_no_public_address_and_keep_their_role_to_themselves() -> None:
    template = made().one(TEMPLATE)
    options = template["metadataOptions"]
    assert (options["httpTokens"], options["httpPutResponseHopLimit"]) == ("required", 1)
    (interface,) = template["networkInterfaces"]
    assert interface["associatePublicIpAddress"] == "false"
    (disk,) = template["blockDeviceMappings"]
    assert (disk["ebs"]["encrypted"], "kmsKeyId" in disk["ebs"]) == ("true", True)


def test_nodes_follow_the_clusters_version_and_leave_a_third_at_a_time() -> None:
    group = made().one(NODE_GROUP)
    assert group["version"] == "1.35"
    assert group["scalingConfig"] == {"desiredSize": 2, "minSize": 2, "maxSize": 4}
    assert group["updateConfig"] == {"maxUnavailablePercentage": 33}
    assert "remoteAccess" not in group.inputs


def test_the_network_is_there_before_nodes_and_dns_after_them() -> None:
    deployment = made()
    group = deployment.one(NODE_GROUP)
    addons = {each["addonName"]: each for each in deployment.of_type(ADDON)}
    assert addons["vpc-cni"].urn in group.dependencies
    assert group.urn in addons["coredns"].dependencies
    assert group.urn not in addons["kube-proxy"].dependencies


def test_add_ons_are_kept_as_said() -> None:
    for addon in made(metrics_server=True, insights=True).of_type(ADDON):
        assert addon["resolveConflictsOnCreate"] == "OVERWRITE"
        assert addon["resolveConflictsOnUpdate"] == "OVERWRITE"


def test_a_version_for_an_add_on_that_is_not_there_is_told() -> None:
    with pytest.raises(ValueError, match="addon_versions: got ebs; this cluster has coredns"):
        made(addon_versions={"ebs": "v1"})
    pinned = made(addon_versions={"coredns": "v1.12.4-eksbuild.1"})
    assert [each.get("addonVersion") for each in pinned.of_type(ADDON)].count("v1.12.4-eksbuild.1") == 1


def test_pods_leave_only_where_they_are_let() -> None:
    way = Rule(description="HTTPS to endpoints", peer=CidrPeer("10.0.0.0/16"), port=443)
    deployment = made(egress=[way])
    group = deployment.one("aws:ec2/securityGroup:SecurityGroup", "shop-nodes-group")
    rules = [
        each
        for each in deployment.of_type("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")
        if each["securityGroupId"] == group.id
    ]
    assert [each["cidrIpv4"] for each in rules if "cidrIpv4" in each.inputs] == ["10.0.0.0/16"]
    assert {each["description"] for each in rules} == {
        "to API",
        "DNS to nodes",
        "DNS over TCP to nodes",
        "to pods",
        "HTTPS to endpoints",
    }


def test_objects_come_after_the_right_to_make_them_and_what_they_run_on() -> None:
    deployment = made()
    provider = deployment.one("pulumi:providers:kubernetes")
    waits = set(provider.dependencies)
    assert deployment.one("aws:eks/accessPolicyAssociation:AccessPolicyAssociation").urn in waits
    assert deployment.one(NODE_GROUP).urn in waits


def test_insights_write_to_groups_made_here_and_no_other() -> None:
    deployment = made(insights=True)
    policy = deployment.one("aws:iam/rolePolicy:RolePolicy", "shop-addons-insights-policy")
    write = json.loads(policy["policy"])["Statement"][0]
    prefix = "arn:aws:logs:ap-northeast-2:123456789012:log-group:/aws/containerinsights/shop"
    kinds = ["application", "dataplane", "host", "performance"]
    assert write["Resource"] == [f"{prefix}/{kind}:*" for kind in kinds]
    groups = {each["name"]: each for each in deployment.of_type("aws:cloudwatch/logGroup:LogGroup")}
    for kind in kinds:
        assert groups[f"/aws/containerinsights/shop/{kind}"]["retentionInDays"] == 30


def test_an_add_ons_role_is_for_its_service_account_alone() -> None:
    statement = trust(made(), "shop-addons-vpc-cni-role")
    assert statement["Action"] == ["sts:AssumeRole", "sts:TagSession"]
    assert statement["Condition"]["StringEquals"] == {
        "aws:RequestTag/eks-cluster-arn": "arn:aws:eks:ap-northeast-2:123456789012:cluster/shop",
        "aws:RequestTag/kubernetes-namespace": "kube-system",
        "aws:RequestTag/kubernetes-service-account": "aws-node",
        "aws:SourceAccount": "123456789012",
    }


def test_auto_mode_turns_on_all_three_parts_and_network_policies() -> None:
    deployment = made(AutoMode())
    cluster = deployment.one(CLUSTER)
    assert cluster["computeConfig"]["enabled"] is True
    assert cluster["computeConfig"]["nodePools"] == ["general-purpose", "system"]
    assert cluster["kubernetesNetworkConfig"]["elasticLoadBalancing"] == {"enabled": True}
    assert cluster["storageConfig"] == {"blockStorage": {"enabled": True}}
    assert trust(deployment, "shop-control-plane-role")["Action"] == ["sts:AssumeRole", "sts:TagSession"]
    switch = deployment.one("kubernetes:core/v1:ConfigMap")
    assert switch["metadata"] == {"name": "amazon-vpc-cni", "namespace": "kube-system"}
    assert switch["data"] == {"enable-network-policy-controller": "true"}
    assert not deployment.of_type(NODE_GROUP)


def test_auto_mode_lets_rules_be_added_to_the_group_that_eks_makes() -> None:
    def build() -> EksCluster:
        cluster = EksCluster("shop", cluster_args(AutoMode()))
        cluster.security_group.allow_from(CidrPeer("10.0.0.0/16"), 8080, "from the load balancer")
        return cluster

    deployment = deploy(build)
    group = deployment.one(CLUSTER).outputs["vpcConfig"]["clusterSecurityGroupId"]
    (rule,) = deployment.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    assert rule["securityGroupId"] == group
    assert deployment.value(deployment.result.security_group_id) == group


def test_fargate_takes_the_namespaces_and_dns() -> None:
    profile = made(PODS).one("aws:eks/fargateProfile:FargateProfile")
    assert profile["selectors"] == [{"namespace": "jobs"}, {"namespace": "kube-system"}]
    statement = trust(made(PODS), "shop-fargate-start-role")
    arn = "arn:aws:eks:ap-northeast-2:123456789012:fargateprofile/shop/*"
    assert statement["Condition"] == {"ArnLike": {"aws:SourceArn": arn}}


def pod_role(compute: Compute) -> Deployment:
    def build() -> EksPodRole:
        args = EksPodRoleArgs(
            cluster=EksCluster("shop", cluster_args(compute)),
            namespace="jobs",
            service_account="ingestor",
            description="Ingests",
            statements=[put_metrics("CurrencyService")],
        )
        return EksPodRole("shop-ingestor", args)

    return deploy(build)


def test_a_pods_role_is_associated_with_one_service_account() -> None:
    deployment = pod_role(NODES)
    association = deployment.one("aws:eks/podIdentityAssociation:PodIdentityAssociation")
    assert (association["namespace"], association["serviceAccount"]) == ("jobs", "ingestor")
    equals = trust(deployment, "shop-ingestor-pod-role")["Condition"]["StringEquals"]
    assert equals["aws:RequestTag/kubernetes-service-account"] == "ingestor"
    assert equals["aws:RequestTag/kubernetes-namespace"] == "jobs"


def test_on_fargate_a_pod_proves_itself_to_the_identity_provider() -> None:
    deployment = pod_role(PODS)
    assert not deployment.of_type("aws:eks/podIdentityAssociation:PodIdentityAssociation")
    issuer = deployment.one(CLUSTER).outputs["identities"][0]["oidcs"][0]["issuer"].removeprefix("https://")
    statement = trust(deployment, "shop-ingestor-role")
    assert statement["Action"] == ["sts:AssumeRoleWithWebIdentity"]
    assert statement["Condition"]["StringEquals"] == {
        f"{issuer}:aud": "sts.amazonaws.com",
        f"{issuer}:sub": "system:serviceaccount:jobs:ingestor",
    }
    provider = deployment.one("aws:iam/openIdConnectProvider:OpenIdConnectProvider")
    assert provider["clientIdLists"] == ["sts.amazonaws.com"]
    assert deployment.value(deployment.result.annotations["eks.amazonaws.com/role-arn"])


def test_the_web_identity_document_is_the_same_each_time() -> None:
    given = ("arn:p", "https://oidc.example/id/1", "system:serviceaccount:a:b")
    assert web_identity_policy(*given) == web_identity_policy(*given)


def test_two_clusters_of_one_name_are_refused() -> None:
    with pytest.raises(HarnessError, match="registered twice"):
        deploy(lambda: [EksCluster("shop", cluster_args()) for _ in range(2)])
