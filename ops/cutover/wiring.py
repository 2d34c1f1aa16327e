"""From a stack's name to a rollout with its real ports."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ops import evidence
from ops.cutover import cloudflare, gates
from ops.cutover.deployment import OpenStack, PulumiDeployment, local
from ops.cutover.origin import Origin
from ops.cutover.stack_file import StackFile
from ops.cutover.target import LEGACY, NEW, Target, parse, subject
from ops.cutover.traffic import CloudflareTraffic, place_of
from ops.rollout.clock import SystemClock
from ops.rollout.cloudwatch import CloudWatchAlarms, CloudWatchCount, open_cloudwatch
from ops.rollout.dynamodb import DynamoJournal, open_table, operator_name
from ops.rollout.lease import DynamoLock
from ops.rollout.ports import Gate, Traffic
from ops.rollout.runner import Rollout
from ops.rollout.screen import Screen
from ops.rollout.seen import SeenTraffic
from ops.rollout.watching import Limits, Ports

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.client import CloudWatchClient
    from mypy_boto3_dynamodb.service_resource import Table

POLICY_PACK = "policies"


@dataclass(frozen=True, kw_only=True)
class Reached:
    """How a cutover is reached; the defaults are for real use, a demonstration has its own."""

    stack_file: Path | None = None
    open_stack: OpenStack | None = None
    origin: Callable[[Target], Origin] | None = None
    clock: SystemClock = field(default_factory=SystemClock)


@dataclass(frozen=True, kw_only=True)
class Where:
    """Which cutover."""

    stack: str
    system: str = "safework"
    project: Path = field(default_factory=Path.cwd)
    region: str = "ap-northeast-2"
    reached: Reached = field(default_factory=Reached)


@dataclass(frozen=True, kw_only=True)
class Wired:
    """A rollout, and what its command line shows besides."""

    rollout: Rollout
    target: Target
    screen: Screen
    journal: DynamoJournal
    lock: DynamoLock


@contextmanager
def wire(where: Where, *, quiet: bool = False) -> Generator[Wired]:
    """For the length of a ``with`` block. Raises OpsError where the stack or the token is missing."""
    token = cloudflare.token()
    path = where.reached.stack_file or where.project / f"Pulumi.{where.stack}.yaml"
    file = StackFile(path, system=where.system)
    pack = where.project / POLICY_PACK
    lines: list[str] = []
    deployment = PulumiDeployment(
        where.reached.open_stack or local(where.project, where.stack),
        file,
        stack=where.stack,
        system=where.system,
        clock=where.reached.clock,
        policy_packs=[str(pack)] if (pack / "PulumiPolicy.yaml").exists() else None,
        say=lines.append,
    )
    target = parse(deployment.exported(), system=where.system, stack=where.stack)
    plan = target.rollout_plan()
    table = open_table(target.journal_table, region=where.region)
    metrics = open_cloudwatch(region=where.region)
    operator = operator_name()
    lock = DynamoLock(table, subject(target.hostname), where.reached.clock, operator=operator)
    journal = DynamoJournal(table, subject(target.hostname), lock, where.reached.clock)
    api = cloudflare.Cloudflare(cloudflare.http(token), where.reached.clock)
    traffic = SeenTraffic(CloudflareTraffic(api, place_of(target)))
    alarms = CloudWatchAlarms(metrics, target.gate_alarms)
    title = f"cutover of {target.hostname}, stack {where.stack}, {operator}"
    found = _gates(where, target, traffic=traffic, alarms=alarms, table=table, metrics=metrics, lock=lock)
    with Screen(plan, title=title, quiet=quiet) as screen:
        ports = Ports(
            clock=where.reached.clock,
            lock=lock,
            journal=journal,
            traffic=traffic,
            alarms=alarms,
            deployment=deployment,
            gates=found,
            screen=screen,
        )
        limits = Limits(bake=target.bake_minutes * 60)
        rollout = Rollout(plan, ports, limits, operator=operator)
        yield Wired(rollout=rollout, target=target, screen=screen, journal=journal, lock=lock)


def _gates(
    where: Where,
    target: Target,
    *,
    traffic: Traffic,
    alarms: CloudWatchAlarms,
    table: "Table",
    metrics: "CloudWatchClient",
    lock: DynamoLock,
) -> list[Gate]:
    plan, clock = target.rollout_plan(), where.reached.clock
    metric = target.request_metric
    count = CloudWatchCount(
        metrics, namespace=metric.namespace, metric=metric.name, dimensions=metric.dimensions
    )
    origin = (where.reached.origin or _real_origin)(target)
    found: list[Gate] = [
        gates.ClockGate(server_time=lock.server_time, clock=clock),
        gates.PoolsGate(traffic=traffic, sides=[LEGACY, NEW]),
        gates.AlarmsGate(alarms=alarms),
        gates.RequestsGate(count=count.since, minimum=target.minimum_requests, plan=plan, clock=clock),
        gates.OriginGate(ask=origin.ask, clock=clock),
    ]
    if target.migration_evidence_hours is not None:
        key = evidence.migration_key(where.system)
        found.insert(
            0,
            gates.MigrationGate(
                newest=lambda: evidence.newest(table, key), hours=target.migration_evidence_hours, clock=clock
            ),
        )
    return found


def _real_origin(target: Target) -> Origin:
    return Origin(hostname=target.origin_hostname, address=target.origin_address, path=target.health_path)
