"""IAM documents from typed statements, so that no policy in the program is hand-written JSON.

A statement refuses a ``*`` that nobody has explained: the reason is code, next to the grant it excuses.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import pulumi

Text: TypeAlias = pulumi.Input[str]
Conditions: TypeAlias = Mapping[str, Mapping[str, Text | Sequence[Text]]]
"""Operator, condition key, then one value or several: ``{"StringEquals": {"aws:SourceAccount": "1"}}``."""

POLICY_VERSION = "2012-10-17"
"""The policy language version AWS documents as current; without it policy variables are plain text."""

_SID = re.compile(r"[A-Za-z0-9]+")


@dataclass(frozen=True)
class ServicePrincipal:
    """An AWS service, by its principal name (``lambda.amazonaws.com``)."""

    name: Text


@dataclass(frozen=True)
class AwsPrincipal:
    """An account, role or user, by ARN."""

    arn: Text


@dataclass(frozen=True)
class FederatedPrincipal:
    """An identity provider that the account trusts, by ARN."""

    arn: Text


@dataclass(frozen=True)
class AnyPrincipal:
    """Everyone. For a ``Deny``, or for an ``Allow`` that conditions narrow and a reason explains."""


Principal: TypeAlias = ServicePrincipal | AwsPrincipal | FederatedPrincipal | AnyPrincipal


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement of a policy.

    Raises ``ValueError`` when an ``Allow`` has a bare ``*`` among its resources, an action that ends in
    ``*`` or any principal, and no ``wildcard_reason``.
    """

    actions: Sequence[str]
    resources: Sequence[Text] = ()
    """Empty in a trust policy, where the resource is the role itself."""
    effect: Literal["Allow", "Deny"] = "Allow"
    sid: str | None = None
    principals: Sequence[Principal] = ()
    conditions: Conditions | None = None
    wildcard_reason: str | None = None

    def __post_init__(self) -> None:
        if not self.actions:
            raise ValueError("a statement has no action: list the API actions it covers")
        if self.sid is not None and not _SID.fullmatch(self.sid):
            raise ValueError(f"sid: got {self.sid!r}; IAM allows letters and digits only: drop the rest")
        if self.effect == "Allow" and not self.wildcard_reason:
            self._refuse_wildcards()
        if len(self.principals) > 1 and any(isinstance(each, AnyPrincipal) for each in self.principals):
            raise ValueError("principals: AnyPrincipal already covers the others: name it alone")

    def _refuse_wildcards(self) -> None:
        fix = "name the exact one, or say why not with wildcard_reason"
        wide_actions = [action for action in self.actions if action.endswith("*")]
        if wide_actions:
            raise ValueError(f"actions: got {wide_actions}; a wildcard needs a reason: {fix}")
        if any(isinstance(resource, str) and resource == "*" for resource in self.resources):
            raise ValueError(f"resources: got '*' for {list(self.actions)}; a wildcard needs a reason: {fix}")
        if any(isinstance(principal, AnyPrincipal) for principal in self.principals):
            raise ValueError(f"principals: got anyone for {list(self.actions)}; this needs a reason: {fix}")

    def document(self) -> dict[str, Any]:
        """The statement as IAM's JSON object; values may still be Outputs."""
        body: dict[str, Any] = {"Effect": self.effect, "Action": sorted(self.actions)}
        if self.sid:
            body["Sid"] = self.sid
        if self.resources:
            body["Resource"] = list(self.resources)
        if self.principals:
            body["Principal"] = _principals(self.principals)
        if self.conditions:
            body["Condition"] = {
                operator: {key: _values(value) for key, value in keys.items()}
                for operator, keys in self.conditions.items()
            }
        return body


def _values(value: Text | Sequence[Text]) -> Any:
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else value


def _principals(principals: Sequence[Principal]) -> Any:
    grouped: dict[str, list[Text]] = {}
    for principal in principals:
        match principal:
            case AnyPrincipal():
                return "*"
            case ServicePrincipal(name):
                grouped.setdefault("Service", []).append(name)
            case AwsPrincipal(arn):
                grouped.setdefault("AWS", []).append(arn)
            case FederatedPrincipal(arn):
                grouped.setdefault("Federated", []).append(arn)
    return grouped


def policy_document(*statements: Statement) -> pulumi.Output[str]:
    """The JSON policy, with sorted keys so that the same statements give the same text."""
    if not statements:
        raise ValueError("a policy has no statement: IAM rejects an empty document; leave the policy out")
    document = {"Version": POLICY_VERSION, "Statement": [statement.document() for statement in statements]}
    return pulumi.Output.json_dumps(document, sort_keys=True)


def source_conditions(
    *, source_account: str | None = None, source_arn: pulumi.Input[str] | None = None
) -> Conditions | None:
    """The confused-deputy guard: whose account, and which resource, the service must be acting for."""
    conditions: dict[str, Mapping[str, Text]] = {}
    if source_account is not None:
        conditions["StringEquals"] = {"aws:SourceAccount": source_account}
    if source_arn is not None:
        conditions["ArnLike"] = {"aws:SourceArn": source_arn}
    return conditions or None


def assume_role_policy(
    service: str,
    *,
    source_account: str | None = None,
    source_arn: pulumi.Input[str] | None = None,
    request_tags: Mapping[str, Text] | None = None,
    tag_session: bool = False,
) -> pulumi.Output[str]:
    """Trust policy of a role for one service.

    Give ``source_account`` wherever the service sends it. Lambda, CodeDeploy and RDS Proxy do not: there
    ``iam:PassRole`` in the same account is the guard, and a condition would lock the service out.

    ``tag_session`` is for the services that tag their sessions (EKS); ``request_tags`` are tags that such a
    session must carry.
    """
    sources = source_conditions(source_account=source_account, source_arn=source_arn) or {}
    tags = {f"aws:RequestTag/{key}": value for key, value in (request_tags or {}).items()}
    equals = {**sources.get("StringEquals", {}), **tags}
    return policy_document(
        Statement(
            actions=["sts:AssumeRole", "sts:TagSession"] if tag_session else ["sts:AssumeRole"],
            principals=[ServicePrincipal(service)],
            conditions={**sources, **({"StringEquals": equals} if equals else {})} or None,
        )
    )
