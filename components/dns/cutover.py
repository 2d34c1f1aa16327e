"""One host name that moves between two origins in stages, at Cloudflare."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
from pulumi_aws import dynamodb
from pulumi_cloudflare import (
    DnsRecord,
    LoadBalancer,
    LoadBalancerAdaptiveRoutingArgs,
    LoadBalancerMonitor,
    LoadBalancerPool,
    LoadBalancerPoolOriginArgs,
    LoadBalancerPoolOriginHeaderArgs,
    LoadBalancerRandomSteeringArgs,
    LoadBalancerSessionAffinityAttributesArgs,
)

from components import protection
from components.dns.cutover_plan import (
    WEIGHTS,
    LegacyHost,
    Shifting,
    Stage,
    is_mixed,
    published_plan,
    stage_name,
)

# Probes from Northeast Asia, where origin and clients are; more regions need a larger plan.
# https://developers.cloudflare.com/load-balancing/reference/region-mapping-api/
_CHECK_REGIONS: Final = ["NEAS"]
# The shortest interval that every plan allows, in seconds.
_CHECK_INTERVAL_SECONDS: Final = 60
_CHECK_TIMEOUT_SECONDS: Final = 5
# A proxied record has no time to live of its own: 1 stands for automatic.
_AUTOMATIC_TTL: Final = 1


@dataclass(frozen=True, kw_only=True)
class DnsCutoverArgs:
    account_id: str
    zone_id: str
    hostname: str
    """What clients call. The load balancer takes this name."""

    origin_hostname: str
    """The custom domain of the new side, sent to it as Host."""

    origin_address: pulumi.Input[str]
    """Where ``origin_hostname`` leads: the API's regional domain name."""

    stage: Stage
    kms_key_arn: pulumi.Input[str]
    gate_alarm_names: Sequence[pulumi.Input[str]]
    """The alarms that must be OK before a step forward."""

    health_path: str = "/health"
    affinity_seconds: int | None = 1800
    """How long a client stays on its side while both take sessions; None draws anew each time."""

    deletion_protection: bool = True


