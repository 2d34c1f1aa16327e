"""Amazon EKS."""

from datetime import date

from policies.checks import absent, includes, off, on, one_of, present
from policies.model import Graph, Resource
from policies.paths import routes_to_internet
from policies.rule import Found, rule, stack_rule
from policies.tokens import EKS_CLUSTER, EKS_FARGATE, EKS_NODE_GROUP, SUBNET

_SUBNETS = {EKS_CLUSTER: "vpcConfig.subnetIds", EKS_FARGATE: "subnetIds", EKS_NODE_GROUP: "subnetIds"}


@rule(
    id="eks-private-endpoint",
    title="The cluster's API has no public address",
    fsbp=("EKS.1",),
    severity="high",
    enforcement="M",
    types=(EKS_CLUSTER,),
    why="Whoever reaches the API is one token from everything that runs in the cluster.",
    fix="Set vpcConfig.endpointPublicAccess false and endpointPrivateAccess true.",
)
def eks_private_endpoint(r: Resource) -> Found:
    yield off(r, "vpcConfig.endpointPublicAccess", default=True)
    yield on(r, "vpcConfig.endpointPrivateAccess")


@rule(
    id="eks-version-supported",
    title="The cluster's version is in standard support",
    fsbp=("EKS.2",),
    severity="high",
    enforcement="M",
    types=(EKS_CLUSTER,),
    settings=("eksVersions",),
    why="After it come charges for extended support, then forced upgrades.",
    fix="Move to a version in the table of the pack's settings.",
)
def eks_version_supported(r: Resource) -> Found:
    version = r.text("version")
    end = r.config.eks_versions.get(version)
    if end is None:
        return f"version is {version or 'absent'}; supported: {', '.join(r.config.eks_versions)}"
    return f"{version} left standard support on {end}" if r.config.today > date.fromisoformat(end) else None


@rule(
    id="eks-secrets-encrypted",
    title="Kubernetes secrets are encrypted with a key of ours",
    fsbp=("EKS.3",),
    severity="medium",
    enforcement="M",
    types=(EKS_CLUSTER,),
    why="Kubernetes itself only encodes them.",
    fix="Set encryptionConfig with resources [secrets] and provider.keyArn.",
)
def eks_secrets_encrypted(r: Resource) -> Found:
    return [
        includes(r, "encryptionConfig.resources", {"secrets"}),
        present(r, "encryptionConfig.provider.keyArn"),
    ]


@rule(
    id="eks-audit-logs",
    title="The cluster writes audit logs",
    fsbp=("EKS.8",),
    severity="medium",
    enforcement="M",
    types=(EKS_CLUSTER,),
    why="Who asked the cluster's API for what is written nowhere else.",
    fix="Put audit and authenticator into enabledClusterLogTypes.",
)
def eks_audit_logs(r: Resource) -> Found:
    return includes(r, "enabledClusterLogTypes", {"audit"})


@rule(
    id="eks-access-entries-only",
    title="Access to the cluster is given by access entries alone",
    severity="high",
    enforcement="M",
    types=(EKS_CLUSTER,),
    why="The aws-auth ConfigMap is edited by hand, seen by no review, and one mistake locks everyone out.",
    fix="Set accessConfig.authenticationMode API.",
)
def eks_access_entries_only(r: Resource) -> Found:
    return one_of(r, "accessConfig.authenticationMode", {"API"})


@rule(
    id="eks-no-creator-admin",
    title="Whoever made the cluster does not rule it for good",
    severity="medium",
    enforcement="M",
    types=(EKS_CLUSTER,),
    why="The creator's rights are in no access entry that anyone could read or take away.",
    fix="Set accessConfig.bootstrapClusterCreatorAdminPermissions false, and give the deployer an entry.",
)
def eks_no_creator_admin(r: Resource) -> Found:
    return off(r, "accessConfig.bootstrapClusterCreatorAdminPermissions", default=True)


@rule(
    id="eks-standard-support",
    title="The cluster does not slide into extended support",
    severity="low",
    enforcement="M",
    types=(EKS_CLUSTER,),
    why="Extended support is on by default, and the cluster costs six times as much an hour from then on.",
    fix="Set upgradePolicy.supportType STANDARD.",
)
def eks_standard_support(r: Resource) -> Found:
    return one_of(r, "upgradePolicy.supportType", {"STANDARD"}, default="EXTENDED")


@rule(
    id="eks-deletion-protected",
    title="EKS refuses to delete the cluster",
    severity="high",
    enforcement="M",
    types=(EKS_CLUSTER,),
    prod_only=True,
    why="Everything that runs in a cluster goes with it.",
    fix="Set deletionProtection.",
)
def eks_deletion_protected(r: Resource) -> Found:
    return on(r, "deletionProtection")


@stack_rule(
    id="eks-private-subnets",
    title="Control plane, nodes and pods stand in private subnets",
    severity="high",
    enforcement="M",
    types=(EKS_CLUSTER, EKS_FARGATE, EKS_NODE_GROUP),
    why="Nothing needs to reach a node from outside; a load balancer stands between.",
    fix="Name subnets without a route to an internet gateway.",
)
def eks_private_subnets(r: Resource, graph: Graph) -> Found:
    for subnet in graph.refs(r, _SUBNETS[r.type], SUBNET):
        if routes_to_internet(graph, subnet):
            yield f"subnet {subnet.name} routes to an internet gateway"


@rule(
    id="eks-nodes-from-template",
    title="Nodes come from a launch template, and nobody logs in to them",
    severity="medium",
    enforcement="M",
    types=(EKS_NODE_GROUP,),
    why="Without one EKS chooses how metadata answers and with which key disks are encrypted.",
    fix="Set launchTemplate, and leave remoteAccess out.",
)
def eks_nodes_from_template(r: Resource) -> Found:
    yield present(r, "launchTemplate.id", "launchTemplate.name")
    yield absent(r, "remoteAccess")
