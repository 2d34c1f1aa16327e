"""A cluster and its objects in the compliant stack."""

import json
from typing import Any

from policies import tokens as t
from policies.model import Record
from tests.policies.scene import ACCOUNT, KEY, res

TWO_SUBNETS = ["private-a-id", "private-b-id"]
IMAGE = f"{ACCOUNT}.dkr.ecr.ap-northeast-2.amazonaws.com/app@sha256:{'a' * 64}"
ISSUER = "oidc.eks.ap-northeast-2.amazonaws.com/id/A"
SPACE = {"namespace": "shop-space"}


def trust(**conditions: str) -> str:
    """Trust for a pod by the cluster's identity provider."""
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}"},
        "Condition": {"StringEquals": {f"{ISSUER}:{key}": value for key, value in conditions.items()}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def clusters() -> list[Record]:
    return [
        res(
            t.EKS_CLUSTER,
            "kubernetes",
            {
                "name": "kubernetes",
                "version": "1.35",
                "vpcConfig": {
                    "endpointPrivateAccess": True,
                    "endpointPublicAccess": False,
                    "subnetIds": TWO_SUBNETS,
                },
                "accessConfig": {
                    "authenticationMode": "API",
                    "bootstrapClusterCreatorAdminPermissions": False,
                },
                "encryptionConfig": {"resources": ["secrets"], "provider": {"keyArn": KEY}},
                "enabledClusterLogTypes": ["audit", "authenticator"],
                "upgradePolicy": {"supportType": "STANDARD"},
                "deletionProtection": True,
            },
        ),
        res(
            t.LOG_GROUP,
            "control-plane",
            {"name": "/aws/eks/kubernetes/cluster", "retentionInDays": 30, "kmsKeyId": KEY},
        ),
        res(
            t.EKS_NODE_GROUP,
            "nodes",
            {"subnetIds": TWO_SUBNETS, "launchTemplate": {"id": "template-id", "version": "1"}},
        ),
        res(t.EKS_FARGATE, "fargate", {"subnetIds": TWO_SUBNETS, "selectors": [{"namespace": "app"}]}),
        res(t.EKS_ADDON, "insights", {"addonName": "amazon-cloudwatch-observability"}),
        res(
            t.ALARM,
            "restarts",
            {
                "namespace": "ContainerInsights",
                "metricName": "pod_number_of_container_restarts",
                "alarmActions": ["arn:topic"],
            },
        ),
        res(
            t.IAM_ROLE,
            "pod",
            {"assumeRolePolicy": trust(sub="system:serviceaccount:app:app", aud="sts.amazonaws.com")},
        ),
    ]


def pod() -> dict[str, Any]:
    return {
        "serviceAccountName": "app",
        "automountServiceAccountToken": False,
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [
            {
                "name": "app",
                "image": IMAGE,
                "env": [{"name": "DATABASE_SECRET_ARN", "value": "arn:secret"}],
                "ports": [{"containerPort": 8080}],
                "resources": {
                    "requests": {"cpu": "500m", "memory": "512Mi"},
                    "limits": {"cpu": "1", "memory": "1Gi"},
                },
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "capabilities": {"drop": ["ALL"]},
                    "readOnlyRootFilesystem": True,
                },
                "livenessProbe": {"httpGet": {"path": "/live", "port": 8080}},
                "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}},
            }
        ],
        "volumes": [{"name": "tmp", "emptyDir": {}}],
    }


def objects() -> list[Record]:
    template = {"template": {"spec": pod()}}
    user = {"exec": {"command": "aws", "args": ["eks", "get-token"]}}
    rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}]
    return [
        res(t.K8S_PROVIDER, "cluster", {"kubeconfig": json.dumps({"users": [{"name": "c", "user": user}]})}),
        res(
            t.K8S_NAMESPACE,
            "space",
            {
                "metadata": {
                    "name": "shop-space",
                    "labels": {"pod-security.kubernetes.io/enforce": "restricted"},
                }
            },
        ),
        res(
            t.K8S_NETWORK_POLICY,
            "deny-all",
            {"metadata": SPACE, "spec": {"podSelector": {}, "policyTypes": ["Egress", "Ingress"]}},
        ),
        res(
            t.K8S_NETWORK_POLICY,
            "out-dns",
            {
                "metadata": SPACE,
                "spec": {
                    "podSelector": {},
                    "policyTypes": ["Egress"],
                    "egress": [{"ports": [{"port": 53, "protocol": "UDP"}]}],
                },
            },
        ),
        res(t.K8S_SERVICE_ACCOUNT, "account", {"metadata": SPACE, "automountServiceAccountToken": False}),
        res(t.K8S_DEPLOYMENT, "web", {"metadata": SPACE, "spec": {"replicas": 3, **template}}),
        res(
            t.K8S_CRON_JOB,
            "job",
            {
                "metadata": SPACE,
                "spec": {
                    "concurrencyPolicy": "Forbid",
                    "startingDeadlineSeconds": 60,
                    "jobTemplate": {"spec": {"activeDeadlineSeconds": 240, **template}},
                },
            },
        ),
        res(t.K8S_SERVICE, "service", {"metadata": SPACE, "spec": {"type": "ClusterIP"}}),
        res(t.K8S_CONFIG_MAP, "settings", {"metadata": SPACE, "data": {"LEVEL": "info"}}),
        res(t.K8S_ROLE, "reader", {"metadata": SPACE, "rules": rules}),
        res(t.K8S_ROLE_BINDING, "reads", {"metadata": SPACE, "roleRef": {"kind": "Role", "name": "reader"}}),
    ]
