"""A web ACL: what may knock at all, how often, and with what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import pulumi
from pulumi_aws import cloudwatch, wafv2

from components.edge.web_acl_rules import (
    BehindProxy,
    ManagedGroup,
    OpenToAll,
    Source,
    managed_rule,
    rate_rule,
    source_rule,
)
from components.observability.log_group import check_retention
from components.security.iam import ServicePrincipal, Statement, policy_document

Scope: TypeAlias = Literal["REGIONAL", "CLOUDFRONT"]

GLOBAL_REGION = "us-east-1"
"""Where AWS keeps web ACLs for CloudFront, and their logs."""

DEFAULT_GROUPS = (
    ManagedGroup("AWSManagedRulesCommonRuleSet"),
    ManagedGroup("AWSManagedRulesKnownBadInputsRuleSet"),
)

__all__ = ["DEFAULT_GROUPS", "BehindProxy", "ManagedGroup", "OpenToAll", "WebAcl", "WebAclArgs"]

_REDACTED_HEADERS = ("authorization", "cookie")


@dataclass(frozen=True, kw_only=True)
class WebAclArgs:
    """``resource_arns`` are guarded by this ACL, keyed by a stable name. CloudFront distributions take the
    ACL's ARN themselves, so with ``CLOUDFRONT`` it stays empty.
    """

    scope: Scope
    account_id: str
    region: str
    """The stack's Region; a ``CLOUDFRONT`` ACL is made in us-east-1 whatever this says."""
    source: Source
    rate_limit_per_5_minutes: int
    """Requests of one client before it is blocked; WAF allows 10 to 2,000,000,000."""
    log_retention_days: int
    kms_key_arn: pulumi.Input[str]
    """A key of the ACL's own Region that CloudWatch Logs may use."""
    managed_groups: Sequence[ManagedGroup] = DEFAULT_GROUPS
    resource_arns: Mapping[str, pulumi.Input[str]] | None = None


