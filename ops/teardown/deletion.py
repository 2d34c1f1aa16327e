"""What the deletion waits for, and what it leaves."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from ops.state import State
from ops.teardown.before import CLUSTER, INSTANCE, at, is_replica, names_of, physical
from ops.teardown.model import Phase, Step

SLOW = {
    "aws:batch/computeEnvironment:ComputeEnvironment": ("Batch's hosts leave", (3, 15)),
    "aws:cloudfront/distribution:Distribution": ("distributions are turned off everywhere first", (15, 40)),
    "aws:cloudfront/vpcOrigin:VpcOrigin": ("the origin's interfaces leave the subnets", (10, 30)),
    "aws:eks/cluster:Cluster": ("the control plane goes", (10, 20)),
    "aws:eks/nodeGroup:NodeGroup": ("nodes are drained", (5, 20)),
    "aws:elasticache/replicationGroup:ReplicationGroup": ("the nodes go", (10, 25)),
    "aws:elasticache/serverlessCache:ServerlessCache": ("the cache goes", (5, 15)),
    "aws:msk/cluster:Cluster": ("the brokers go", (10, 40)),
    "aws:rds/cluster:Cluster": ("writers and readers go one after another", (15, 45)),
    "aws:rds/instance:Instance": ("replicas go before their source, and a final snapshot is taken", (15, 60)),
    "aws:rds/proxy:Proxy": ("the proxy's interfaces leave the subnets", (5, 15)),
}
"""Usual and worst minutes, as AWS's documentation and users report them; measured by nobody here."""

INTERFACES = (20, 45)
"""Lambda gives a function's network interfaces back up to 40 minutes after the function is gone:
https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html"""

REPLICAS = (60, 480)
"""Lambda@Edge deletes replicas some hours after the last distribution let the function go:
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-edge-delete-replicas.html"""

DISTRIBUTION, FUNCTION = "aws:cloudfront/distribution:Distribution", "aws:lambda/function:Function"


def deleting(state: State, systems: Sequence[str], stamp: str) -> Iterator[Step]:
    """The second deployment and its waits, longest first."""
    yield from _addresses(state)
    yield _final_snapshots(state, stamp)
    yield _deployment(state, systems)
    waits = [*_slow(state), *_interfaces(state), *_edge_functions(state)]
    yield from sorted(waits, key=lambda step: step.minutes[1], reverse=True)


def _addresses(state: State) -> Iterator[Step]:
    kinds = (
        "aws:route53/record:Record",
        "cloudflare:index/loadBalancer:LoadBalancer",
        "cloudflare:index/dnsRecord:DnsRecord",
    )
    records = [
        each
        for kind in kinds
        for each in state.of_type(kind)
        if str(each.get("type") or "A") in ("A", "AAAA", "CNAME")
        and not str(each.get("name")).startswith("_")
    ]
    names = sorted({str(each.get("name")) for each in records})
    if names:
        yield Step(
            phase=Phase.DELETE,
            title="These names go dark",
            names=names,
            why="move their visitors first: `python -m ops cutover rollback` where an old host still stands",
        )


def _final_snapshots(state: State, stamp: str) -> Step:
    """AWS refuses the deletion where a snapshot of the final name is there from an earlier time."""
    found = [
        (each, str(each.get("finalSnapshotIdentifier")))
        for kind in (CLUSTER, INSTANCE)
        for each in state.of_type(kind)
        if not is_replica(each) and not each.get("skipFinalSnapshot") and each.get("finalSnapshotIdentifier")
    ]
    commands = [
        f"aws rds describe-db-{'cluster-' if each.type == CLUSTER else ''}snapshots "
        f"--db-{'cluster-' if each.type == CLUSTER else ''}snapshot-identifier {name}{at(each)}"
        for each, name in found
    ]
    return Step(
        phase=Phase.DELETE,
        title="The names of the final snapshots must be free",
        names=[name for _, name in found],
        commands=commands,
        why=(
            f"each must answer NotFound; one that is there was left by an earlier tear-down: copy it to "
            f"NAME-{stamp} and delete it, or the deletion stops there"
            if found
            else "none is taken by this stack: the copies above are all there is"
        ),
    )


def _deployment(state: State, systems: Sequence[str]) -> Step:
    if systems:
        commands = [
            f"Pulumi.{state.stack}.yaml: take {', '.join(systems)} out of seoul-platform:systems, "
            "and their waivers",
            f"python -m ops guard --stack {state.stack}",
            f"pulumi up --stack {state.stack} --policy-pack policies",
        ]
    else:
        commands = [f"pulumi destroy --stack {state.stack}", f"pulumi stack rm {state.stack}"]
    return Step(
        phase=Phase.DELETE,
        title="Delete",
        names=[],
        commands=commands,
        minutes=(10, 30),
        why="safe to repeat: what fails (a bucket that is not empty, an interface in use) is tried again",
    )


def _slow(state: State) -> Iterator[Step]:
    for kind, (what, minutes) in SLOW.items():
        found = list(state.of_type(kind))
        if found:
            yield Step(phase=Phase.DELETE, title=f"Wait: {what}", names=names_of(found), minutes=minutes)


