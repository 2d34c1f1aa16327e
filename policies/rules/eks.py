"""Amazon EKS."""

from datetime import date

from policies.checks import includes, off, one_of, present
from policies.model import Resource
from policies.rule import Found, rule
from policies.tokens import EKS_CLUSTER


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
    return off(r, "vpcConfig.endpointPublicAccess", default=True)


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
