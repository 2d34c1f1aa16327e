"""A role for the pods of one service account in one cluster."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import pulumi
from pulumi_aws import eks, iam

from components.security.iam import POLICY_VERSION, FederatedPrincipal, Statement, policy_document
from components.security.service_role import ServiceRole, ServiceRoleArgs

ROLE_ANNOTATION = "eks.amazonaws.com/role-arn"
"""How a service account names its role where there is no Pod Identity agent."""

_AUDIENCE = "sts.amazonaws.com"


class HasPodIdentity(Protocol):
    """A cluster whose pods can have roles.

    ``planned_arn`` is the cluster's ARN, known before it is there. ``identity_provider_arn`` is set where
    pods prove who they are to IAM directly: on Fargate.
    """

    @property
    def account_id(self) -> str: ...
    @property
    def cluster_name(self) -> pulumi.Output[str]: ...
    @property
    def planned_arn(self) -> str: ...
    @property
    def oidc_issuer(self) -> pulumi.Output[str]: ...
    @property
    def identity_provider_arn(self) -> pulumi.Output[str] | None: ...


@dataclass(frozen=True, kw_only=True)
class EksPodRoleArgs:
    cluster: HasPodIdentity
    namespace: str
    service_account: str
    description: str
    statements: Sequence[Statement] = ()


class EksPodRole(pulumi.ComponentResource):
    """A role that one service account of one namespace of one cluster can have, and nobody else.

    By Pod Identity, whose session tags the trust policy checks; on Fargate by the cluster's OpenID Connect
    provider, whose subject it checks.
    """

    role_arn: pulumi.Output[str]
    role_name: pulumi.Output[str]
    association: eks.PodIdentityAssociation | None
    annotations: dict[str, pulumi.Output[str]]
    """For the service account."""

    def __init__(self, name: str, args: EksPodRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:compute:EksPodRole", name, None, opts)
        self._name = name
        self._args = args
        provider_arn = args.cluster.identity_provider_arn
        if provider_arn is None:
            role = self._build_role()
            self.role_arn, self.role_name = role.role_arn, role.role_name
            self.association = self._build_association(role)
            self.annotations = {}
        else:
            federated = self._build_federated_role(provider_arn)
            self.role_arn, self.role_name = federated.arn, federated.name
            self.association = None
            self.annotations = {ROLE_ANNOTATION: self.role_arn}
        self.register_outputs({"roleArn": self.role_arn, "roleName": self.role_name})

    def _build_role(self) -> ServiceRole:
        args = self._args
        return ServiceRole(
            f"{self._name}-pod",
            ServiceRoleArgs(
                service="pods.eks.amazonaws.com",
                description=args.description,
                statements=args.statements,
                source_account=args.cluster.account_id,
                tag_session=True,
                request_tags={
                    "eks-cluster-arn": args.cluster.planned_arn,
                    "kubernetes-namespace": args.namespace,
                    "kubernetes-service-account": args.service_account,
                },
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _build_association(self, role: ServiceRole) -> eks.PodIdentityAssociation:
        return eks.PodIdentityAssociation(
            f"{self._name}-association",
            cluster_name=self._args.cluster.cluster_name,
            namespace=self._args.namespace,
            service_account=self._args.service_account,
            role_arn=role.role_arn,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_federated_role(self, provider_arn: pulumi.Output[str]) -> iam.Role:
        subject = f"system:serviceaccount:{self._args.namespace}:{self._args.service_account}"
        role = iam.Role(
            f"{self._name}-role",
            assume_role_policy=pulumi.Output.all(provider_arn, self._args.cluster.oidc_issuer).apply(
                lambda known: web_identity_policy(known[0], known[1], subject)
            ),
            description=self._args.description,
            opts=pulumi.ResourceOptions(parent=self),
        )
        if self._args.statements:
            iam.RolePolicy(
                f"{self._name}-policy",
                role=role.name,
                policy=policy_document(*self._args.statements),
                opts=pulumi.ResourceOptions(parent=self),
            )
        return role


def web_identity_policy(provider_arn: str, issuer: str, subject: str) -> str:
    """Trust for one subject of one identity provider. The condition keys carry the provider's address."""
    host = issuer.removeprefix("https://")
    statement = Statement(
        actions=["sts:AssumeRoleWithWebIdentity"],
        principals=[FederatedPrincipal(provider_arn)],
        conditions={"StringEquals": {f"{host}:aud": _AUDIENCE, f"{host}:sub": subject}},
    )
    return json.dumps({"Version": POLICY_VERSION, "Statement": [statement.document()]}, sort_keys=True)
