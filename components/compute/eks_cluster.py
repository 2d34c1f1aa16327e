"""An EKS cluster with a private API."""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_aws import cloudwatch, eks, iam

from components.compute.eks_access import grant_access
from components.compute.eks_addons import EksAddons, EksAddonsArgs
from components.compute.eks_args import EksClusterArgs
from components.compute.eks_auto_mode import auto_compute, enable_network_policies
from components.compute.eks_fargate import EksFargate, EksFargateArgs
from components.compute.eks_network import connect_nodes
from components.compute.eks_nodes import EksNodes, EksNodesArgs
from components.compute.eks_plan import (
    CONTROL_PLANE_LOGS,
    AutoMode,
    FargatePods,
    ManagedNodes,
    cluster_policies,
    dns_address,
    kubeconfig,
)
from components.network.security_group import SecurityGroup, SecurityGroupArgs
from components.observability.log_group import log_group
from components.protection import stateful
from components.security.iam import Statement
from components.security.service_role import ServiceRole, ServiceRoleArgs


class EksCluster(pulumi.ComponentResource):
    """The control plane, what its pods run on, its add-ons, who may enter, and a provider for its objects.

    The API answers inside the VPC alone, so whoever deploys objects runs there (or ``public_access_cidrs``
    opens it). The provider's kubeconfig asks AWS for a token each time: no credential is in the state.

    Node autoscaling of managed groups is left out: Auto Mode does it without a controller of ours.
    """

    cluster: eks.Cluster
    cluster_name: pulumi.Output[str]
    cluster_arn: pulumi.Output[str]
    planned_arn: str
    """The same, known before the cluster is there: trust policies can then be judged in a preview."""
    endpoint: pulumi.Output[str]
    certificate_authority: pulumi.Output[str]
    """PEM in base64, as a kubeconfig has it."""
    oidc_issuer: pulumi.Output[str]
    identity_provider_arn: pulumi.Output[str] | None
    account_id: str
    log_group: cloudwatch.LogGroup
    control_plane: SecurityGroup
    security_group: SecurityGroup
    """Of the nodes and their pods. Auto Mode and Fargate use the group that EKS makes, which lets its members
    out everywhere: there network policies are the way to hold pods back."""
    security_group_id: pulumi.Output[str]
    nodes: EksNodes | None
    addons: EksAddons
    provider: kubernetes.Provider
    """For the cluster's objects."""
    dns_address: str
    """The cluster's DNS, as a range of one address."""
    auto_mode: bool
    insights: bool
    target_group_tags: Mapping[str, str]
    """For target groups that the cluster fills: Auto Mode may register only where it finds its name."""

    def __init__(self, name: str, args: EksClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:compute:EksCluster", name, None, opts)
        self._name = name
        self._args = args
        self._physical_name = args.cluster_name or name
        self.account_id = args.account_id
        self.planned_arn = f"arn:aws:eks:{args.region}:{args.account_id}:cluster/{self._physical_name}"
        self.dns_address = dns_address(args.service_cidr)
        self.auto_mode = isinstance(args.compute, AutoMode)
        self.insights = args.insights
        self.target_group_tags = {"eks:eks-cluster-name": self._physical_name}
        # EKS would make this group itself with the first line, without an end or our key.
        self.log_group = log_group(
            self,
            f"{name}-control-plane",
            retention_days=args.log_retention_days,
            kms_key_arn=args.kms_key_arn,
            physical_name=f"/aws/eks/{self._physical_name}/cluster",
        )
        self.control_plane = self._build_control_group()
        self.cluster = self._build_cluster()
        self._publish_identity()
        self.security_group = self._build_workload_group()
        self.security_group_id = self.security_group.security_group_id
        grants = grant_access(self, name, self.cluster.name, args.access)
        self.addons = self._build_addons()
        self.nodes = self._build_nodes()
        fargate = self._build_fargate()
        workers: list[pulumi.Resource] = [each for each in (self.nodes, fargate) if each is not None]
        self.addons.build_others(after=workers)
        self.provider = self._build_provider([*grants, *workers, self.addons])
        if self.auto_mode:
            enable_network_policies(self, name, self.provider)
        self._register()

    def _build_control_group(self) -> SecurityGroup:
        return SecurityGroup(
            f"{self._name}-control",
            SecurityGroupArgs(vpc_id=self._args.vpc_id, description=f"Control plane of {self._name}"),
            pulumi.ResourceOptions(parent=self),
        )

    def _build_role(self) -> ServiceRole:
        args = self._args
        return ServiceRole(
            f"{self._name}-control-plane",
            ServiceRoleArgs(
                service="eks.amazonaws.com",
                description=f"Control plane of {self._name}",
                statements=[
                    Statement(
                        actions=["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:ListGrants"],
                        resources=[args.kms_key_arn],
                    )
                ],
                source_account=args.account_id,
                source_arn=self.planned_arn,
                managed_policy_arns=cluster_policies(args.compute),
                tag_session=self.auto_mode,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _build_cluster(self) -> eks.Cluster:
        args = self._args
        role = self._build_role()
        storage = eks.ClusterStorageConfigArgs(
            block_storage=eks.ClusterStorageConfigBlockStorageArgs(enabled=True)
        )
        return eks.Cluster(
            f"{self._name}-cluster",
            name=self._physical_name,
            version=args.version,
            role_arn=role.role_arn,
            vpc_config=eks.ClusterVpcConfigArgs(
                subnet_ids=list(args.subnet_ids),
                security_group_ids=[self.control_plane.security_group_id],
                endpoint_private_access=True,
                endpoint_public_access=bool(args.public_access_cidrs),
                public_access_cidrs=list(args.public_access_cidrs) or None,
            ),
            access_config=eks.ClusterAccessConfigArgs(
                authentication_mode="API",
                bootstrap_cluster_creator_admin_permissions=args.creator_is_admin,
            ),
            encryption_config=eks.ClusterEncryptionConfigArgs(
                provider=eks.ClusterEncryptionConfigProviderArgs(key_arn=args.kms_key_arn),
                resources=["secrets"],
            ),
            enabled_cluster_log_types=list(CONTROL_PLANE_LOGS),
            upgrade_policy=eks.ClusterUpgradePolicyArgs(support_type="STANDARD"),
            zonal_shift_config=eks.ClusterZonalShiftConfigArgs(enabled=args.zonal_shift),
            bootstrap_self_managed_addons=False,
            deletion_protection=args.deletion_protection,
            kubernetes_network_config=self._network_config(),
            compute_config=self._build_auto_compute(),
            storage_config=storage if self.auto_mode else None,
            # The service's own protection alone would stop a deletion halfway through the rest. The log group
            # must be there first; the role's policies must outlive the cluster.
            opts=stateful(
                self,
                protected=args.deletion_protection and args.engine_lock,
                depends_on=[self.log_group, role],
            ),
        )

    def _build_auto_compute(self) -> eks.ClusterComputeConfigArgs | None:
        compute = self._args.compute
        return auto_compute(self, self._name, compute) if isinstance(compute, AutoMode) else None

    def _network_config(self) -> eks.ClusterKubernetesNetworkConfigArgs:
        balancing = eks.ClusterKubernetesNetworkConfigElasticLoadBalancingArgs(enabled=True)
        return eks.ClusterKubernetesNetworkConfigArgs(
            ip_family="ipv4",
            service_ipv4_cidr=self._args.service_cidr,
            elastic_load_balancing=balancing if self.auto_mode else None,
        )

    def _publish_identity(self) -> None:
        self.cluster_name = self.cluster.name
        self.cluster_arn = self.cluster.arn
        self.endpoint = self.cluster.endpoint
        self.certificate_authority = self.cluster.certificate_authority.apply(lambda made: made.data or "")
        self.oidc_issuer = self.cluster.identities.apply(_issuer)
        self.identity_provider_arn = None
        if isinstance(self._args.compute, FargatePods):
            self.identity_provider_arn = iam.OpenIdConnectProvider(
                f"{self._name}-identity",
                url=self.oidc_issuer,
                client_id_lists=["sts.amazonaws.com"],
                opts=pulumi.ResourceOptions(parent=self),
            ).arn

    def _build_workload_group(self) -> SecurityGroup:
        args = self._args
        if not isinstance(args.compute, ManagedNodes):
            made = self.cluster.vpc_config.apply(lambda config: config.cluster_security_group_id or "")
            return SecurityGroup(
                f"{self._name}-pods",
                SecurityGroupArgs(vpc_id=args.vpc_id, description=f"Pods of {self._name}", existing_id=made),
                pulumi.ResourceOptions(parent=self),
            )
        group = SecurityGroup(
            f"{self._name}-nodes",
            SecurityGroupArgs(
                vpc_id=args.vpc_id, description=f"Nodes of {self._name}", egress=list(args.egress)
            ),
            pulumi.ResourceOptions(parent=self),
        )
        connect_nodes(self.control_plane, group)
        return group

    def _build_addons(self) -> EksAddons:
        args = self._args
        return EksAddons(
            f"{self._name}-addons",
            EksAddonsArgs(
                cluster_name=self.cluster.name,
                cluster_arn=self.planned_arn,
                physical_name=self._physical_name,
                account_id=args.account_id,
                compute=args.compute,
                kms_key_arn=args.kms_key_arn,
                log_retention_days=args.log_retention_days,
                metrics_server=args.metrics_server,
                insights=args.insights,
                versions=args.addon_versions,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _build_nodes(self) -> EksNodes | None:
        args = self._args
        if not isinstance(args.compute, ManagedNodes):
            return None
        return EksNodes(
            f"{self._name}-workers",
            EksNodesArgs(
                cluster_name=self.cluster.name,
                version=args.version,
                nodes=args.compute,
                subnet_ids=args.subnet_ids,
                security_group=self.security_group,
                kms_key_arn=args.kms_key_arn,
                depends_on=self.addons.for_nodes,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _build_fargate(self) -> EksFargate | None:
        args = self._args
        if not isinstance(args.compute, FargatePods):
            return None
        return EksFargate(
            f"{self._name}-fargate",
            EksFargateArgs(
                cluster_name=self.cluster.name,
                cluster_arn=self.planned_arn,
                pods=args.compute,
                subnet_ids=args.subnet_ids,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _build_provider(self, after: list[pulumi.Resource]) -> kubernetes.Provider:
        args = self._args
        config = pulumi.Output.all(self.cluster.name, self.endpoint, self.certificate_authority).apply(
            lambda known: kubeconfig(*known, region=args.region, role_arn=args.kubeconfig_role_arn)
        )
        return kubernetes.Provider(
            f"{self._name}-kubernetes",
            kubeconfig=config,
            # Only another cluster makes another provider, and with it every object anew.
            cluster_identifier=self.cluster.arn,
            # Objects come after the right to make them, and go before what they run on.
            opts=pulumi.ResourceOptions(parent=self, depends_on=after),
        )

    def _register(self) -> None:
        self.register_outputs(
            {
                "clusterName": self.cluster_name,
                "clusterArn": self.cluster_arn,
                "endpoint": self.endpoint,
                "certificateAuthority": self.certificate_authority,
                "oidcIssuer": self.oidc_issuer,
                "securityGroupId": self.security_group_id,
                "logGroupName": self.log_group.name,
            }
        )


def _issuer(identities: Sequence[eks.outputs.ClusterIdentity]) -> str:
    return next((each.issuer or "" for made in identities for each in made.oidcs or []), "")
