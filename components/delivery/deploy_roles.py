"""The two roles with which a pipeline on GitHub looks at a stack and deploys it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import pulumi
from pulumi_aws import iam

from components.delivery.deploy_catalogue import catalogue
from components.delivery.deploy_documents import MAX_POLICIES, StateStore, documents, state_statements
from components.delivery.deploy_plan import (
    Reach,
    boundary_arn,
    boundary_statements,
    read_statements,
    write_statements,
)
from components.security.iam import FederatedPrincipal, Statement, policy_document

ISSUER = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"

SESSION_SECONDS: Mapping[str, int] = {"preview": 3_600, "apply": 4 * 3_600}
"""A first `pulumi up` waits for Kafka brokers, read replicas and distributions, longer than an hour."""

Purpose = Literal["preview", "apply"]


@dataclass(frozen=True, kw_only=True)
class DeployRolesArgs:
    """``label`` begins the physical names, which a workflow must know; no system's name may begin so."""

    account_id: str
    label: str
    repository: str
    """Owner and name at GitHub, such as ``example/seoul-platform``."""
    branch: str
    """The branch that is deployed; what runs on it may also look (drift checks)."""
    environment: str
    """GitHub's environment, which guards who may deploy."""
    names: Sequence[str]
    """Patterns of the physical names of what may be deployed, such as ``safework-*``."""
    extra: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    """By IAM service, ends of ARNs of what is named otherwise."""
    types: Sequence[str] | None = None
    """Resource types that are deployed; all that are known where none are named."""
    state: StateStore | None = None


class DeployRoles(pulumi.ComponentResource):
    """GitHub's tokens, taken by a role that reads and by a role that deploys.

    What they may do follows from the resource types (``deploy_actions.yaml``). Neither can change this
    component: an administrator applies it, and that is where a pipeline's privilege grows. A role that the
    pipeline makes has the boundary or is not made. Users, groups, and managed policies are left out of it.
    """

    provider: iam.OpenIdConnectProvider
    boundary: iam.Policy
    roles: Mapping[Purpose, iam.Role]
    boundary_arn: pulumi.Output[str]
    role_arns: Mapping[Purpose, pulumi.Output[str]]

    def __init__(self, name: str, args: DeployRolesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:delivery:DeployRoles", name, None, opts)
        self._name = name
        self._args = args
        known = catalogue()
        types = sorted(known.types if args.types is None else args.types)
        reach = Reach(
            account_id=args.account_id,
            boundary_arn=boundary_arn(args.account_id, args.label),
            names=args.names,
            extra=args.extra,
        )
        read = documents(read_statements(types, reach, known))
        write = documents(write_statements(types, reach, known))
        _check(read, write)
        self.provider = self._build_provider()
        self.boundary = self._build_boundary()
        self.roles = {
            "preview": self._build_role("preview", self._preview_subjects()),
            "apply": self._build_role("apply", [f"repo:{args.repository}:environment:{args.environment}"]),
        }
        self._grant("read", read, ("preview", "apply"))
        self._grant("write", write, ("apply",))
        for purpose in self.roles:
            self._build_state_policy(purpose)
        self.boundary_arn = self.boundary.arn
        self.role_arns = {purpose: role.arn for purpose, role in self.roles.items()}
        self.register_outputs(
            {"previewRoleArn": self.role_arns["preview"], "applyRoleArn": self.role_arns["apply"]}
        )

    def _preview_subjects(self) -> list[str]:
        """A pull request of a fork gets no token from GitHub, so this is the repository's own people."""
        args = self._args
        return [
            f"repo:{args.repository}:pull_request",
            f"repo:{args.repository}:ref:refs/heads/{args.branch}",
        ]

    def _build_provider(self) -> iam.OpenIdConnectProvider:
        """Without thumbprints: AWS checks GitHub's certificate by its own list of authorities."""
        return iam.OpenIdConnectProvider(
            f"{self._name}-github",
            url=f"https://{ISSUER}",
            client_id_lists=[AUDIENCE],
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_boundary(self) -> iam.Policy:
        return iam.Policy(
            f"{self._name}-boundary",
            name=self._args.label,
            path="/boundary/",
            description="The most that a role of a system may do",
            policy=policy_document(*boundary_statements(self._args.account_id, catalogue())),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_role(self, purpose: Purpose, subjects: Sequence[str]) -> iam.Role:
        return iam.Role(
            f"{self._name}-{purpose}",
            name=f"{self._args.label}-{purpose}",
            description=f"GitHub Actions of {self._args.repository}: {purpose}",
            assume_role_policy=policy_document(
                Statement(
                    actions=["sts:AssumeRoleWithWebIdentity"],
                    principals=[FederatedPrincipal(self.provider.arn)],
                    conditions={"StringEquals": {f"{ISSUER}:aud": AUDIENCE, f"{ISSUER}:sub": list(subjects)}},
                )
            ),
            max_session_duration=SESSION_SECONDS[purpose],
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _grant(self, kind: str, texts: Sequence[str], purposes: Sequence[Purpose]) -> None:
        for number, text in enumerate(texts, 1):
            policy = iam.Policy(
                f"{self._name}-{kind}-{number}",
                name=f"{self._args.label}-{kind}-{number}",
                description=f"Deployments: {kind}, part {number}",
                policy=text,
                opts=pulumi.ResourceOptions(parent=self),
            )
            for purpose in purposes:
                iam.RolePolicyAttachment(
                    f"{self._name}-{purpose}-{kind}-{number}",
                    role=self.roles[purpose].name,
                    policy_arn=policy.arn,
                    opts=pulumi.ResourceOptions(parent=self),
                )

    def _build_state_policy(self, purpose: Purpose) -> iam.RolePolicy | None:
        store = self._args.state
        if store is None:
            return None
        return iam.RolePolicy(
            f"{self._name}-{purpose}-state",
            role=self.roles[purpose].name,
            policy=policy_document(*state_statements(store, writes=purpose == "apply")),
            opts=pulumi.ResourceOptions(parent=self),
        )


def _check(read: Sequence[str], write: Sequence[str]) -> None:
    if len(read) + len(write) > MAX_POLICIES:
        raise ValueError(
            f"names: the deploy role needs {len(read) + len(write)} policies; IAM attaches {MAX_POLICIES}: "
            "give the stack fewer systems"
        )
