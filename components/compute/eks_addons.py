"""The add-ons of an EKS cluster, each with a role of its own where it needs one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_aws import eks

from components.compute.eks_plan import Addon, Compute, plan_addons
from components.observability.log_group import log_group
from components.security.iam import Statement
from components.security.service_role import ServiceRole, ServiceRoleArgs

INSIGHTS = "amazon-cloudwatch-observability"
INSIGHTS_LOGS = ("application", "dataplane", "host", "performance")
"""The log groups that Container Insights writes to, under ``/aws/containerinsights/<cluster>``."""

BEFORE_NODES = frozenset({"eks-pod-identity-agent", "kube-proxy", "vpc-cni"})
"""DaemonSets, without which no node becomes ready."""

_NAMESPACES = {"vpc-cni": "kube-system", INSIGHTS: "amazon-cloudwatch"}
_ROLE_NAMES = {INSIGHTS: "insights"}
"""The add-on's own name leaves a system's no room in the 64 characters of a role's."""
_MANAGED_POLICIES = {"vpc-cni": ("arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy",)}


@dataclass(frozen=True, kw_only=True)
class EksAddonsArgs:
    cluster_name: pulumi.Input[str]
    cluster_arn: str
    physical_name: str
    """The cluster's, known before it is there: log groups carry it."""
    account_id: str
    compute: Compute
    kms_key_arn: pulumi.Input[str]
    log_retention_days: int
    metrics_server: bool = False
    insights: bool = False
    versions: Mapping[str, str] = field(default_factory=dict[str, str])


class EksAddons(pulumi.ComponentResource):
    """EKS keeps each add-on as it is said here: what someone changed by hand is overwritten."""

    by_name: dict[str, eks.Addon]
    for_nodes: list[pulumi.Resource]
    """Those that must be there before nodes."""
    insights_log_group_names: dict[str, pulumi.Output[str]]

    def __init__(self, name: str, args: EksAddonsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:compute:EksAddons", name, None, opts)
        self._name = name
        self._args = args
        self._plan = plan_addons(args.compute, metrics_server=args.metrics_server, insights=args.insights)
        unknown = sorted(set(args.versions) - set(self._plan))
        if unknown:
            raise ValueError(
                f"addon_versions: got {', '.join(unknown)}; this cluster has "
                f"{', '.join(self._plan) or 'none'}"
            )
        self.insights_log_group_names = self._build_log_groups() if args.insights else {}
        early = {key: addon for key, addon in self._plan.items() if key in BEFORE_NODES}
        self.by_name = {key: self._build(key, addon, []) for key, addon in early.items()}
        self.for_nodes = list(self.by_name.values())
        self.register_outputs({"names": sorted(self._plan)})

    def build_others(self, *, after: Sequence[pulumi.Resource]) -> None:
        """Add what runs as pods, once there is something to run them on. Call it once."""
        for key, addon in self._plan.items():
            if key not in self.by_name:
                self.by_name[key] = self._build(key, addon, after)

    def _build(self, key: str, addon: Addon, after: Sequence[pulumi.Resource]) -> eks.Addon:
        identities = [self._identity(key, addon.identity)] if addon.identity else None
        return eks.Addon(
            f"{self._name}-{key}",
            cluster_name=self._args.cluster_name,
            addon_name=key,
            addon_version=self._args.versions.get(key),
            configuration_values=addon.configuration_values,
            pod_identity_associations=identities,
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="OVERWRITE",
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(after)),
        )

    def _identity(self, key: str, service_account: str) -> eks.AddonPodIdentityAssociationArgs:
        args = self._args
        role = ServiceRole(
            f"{self._name}-{_ROLE_NAMES.get(key, key)}",
            ServiceRoleArgs(
                service="pods.eks.amazonaws.com",
                description=f"{key} of {args.physical_name}",
                statements=self._insights_statements() if key == INSIGHTS else (),
                managed_policy_arns=_MANAGED_POLICIES.get(key, ()),
                source_account=args.account_id,
                tag_session=True,
                request_tags={
                    "eks-cluster-arn": args.cluster_arn,
                    "kubernetes-namespace": _NAMESPACES[key],
                    "kubernetes-service-account": service_account,
                },
            ),
            pulumi.ResourceOptions(parent=self),
        )
        return eks.AddonPodIdentityAssociationArgs(role_arn=role.role_arn, service_account=service_account)

    def _build_log_groups(self) -> dict[str, pulumi.Output[str]]:
        """The agent would make them itself, without an end or our key."""
        return {
            kind: log_group(
                self,
                f"{self._name}-{kind}",
                retention_days=self._args.log_retention_days,
                kms_key_arn=self._args.kms_key_arn,
                physical_name=f"/aws/containerinsights/{self._args.physical_name}/{kind}",
            ).name
            for kind in INSIGHTS_LOGS
        }

    def _insights_statements(self) -> list[Statement]:
        """Less than CloudWatchAgentServerPolicy: metrics travel inside the performance log, and the groups
        are there already."""
        place = ":".join(self._args.cluster_arn.split(":")[3:5])
        prefix = f"arn:aws:logs:{place}:log-group:/aws/containerinsights/{self._args.physical_name}"
        return [
            Statement(
                actions=["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                resources=[f"{prefix}/{kind}:*" for kind in INSIGHTS_LOGS],
            ),
            Statement(
                actions=["ec2:DescribeTags", "ec2:DescribeVolumes", "logs:DescribeLogGroups"],
                resources=["*"],
                wildcard_reason="the first two take no resource, the third lists groups",
            ),
        ]
