"""Mutations of the rules for EKS and for objects in a cluster."""

from policies import tokens as t
from tests.policies.mutations import Mutation, add, drop, edit, put, take
from tests.policies.scene import res

POD = "spec.template.spec"
JOB_POD = "spec.jobTemplate.spec.template.spec"
WEB = f"{POD}.containers.0"
JOB = f"{JOB_POD}.containers.0"


def _both(rest: str, value: object) -> list[Mutation]:
    """The same weakness of the container of an application and of a job."""
    return [put(t.K8S_DEPLOYMENT, f"{WEB}.{rest}", value), put(t.K8S_CRON_JOB, f"{JOB}.{rest}", value)]


EKS: dict[str, list[Mutation]] = {
    "eks-private-endpoint": [
        put(t.EKS_CLUSTER, "vpcConfig.endpointPublicAccess", True),
        take(t.EKS_CLUSTER, "vpcConfig.endpointPublicAccess"),
        put(t.EKS_CLUSTER, "vpcConfig.endpointPrivateAccess", False),
    ],
    "eks-version-supported": [put(t.EKS_CLUSTER, "version", "1.27"), take(t.EKS_CLUSTER, "version")],
    "eks-secrets-encrypted": [
        take(t.EKS_CLUSTER, "encryptionConfig"),
        take(t.EKS_CLUSTER, "encryptionConfig.provider"),
    ],
    "eks-audit-logs": [put(t.EKS_CLUSTER, "enabledClusterLogTypes", ["api"])],
    "eks-access-entries-only": [
        put(t.EKS_CLUSTER, "accessConfig.authenticationMode", "API_AND_CONFIG_MAP"),
        take(t.EKS_CLUSTER, "accessConfig.authenticationMode"),
    ],
    "eks-no-creator-admin": [
        put(t.EKS_CLUSTER, "accessConfig.bootstrapClusterCreatorAdminPermissions", True),
        take(t.EKS_CLUSTER, "accessConfig.bootstrapClusterCreatorAdminPermissions"),
    ],
    "eks-standard-support": [
        put(t.EKS_CLUSTER, "upgradePolicy.supportType", "EXTENDED"),
        take(t.EKS_CLUSTER, "upgradePolicy"),
    ],
    "eks-deletion-protected": [put(t.EKS_CLUSTER, "deletionProtection", False)],
    "eks-log-group-made": [
        put(t.EKS_CLUSTER, "name", "another"),
        edit(
            t.LOG_GROUP,
            lambda inputs: inputs.update(name="/aws/eks/another/cluster"),
            where=lambda record: str(record.inputs.get("name")).startswith("/aws/eks/"),
            names=t.EKS_CLUSTER,
        ),
    ],
    "eks-private-subnets": [
        put(t.EKS_CLUSTER, "vpcConfig.subnetIds", ["public-a-id"], portable=False),
        put(t.EKS_NODE_GROUP, "subnetIds", ["public-a-id"], portable=False),
        put(t.EKS_FARGATE, "subnetIds", ["public-a-id"], portable=False),
    ],
    "eks-nodes-from-template": [
        take(t.EKS_NODE_GROUP, "launchTemplate"),
        put(t.EKS_NODE_GROUP, "remoteAccess", {"ec2SshKey": "key"}),
    ],
}