class DnsCutover(pulumi.ComponentResource):
    """A monitor, a pool for each side, the load balancer that draws between them, the break-glass record, and
    the journal of the tool that moves the stages.

    The stage decides the weights. Affinity is on only while both sides take sessions: a cookie from a mixed
    stage would otherwise hold clients on a side that has no weight. A failed connection is not retried on
    the other side, which may hold other data and whose failures must be seen. Pools are named after the host
    name, since an account has one space of pool names for all its stacks. Left out: pool notifications, which
    Cloudflare has moved to account-wide settings, and anything about the zone as a whole.
    """

    load_balancer_id: pulumi.Output[str]
    journal_table_name: pulumi.Output[str]
    journal_table_arn: pulumi.Output[str]
    tool: dict[str, Any]
    """What a tool needs to drive the cutover; for the stack's exports."""

    def __init__(self, name: str, args: DnsCutoverArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:dns:DnsCutover", name, None, opts)
        _check(args)
        legacy = args.stage.legacy if isinstance(args.stage, Shifting) else None
        monitor = self._build_monitor(name, args)
        pools = {"new": self._build_new_pool(name, args, monitor)}
        if legacy is not None:
            pools["legacy"] = self._build_legacy_pool(name, args, monitor, legacy)
            self._build_break_glass_record(name, args, legacy)
        self._build_origin_record(name, args)
        load_balancer = self._build_load_balancer(name, args, pools)
        journal = self._build_journal(name, args)

        self.load_balancer_id = load_balancer.id
        self.journal_table_name = journal.name
        self.journal_table_arn = journal.arn
        self.tool = {
            "accountId": args.account_id,
            "zoneId": args.zone_id,
            "hostname": args.hostname,
            "originHostname": args.origin_hostname,
            "originAddress": args.origin_address,
            "stage": stage_name(args.stage),
            "plan": published_plan(),
            "healthPath": args.health_path,
            "affinitySeconds": args.affinity_seconds,
            "loadBalancerId": load_balancer.id,
            "poolIds": {side: pool.id for side, pool in pools.items()},
            "monitorId": monitor.id,
            "journalTable": journal.name,
            "gateAlarms": list(args.gate_alarm_names),
        }
        self.register_outputs(self.tool)

    def _build_monitor(self, name: str, args: DnsCutoverArgs) -> LoadBalancerMonitor:
        return LoadBalancerMonitor(
            f"{name}-monitor",
            account_id=args.account_id,
            description=f"{args.hostname}{args.health_path}",
            type="https",
            method="GET",
            path=args.health_path,
            port=443,
            # An origin's own Host header takes precedence over this one.
            header={"Host": [args.hostname]},
            expected_codes="200",
            follow_redirects=False,
            allow_insecure=False,
            interval=_CHECK_INTERVAL_SECONDS,
            timeout=_CHECK_TIMEOUT_SECONDS,
            retries=2,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_new_pool(
        self, name: str, args: DnsCutoverArgs, monitor: LoadBalancerMonitor
    ) -> LoadBalancerPool:
        return self._build_pool(
            name, args, monitor, side="new", address=args.origin_address, host=args.origin_hostname
        )

    def _build_legacy_pool(
        self, name: str, args: DnsCutoverArgs, monitor: LoadBalancerMonitor, legacy: LegacyHost
    ) -> LoadBalancerPool:
        return self._build_pool(
            name, args, monitor, side="legacy", address=legacy.address, host=legacy.hostname
        )

    def _build_pool(
        self,
        name: str,
        args: DnsCutoverArgs,
        monitor: LoadBalancerMonitor,
        *,
        side: str,
        address: pulumi.Input[str],
        host: str,
    ) -> LoadBalancerPool:
        return LoadBalancerPool(
            f"{name}-{side}",
            account_id=args.account_id,
            name=f"{args.hostname.replace('.', '-')}-{side}",
            description=f"{args.hostname}, {side} side",
            origins=[
                LoadBalancerPoolOriginArgs(
                    name=side,
                    address=address,
                    enabled=True,
                    weight=1,
                    header=LoadBalancerPoolOriginHeaderArgs(hosts=[host]),
                )
            ],
            minimum_origins=1,
            enabled=True,
            monitor=monitor.id,
            check_regions=_CHECK_REGIONS,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_break_glass_record(self, name: str, args: DnsCutoverArgs, legacy: LegacyHost) -> DnsRecord:
        return DnsRecord(
            f"{name}-break-glass",
            zone_id=args.zone_id,
            name=legacy.break_glass_hostname,
            type="A",
            content=legacy.address,
            ttl=_AUTOMATIC_TTL,
            proxied=True,
            comment=f"The old host of {args.hostname}, until the cutover is committed",
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_origin_record(self, name: str, args: DnsCutoverArgs) -> DnsRecord:
        return DnsRecord(
            f"{name}-origin",
            zone_id=args.zone_id,
            name=args.origin_hostname,
            type="CNAME",
            content=args.origin_address,
            ttl=_AUTOMATIC_TTL,
            proxied=True,
            comment=f"The new side of {args.hostname}, for checks before a stage",
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_load_balancer(
        self, name: str, args: DnsCutoverArgs, pools: Mapping[str, LoadBalancerPool]
    ) -> LoadBalancer:
        affinity = args.affinity_seconds if is_mixed(args.stage) else None
        return LoadBalancer(
            f"{name}-load-balancer",
            zone_id=args.zone_id,
            name=args.hostname,
            description=f"Cutover of {args.hostname}",
            enabled=True,
            proxied=True,
            default_pools=[pools[side].id for side in _failover_order(args.stage)],
            # Where everybody goes if no pool is healthy: the old side until the commit.
            fallback_pool=pools.get("legacy", pools["new"]).id,
            steering_policy="random",
            random_steering=_steering(args.stage, pools),
            adaptive_routing=LoadBalancerAdaptiveRoutingArgs(failover_across_pools=False),
            session_affinity="none" if affinity is None else "cookie",
            session_affinity_ttl=affinity,
            session_affinity_attributes=None
            if affinity is None
            else LoadBalancerSessionAffinityAttributesArgs(
                samesite="Lax", secure="Always", zero_downtime_failover="none"
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_journal(self, name: str, args: DnsCutoverArgs) -> dynamodb.Table:
        return dynamodb.Table(
            f"{name}-journal",
            billing_mode="PAY_PER_REQUEST",
            hash_key="subject",
            range_key="sequence",
            attributes=[
                dynamodb.TableAttributeArgs(name="subject", type="S"),
                dynamodb.TableAttributeArgs(name="sequence", type="N"),
            ],
            point_in_time_recovery=dynamodb.TablePointInTimeRecoveryArgs(enabled=True),
            server_side_encryption=dynamodb.TableServerSideEncryptionArgs(
                enabled=True, kms_key_arn=args.kms_key_arn
            ),
            deletion_protection_enabled=args.deletion_protection,
            opts=protection.stateful(self, protected=args.deletion_protection),
        )


def _failover_order(stage: Stage) -> tuple[str, ...]:
    """The side with more weight first, and the old one first where they are equal."""
    if not isinstance(stage, Shifting):
        return ("new",)
    weights = WEIGHTS[stage.percent]
    return ("new", "legacy") if weights.new_tenths > weights.legacy_tenths else ("legacy", "new")


def _steering(stage: Stage, pools: Mapping[str, LoadBalancerPool]) -> LoadBalancerRandomSteeringArgs:
    if not isinstance(stage, Shifting):
        return LoadBalancerRandomSteeringArgs(default_weight=1)
    weights = WEIGHTS[stage.percent]
    ids = pulumi.Output.all(pools["legacy"].id, pools["new"].id)
    return LoadBalancerRandomSteeringArgs(
        # A pool that nobody weighed gets nothing.
        default_weight=0,
        pool_weights=ids.apply(lambda known: {known[0]: weights.legacy, known[1]: weights.new}),
    )


def _check(args: DnsCutoverArgs) -> None:
    if args.affinity_seconds is not None and not 1_800 <= args.affinity_seconds <= 604_800:
        raise ValueError(
            f"affinity_seconds: got {args.affinity_seconds}; 1800 to 604800, which is what Cloudflare takes "
            "for a cookie; None turns affinity off"
        )
    if not args.gate_alarm_names:
        raise ValueError(
            "gate_alarm_names: got none; at least one alarm, since a stage without a gate cannot be judged"
        )
    taken = {args.hostname, args.origin_hostname}
    if len(taken) < 2 or (
        isinstance(args.stage, Shifting) and args.stage.legacy.break_glass_hostname in taken
    ):
        raise ValueError(
            f"hostname: got {args.hostname}; hostname, origin_hostname and the break-glass name must all "
            "differ, since a load balancer shadows records of its name"
        )