def _interfaces(state: State) -> Iterator[Step]:
    inside = [each for each in state.of_type(FUNCTION) if each.get("vpcConfig")]
    if inside:
        by_region = sorted({each.region or "" for each in inside})
        yield Step(
            phase=Phase.DELETE,
            title="Wait: network interfaces of functions",
            names=names_of(inside),
            commands=[
                "aws ec2 describe-network-interfaces --filters Name=interface-type,Values=lambda "
                f"--query 'NetworkInterfaces[].[NetworkInterfaceId,Status,Description]' --output table"
                f"{f' --region {region}' if region else ''}"
                for region in by_region
            ],
            minutes=INTERFACES,
            why="security groups and subnets go after them; if Pulumi gives up, wait for the last and repeat",
        )


def _edge_functions(state: State) -> Iterator[Step]:
    """CloudFront functions go with the association; Lambda@Edge leaves replicas that go by themselves."""
    replicated = {
        str(link.get("lambdaArn"))
        for each in state.of_type(DISTRIBUTION)
        for behaviour in (each.get("defaultCacheBehavior"), *(each.get("orderedCacheBehaviors") or ()))
        for link in cast("Mapping[str, Any]", behaviour or {}).get("lambdaFunctionAssociations") or ()
    }
    if replicated:
        yield Step(
            phase=Phase.DELETE,
            title="Wait: replicas of Lambda@Edge",
            names=sorted(replicated),
            minutes=REPLICAS,
            why="deleting the function fails until AWS has taken the replicas away: repeat the next day",
        )
    functions = list(state.of_type("aws:cloudfront/function:Function"))
    if functions:
        yield Step(
            phase=Phase.DELETE,
            title="Wait: functions at the edge",
            names=names_of(functions),
            minutes=(1, 5),
            why="deleted after the distributions that use them",
        )


def remaining(state: State, stamp: str) -> Iterator[Step]:
    """What is there afterwards: kept on purpose, or because AWS gives time to think again."""
    kept = [each for each in state.resources if each.retained]
    if kept:
        yield Step(
            phase=Phase.AFTER,
            title="Stay in AWS unless the first deployment unlocked them",
            names=[f"{each.type.rsplit(':', 1)[-1]} {physical(each)}" for each in kept],
            why="`retainOnDelete` is in the state: the second deployment would only forget them",
        )
    yield from _backups(state, stamp)
    keys = list(state.of_type("aws:kms/key:Key"))
    for days in sorted({int(each.get("deletionWindowInDays") or 30) for each in keys}):
        mine = [each for each in keys if int(each.get("deletionWindowInDays") or 30) == days]
        yield Step(
            phase=Phase.AFTER,
            title=f"Keys wait {days} days for their deletion",
            names=[each.id for each in mine],
            commands=[f"aws kms cancel-key-deletion --key-id {each.id}{at(each)}" for each in mine],
            why="what they encrypted can be read until then, once the deletion is cancelled, and never after",
        )
    yield from _secrets(state)
    definitions = [
        each for each in state.of_type("aws:ecs/taskDefinition:TaskDefinition") if each.get("skipDestroy")
    ]
    if definitions:
        yield Step(
            phase=Phase.AFTER,
            title="Task definitions stay registered",
            names=sorted({str(each.get("family")) for each in definitions}),
            why="they cost nothing; a rollback of the past could name them",
        )
    settings = list(state.of_type("cloudflare:index/zoneSetting:ZoneSetting"))
    if settings:
        yield Step(
            phase=Phase.AFTER,
            title="Settings of the zone stay as they are",
            names=sorted({str(each.get("settingId")) for each in settings}),
            why="Cloudflare has no state before the first deployment to go back to",
        )


def _backups(state: State, stamp: str) -> Iterator[Step]:
    databases = [*state.of_type(CLUSTER), *(each for each in state.of_type(INSTANCE) if not is_replica(each))]
    snapshots = [
        str(each.get("finalSnapshotIdentifier"))
        for each in databases
        if not each.get("skipFinalSnapshot") and each.get("finalSnapshotIdentifier")
    ]
    copied = [f"{physical(each)}-teardown-{stamp}-kept" for each in databases]
    if databases:
        yield Step(
            phase=Phase.AFTER,
            title="Snapshots stay until somebody deletes them",
            names=[*snapshots, *copied],
            why="billed by the month; the final ones have the stack's key",
        )
    automated = [each for each in databases if each.get("deleteAutomatedBackups") is False]
    if automated:
        days = max(int(each.get("backupRetentionPeriod") or 0) for each in automated)
        yield Step(
            phase=Phase.AFTER,
            title=f"Automated backups stay for up to {days} days",
            names=names_of(automated),
            commands=[
                "aws rds describe-db-instance-automated-backups",
                "aws rds describe-db-cluster-automated-backups",
            ],
        )


def _secrets(state: State) -> Iterator[Step]:
    found = list(state.of_type("aws:secretsmanager/secret:Secret"))
    for days in sorted({int(each.get("recoveryWindowInDays") or 30) for each in found}):
        mine = [each for each in found if int(each.get("recoveryWindowInDays") or 30) == days]
        yield Step(
            phase=Phase.AFTER,
            title=f"Secrets can be restored for {days} days",
            names=sorted(str(each.get("name") or each.id) for each in mine),
            commands=[
                "aws secretsmanager delete-secret --force-delete-without-recovery "
                f"--secret-id {each.get('name')}{at(each)}"
                for each in mine
            ],
            why="until then a fixed name is taken: force it only to deploy the same stack again",
        )
