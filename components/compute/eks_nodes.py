"""A managed node group of an EKS cluster."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import ec2, eks

from components.compute.eks_plan import ManagedNodes, node_policies
from components.network.security_group import SecurityGroup
from components.security.service_role import ServiceRole, ServiceRoleArgs

ROOT_DEVICE = "/dev/xvda"
"""Of Amazon Linux 2023 for EKS."""


@dataclass(frozen=True, kw_only=True)
class EksNodesArgs:
    cluster_name: pulumi.Input[str]
    version: str
    nodes: ManagedNodes
    subnet_ids: Sequence[pulumi.Input[str]]
    security_group: SecurityGroup
    kms_key_arn: pulumi.Input[str]
    depends_on: Sequence[pulumi.Resource] = ()
    """The network add-ons: without them no node becomes ready, and EKS waits for the nodes."""


class EksNodes(pulumi.ComponentResource):
    """A launch template, the nodes' role, and the group.

    Metadata takes a token and answers only the host itself, so a pod cannot have the node's role. SSH is left
    out. The node's role may run a node and pull images: the network add-on has a role of its own.
    """

    role: ServiceRole
    template: ec2.LaunchTemplate
    node_group: eks.NodeGroup
    node_group_name: pulumi.Output[str]

    def __init__(self, name: str, args: EksNodesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:compute:EksNodes", name, None, opts)
        self._name = name
        self._args = args
        self.role = ServiceRole(
            f"{name}-node",
            ServiceRoleArgs(
                service="ec2.amazonaws.com",
                description=f"Nodes of {name}",
                managed_policy_arns=node_policies(args.nodes),
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.template = self._build_template()
        self.node_group = self._build_group()
        self.node_group_name = self.node_group.node_group_name
        self.register_outputs({"nodeGroupName": self.node_group_name, "roleArn": self.role.role_arn})

    def _build_template(self) -> ec2.LaunchTemplate:
        disk = ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
            volume_type="gp3",
            volume_size=self._args.nodes.volume_gb,
            encrypted="true",
            kms_key_id=self._args.kms_key_arn,
            delete_on_termination="true",
        )
        interface = ec2.LaunchTemplateNetworkInterfaceArgs(
            device_index=0,
            associate_public_ip_address="false",
            security_groups=[self._args.security_group.security_group_id],
            delete_on_termination="true",
        )
        specification = ec2.LaunchTemplateTagSpecificationArgs
        return ec2.LaunchTemplate(
            f"{self._name}-template",
            description=f"Nodes of {self._name}",
            update_default_version=True,
            block_device_mappings=[
                ec2.LaunchTemplateBlockDeviceMappingArgs(device_name=ROOT_DEVICE, ebs=disk)
            ],
            metadata_options=ec2.LaunchTemplateMetadataOptionsArgs(
                http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1
            ),
            monitoring=ec2.LaunchTemplateMonitoringArgs(enabled=True),
            network_interfaces=[interface],
            tag_specifications=[
                specification(resource_type=kind, tags={"Name": f"{self._name}-node"})
                for kind in ("instance", "volume")
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_group(self) -> eks.NodeGroup:
        args, nodes = self._args, self._args.nodes
        return eks.NodeGroup(
            f"{self._name}-group",
            cluster_name=args.cluster_name,
            node_role_arn=self.role.role_arn,
            subnet_ids=list(args.subnet_ids),
            version=args.version,
            ami_type=nodes.ami_type,
            capacity_type=nodes.capacity_type,
            instance_types=list(nodes.instance_types),
            scaling_config=eks.NodeGroupScalingConfigArgs(
                desired_size=nodes.min_nodes, min_size=nodes.min_nodes, max_size=nodes.max_nodes
            ),
            # A third at a time: an update of three nodes takes one away.
            update_config=eks.NodeGroupUpdateConfigArgs(max_unavailable_percentage=33),
            node_repair_config=eks.NodeGroupNodeRepairConfigArgs(enabled=True),
            launch_template=eks.NodeGroupLaunchTemplateArgs(
                id=self.template.id, version=self.template.latest_version.apply(str)
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.role, *args.depends_on]),
        )