class WebAcl(pulumi.ComponentResource):
    """Source filter, rate limit, AWS's managed rule groups, and a log of what was stopped or counted.

    Requests that pass are not logged here: the door behind (API, load balancer, distribution) logs them.
    Bot and fraud control groups are left out: they cost per request and none of the systems asked for them.
    """

    acl: wafv2.WebAcl
    web_acl_arn: pulumi.Output[str]
    web_acl_name: pulumi.Output[str]
    metric_name: str
    log_group: cloudwatch.LogGroup

    def __init__(self, name: str, args: WebAclArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:edge:WebAcl", name, None, opts)
        _check(args)
        self._name = name
        self._args = args
        self._region = GLOBAL_REGION if args.scope == "CLOUDFRONT" else args.region
        self.metric_name = name
        self.acl = self._build_acl(self._build_ip_sets())
        self.log_group = self._build_log_group()
        self._build_logging(self._build_log_policy())
        for key, arn in (args.resource_arns or {}).items():
            self._build_association(key, arn)
        self.web_acl_arn = self.acl.arn
        self.web_acl_name = self.acl.name
        self.register_outputs({"webAclArn": self.web_acl_arn})

    def _build_ip_sets(self) -> list[wafv2.IpSet]:
        match self._args.source:
            case OpenToAll():
                return []
            case BehindProxy() as proxy:
                ranges = {"IPV4": proxy.ipv4_ranges, "IPV6": proxy.ipv6_ranges}
                return [self._build_ip_set(version, each) for version, each in ranges.items() if each]

    def _build_ip_set(self, version: str, addresses: Sequence[str]) -> wafv2.IpSet:
        return wafv2.IpSet(
            f"{self._name}-proxy-{version.lower()}",
            scope=self._args.scope,
            ip_address_version=version,
            addresses=sorted(addresses),
            description="The proxy in front",
            region=self._region,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_acl(self, ip_sets: Sequence[wafv2.IpSet]) -> wafv2.WebAcl:
        args = self._args
        rules = [
            *([source_rule(self._name, [each.arn for each in ip_sets])] if ip_sets else []),
            rate_rule(self._name, args.source, args.rate_limit_per_5_minutes),
            *(managed_rule(self._name, each, place) for place, each in enumerate(args.managed_groups)),
        ]
        return wafv2.WebAcl(
            f"{self._name}-acl",
            scope=args.scope,
            description=f"{self._name}: source, rate and managed rules",
            default_action=wafv2.WebAclDefaultActionArgs(allow=wafv2.WebAclDefaultActionAllowArgs()),
            rules=rules,
            visibility_config=wafv2.WebAclVisibilityConfigArgs(
                cloudwatch_metrics_enabled=True, metric_name=self.metric_name, sampled_requests_enabled=True
            ),
            region=self._region,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_log_group(self) -> cloudwatch.LogGroup:
        return cloudwatch.LogGroup(
            # WAF writes only to groups whose name begins so; auto-naming keeps the beginning.
            f"aws-waf-logs-{self._name}",
            retention_in_days=self._args.log_retention_days,
            kms_key_id=self._args.kms_key_arn,
            region=self._region,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_log_policy(self) -> cloudwatch.LogResourcePolicy:
        """On the group itself, since an account holds ten policies of the other kind in a Region."""
        account_id = self._args.account_id
        return cloudwatch.LogResourcePolicy(
            f"{self._name}-log-policy",
            resource_arn=self.log_group.arn,
            policy_document=policy_document(
                Statement(
                    sid="WafDelivery",
                    actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                    resources=[pulumi.Output.concat(self.log_group.arn, ":*")],
                    principals=[ServicePrincipal("delivery.logs.amazonaws.com")],
                    conditions={
                        "StringEquals": {"aws:SourceAccount": account_id},
                        "ArnLike": {"aws:SourceArn": f"arn:aws:logs:{self._region}:{account_id}:*"},
                    },
                )
            ),
            region=self._region,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_logging(self, log_policy: cloudwatch.LogResourcePolicy) -> wafv2.WebAclLoggingConfiguration:
        header = wafv2.WebAclLoggingConfigurationRedactedFieldSingleHeaderArgs
        return wafv2.WebAclLoggingConfiguration(
            f"{self._name}-logging",
            resource_arn=self.acl.arn,
            log_destination_configs=[self.log_group.arn],
            redacted_fields=[
                wafv2.WebAclLoggingConfigurationRedactedFieldArgs(single_header=header(name=each))
                for each in _REDACTED_HEADERS
            ],
            logging_filter=_keep_stopped_and_counted(),
            region=self._region,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[log_policy]),
        )

    def _build_association(self, key: str, arn: pulumi.Input[str]) -> wafv2.WebAclAssociation:
        return wafv2.WebAclAssociation(
            f"{self._name}-{key}",
            resource_arn=arn,
            web_acl_arn=self.acl.arn,
            region=self._region,
            opts=pulumi.ResourceOptions(parent=self),
        )


def _keep_stopped_and_counted() -> wafv2.WebAclLoggingConfigurationLoggingFilterArgs:
    condition = wafv2.WebAclLoggingConfigurationLoggingFilterFilterConditionArgs
    action = wafv2.WebAclLoggingConfigurationLoggingFilterFilterConditionActionConditionArgs
    return wafv2.WebAclLoggingConfigurationLoggingFilterArgs(
        default_behavior="DROP",
        filters=[
            wafv2.WebAclLoggingConfigurationLoggingFilterFilterArgs(
                behavior="KEEP",
                requirement="MEETS_ANY",
                conditions=[
                    condition(action_condition=action(action=each))
                    for each in ("BLOCK", "COUNT", "EXCLUDED_AS_COUNT")
                ],
            )
        ],
    )


def _check(args: WebAclArgs) -> None:
    check_retention(args.log_retention_days, "log_retention_days")
    if not 10 <= args.rate_limit_per_5_minutes <= 2_000_000_000:
        raise ValueError(
            f"rate_limit_per_5_minutes: got {args.rate_limit_per_5_minutes}; WAF allows 10 to 2,000,000,000: "
            "pick one in that range"
        )
    if args.scope == "CLOUDFRONT" and args.resource_arns:
        raise ValueError(
            "resource_arns: got some with scope CLOUDFRONT; a distribution names its web ACL itself: pass "
            "web_acl_arn to the distribution"
        )
    names = [each.name for each in args.managed_groups]
    if len(set(names)) != len(names):
        raise ValueError(f"managed_groups: got {names}; each may appear once: remove the repeat")
