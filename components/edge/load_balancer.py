"""An Application Load Balancer that only its CDN reaches, unless said otherwise."""

import pulumi
from pulumi_aws import lb

from components import runtime_owned
from components.edge.load_balancer_args import EVERYONE, BehindCdn, Internet, LoadBalancerArgs, ServiceTarget
from components.edge.load_balancer_plan import Target, alternate_key, plan_targets
from components.network.security_group import (
    CidrPeer,
    Peer,
    PrefixListPeer,
    SecurityGroup,
    SecurityGroupArgs,
)
from components.protection import stateful

TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"
"""TLS 1.2 and 1.3 with forward secrecy: what AWS recommends, and FSBP ELB.17 accepts."""


class LoadBalancer(pulumi.ComponentResource):
    """HTTPS listener, redirect from HTTP, target groups and their rules, access logs. The rest is 404.

    Plain HTTP between load balancer and targets stays inside the VPC, between two security groups; ``HTTPS``
    is a choice of each target. Authentication at the listener, mutual TLS and IPv6 are left out: the
    applications sign people in, and the CDN has the IPv6 address.
    """

    load_balancer: lb.LoadBalancer
    security_group: SecurityGroup
    security_group_id: pulumi.Output[str]
    arn: pulumi.Output[str]
    arn_suffix: pulumi.Output[str]
    dns_name: pulumi.Output[str]
    zone_id: pulumi.Output[str]
    listener_arn: pulumi.Output[str]
    is_internal: bool
    """Whether only a CDN of this account can reach it."""
    target_group_arns: dict[str, pulumi.Output[str]]
    """By target; the second group of a blue/green target is ``<key>-b``."""
    target_group_arn_suffixes: dict[str, pulumi.Output[str]]
    listener_rules: dict[str, lb.ListenerRule]

    def __init__(self, name: str, args: LoadBalancerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:edge:LoadBalancer", name, None, opts)
        self._name = name
        self._args = args
        self.is_internal = isinstance(args.exposure, BehindCdn)
        plan = plan_targets(name, args.targets)
        self.security_group = self._build_security_group()
        self.load_balancer = self._build_load_balancer()
        self.listener = self._build_https_listener()
        self._build_redirect()
        self._groups = self._build_target_groups()
        self.listener_rules = {
            key: self._build_rule(key, target, plan.priorities[key]) for key, target in args.targets.items()
        }
        self._publish()

    def target(self, key: str) -> ServiceTarget:
        """A target, for the service behind it. Raises KeyError for a key that was not given."""
        alternate = self._groups.get(alternate_key(key)) if self._args.targets[key].blue_green else None
        return ServiceTarget(
            target_group_arn=self._groups[key].arn,
            target_group_arn_suffix=self._groups[key].arn_suffix,
            alternate_target_group_arn=alternate.arn if alternate else None,
            listener_rule=self.listener_rules[key],
            security_group=self.security_group,
        )

    def _build_security_group(self) -> SecurityGroup:
        group = SecurityGroup(
            f"{self._name}-sg",
            SecurityGroupArgs(vpc_id=self._args.vpc_id, description=f"Load balancer {self._name}"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        match self._args.exposure:
            case BehindCdn(prefix_list_id=prefix_list_id):
                group.allow_from(PrefixListPeer(prefix_list_id), 443, "HTTPS from CloudFront")
            case Internet(source_cidrs=cidrs):
                for cidr in cidrs:
                    peer: Peer = CidrPeer(cidr)
                    who = "everyone" if cidr == EVERYONE else cidr
                    group.allow_from(peer, 443, f"HTTPS from {who}")
                    group.allow_from(peer, 80, f"HTTP to be redirected from {who}")
        return group

    def _build_load_balancer(self) -> lb.LoadBalancer:
        args = self._args
        return lb.LoadBalancer(
            f"{self._name}-alb",
            load_balancer_type="application",
            internal=self.is_internal,
            subnets=list(args.subnet_ids),
            security_groups=[self.security_group.security_group_id],
            ip_address_type="ipv4",
            drop_invalid_header_fields=True,
            desync_mitigation_mode=args.desync_mitigation_mode,
            enable_deletion_protection=args.deletion_protection,
            enable_http2=True,
            idle_timeout=args.idle_timeout_seconds,
            access_logs=lb.LoadBalancerAccessLogsArgs(
                enabled=True, bucket=args.log_bucket.bucket_name, prefix=f"alb/{self._name}"
            ),
            # Elastic Load Balancing writes a test object at once and needs the permission to be there. Locked
            # as data is: the service's own protection alone would stop a deletion halfway through the rest.
            opts=stateful(self, protected=args.deletion_protection, depends_on=[args.log_bucket.policy]),
        )

    def _build_https_listener(self) -> lb.Listener:
        return lb.Listener(
            f"{self._name}-https",
            load_balancer_arn=self.load_balancer.arn,
            port=443,
            protocol="HTTPS",
            ssl_policy=TLS_POLICY,
            certificate_arn=self._args.certificate_arn,
            # Says nothing about what answers.
            routing_http_response_server_enabled=False,
            default_actions=[
                lb.ListenerDefaultActionArgs(
                    type="fixed-response",
                    fixed_response=lb.ListenerDefaultActionFixedResponseArgs(
                        content_type="text/plain", message_body="Not found", status_code="404"
                    ),
                )
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_redirect(self) -> lb.Listener:
        """Also behind a CDN, where the port is closed: opening it one day must not mean plain HTTP."""
        return lb.Listener(
            f"{self._name}-http",
            load_balancer_arn=self.load_balancer.arn,
            port=80,
            protocol="HTTP",
            default_actions=[
                lb.ListenerDefaultActionArgs(
                    type="redirect",
                    redirect=lb.ListenerDefaultActionRedirectArgs(
                        protocol="HTTPS", port="443", status_code="HTTP_301"
                    ),
                )
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_target_groups(self) -> dict[str, lb.TargetGroup]:
        groups: dict[str, lb.TargetGroup] = {}
        for key, target in self._args.targets.items():
            keys = [key, alternate_key(key)] if target.blue_green else [key]
            groups |= {each: self._build_target_group(each, target) for each in keys}
        return groups

    def _build_target_group(self, key: str, target: Target) -> lb.TargetGroup:
        check = target.health_check
        return lb.TargetGroup(
            f"{self._name}-{key}",
            vpc_id=self._args.vpc_id,
            target_type=target.target_type,
            port=target.port,
            protocol=target.protocol,
            protocol_version="HTTP1",
            deregistration_delay=target.deregistration_delay_seconds,
            slow_start=target.slow_start_seconds,
            tags=dict(target.tags) or None,
            stickiness=lb.TargetGroupStickinessArgs(
                type="lb_cookie",
                enabled=target.stickiness_seconds is not None,
                cookie_duration=target.stickiness_seconds,
            ),
            health_check=lb.TargetGroupHealthCheckArgs(
                enabled=True,
                path=check.path,
                port="traffic-port",
                protocol=target.protocol,
                matcher=check.matcher,
                interval=check.interval_seconds,
                timeout=check.timeout_seconds,
                healthy_threshold=check.healthy_threshold,
                unhealthy_threshold=check.unhealthy_threshold,
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_rule(self, key: str, target: Target, priority: int) -> lb.ListenerRule:
        return lb.ListenerRule(
            f"{self._name}-{key}",
            listener_arn=self.listener.arn,
            priority=priority,
            actions=[self._forward(key, target)],
            conditions=_conditions(target),
            opts=pulumi.ResourceOptions(
                parent=self,
                ignore_changes=(
                    runtime_owned.ignore_changes("aws:lb/listenerRule:ListenerRule")
                    if target.blue_green
                    else None
                ),
            ),
        )

    def _forward(self, key: str, target: Target) -> lb.ListenerRuleActionArgs:
        weights = {key: 100, alternate_key(key): 0} if target.blue_green else {key: 100}
        stickiness = lb.ListenerRuleActionForwardStickinessArgs(enabled=False, duration=1)
        forward = lb.ListenerRuleActionForwardArgs(
            target_groups=[
                lb.ListenerRuleActionForwardTargetGroupArgs(arn=self._groups[each].arn, weight=weight)
                for each, weight in weights.items()
            ],
            # Between the two groups nobody sticks, or a shift would leave clients behind.
            stickiness=stickiness if target.blue_green else None,
        )
        if not target.blue_green:
            return lb.ListenerRuleActionArgs(type="forward", target_group_arn=self._groups[key].arn)
        return lb.ListenerRuleActionArgs(type="forward", forward=forward)

    def _publish(self) -> None:
        self.arn = self.load_balancer.arn
        self.arn_suffix = self.load_balancer.arn_suffix
        self.dns_name = self.load_balancer.dns_name
        self.zone_id = self.load_balancer.zone_id
        self.listener_arn = self.listener.arn
        self.security_group_id = self.security_group.security_group_id
        self.target_group_arns = {key: group.arn for key, group in self._groups.items()}
        self.target_group_arn_suffixes = {key: group.arn_suffix for key, group in self._groups.items()}
        self.register_outputs(
            {
                "arn": self.arn,
                "dnsName": self.dns_name,
                "listenerArn": self.listener_arn,
                "securityGroupId": self.security_group_id,
                "targetGroupArns": self.target_group_arns,
            }
        )


def _conditions(target: Target) -> list[lb.ListenerRuleConditionArgs]:
    paths = lb.ListenerRuleConditionArgs(
        path_pattern=lb.ListenerRuleConditionPathPatternArgs(values=list(target.paths))
    )
    if not target.hosts:
        return [paths]
    hosts = lb.ListenerRuleConditionArgs(
        host_header=lb.ListenerRuleConditionHostHeaderArgs(values=list(target.hosts))
    )
    return [hosts, paths]
