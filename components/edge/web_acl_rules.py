"""The rules of a web ACL, in the order they are asked: who, how often, with what."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import pulumi
from pulumi_aws import wafv2

_SOURCE_PRIORITY = 0
_RATE_PRIORITY = 1
_FIRST_GROUP_PRIORITY = 10


@dataclass(frozen=True)
class OpenToAll:
    """Clients connect directly; the rate limit counts the connecting address."""


@dataclass(frozen=True, kw_only=True)
class BehindProxy:
    """Only a proxy connects; everyone else is blocked.

    ``client_ip_header`` is where the proxy writes the client's address (``CF-Connecting-IP`` at
    Cloudflare): the rate limit counts that, since otherwise all visitors would share the proxy's. It can be
    believed because nobody but the proxy gets in.
    """

    ipv4_ranges: Sequence[str]
    ipv6_ranges: Sequence[str] = ()
    client_ip_header: str

    def __post_init__(self) -> None:
        if not self.ipv4_ranges and not self.ipv6_ranges:
            raise ValueError("ipv4_ranges: got none, nor ipv6_ranges; nobody could connect: list the proxy's")


Source: TypeAlias = OpenToAll | BehindProxy


@dataclass(frozen=True)
class ManagedGroup:
    """A rule group that AWS keeps up to date. Rules in ``count_rules`` are counted and not blocked."""

    name: str
    count_rules: Sequence[str] = ()


def visibility(metric_name: str) -> wafv2.WebAclRuleVisibilityConfigArgs:
    """Metrics and samples of one rule."""
    return wafv2.WebAclRuleVisibilityConfigArgs(
        cloudwatch_metrics_enabled=True, metric_name=metric_name, sampled_requests_enabled=True
    )


def source_rule(acl_name: str, ip_set_arns: Sequence[pulumi.Input[str]]) -> wafv2.WebAclRuleArgs:
    """Block whoever is in none of the sets."""
    members = [
        wafv2.WebAclRuleStatementArgs(
            ip_set_reference_statement=wafv2.WebAclRuleStatementIpSetReferenceStatementArgs(arn=arn)
        )
        for arn in ip_set_arns
    ]
    # An "or" takes two statements or more.
    anyone_known = (
        members[0]
        if len(members) == 1
        else wafv2.WebAclRuleStatementArgs(
            or_statement=wafv2.WebAclRuleStatementOrStatementArgs(statements=members)
        )
    )
    return wafv2.WebAclRuleArgs(
        name="only-the-proxy",
        priority=_SOURCE_PRIORITY,
        statement=wafv2.WebAclRuleStatementArgs(
            not_statement=wafv2.WebAclRuleStatementNotStatementArgs(statement=anyone_known)
        ),
        action=_block(),
        visibility_config=visibility(f"{acl_name}-only-the-proxy"),
    )


def rate_rule(acl_name: str, source: Source, limit_per_5_minutes: int) -> wafv2.WebAclRuleArgs:
    """Block a client that asks too often, until its count falls again."""
    rate = wafv2.WebAclRuleStatementRateBasedStatementArgs
    match source:
        case OpenToAll():
            statement = rate(aggregate_key_type="IP", limit=limit_per_5_minutes, evaluation_window_sec=300)
        case BehindProxy() as proxy:
            statement = rate(
                aggregate_key_type="FORWARDED_IP",
                limit=limit_per_5_minutes,
                evaluation_window_sec=300,
                forwarded_ip_config=wafv2.WebAclRuleStatementRateBasedStatementForwardedIpConfigArgs(
                    header_name=proxy.client_ip_header,
                    # The proxy always writes a good address, so a bad one is a forgery.
                    fallback_behavior="MATCH",
                ),
            )
    return wafv2.WebAclRuleArgs(
        name="rate-limit",
        priority=_RATE_PRIORITY,
        statement=wafv2.WebAclRuleStatementArgs(rate_based_statement=statement),
        action=_block(),
        visibility_config=visibility(f"{acl_name}-rate-limit"),
    )


def managed_rule(acl_name: str, group: ManagedGroup, place: int) -> wafv2.WebAclRuleArgs:
    """One managed group at the ``place``-th position."""
    override = wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideArgs
    use = wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseArgs
    count = wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseCountArgs
    return wafv2.WebAclRuleArgs(
        name=group.name,
        priority=_FIRST_GROUP_PRIORITY + place,
        statement=wafv2.WebAclRuleStatementArgs(
            managed_rule_group_statement=wafv2.WebAclRuleStatementManagedRuleGroupStatementArgs(
                name=group.name,
                vendor_name="AWS",
                rule_action_overrides=[
                    override(name=each, action_to_use=use(count=count())) for each in group.count_rules
                ],
            )
        ),
        override_action=wafv2.WebAclRuleOverrideActionArgs(none=wafv2.WebAclRuleOverrideActionNoneArgs()),
        visibility_config=visibility(f"{acl_name}-{group.name}"),
    )


def _block() -> wafv2.WebAclRuleActionArgs:
    return wafv2.WebAclRuleActionArgs(block=wafv2.WebAclRuleActionBlockArgs())
