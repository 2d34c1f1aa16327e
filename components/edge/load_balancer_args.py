"""What a load balancer is made from, and what a service behind it is given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import pulumi
from pulumi_aws import lb

from components.edge.bucket import LogBucket
from components.edge.load_balancer_plan import Target
from components.network.security_group import SecurityGroup

CLOUDFRONT_PREFIX_LISTS = {
    "ap-northeast-1": "pl-58a04531",
    "ap-northeast-2": "pl-22a6434b",
}
"""``com.amazonaws.global.cloudfront.origin-facing`` by Region, as ``aws ec2 describe-managed-prefix-lists``
names it, 2026-08. AWS keeps what is in the list; the id of a Region's list does not change."""


EVERYONE = "0.0.0.0/0"


@dataclass(frozen=True)
class BehindCdn:
    """Internal: no public address at all. CloudFront comes in through a VPC origin.

    There is no side door to close, so no secret header either: nobody on the internet has a route, and a
    VPC origin serves distributions of this account alone. The prefix list counts as 55 of a security group's
    60 rules, which leaves room for one port: CloudFront uses HTTPS, and nothing needs the redirect.
    """

    prefix_list_id: str


@dataclass(frozen=True)
class Internet:
    """A public address, open to ``source_cidrs``. Guard it with a REGIONAL web ACL."""

    source_cidrs: Sequence[str] = (EVERYONE,)


Exposure: TypeAlias = BehindCdn | Internet


@dataclass(frozen=True, kw_only=True)
class LoadBalancerArgs:
    """``subnet_ids``: in two zones or more; private behind a CDN, public for ``Internet``.

    ``certificate_arn`` names the host that clients ask for, in this Region: CloudFront passes that host on
    and refuses an origin whose certificate does not carry it. ``log_bucket`` must take load balancer logs.
    """

    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    certificate_arn: pulumi.Input[str]
    log_bucket: LogBucket
    exposure: Exposure
    targets: Mapping[str, Target] = field(default_factory=dict[str, Target])
    desync_mitigation_mode: Literal["defensive", "strictest"] = "defensive"
    idle_timeout_seconds: int = 60
    """A connection with no byte for this long is closed. WebSockets must ping more often."""
    deletion_protection: bool = True

    def __post_init__(self) -> None:
        if len(self.subnet_ids) < 2:
            raise ValueError(
                f"subnet_ids: got {len(self.subnet_ids)}; a load balancer stands in two zones or more"
            )
        if not 1 <= self.idle_timeout_seconds <= 4000:
            raise ValueError(f"idle_timeout_seconds: got {self.idle_timeout_seconds}; 1 to 4000")
        if not self.log_bucket.takes_load_balancer_logs:
            raise ValueError(
                "log_bucket: its policy admits no load balancer: give it load_balancer_logs=True"
            )


@dataclass(frozen=True, kw_only=True)
class ServiceTarget:
    """One target as a service needs it."""

    target_group_arn: pulumi.Output[str]
    target_group_arn_suffix: pulumi.Output[str]
    alternate_target_group_arn: pulumi.Output[str] | None
    listener_rule: lb.ListenerRule
    security_group: SecurityGroup
    """The load balancer's own."""