OBJECTS: dict[str, list[Mutation]] = {
    "kubernetes-not-privileged": _both("securityContext.privileged", True),
    "kubernetes-no-host-access": [
        *(put(t.K8S_DEPLOYMENT, f"{POD}.{name}", True) for name in ("hostNetwork", "hostPID", "hostIPC")),
        put(t.K8S_CRON_JOB, f"{JOB_POD}.volumes", [{"name": "tmp", "hostPath": {"path": "/"}}]),
        *_both("ports", [{"containerPort": 8080, "hostPort": 80}]),
    ],
    "kubernetes-not-root": [
        take(t.K8S_DEPLOYMENT, f"{POD}.securityContext.runAsNonRoot"),
        *_both("securityContext.runAsNonRoot", False),
        *_both("securityContext.runAsUser", 0),
    ],
    "kubernetes-read-only-root": [
        take(t.K8S_DEPLOYMENT, f"{WEB}.securityContext.readOnlyRootFilesystem"),
        *_both("securityContext.readOnlyRootFilesystem", False),
    ],
    "kubernetes-no-capabilities": [
        *_both("securityContext.capabilities", {}),
        *_both("securityContext.capabilities.add", ["NET_ADMIN"]),
    ],
    "kubernetes-no-escalation": [
        take(t.K8S_DEPLOYMENT, f"{WEB}.securityContext.allowPrivilegeEscalation"),
        *_both("securityContext.allowPrivilegeEscalation", True),
    ],
    "kubernetes-seccomp": [
        take(t.K8S_DEPLOYMENT, f"{POD}.securityContext.seccompProfile"),
        *_both("securityContext.seccompProfile", {"type": "Unconfined"}),
    ],
    "kubernetes-limits": [
        take(t.K8S_DEPLOYMENT, f"{WEB}.resources.limits.memory"),
        take(t.K8S_CRON_JOB, f"{JOB}.resources.requests"),
    ],
    "kubernetes-image-by-digest": _both("image", "app:latest"),
    "kubernetes-no-secret-in-text": [
        *_both("env", [{"name": "DATABASE_PASSWORD", "value": "hunter2"}]),
        put(t.K8S_CONFIG_MAP, "data", {"API_KEY": "hunter2"}),
        add(res(t.K8S_SECRET, "database", {"stringData": {"password": "hunter2"}})),
    ],
    "kubernetes-own-identity": [
        take(t.K8S_DEPLOYMENT, f"{POD}.serviceAccountName"),
        put(t.K8S_CRON_JOB, f"{JOB_POD}.serviceAccountName", "default"),
        take(t.K8S_CRON_JOB, f"{JOB_POD}.automountServiceAccountToken"),
        put(t.K8S_SERVICE_ACCOUNT, "automountServiceAccountToken", True),
    ],
    "kubernetes-cron-job-bounded": [
        put(t.K8S_CRON_JOB, "spec.concurrencyPolicy", "Allow"),
        take(t.K8S_CRON_JOB, "spec.concurrencyPolicy"),
        take(t.K8S_CRON_JOB, "spec.startingDeadlineSeconds"),
        take(t.K8S_CRON_JOB, "spec.jobTemplate.spec.activeDeadlineSeconds"),
    ],
    "kubernetes-probed": [
        take(t.K8S_DEPLOYMENT, f"{WEB}.livenessProbe"),
        take(t.K8S_DEPLOYMENT, f"{WEB}.readinessProbe"),
    ],
    "kubernetes-pod-security": [
        put(t.K8S_NAMESPACE, "metadata.labels", {"pod-security.kubernetes.io/enforce": "baseline"}),
        take(t.K8S_NAMESPACE, "metadata.labels"),
    ],
    "kubernetes-network-policy": [
        drop(t.K8S_NETWORK_POLICY, every=True, names=t.K8S_NAMESPACE),
        put(t.K8S_NETWORK_POLICY, "spec.policyTypes", ["Ingress"], names=t.K8S_NAMESPACE),
        put(t.K8S_NETWORK_POLICY, "spec.podSelector", {"matchLabels": {"a": "b"}}, names=t.K8S_NAMESPACE),
        put(t.K8S_NETWORK_POLICY, "spec.egress", [{}], names=t.K8S_NAMESPACE),
        put(t.K8S_NETWORK_POLICY, "metadata", {"namespace": "elsewhere"}, names=t.K8S_NAMESPACE),
    ],
    "kubernetes-no-unplanned-load-balancer": [
        put(t.K8S_SERVICE, "spec.type", "LoadBalancer"),
        add(res(t.K8S_INGRESS, "door", {"spec": {}})),
    ],
    "kubernetes-no-wildcard-rights": [
        put(t.K8S_ROLE, "rules.0.verbs", ["*"]),
        put(t.K8S_ROLE, "rules.0.resources", ["*"]),
        put(t.K8S_ROLE_BINDING, "roleRef.name", "cluster-admin"),
    ],
    "kubernetes-no-credential": [
        put(t.K8S_PROVIDER, "kubeconfig", '{"users": [{"name": "c", "user": {"token": "t"}}]}'),
        put(t.K8S_PROVIDER, "kubeconfig", "users: []"),
    ],
}
